"""How each parity fault is audited in the self-test, and how often it has to be found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from conformance.parity.candidates import Prompt, fresh_prompts, long_prompts, probes, short_prompts
from conformance.parity.choice import drawn, drawn_long
from conformance.parity.items.made import made
from conformance.parity.items.model import Item, Kind
from conformance.parity.model import StageName
from conformance.parity.setup import USUAL, Extent, Setup
from conformance.runs.parity.prompts import FRESH

SAME = "same weights, another machine"
WRONG = 0.05
"""Share of audits in which the same model may be called different."""

_FIRST = (StageName.RENDERING, StageName.LOGPROBS)
_NIGHTLY = 4
_AGAIN = 40
_OWN = 96
_MADE = 9600
_DONE = ("get_weather", "set_timer", "set_light")
"""Tools that the reference server calls rightly: of others no call can get worse."""
_STRICT, _USUAL = 0.01, 0.03
_BEGINNING = "You work for Example Corp and answer briefly. " * 6


@dataclass(frozen=True, slots=True)
class How:
    """What an audit of one fault takes besides what every audit is."""

    target: float
    """In what share of audits it has to be found."""
    stages: tuple[str, ...] = tuple(USUAL)
    nights: int = 0
    """It is the baseline that changes, and it is asked again so many nights."""
    own: tuple[Prompt, ...] = ()
    calls: bool = False
    """Stage 4 with many tasks that want a call, and a margin of 1 %."""


def _own() -> tuple[Prompt, ...]:
    """Prompts of an application: one long beginning, and another question each."""
    begun = {"role": "system", "content": _BEGINNING}
    return tuple(
        Prompt(f"own-{n}", (begun, {"role": "user", "content": f"Question {n}"}))
        for n in range(_OWN)
    )


_SURE, _NEARLY, _MOSTLY = 0.99, 0.95, 0.9
HOW: Mapping[str, How] = {
    SAME: How(0.0),
    "parity-cache": How(0.0),  # the same model
    **dict.fromkeys(
        (
            "parity-template",
            "parity-template-unbilled",
            "parity-system-prompt",
            "parity-system-prompt-unbilled",
            "parity-fp8",
            "parity-int4",
        ),
        How(_SURE),
    ),
    **dict.fromkeys(("parity-int8", "parity-fleet", "parity-temperature-forced"), How(_NEARLY)),
    "parity-drift": How(
        _NEARLY, nights=_NIGHTLY
    ),  # after so many requests, be it in the first night
    **dict.fromkeys(("parity-redeployed", "parity-decay"), How(_NEARLY, _FIRST, _NIGHTLY)),
    "parity-prefix-cache": How(_NEARLY, _FIRST, own=_own()),
    "parity-calls-worse": How(_MOSTLY, (StageName.TASKS,), calls=True),
}
OTHERWISE = How(_MOSTLY)


def how(name: str) -> How:
    """Of a fault, or of the same model again."""
    return HOW.get(name, OTHERWISE)


def prepared(one: How, seed: int, stages: tuple[str, ...] = ()) -> Setup:
    """`stages`: others than its own."""
    mine = tuple(each.id for each in one.own)
    return Setup(
        seed=seed,
        stages=frozenset(stages or one.stages),
        candidates=(*mine, *(each.id for each in short_prompts())),
        own=mine,
        fresh=tuple(each.id for each in fresh_prompts(seed, FRESH)),
        probes=tuple(probe.id for probe, _ in probes() if not probe.tools),
        long=drawn_long([each.id for each in long_prompts()], seed, Extent().greedy),
        margin=_STRICT if one.calls else _USUAL,
    )


def tonight(setup: Setup, night: int, listed: tuple[str, ...]) -> Setup:
    """With every night until this one: a few of what was listed in the first are asked again."""
    nights = tuple(drawn(listed, setup.seed + each, _AGAIN) for each in range(1, night + 1))
    return replace(setup, nights=nights)


def tasks_of(one: How, seed: int) -> tuple[Item, ...]:
    """Tasks that want one call, each by itself: what is wrong is drawn by request, not by template."""
    if not one.calls:
        return ()
    wanted = (each for each in made(seed, _MADE) if each.kind is Kind.ARGUMENTS)
    return tuple(replace(each, family="") for each in wanted if _call(each) in _DONE)


def _call(item: Item) -> str:
    return item.expected.calls[0].name if item.expected.calls else ""
