"""What is known about a kind of server, as values: each statement with its source and date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where statements were read."""

    what: str
    url: str
    """Empty where we measured it, and where it is no more than general knowledge."""
    date: str
    """When it was read, or the state of what was read."""
    trust: str
    """`measured` (by us), `code`, `documentation`, `report` (somebody's who shows it) or `hearsay`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A statement for people, and what it speaks of."""

    text: str
    source: Source
    clauses: tuple[str, ...] = ()
    """Clauses that it bears on: mostly those that such a server breaks."""
    capabilities: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    fragments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One value of the dialect or of the bounds."""

    value: str | float
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A base URL, with `{name}` for what is one's own."""

    url: str
    about: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How such a server is started."""

    title: str
    on: str
    """`nvidia`, `ascend` or `any`."""
    command: str
    """As a shell reads it, with `{name}` for what is one's own."""
    environment: Mapping[str, str]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """How such a server is known."""

    hosts: tuple[str, ...] = ()
    """Hosts with everything below them; `*` stands for any text."""
    ports: tuple[int, ...] = ()
    """Where it listens unless told otherwise: a hint, never proof."""
    owned_by: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()

    def match_host(self, host: str) -> bool:
        """The host of a URL is one of them."""
        return any(fnmatchcase(f".{host}", f"*.{each}") for each in self.hosts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One kind of server."""

    name: str
    about: str
    kind: str
    """`hosted`, `self-hosted`, `gateway` or `built-in`."""
    values: Mapping[str, Any]
    """Keys of a provider, as `providers.toml` would have them; those it extends are merged in."""
    signs: Signs
    bases: tuple[Base, ...]
    starts: tuple[Start, ...]
    dialect: Mapping[str, Said]
    renamed: Mapping[str, Said]
    """Parameters that have another name here."""
    bounds: Mapping[str, Said]
    facts: tuple[Fact, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """One for each statement, in the order in which they are told."""
        return tuple(each.source for each in self._statements())

    @property
    def newest(self) -> str:
        """The date of the newest statement; empty where there is none."""
        return max((each.date for each in self.sources), default="")

    def _statements(self) -> Iterator[Base | Start | Said | Fact]:
        yield from self.bases
        yield from self.starts
        for table in (self.dialect, self.renamed, self.bounds):
            yield from table.values()
        yield from self.facts
