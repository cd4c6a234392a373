"""Who says that it answered, how far its first tokens lie from the baseline's, and `/models`."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.parity.builds import groups, told_apart
from conformance.parity.listed import Listed, unlike
from conformance.parity.model import Build, Estimate
from conformance.parity.pair import Pair
from conformance.parity.turns import Side
from conformance.report.escape import code, hostile
from conformance.report.matrix import table

NOTHING = "-"
SIDES = {
    Side.BASELINE: "baseline",
    Side.CANDIDATE: "candidate",
    Side.REPLICA: "second machine of the baseline",
}
_MOST = 12  # rows of a table: who makes a name up for each answer has as many as those
_ASKED = (Side.BASELINE, Side.CANDIDATE)


def answered(pair: Pair) -> Iterator[str]:
    """By `model`, `system_fingerprint` and a router's `provider`; the candidate's with its ratios."""
    rows = [
        (SIDES[side], *_named(build), str(many))
        for side, builds in pair.builds.items()
        for build, many in list(builds.items())[:_MOST]
    ]
    if not rows:
        return
    yield "## Who answered"
    yield "In the answers' own words; two of one side are two builds, or a change in between."
    yield table(("side", "model", "fingerprint", "provider", "answers"), rows)
    more = sum(max(0, len(builds) - _MOST) for builds in pair.builds.values())
    if more:
        yield f"And {more} more."
    yield from _ratios(pair)


def _ratios(pair: Pair) -> Iterator[str]:
    found = groups(pair.audited.apart, pair.started)
    if len(found) < 2:  # noqa: PLR2004 - of one there is nothing to compare
        return
    yield "First tokens by build and hour (UTC), in noise floors and each at most 3:"
    yield table(
        ("model", "fingerprint", "provider", "hour", "prompts", "floors (95 %)"),
        [
            (*_named(each.build), each.hour or NOTHING, str(each.prompts), _estimate(each.ratio))
            for each in found[:_MOST]
        ],
    )
    if told_apart(found):
        yield "These are not alike: by chance they would lie so far apart in fewer than 1 of 100 audits."


def said_of_itself(pair: Pair) -> Iterator[str]:
    """The model's entry in `/models` at both: claims, by which nothing is decided."""
    sides = [pair.listed.get(side, Listed(trouble="not asked")) for side in _ASKED]
    names = dict.fromkeys(name for each in sides for name in each.facts)
    if not names:
        return
    yield "## What they say of themselves"
    yield table(
        ("`/models`", *map(str, _ASKED)),
        [
            (
                code(name, 40),
                *(code(each.facts[name], 60) if name in each.facts else NOTHING for each in sides),
            )
            for name in names
        ],
    )
    for side, each in zip(_ASKED, sides, strict=True):
        if each.trouble:
            yield f"The {side} has no entry: {hostile(each.trouble)}."
    if differ := unlike(*sides):
        listed = ", ".join(code(each, 40) for each in differ)
        yield f"Not alike: {listed}. Names and limits differ between vendors of one model: nothing is decided by this."


def _named(build: Build) -> tuple[str, ...]:
    return tuple(code(each, 40) if each else NOTHING for each in build)


def _estimate(found: Estimate) -> str:
    if found.low == found.high:
        return f"{found.value:.2f}"
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
