"""A toolbox whose checks note what they complain about, so that a check that never does is seen."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from conformance.checks.core import CHECKS, Check, Problem, Schemas
from conformance.runs.toolbox import Toolbox
from conformance.verdict.judge import Bench

Complaints = Mapping[str, frozenset[str]]
"""Check to its distinct messages, but for ids and times: those are others in every run."""
_NAMES = re.compile(r"[0-9a-f]{12,}|\d{4,}")


@dataclass(frozen=True)
class Watched(Toolbox):
    """A toolbox like any other, but for the notes."""

    _notes: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @cached_property
    def bench(self) -> Bench:
        """What judging a trial needs."""
        checks = {name: self._noted(one) for name, one in CHECKS.items()}
        return Bench(checks=checks, schemas=Schemas(dict(self.contract.schemas)))

    def complaints(self) -> Complaints:
        """What was noted since the last call."""
        noted = {name: frozenset(messages) for name, messages in self._notes.items()}
        self._notes.clear()
        return noted

    def _noted(self, one: Check) -> Check:
        notes = self._notes

        @functools.wraps(one.function)
        def function(subject: Any, **given: Any) -> Iterator[Problem]:
            for problem in one.function(subject, **given):
                notes[one.name].add(_NAMES.sub("#", problem.message))
                yield problem

        return replace(one, function=function)


def killed(seen: Complaints, clean: Complaints) -> frozenset[str]:
    """The checks that complain of what they do not complain of at the clean server.

    A check of a branch or an assumption complains there as well: of what the server does not do.
    """
    return frozenset(name for name, said in seen.items() if said - clean.get(name, frozenset()))
