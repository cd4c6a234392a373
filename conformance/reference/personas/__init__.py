"""Personas: products as their documents describe them, each a set of faults with the source of each.

A persona is a simulation. It is made of what is written of a product, not of the product: what
nobody wrote down, the reference server does as the contract says.

    product = "DeepSeek's hosted API, V4 and V4.1"
    date    = "2026-11"                   # of what is documented
    preset  = "deepseek"                  # what an entry of providers.toml for it would say
    model   = "reference-1-thinking"      # the model that stands for the product's
    reasoning = "reference-1-thinking"    # ... and for its model that reasons; the same where it has none

    [faults]                              # in the order in which they are switched on
    developer-role-rejected = "preset deepseek: CREQ-003"
    chunk-times-differ      = "https://example.org/where-it-is-documented"
    double-bos              = "field double-bos"

A source is a statement of a preset, named by a clause, parameter or key of it; a report from the
field by its id; or an address.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from conformance.errors import SourceError, UsageError, did_you_mean
from conformance.reference.fault import FAULTS
from conformance.reference.field import field_faults

LABEL = "simulation"
_TEXTS = ("product", "date", "preset", "model", "reasoning")
_KEYS = (*_TEXTS, "faults")
_SUFFIX = ".toml"
PRESET = re.compile(r"preset ([a-z0-9-]+): ([\w.-]+)")
_FIELD = re.compile(r"field ([a-z0-9-]+)")
_ADDRESS = re.compile(r"https://\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A product as documented."""

    name: str
    product: str
    date: str
    preset: str
    model: str
    """Which of the reference server's models stands for the product's."""
    reasoning: str
    """Which stands for the one that reasons."""
    faults: Mapping[str, str]
    """Each with where it is documented, in the order in which they are switched on."""


@cache
def persona_names() -> tuple[str, ...]:
    """All personas, sorted."""
    names = (each.name for each in files(__name__).iterdir())
    return tuple(sorted(each.removesuffix(_SUFFIX) for each in names if each.endswith(_SUFFIX)))


@cache
def load_persona(name: str) -> Persona:
    """A persona by name, once faults are loaded. Raises UsageError where there is none."""
    if name not in persona_names():
        known = ", ".join(persona_names())
        hint = did_you_mean(name, persona_names())
        raise UsageError(f"no persona is called {name!r}{hint}; there are: {known}")
    text = (files(__name__) / f"{name}{_SUFFIX}").read_text(encoding="utf-8")
    return read_persona(name, text)


def read_persona(name: str, text: str) -> Persona:
    """A persona from the text of its file. Raises SourceError with the line and the remedy."""
    reader = _Reader(f"personas/{name}{_SUFFIX}", text)
    data = reader.toml()
    reader.keys(data)
    texts = {key: reader.text(data, key) for key in _TEXTS}
    return Persona(name=name, faults=reader.faults(data["faults"]), **texts)


@dataclass(frozen=True, slots=True)
class _Reader:
    where: str
    held: str

    def toml(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.held)
        except tomllib.TOMLDecodeError as error:
            raise SourceError(f"{self.where}:1", f"is not TOML: {error}") from None

    def keys(self, data: Mapping[str, Any]) -> None:
        for key in data:
            if key not in _KEYS:
                raise self.error(
                    key, f"unknown key {key!r}{did_you_mean(key, _KEYS)}", "take it out"
                )
        for key in _KEYS:
            if key not in data:
                raise self.error("", f"lacks {key!r}", f"a persona has {', '.join(_KEYS)}")

    def text(self, data: Mapping[str, Any], key: str) -> str:
        if not isinstance(data[key], str) or not data[key]:
            raise self.error(key, f"{key!r} is no text", f'{key} = "..."')
        return str(data[key])

    def faults(self, listed: Any) -> Mapping[str, str]:
        if not isinstance(listed, dict) or not listed:
            raise self.error("faults", "names no fault", "a persona without faults is the server")
        for name, source in listed.items():
            if name not in FAULTS:
                hint = did_you_mean(name, FAULTS)
                raise self.error(name, f"no fault is called {name!r}{hint}", "list faults")
            if not isinstance(source, str) or not _is_source(source):
                form = "'preset NAME: CLAUSE', 'field ID' or an address"
                raise self.error(name, f"{name!r} does not say where it is documented", form)
        return listed

    def error(self, key: str, reason: str, remedy: str) -> SourceError:
        lines = self.held.splitlines()
        begins = (
            number for number, line in enumerate(lines, 1) if line.startswith((key, f"[{key}"))
        )
        return SourceError(f"{self.where}:{next(begins, 1) if key else 1}", reason, remedy)


def _is_source(text: str) -> bool:
    reported = _FIELD.fullmatch(text)
    if reported:
        return reported[1] in field_faults()
    return bool(PRESET.fullmatch(text) or _ADDRESS.fullmatch(text))
