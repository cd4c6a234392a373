"""The grammar of profiles, for ours and for those of users.

conditional = ["ERR-029"]                    # count when they arise, leave nothing undecided
either      = ["CREQ-077"]                   # refusing keeps them as well: nothing is lost with them

[profiles.my-app]
title        = "My application"
about        = "What it does, for the reader of a certificate."   # optional
includes     = ["chat"]                      # profiles above, or of the package
capabilities = ["chat", "tools"]
clauses      = ["TRANS-*", "TOOL-001"]       # of these, the MUST ones
also         = ["ERR-017"]                   # of whatever level
except       = ["TRANS-018"]                 # taken out again, also from what is included
honoured     = ["parameters/seed"]           # cases that must be honoured, not just refused
uses         = ["seed", "logit_bias"]        # parameters (or cases) that must not be refused or
                                             # ignored; with a baseline, that must do what they do there
reads        = ["reasoning/member"]          # cases whose way the code follows: with a baseline, another
                                             # way is a change to make
times        = ["ttft_p95 <= 200 ms"]        # limits that `conformance latency --certify` judges; with
                                             # a baseline also `ttft_p95 <= 1.2x`
margin       = 3                             # another build is good enough where so many percent of tasks
                                             # fewer are passed, as `conformance compare --certify` judges
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import translate
from typing import Any

from conformance.contract.model import Clause, Level, Profile
from conformance.errors import SourceError, UsageError, did_you_mean

LISTS = (
    "includes",
    "capabilities",
    "clauses",
    "also",
    "except",
    "honoured",
    "uses",
    "reads",
    "times",
)
KINDS = ("conditional", "either")
"""Lists of clauses at the head of a file: how they count wherever a profile requires them."""
TEXTS = ("title", "about")
MARGIN = "margin"
_ALL = 100
Limit = Callable[[str], object]
"""Reads a limit on times; raises UsageError for what is none."""
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def parse_profiles(
    text: str,
    source: str,
    clauses: Mapping[str, Clause],
    known: Mapping[str, Profile],
    capabilities: Collection[str] | None = None,
    limit: Limit | None = None,
) -> dict[str, Profile]:
    """Profiles by name, in file order.

    `known` are profiles of another file that may be included; clauses of a kind there are so
    here. With `capabilities`, no other words are taken for them; with `limit`, times are read by it.
    Raises SourceError with `source:line` for TOML that is none, unknown keys, wrong types, ids
    and globs that match no clause, and profiles that are not there.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(source, text, error) from None
    reader = _Reader(
        text=text, source=source, clauses=clauses, capabilities=capabilities, limit=limit
    )
    reader.keys("", data, (*KINDS, "profiles"))
    tables = data.get("profiles")
    if not isinstance(tables, dict) or not tables:
        raise SourceError(f"{source}:1", "holds no profile", "begin one with [profiles.my-app]")
    kinds = {kind: reader.kind(kind, data, known.values()) for kind in KINDS}
    made: dict[str, Profile] = {}
    for name, table in tables.items():
        if name in known:
            raise reader.error(
                name, "", f"profile {name!r} is one of the package's own", "rename it"
            )
        one = reader.profile(name, table, {**known, **made})
        mine = {kind: tuple(c for c in one.clauses if c in kinds[kind]) for kind in KINDS}
        made[name] = replace(one, conditional=mine["conditional"], either=mine["either"])
    return made


