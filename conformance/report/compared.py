"""The part of the Markdown report on a comparison: what an application finds changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.report.escape import code, hostile, prose
from conformance.report.matrix import table
from conformance.report.opening import link, mishaps
from conformance.report.phrase import counted, differing, listed, variants
from conformance.verdict.comparison import Comparison, FactThatDiffers, LostCapability
from conformance.verdict.model import Finding, Run

_ROWS = 25
_TEXT = 160
_ABSENT = "*absent*"


def changes_for_application(run: Run) -> Iterator[str]:
    """What an application that works on the baseline loses, most important first."""
    for one in run.comparisons:
        yield f"## What changes for your application: {code(one.baseline)} to {code(one.candidate)}"
        yield _compared(one)
        if one.compared and not one.capabilities_lost and not one.new_failures:
            yield "Of these nothing is lost, and nothing new fails."
        for provider in run.providers:
            if provider.name == one.baseline:
                yield from mishaps(provider)
        yield from _capabilities(one, one.capabilities_lost, "lost")
        yield from _new_failures(run, one)
        yield from _capabilities(one, one.capabilities_changed, "changed, and neither lost nor won")
        yield from _capabilities(one, one.capabilities_won, "won")
        yield from _facts(one, one.facts_that_differ)
        if one.shared_failures:
            clauses = [link(each, each.rpartition("/")[2]) for each in one.shared_failures]
            yield (
                f"Fails at {code(one.baseline)} in the same cases, so it does **not count** here: "
                f"{listed(clauses, 20)}."
            )
        if one.not_comparable:
            cases = listed([code(each) for each in one.not_comparable], 10)
            yield f"Not comparable, because the requests differ: {cases}."


def _compared(one: Comparison) -> str:
    """How much the comparison rests on."""
    if not one.compared:
        return (
            f"> **Nothing was compared.** Of none of {counted(one.cells, 'case')} is it known what "
            f"both {code(one.baseline)} and {code(one.candidate)} do."
        )
    if one.compared == one.cells:
        return f"Every case was compared, {one.cells} in all."
    return (
        f"> **Only {one.compared} of {counted(one.cells, 'case')} were compared.** Of the others it "
        "is not known what both do; what is said here holds for those that were."
    )


def _capabilities(one: Comparison, changed: Sequence[LostCapability], verb: str) -> Iterator[str]:
    if not changed:
        return
    rows = variants(changed)
    heads = ["Capability", code(one.baseline), code(one.candidate), "Seen", "What helps"]
    cells = [
        [
            hostile(title),
            hostile(row.baseline),
            hostile(row.candidate),
            hostile(row.text, _TEXT),
            prose(row.change, _TEXT),
        ]
        for row, title in rows[:_ROWS]
    ]
    used = [place for place in range(len(heads)) if any(cell[place] for cell in cells)]
    shown = [[cell[place] for place in used] for cell in cells]
    if len(rows) > _ROWS:
        shown.append([f"and {len(rows) - _ROWS} more, in `report.json`", *[""] * (len(used) - 1)])
    yield f"**{counted(len(rows), 'capability', 'capabilities')} {verb}.**"
    yield table([heads[place] for place in used], shown)


def _facts(one: Comparison, differ: Sequence[FactThatDiffers]) -> Iterator[str]:
    """What nothing judges, and what tells another template, tokenizer or gateway apart."""
    if not differ:
        return
    rows = differing(differ)
    shown = [
        [hostile(title), code(row.fact), _value(row.baseline), _value(row.candidate)]
        for row, title in rows[:_ROWS]
    ]
    if len(rows) > _ROWS:
        shown.append([f"and {len(rows) - _ROWS} more, in `report.json`", "", "", ""])
    verb = "differs" if len(rows) == 1 else "differ"
    yield (
        f"**{counted(len(rows), 'fact')} {verb}.** Nothing judges them; an application that relies on "
        "them will notice."
    )
    yield table(["In", "Fact", code(one.baseline), code(one.candidate)], shown)


def _value(text: str) -> str:
    return code(text) if text else _ABSENT


def _new_failures(run: Run, one: Comparison) -> Iterator[str]:
    if not one.new_failures:
        return
    known = {each.id: each for provider in run.providers for each in provider.findings}
    found = sorted(
        (known[name] for name in one.new_failures if name in known),
        key=lambda each: (each.level.rank, -len(each.cases), each.id),
    )
    missing = [name for name in one.new_failures if name not in known]
    rows = [
        [
            link(each.id, each.clause),
            each.level.value.upper(),
            prose(each.consequence, 300) or hostile(each.message, 200),
            _elsewhere(known.get(f"{one.baseline}/{each.clause}")),
        ]
        for each in found[:_ROWS]
    ]
    rows += [[code(name), "", "", ""] for name in missing]
    if len(found) > _ROWS:
        rows.append([f"and {len(found) - _ROWS} more", "", "", ""])
    number = counted(len(one.new_failures), "clause")
    verb, them = ("breaks", "it") if len(one.new_failures) == 1 else ("break", "them")
    keeps = "keeps" if one.compared == one.cells else "was not seen to break"
    yield f"**{number} {verb} where {code(one.baseline)} {keeps} {them}.**"
    heads = ["Clause", "Level", "What it does to your application"]
    if not any(row[3] for row in rows):
        yield table(heads, [row[:3] for row in rows])
        return
    yield table([*heads, f"In other cases at {code(one.baseline)}"], rows)


def _elsewhere(there: Finding | None) -> str:
    """How often the baseline breaks it too: whoever lives with that there may not mind here."""
    return f"broken in {there.exchanges_failed} of {there.exchanges_checked}" if there else ""
