"""The tables of a compared pair: prompts that differ most, side by side; renderings; samplers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from conformance.parity.model import Ranked, StageName
from conformance.parity.pair import Pair
from conformance.parity.pools import farthest, shares
from conformance.parity.turns import Side
from conformance.report.escape import code, hostile
from conformance.report.matrix import table
from conformance.report.parity_distributions import PARTS

_PROMPTS, _TOKENS = 8, 5


def first_tokens(pair: Pair) -> Iterator[str]:
    """Every prompt's distance, and those that are farthest apart with both distributions."""
    apart = pair.audited.apart
    if not apart:
        return
    yield "## First tokens"
    low, middle, high = _quartiles([each.ratio for each in apart])
    yield (
        f"{len(apart)} prompts; half of them lie between {low:.2f} and {high:.2f} floors apart, the "
        f"middle one {middle:.2f}. Up to 1.5 on average is what machines make of one model."
    )
    yield table(
        ("prompt", "floors", "baseline", "candidate"),
        [
            (
                code(pair.texts.get(each.prompt, each.prompt), 60),
                f"{each.ratio:.2f}",
                _list(each.known),
                _list(each.said),
            )
            for each in sorted(apart, key=lambda each: -each.ratio)[:_PROMPTS]
        ],
    )


def short_answers(pair: Pair) -> Iterator[str]:
    """Of short answers, the prompts whose shares are farthest apart."""
    pool, said = pair.audited.pool, pair.audited.said
    ranked = farthest(pool, said)
    if not ranked:
        return
    yield "## Short answers"
    yield "How often each came, at the prompts where the two are farthest apart:"
    yield table(
        ("prompt", "baseline", "candidate"),
        [
            (
                code(pair.texts.get(prompt, prompt), 60),
                _shares(pool[prompt]),
                _shares(said[prompt]),
            )
            for prompt in ranked[:_PROMPTS]
        ],
    )


def rendered(pair: Pair) -> Iterator[str]:
    """Prompt tokens of each probe at both."""
    if not pair.audited.rendered:
        return
    yield "## Prompt tokens"
    yield table(
        ("prompt", "baseline", "candidate", "difference"),
        [
            (hostile(probe), _number(known), _number(said), _difference(known, said))
            for probe, (known, said) in pair.audited.rendered.items()
        ],
    )


def _rows(pair: Pair, stage: StageName) -> list[tuple[str, ...]]:
    """The rows of the tables of that stage's decisions."""
    decisions = pair.audited.overall.decisions
    return [row for each in decisions if each.stage is stage for row in each.table]


def samplers(pair: Pair) -> Iterator[str]:
    """Which parameters do what they say."""
    rows = _rows(pair, StageName.SAMPLER)
    if rows:
        yield "## Sampler"
        yield table(
            ("asked for", f"{Side.CANDIDATE}", "log odds"),
            [tuple(map(hostile, row)) for row in rows],
        )


def done(pair: Pair) -> Iterator[str]:
    """What was passed of each kind of task."""
    rows = _rows(pair, StageName.TASKS)
    if rows:
        yield "## Tasks"
        yield table(
            ("metric", "items", "baseline", "candidate", "difference, or value (90 or 95 %)"),
            [tuple(map(hostile, row)) for row in rows],
        )
        yield (
            "Differences are paired by item, with one-sided 95 % bounds clustered by template; "
            "precision, recall and F1 take the baseline's calls for truth, with 95 % intervals (the K2 "
            "Vendor Verifier accepts an F1 of 73 to 80 %, by model, on its own 4,000 requests). Where "
            "nothing else says what is right, its second answer is held to its first beside the candidate's."
        )


def _list(ranked: Sequence[Ranked]) -> str:
    return ", ".join(
        f"{_token(each.token)} {math.exp(each.logprob):.0%}" for each in ranked[:_TOKENS]
    )


def _token(token: bytes) -> str:
    return code(token.decode("utf-8", "replace"), 20) if token else PARTS


def _shares(texts: Sequence[str]) -> str:
    ranked = list(shares(texts).items())[:_TOKENS]
    return ", ".join(f"{code(text, 20)} {share:.0%}" for text, share in ranked)


def _quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    ranked = sorted(values)
    return (
        ranked[len(ranked) // 4],
        ranked[len(ranked) // 2],
        ranked[(3 * len(ranked)) // 4],
    )


def _number(value: int | None) -> str:
    return "not said" if value is None else str(value)


def _difference(known: int | None, said: int | None) -> str:
    return "-" if known is None or said is None else f"{said - known:+d}"
