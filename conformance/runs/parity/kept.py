"""What a baseline said before: a record of its own, gone on with in every audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.errors import UsageError
from conformance.parity.model import Settings, StageName
from conformance.parity.nights import NIGHT, POOLED
from conformance.parity.turns import Side
from conformance.record.reader import read
from conformance.runs.parity.asking import AS, CASE, how
from conformance.wire.exchange import Trial, TrialKey

_MANY = 64
"""Short answers of a prompt that are enough to hold a night against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The baseline's trials by key."""

    name: str
    """The baseline, as it was called when it was asked."""
    model: str = ""
    """Whom it asked for, or the only one that it offered."""
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
    def pooled(self) -> tuple[tuple[str, int], ...]:
        """Prompts with many short answers as the baseline gives them, and how many, without a gap."""
        stage, found = CASE.format(StageName.SAMPLED), dict[str, set[int]]()
        for key in self.trials:
            axes = dict(key.axes)
            if key.case == stage and axes["how"] == how(Settings()) and "salt" not in axes:
                found.setdefault(axes["prompt"], set()).add(key.sample)
        whole = {name: _whole(numbers) for name, numbers in found.items()}
        return tuple(sorted((name, many) for name, many in whole.items() if many >= _MANY))

    @property
    def text_nights(self) -> tuple[tuple[str, ...], ...]:
        """Prompts of which short answers were asked again, by night."""
        return self._again(lambda key: key.sample // NIGHT)

    @property
    def nights(self) -> tuple[tuple[str, ...], ...]:
        """Prompts whose logprobs were asked again, by night."""
        return self._again(lambda key: key.sample if key.sample < NIGHT else 0)

    def _again(self, night: Callable[[TrialKey], int]) -> tuple[tuple[str, ...], ...]:
        """`night`: that of an ask, from 1; 0 if it is of none."""
        stage, found = CASE.format(StageName.DRIFT), dict[int, dict[str, None]]()
        for key in sorted(self.trials):
            if key.case == stage and night(key):
                found.setdefault(night(key), {}).setdefault(_axis(key, "prompt"))
        return tuple(tuple(found[each]) for each in sorted(found))


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


def _whole(numbers: set[int]) -> int:
    """How many of POOLED there are before the first that is missing."""
    return next((n for n, each in enumerate(POOLED) if each not in numbers), len(POOLED))


def _axis(key: TrialKey, name: str) -> str:
    return dict(key.axes)[name]