def _not_toml(source: str, text: str, error: tomllib.TOMLDecodeError) -> SourceError:
    """The reader's own words, with the position where everybody looks for it."""
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
    if found is None:
        return SourceError(f"{source}:{text.count(chr(10)) + 1}", f"is not TOML: {error}")
    words, line, column = found.groups()
    return SourceError(f"{source}:{line}:{column}", f"is not TOML: {words}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    text: str
    source: str
    clauses: Mapping[str, Clause]
    capabilities: Collection[str] | None
    limit: Limit | None

    def profile(self, name: str, table: Any, above: Mapping[str, Profile]) -> Profile:
        if not NAME.fullmatch(name):
            remedy = "use lower-case words joined by hyphens, for example `my-app`"
            raise self.error(name, "", f"{name!r} is no name for a profile", remedy)
        if not isinstance(table, dict):
            raise self.error(
                name, "", f"profiles.{name} is not a table", f"write [profiles.{name}]"
            )
        self.keys(name, table, (*TEXTS, *LISTS, MARGIN))
        words = {key: self.string(name, table, key) for key in TEXTS}
        lists = {key: self.strings(name, table, key) for key in LISTS}
        self.offered(name, lists["capabilities"])
        self.limited(name, lists["times"])
        included = [self.included(name, each, above) for each in lists["includes"]]
        wanted = {clause for one in included for clause in one.clauses}
        wanted |= self.musts(name, lists["clauses"])
        wanted |= self.matching(name, "also", lists["also"])
        wanted -= self.matching(name, "except", lists["except"])
        if not wanted:
            raise self.error(name, "", f"profile {name!r} requires no clause", "add `clauses`")
        return Profile(
            name=name,
            title=words["title"] or name,
            about=words["about"],
            capabilities=_union((one.capabilities for one in included), lists["capabilities"]),
            clauses=tuple(clause for clause in self.clauses if clause in wanted),
            honoured=_union((one.honoured for one in included), lists["honoured"]),
            uses=_union((one.uses for one in included), lists["uses"]),
            reads=_union((one.reads for one in included), lists["reads"]),
            times=_union((one.times for one in included), lists["times"]),
            margin=self.strictest(name, table, included),
        )

    def strictest(
        self, name: str, table: Mapping[str, Any], included: Iterable[Profile]
    ) -> float | None:
        """Its own margin and those of what it includes: the smallest."""
        own = table.get(MARGIN)
        number = isinstance(own, int | float) and not isinstance(own, bool)
        if own is not None and not (number and 0 < own < _ALL):
            reason = f"{_path(name, MARGIN)} is no number of percent between 0 and {_ALL}"
            raise self.error(name, MARGIN, reason, "margin = 3")
        stated = [one.margin for one in included if one.margin is not None]
        return min([*stated, *([] if own is None else [float(own)])], default=None)

    def included(self, name: str, other: str, above: Mapping[str, Profile]) -> Profile:
        if other in above:
            return above[other]
        reason = f"includes {other!r}, which is no profile above{did_you_mean(other, above)}"
        raise self.error(
            name, "includes", reason, "include profiles that stand earlier in the file"
        )

    def offered(self, name: str, words: Iterable[str]) -> None:
        for word in words:
            if self.capabilities is not None and word not in self.capabilities:
                hint = did_you_mean(word, self.capabilities)
                remedy = f"known: {', '.join(self.capabilities)}"
                raise self.error(
                    name, "capabilities", f"no capability is called {word!r}{hint}", remedy
                )

    def limited(self, name: str, texts: Iterable[str]) -> None:
        for text in texts:
            try:
                _ = self.limit and self.limit(text)
            except UsageError as error:
                raise self.error(
                    name, "times", str(error), 'times = ["ttft_p95 <= 200 ms"]'
                ) from error

    def kind(self, key: str, data: Mapping[str, Any], known: Iterable[Profile]) -> set[str]:
        """The clauses of one kind, those of profiles in another file included."""
        above = {clause for one in known for clause in getattr(one, key)}
        return above | self.matching("", key, self.strings("", data, key))

    def musts(self, name: str, patterns: tuple[str, ...]) -> set[str]:
        """The MUST clauses among those named; a weaker one named by its id is a mistake."""
        found = self.matching(name, "clauses", patterns)
        weaker = {clause for clause in found if self.clauses[clause].level is not Level.MUST}
        for clause in patterns:
            if clause in weaker:
                reason = f"{clause} is a {self.clauses[clause].level.upper()} clause"
                raise self.error(name, "clauses", reason, f'ask for it with also = ["{clause}"]')
        return found - weaker

    def matching(self, name: str, key: str, patterns: Iterable[str]) -> set[str]:
        """All clauses that an id or a glob names; one that names none is a mistake."""
        found: set[str] = set()
        for pattern in patterns:
            if pattern in self.clauses:
                found.add(pattern)
                continue
            named = re.compile(translate(pattern)).match
            hits = [clause for clause in self.clauses if named(clause)]
            if not hits:
                reason = f"{key}: no clause is called {pattern!r}"
                hint = did_you_mean(pattern, self.clauses)
                raise self.error(name, key, reason + hint, "`conformance list clauses` shows all")
            found.update(hits)
        return found

    def keys(self, name: str, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                reason = f"unknown key {_path(name, key)!r}{did_you_mean(key, known)}"
                raise self.error(name, key, reason, f"known here: {', '.join(known)}")

    def string(self, name: str, table: Mapping[str, Any], key: str) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            raise self.error(name, key, f"{_path(name, key)} is not a string", f'{key} = "..."')
        return value

    def strings(self, name: str, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            reason = f"{_path(name, key)} is not a list of strings"
            raise self.error(name, key, reason, f'{key} = ["..."]')
        return tuple(value)

    def error(self, name: str, key: str, reason: str, remedy: str) -> SourceError:
        line = line_of(self.text, name, key)
        return SourceError(f"{self.source}:{line}", reason, remedy)


def _path(name: str, key: str) -> str:
    return f"profiles.{name}.{key}" if name else key


def _union(lists: Iterable[Iterable[str]], own: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([each for one in lists for each in one] + list(own)))


def line_of(text: str, name: str, key: str) -> int:
    """The line (from 1) of a key in the table of a profile; its heading, or 1, where unseen.

    The standard library's TOML reader keeps no positions, so the text is looked through.
    """
    heading = re.compile(rf"""\s*\[\s*profiles\s*\.\s*["']?{re.escape(name)}["']?\s*\]""")
    entry = re.compile(rf"""\s*\[?["']?{re.escape(key)}["']?\s*[=.\]]""")
    begun, found = name == "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if not begun and heading.match(line):
            begun, found = True, number
        elif begun and key and entry.match(line):
            return number
        elif begun and name and line.lstrip().startswith("["):
            break
    return found
