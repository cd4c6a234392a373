"""How large known changes are: for words about what a number means, never for a decision.

Ratios to the floor measured on one model of 135M parameters (SmolLM2, bf16): larger models rank
changes alike, but the numbers are not theirs.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """A change, and where it was seen: in floors at stage 1, as D2 at stage 2."""

    name: str
    floors: float | None  # None: logprobs don't show it
    squared: float


KNOWN = (
    Size("int8 weights", 1.78, 0.0027),
    Size("an fp8 KV cache", 2.24, 0.0027),
    Size("fp8 weights and activations", 4.2, 0.012),
    Size("temperature 0.9 for 1", None, 0.012),
    Size("int8 activations", 4.7, 0.020),
    Size("a light finetune", 6.9, 0.044),
    Size("int4 weights", 13.1, 0.085),
    Size("a dropped system prompt", 12.3, 0.09),
)


def likely(floors: float) -> str:
    """The known change whose size is nearest, on a scale of ratios."""
    sized = [(each.name, each.floors) for each in KNOWN if each.floors is not None]
    if floors > 2 * max(size for _, size in sized):
        return "another model, or another template"
    return (
        f"of the size of {min(sized, key=lambda each: abs(each[1] / floors - floors / each[1]))[0]}"
    )


def over(floors: float) -> tuple[str, ...]:
    """Known changes that are larger than this many floors."""
    return tuple(each.name for each in KNOWN if each.floors is not None and each.floors > floors)


def under(floors: float) -> tuple[str, ...]:
    """Known changes that may hide below this many floors, and those that logprobs never show."""
    return tuple(each.name for each in KNOWN if each.floors is None or each.floors <= floors)


def over_squared(squared: float) -> tuple[str, ...]:
    """Known changes with a larger D2 than this."""
    return tuple(each.name for each in KNOWN if each.squared > squared)


def under_squared(squared: float) -> tuple[str, ...]:
    """Known changes that may hide below this D2."""
    return tuple(each.name for each in KNOWN if each.squared <= squared)
