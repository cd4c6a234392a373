"""What is known about kinds of servers: the preset files that ship with the package."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from conformance.errors import UsageError, did_you_mean
from conformance.providers.grammar import PRESET
from conformance.providers.strict import Reader, parse

_MERGED_BY_KEY = frozenset(
    {"models", "headers", "query", "tls", "capabilities", "fragments", "limits", "launch"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A statement about a kind of server, for people."""

    text: str
    source: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One kind of server."""

    name: str
    about: str
    values: Mapping[str, Any]
    """Keys of a provider, as `providers.toml` would have them; those it extends are merged in."""
    facts: tuple[Fact, ...]
    signs: Mapping[str, tuple[str, ...]]
    """`hosts`, `owned_by`, `servers`: one that is seen is enough to know such a server."""
    notes: tuple[str, ...]
    """The lines at the top of its file: how such a server is started."""


@cache
def preset_names() -> tuple[str, ...]:
    """All presets, sorted."""
    room = files("conformance.providers") / "presets"
    return tuple(
        sorted(p.name.removesuffix(".toml") for p in room.iterdir() if p.name.endswith(".toml"))
    )


@cache
def load_preset(name: str) -> Preset:
    """A preset by name. Raises UsageError with a suggestion where there is none."""
    if name not in preset_names():
        hint = did_you_mean(name, preset_names())
        raise UsageError(f"no preset is called {name!r}{hint}; known: {', '.join(preset_names())}")
    text = _text(name)
    data, places = parse(text, f"presets/{name}.toml")
    read = Reader(places).read(PRESET, data, ())
    values = read["provider"]
    facts = tuple(Fact(**each) for each in read.get("facts", ()))
    if "extends" in read:
        parent = load_preset(read["extends"])
        values, facts = merge(parent.values, values), facts + parent.facts
    lines = itertools.takewhile(lambda line: line.startswith("#"), text.splitlines())
    notes = tuple(line.removeprefix("#").removeprefix(" ") for line in lines)
    return Preset(
        name=name,
        about=read["about"],
        values=values,
        facts=facts,
        signs=read.get("signs", {}),
        notes=notes,
    )


def _text(name: str) -> str:
    file = files("conformance.providers") / "presets" / f"{name}.toml"
    return file.read_text(encoding="utf-8")


def recognised(host: str, owned_by: Collection[str] = (), server: str = "") -> str:
    """The preset whose signs an endpoint shows; empty where none does."""
    for name in preset_names():
        signs = load_preset(name).signs
        known = any(f".{host}".endswith(f".{each}") for each in signs.get("hosts", ()))
        if (
            known
            or {*owned_by} & {*signs.get("owned_by", ())}
            or server in signs.get("servers", ())
        ):
            return name
    return ""


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `above` over those of `below`: tables by key, everything else as a whole.

    A fragment counts as a whole. An `auth` that names a kind replaces all of the one below;
    `api_key` is `auth.key`.
    """
    merged = {**below, **above}
    for name in _MERGED_BY_KEY & below.keys() & above.keys():
        merged[name] = {**below[name], **above[name]}
    merged.pop("api_key", None)
    if auth := _auth(below, above):
        merged["auth"] = auth
    return merged


def _auth(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    auth = own_auth(above)
    return auth if "kind" in auth else {**own_auth(below), **auth}


def own_auth(values: Mapping[str, Any]) -> dict[str, Any]:
    """The `auth` table with `api_key` written out."""
    key = {"key": values["api_key"]} if "api_key" in values else {}
    return {**values.get("auth", {}), **key}
