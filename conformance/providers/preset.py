"""The preset files that ship with the package, and which of them an endpoint belongs to."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from conformance.errors import UsageError, did_you_mean
from conformance.providers.known import Base, Fact, Preset, Said, Signs, Source, Start
from conformance.providers.places import Path
from conformance.providers.preset_grammar import PRESET
from conformance.providers.strict import Reader, parse

_MERGED_BY_KEY = frozenset(
    {"models", "headers", "query", "tls", "capabilities", "fragments", "limits", "launch"}
)

_WITHOUT_URL = ("measured", "hearsay")


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
    file = files("conformance.providers") / "presets" / f"{name}.toml"
    return read_preset(name, file.read_text(encoding="utf-8"))


def read_preset(name: str, text: str) -> Preset:
    """A preset from the text of its file. Raises SourceError with file, line, key and remedy."""
    data, places = parse(text, f"presets/{name}.toml")
    reader = Reader(places)
    read = reader.read(PRESET, data, ())
    sourced = _Sourced(reader, read)
    own = Preset(
        name=name,
        about=read["about"],
        kind=read["kind"],
        values=read["provider"],
        signs=Signs(**read.get("signs", {})),
        bases=tuple(Base(**each) for each in sourced.items("bases")),
        starts=tuple(_start(each, reader, at) for at, each in enumerate(sourced.items("starts"))),
        dialect=sourced.table("dialect"),
        renamed=sourced.table("renamed"),
        bounds=sourced.table("bounds"),
        facts=tuple(Fact(**each) for each in sourced.items("facts")),
    )
    sourced.check_all_are_used()
    return _over(own, read["extends"], reader) if "extends" in read else own


class _Sourced:
    """Statements of one file, with the names of sources replaced by what they stand for."""

    def __init__(self, reader: Reader, read: Mapping[str, Any]) -> None:
        self._reader = reader
        self._read = read
        self._used: set[str] = set()
        for name, each in read.get("sources", {}).items():
            if "url" not in each and each["trust"] not in _WITHOUT_URL:
                reader.fail(("sources", name), "lacks url", f"only {_WITHOUT_URL} may lack it")
        self._sources = {
            name: Source(**{"url": "", **each}) for name, each in read.get("sources", {}).items()
        }

    def items(self, key: str) -> list[dict[str, Any]]:
        """Of a list of tables."""
        return [
            {**each, "source": self._source(each["source"], (key, at, "source"))}
            for at, each in enumerate(self._read.get(key, ()))
        ]

    def table(self, key: str) -> dict[str, Said]:
        """Of a table of `{is, source}`."""
        return {
            name: Said(value=each["is"], source=self._source(each["source"], (key, name, "source")))
            for name, each in self._read.get(key, {}).items()
        }

    def check_all_are_used(self) -> None:
        """A source without a statement is a leftover."""
        for name in self._sources.keys() - self._used:
            self._reader.fail(("sources", name), "is the source of nothing", "take it out")

    def _source(self, name: str, path: Path) -> Source:
        if name not in self._sources:
            hint = did_you_mean(name, self._sources)
            known = ", ".join(self._sources) or "none"
            self._reader.fail(path, f"is {name!r}, which is no source{hint}", f"sources: {known}")
        self._used.add(name)
        return self._sources[name]


def _start(values: Mapping[str, Any], reader: Reader, at: int) -> Start:
    try:
        shlex.split(values["command"])
    except ValueError as error:
        reader.fail(("starts", at, "command"), f"cannot be read by a shell: {error}")
    return Start(**{"environment": {}, **values})


def _over(own: Preset, parent_name: str, reader: Reader) -> Preset:
    if parent_name not in preset_names():
        hint = did_you_mean(parent_name, preset_names())
        reader.fail(
            ("extends",),
            f"is {parent_name!r}, which is no preset{hint}",
            f"known: {', '.join(preset_names())}",
        )
    parent = load_preset(parent_name)
    return Preset(
        name=own.name,
        about=own.about,
        kind=own.kind,
        values=merge(parent.values, own.values),
        signs=own.signs,
        bases=own.bases or parent.bases,
        starts=own.starts or parent.starts,
        dialect={**parent.dialect, **own.dialect},
        renamed={**parent.renamed, **own.renamed},
        bounds={**parent.bounds, **own.bounds},
        facts=own.facts + parent.facts,
    )


def recognised(host: str, owned_by: Collection[str] = (), server: str = "", port: int = 0) -> str:
    """The preset whose signs an endpoint shows; empty where none does. A port alone is a guess."""
    every = [load_preset(name) for name in preset_names()]
    for one in every:
        signs = one.signs
        if signs.match_host(host) or {*owned_by} & {*signs.owned_by} or server in signs.servers:
            return one.name
    return next((one.name for one in every if port in one.signs.ports), "")


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
