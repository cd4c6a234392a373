"""What must hold: clauses, and the profiles that ask for them. Values only; files are read in load.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any


class Level(StrEnum):
    """RFC 2119, as seen by a client that wants to swap providers without code changes."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"

    @property
    def rank(self) -> int:
        """0 for MUST: smaller is stronger."""
        return ("must", "should", "may").index(self.value)

    def reaches(self, bar: Level) -> bool:
        """At least as strong as `bar`."""
        return self.rank <= bar.rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Shim:
    """Code for an application that mends, on its side, what breaks some clauses."""

    name: str
    about: str
    """What it mends, in a sentence."""
    clauses: tuple[str, ...]
    code: str
    """The file, as an application would keep it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One rule of the wire contract."""

    id: str
    section: str
    level: Level
    condition: str
    """When it applies: `200`, `each choice`, `stream: true success`."""
    text: str
    """What must hold, in words fit for a report."""
    source: str
    """Where the rule comes from: the OpenAPI document, the SDK's source, a probe, a standard."""
    freedom: str
    """`wire`: decided by bytes alone. `cooperation`: decided once the model plays along.
    `behaviour`: the model's compliance. `statistical`: needs samples."""
    consequence: str = ""
    """What breaks in an application when it does not hold."""
    remedy: str = ""
    """What a user of the endpoint, or its operator, can do about it."""
    shims: tuple[Shim, ...] = ()
    """The code that mends it in an application, those made for it alone first."""

    @property
    def words(self) -> str:
        """The rule with its condition in front, so that it stands alone."""
        return f"{self.condition}: {self.text}" if self.condition else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one kind of application needs."""

    name: str
    title: str
    about: str
    capabilities: tuple[str, ...]
    """Capabilities without which the application does not work at all (`chat`, `stream`, ...)."""
    clauses: tuple[str, ...]
    """Clauses that must hold, expanded and sorted."""
    conditional: tuple[str, ...] = ()
    """Those of `clauses` that no request can provoke (an error in mid-stream): they count when they
    arise, and leave nothing undecided when they do not."""
    either: tuple[str, ...] = ()
    """Those of `clauses` that refusing keeps as well as serving does: nothing is lost with them."""
    honoured: tuple[str, ...] = ()
    """Cases (ids) whose outcome must be `honoured`, not just `rejected`."""
    uses: tuple[str, ...] = ()
    """Parameters (as the capability matrix names them) and cases that the application relies on."""
    reads: tuple[str, ...] = ()
    """Cases (ids) of which the application follows the way: another one there is a change to make."""
    times: tuple[str, ...] = ()
    """Limits such as `ttft_p95 <= 200 ms`: judged where times are measured, not by suites."""
    margin: float | None = None
    """Of another build: so many percent of tasks may fail more. Judged by `conformance compare`."""
    unjudged: tuple[str, ...] = ()
    """Clauses that it would also need, but that nothing judges yet; they decide nothing."""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """All clauses, profiles and JSON Schemas of one version."""

    version: str
    sections: Mapping[str, str]
    """Section to its title: `STRM` to `Chat completion chunks`."""
    clauses: Mapping[str, Clause]
    profiles: Mapping[str, Profile]
    schemas: Mapping[str, Any]
    shims: Mapping[str, Shim]

    @cached_property
    def order(self) -> Mapping[str, int]:
        """Clause id to its place in the contract, for sorting."""
        return {name: place for place, name in enumerate(self.clauses)}
