"""A pair that was compared: the audit, of whom, and what it cost. All that a report tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.parity.audit import Audited
from conformance.parity.listed import Listed
from conformance.parity.model import Answer, Build
from conformance.parity.setup import Setup
from conformance.parity.turns import Side


@dataclass(frozen=True, slots=True)
class Spent:
    """What one side was asked in this audit; what was kept costs nothing."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def and_for(self, said: Answer) -> Spent:
        """With one more answer."""
        return Spent(
            self.requests + 1,
            self.prompt_tokens + (said.prompt_tokens or 0),
            self.completion_tokens
            + ((said.completion_tokens or 0) if said.trouble else said.tokens),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Baseline and candidate, and what came of it."""

    run: str
    started: str
    finished: str
    names: Mapping[Side, str]
    models: Mapping[Side, str]
    setup: Setup
    audited: Audited
    spent: Mapping[Side, Spent]
    texts: Mapping[str, str]
    """What each prompt says last, by its id."""
    remarks: tuple[str, ...] = ()
    builds: Mapping[Side, Mapping[Build, int]] = field(default_factory=dict)
    """Who says that it answered, in the order of their coming, and how many answers it gave."""
    listed: Mapping[Side, Listed] = field(default_factory=dict)
    """What each says of its model in `/models`."""

    @property
    def complete(self) -> bool:
        """It came to its end by itself."""
        return bool(self.finished)
