"""What a baseline said before: a record of its own, gone on with in every audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.errors import UsageError
from conformance.parity.model import StageName
from conformance.parity.turns import Side
from conformance.record.reader import read
from conformance.runs.parity.asking import AS, CASE
from conformance.wire.exchange import Trial, TrialKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The baseline's trials by key."""

    name: str
    """The baseline, as it was called when it was asked."""
    model: str = ""
    since: str = ""
    trials: Mapping[TrialKey, Trial] = field(default_factory=dict)

    @property
    def prompts(self) -> tuple[str, ...]:
        """Short prompts that it has answered, those with most answers first."""
        stages = {CASE.format(each) for each in (StageName.LOGPROBS, StageName.SAMPLED)}
        counted = Counter(_axis(key, "prompt") for key in sorted(self.trials) if key.case in stages)
        return tuple(prompt for prompt, _ in counted.most_common())

    @property
    def listed(self) -> tuple[str, ...]:
        """Prompts of which it has said logprobs."""
        stage = CASE.format(StageName.LOGPROBS)
        found = {_axis(key, "prompt") for key in self.trials if key.case == stage}
        return tuple(sorted(found))

    @property
    def nights(self) -> tuple[tuple[str, ...], ...]:
        """Prompts that were asked again, by night."""
        stage = CASE.format(StageName.DRIFT)
        found: dict[int, list[str]] = {}
        for key in sorted(self.trials):
            if key.case == stage:
                found.setdefault(key.sample, []).append(_axis(key, "prompt"))
        return tuple(tuple(found[night]) for night in sorted(found))


def read_kept(path: Path, name: str | None = None) -> Kept:
    """The baseline of an audit's record, or of a baseline file. Raises UsageError, RecordError."""
    recording = read(path)
    about = recording.header.get("parity")
    if about is None:
        raise UsageError(
            f"{path} is no record of `conformance compare`: it holds none of its answers"
        )
    called = about["sides"][Side.BASELINE]
    if name not in (None, called):
        raise UsageError(f"{path}: its baseline is {called!r}, not {name!r}")
    trials = {
        each.key: each
        for each in recording.trials()
        if each.finished and (AS, Side.BASELINE) in each.key.axes
    }
    return Kept(
        name=called,
        model=recording.providers.get(called, {}).get("model", ""),
        since=recording.header["started"],
        trials=trials,
    )


def _axis(key: TrialKey, name: str) -> str:
    return dict(key.axes)[name]
