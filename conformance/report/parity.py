"""One page per pair that was compared: is it the same model? The answer first, the proof after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.parity.model import Decision, Estimate, StageName
from conformance.parity.pair import Pair
from conformance.parity.turns import Side
from conformance.report.escape import code, hostile
from conformance.report.matrix import table
from conformance.report.parity_builds import SIDES, answered, said_of_itself
from conformance.report.parity_facts import done, first_tokens, rendered, samplers, short_answers
from conformance.report.parity_pictures import TITLES, pictures

NOTHING = "-"
STAGES = {
    StageName.RENDERING: "0 rendering",
    StageName.LOGPROBS: "1 first tokens",
    StageName.SEMANTICS: "1b what logprobs mean",
    StageName.SAMPLED: "2 short answers",
    StageName.SAMPLER: "2b sampler",
    StageName.LONG: "3 long answers",
    StageName.TASKS: "4 tasks",
    StageName.DRIFT: "the baseline itself",
}


def markdown(pair: Pair, stem: str = "report") -> str:
    """The page; pure: the same pair gives the same text. Pictures lie beside it: `STEM-NAME.svg`."""
    parts: tuple[Callable[[Pair], Iterator[str]], ...] = (
        opening,
        stages,
        reach,
        floor,
        lambda one: drawn(one, stem),
        first_tokens,
        short_answers,
        answered,
        said_of_itself,
        rendered,
        samplers,
        done,
        cost,
    )
    return "\n\n".join(block for part in parts for block in part(pair)) + "\n"


def opening(pair: Pair) -> Iterator[str]:
    """The answer, and what it means for a swap."""
    found, names = pair.audited.overall, pair.names
    one, other = code(names[Side.CANDIDATE]), code(names[Side.BASELINE])
    alone = pair.setup.alone
    yield f"# Is {one} {'still the model that it was' if alone else f'the model that {other} serves'}?"
    yield f"**{hostile(found.words)}**"
    yield (
        f"Run {code(pair.run)}, {hostile(pair.started)} to {hostile(pair.finished or 'an interruption')}: "
        + "; ".join(
            f"{SIDES[side]} {code(name)}, model {code(pair.models[side] or 'not named')}"
            for side, name in names.items()
        )
        + "."
        + (f" The baseline is kept since {hostile(pair.setup.since)}." if pair.setup.since else "")
    )
    for remark in pair.remarks:
        yield hostile(remark)


def stages(pair: Pair) -> Iterator[str]:
    """Each stage in one row, in the order in which they were asked."""
    yield "## Stage by stage"
    yield table(
        ("stage", "answer", "ratio (95 %)", "why", "requests", "output tokens", "still needed"),
        [_row(each) for each in pair.audited.overall.decisions],
    )
    yield (
        "The ratio is in noise floors at stage 1, in units of the margin at stage 2, and a share of "
        "answers at stage 3."
    )
    if pair.audited.skipped:
        skipped = ", ".join(pair.audited.skipped)
        yield f"Not asked, since the answer was there: stages {skipped} (`--go-on` asks them all the same)."
    level = pair.audited.overall.level
    yield (
        f"The chance that any stage wrongly says `different` is at most {level:.1%}: the sum of what "
        "the stages may spend (union bound)."
    )


def reach(pair: Pair) -> Iterator[str]:
    """What would have been found, and what may be there all the same."""
    rows = [
        (STAGES[each.stage], hostile(_listed(each.found)), hostile(_listed(each.missed)))
        for each in pair.audited.overall.decisions
        if each.found or each.missed
    ]
    if rows:
        yield "## What would have been found, and what would not"
        yield table(("stage", "found with 95 %", "may be there all the same"), rows)
        yield "Sizes come from one model of 135M parameters: they are words beside a ratio."


def floor(pair: Pair) -> Iterator[str]:
    """Whose noise the first tokens were measured by."""
    found = pair.audited.floor
    if found is None:
        return
    yield "## Noise floor"
    own = pair.audited.own_floor
    yield (
        f"{found.sigma:.4f} logits, {found.source}. "
        + (
            f"The baseline's own answers to one prompt, {own.which}, lie {own.sigma:.4f} apart."
            if own
            else ""
        )
    ).strip()
    if found.assumed:
        yield (
            "**Floor assumed.** No second machine of the baseline was asked, so nobody knows how far "
            'apart its machines lie; `floor_from = "NAME"` in its entry names one.'
        )


def drawn(pair: Pair, stem: str) -> Iterator[str]:
    """The pictures there are facts for."""
    for name in pictures(pair):
        yield f"## {TITLES[name]}"
        yield f"![{TITLES[name]}]({beside(stem, name)})"


def beside(stem: str, name: str) -> str:
    """The file of a picture."""
    return f"{stem}-{name}.svg"


def cost(pair: Pair) -> Iterator[str]:
    """What was asked of whom, and how to do it again."""
    yield "## What it took"
    if pair.spent:
        yield table(
            ("side", "requests", "prompt tokens", "output tokens"),
            [
                (
                    SIDES[side],
                    str(one.requests),
                    str(one.prompt_tokens),
                    str(one.completion_tokens),
                )
                for side, one in pair.spent.items()
            ],
        )
    yield (
        f"Seed {code(str(pair.setup.seed))}: the same seed draws the same prompts. Without asking "
        f"anybody, `conformance judge` on this run's folder makes this page again."
    )


def _row(each: Decision) -> tuple[str, ...]:
    detail = f" ({each.layer}{': ' + each.detail if each.detail else ''})" if each.layer else ""
    seen = "; ".join((each.why + detail, *each.remarks[:4]))
    says = NOTHING if each.stage is StageName.SEMANTICS else str(each.says)
    troubled = f" ({each.troubled} no witness)" if each.troubled else ""
    return (
        STAGES[each.stage],
        says,
        _estimate(each.ratio),
        hostile(seen, 400),
        f"{each.requests}{troubled}",
        str(each.tokens),
        NOTHING if each.needed is None else str(each.needed),
    )


def _estimate(found: Estimate | None) -> str:
    return NOTHING if found is None else f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"


def _listed(items: tuple[str, ...]) -> str:
    return ", ".join(items) or NOTHING
