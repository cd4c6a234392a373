"""What a baseline said before: a record of its own, gone on with in every audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.errors import UsageError
from conformance.parity.model import StageName
from conformance.parity.nights import NIGHT, POOLED
from conformance.parity.turns import Side
from conformance.record.reader import read
from conformance.runs.parity.asking import AS, CASE
from conformance.wire.exchange import Trial, TrialKey

_MANY = 32


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
    def long(self) -> tuple[str, ...]:
        """Prompts with long answers, those with most of them first."""
        stage = CASE.format(StageName.LONG)
        counted = Counter(_axis(key, "prompt") for key in sorted(self.trials) if key.case == stage)
        return tuple(prompt for prompt, _ in counted.most_common())

    @property
    def listed(self) -> tuple[str, ...]:
        """Prompts of which it has said logprobs."""
        stage = CASE.format(StageName.LOGPROBS)
        found = {_axis(key, "prompt") for key in self.trials if key.case == stage}
        return tuple(sorted(found))

    @property
    def pooled(self) -> tuple[str, ...]:
        """Prompts with many short answers, kept by an endpoint without logprobs."""
        stage = CASE.format(StageName.SAMPLED)
        counted = Counter(
            _axis(key, "prompt")
            for key in self.trials
            if key.case == stage and key.sample in POOLED and "salt" not in dict(key.axes)
        )
        return tuple(sorted(name for name, times in counted.items() if times >= _MANY))

    @property
    def text_nights(self) -> int:
        """In how many nights those were asked again."""
        stage = CASE.format(StageName.DRIFT)
        return len({key.sample // NIGHT for key in self.trials if key.case == stage} - {0})

    @property
    def nights(self) -> tuple[tuple[str, ...], ...]:
        """Prompts that were asked again, by night."""
        stage = CASE.format(StageName.DRIFT)
        found: dict[int, list[str]] = {}
        for key in sorted(self.trials):
            if key.case == stage and key.sample < NIGHT:
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
