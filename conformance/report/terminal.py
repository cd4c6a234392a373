"""The end of a run on a terminal: the answers, what to fix first, and nothing else.

Layout is ASCII, because not every console has more; every text passes through `escape.visible`,
so no endpoint moves the cursor or paints over its own verdict.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.report.escape import columns, fit, oneline
from conformance.report.phrase import (
    befell,
    candidates,
    counted,
    differing,
    frequency,
    held_back,
    listed,
    nothing_decided,
    one_cause,
    variants,
)
from conformance.report.rank import top_findings
from conformance.report.side_by_side import profiles
from conformance.verdict.comparison import Comparison
from conformance.verdict.model import (
    Answer,
    Certificate,
    Finding,
    ProviderResult,
    Run,
)
from conformance.verdict.outcome import Outcome

NARROWEST = 60
_PROVIDERS = 8
_NAME = 24
"""Columns for a provider's name above its answers, at most."""
_LOST = 5
_MISHAPS = 3
_TEXT = 400
_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_ANSWERS = {
    Answer.DROP_IN: ("ok", "green"),
    Answer.DROP_IN_WITH_CHANGES: ("~", "yellow"),
    Answer.NOT_DROP_IN: ("x", "red"),
    Answer.INCONCLUSIVE: ("?", "yellow"),
}


def summary(run: Run, *, width: int, color: bool) -> str:
    """Lines of at most `width` columns (but at least 60), the last with a line end.

    At most about 40 lines for one provider. The caller says where the whole report lies.
    """
    page = _Page(max(width, NARROWEST), color)
    lines = [line for block in _blocks(run, page) for line in ["", *block]]
    return "\n".join(lines[1:]) + "\n"


@dataclass(frozen=True, slots=True)
class _Page:
    """How wide, and whether colors may be used."""

    width: int
    color: bool

    def line(self, *parts: tuple[str, str]) -> str:
        """Texts with their styles, cut at the width; cutting comes before coloring."""
        left, shown = self.width, ""
        for text, style in parts:
            cut = fit(text, max(0, left))
            left -= columns(cut)
            shown += self.paint(cut, style)
            if cut != text:
                break
        return shown.rstrip()

    def wrapped(self, text: str, style: str) -> Iterator[str]:
        """The whole text, on as many lines as it needs, indented by two."""
        for part in textwrap.wrap(text, self.width - 4):
            yield self.line((f"  {part}", style))

    def paint(self, text: str, style: str) -> str:
        if not self.color or not style or not text.strip():
            return text
        return f"\033[{_STYLES[style]}m{text}\033[0m"


def _blocks(run: Run, page: _Page) -> Iterator[list[str]]:
    if not run.info.complete:
        yield [page.line(("The run was cut short: what it did not reach is undecided.", "yellow"))]
    judged = candidates(run)
    for comparison in run.comparisons[:_PROVIDERS]:
        yield list(_comparison(comparison, page))
    for provider in run.providers:
        if provider not in judged and provider.errors:
            head = page.line((oneline(provider.name, 40), "bold"), ("  (the baseline)", "dim"))
            yield [head, *_mishaps(provider, page)]
    several = len(judged) > 1
    if several:
        yield list(_matrix(judged, page))
    for provider in judged[:_PROVIDERS]:
        yield list(_provider(provider, page, several=several))
    if len(judged) > _PROVIDERS:
        yield [page.line((f"and {counted(len(judged) - _PROVIDERS, 'more provider')}", "dim"))]
    if top := top_findings(run, 5):
        head = "Top five to fix" if len(top) == 5 else "What to fix first"  # noqa: PLR2004  # as it says
        rows = [
            line
            for number, each in enumerate(top, 1)
            for line in _finding(number, each, page, named=several)
        ]
        yield [page.line((head, "bold")), *rows]


def _matrix(providers: Sequence[ProviderResult], page: _Page) -> Iterator[str]:
    """Profiles by providers, in as many strips as the width needs."""
    rows = profiles(providers)
    label = max((columns(oneline(name, 30)) for name, _, _ in rows), default=0) + 4
    names = [min(columns(oneline(each.name, 40)), _NAME) for each in providers]
    wide = max(*names, *(len(_decided(one)) + 3 for _, _, found in rows for one in found if one))
    beside = max(1, (page.width - label) // (wide + 2))
    for start in range(0, len(providers), beside):
        strip = slice(start, start + beside)
        heads = [fit(oneline(each.name, 40), wide) for each in providers[strip]]
        yield page.line((" " * label + "".join(_padded(each, wide) for each in heads), "bold"))
        for name, _, found in rows:
            cells = [part for one in found[strip] for part in _cell(one, wide)]
            yield page.line((_padded(f"  {oneline(name, 30)}", label - 2), ""), *cells)
    meaning = ", ".join(f"{mark} {answer.value}" for answer, (mark, _) in _ANSWERS.items())
    yield page.line((f"  {meaning}", "dim"))


def _cell(one: Certificate | None, wide: int) -> Iterator[tuple[str, str]]:
    mark, style = _ANSWERS[one.answer] if one else ("-", "dim")
    yield f"{mark:<3}", style
    yield _padded(_decided(one) if one else "", wide - 3), "dim"


def _padded(text: str, wide: int) -> str:
    """Up to `wide` columns, and two more."""
    return text + " " * (wide - columns(text) + 2)


def _provider(provider: ProviderResult, page: _Page, *, several: bool) -> Iterator[str]:
    """One provider; where there are several, its answers stand in the matrix."""
    model = provider.model + (
        f" (answers as {provider.served_model})"
        if provider.served_model not in {"", provider.model}
        else ""
    )
    about = [oneline(each, 60) for each in (model, provider.server) if each]
    yield page.line((oneline(provider.name, 40), "bold"), ("  " + ", ".join(about), "dim"))
    yield from _mishaps(provider, page)
    if not several:
        yield from _certificates(provider, page)
    yield from _times(provider, page)
    yield from (page.line((f"  {line}", "dim")) for line in _totals(provider))
    for text in provider.stale_deviations[:2]:
        words = f"  known deviation did not show, remove it: {oneline(text, 200)}"
        yield page.line((words, "yellow"))
    for words in held_back(provider)[:_MISHAPS]:
        yield from page.wrapped(oneline(words, _TEXT), "yellow")


def _mishaps(provider: ProviderResult, page: _Page) -> Iterator[str]:
    """Every reason once and in full: it is what has to be mended before anything else is read."""
    for one in provider.errors[:_MISHAPS]:
        words = f"an error of the run, no finding: {oneline(befell(one), _TEXT)}"
        yield from page.wrapped(words, "yellow")
    if len(provider.errors) > _MISHAPS:
        more = counted(len(provider.errors) - _MISHAPS, "more reason")
        yield page.line((f"  and {more} in the report", "yellow"))


def _certificates(provider: ProviderResult, page: _Page) -> Iterator[str]:
    name_width = max((columns(_name(one)) for one in provider.certificates), default=0)
    count_width = max((len(_decided(one)) for one in provider.certificates), default=0)
    for one in provider.certificates:
        mark, style = _ANSWERS[one.answer]
        yield page.line(
            (f"  {mark:<3}", style),
            (_name(one) + " " * (name_width - columns(_name(one)) + 2), ""),
            (f"{one.answer.value:<21}", style),
            (f"{_decided(one):>{count_width}} decided", "dim"),
            (f"  {_why(one)}" if _why(one) else "", ""),
        )


def _times(provider: ProviderResult, page: _Page) -> Iterator[str]:
    """Limits that no suite judges, so that nobody takes them for kept."""
    for one in provider.certificates:
        if one.times:
            limits = listed([oneline(each, 60) for each in one.times], 4)
            words = (
                f"{_name(one)} limits times ({limits}): left open; conformance latency judges them"
            )
            yield from page.wrapped(words, "yellow")


def _comparison(one: Comparison, page: _Page) -> Iterator[str]:
    way = f"From {oneline(one.baseline, 40)} to {oneline(one.candidate, 40)}"
    if not one.compared:
        yield page.line((f"{way}: nothing was compared", "bold"))
        words = f"of none of {counted(one.cells, 'case')} is it known what both do"
        yield page.line((f"  {words}", "yellow"))
        return
    lost = variants(one.capabilities_lost)
    yield page.line(
        (f"{way} you lose ", "bold"),
        (counted(len(lost), "capability", "capabilities"), "bold"),
        (f"; {counted(len(one.new_failures), 'clause')} newly broken", "bold"),
        (f", {len(one.shared_failures)} shared", "dim"),
    )
    if one.compared < one.cells:
        words = f"only {one.compared} of {counted(one.cells, 'case')} were compared"
        yield page.line((f"  {words}", "yellow"))
    for row, title in lost[:_LOST]:
        change = f": {oneline(row.baseline, 30)} -> {oneline(row.candidate, 30)}"
        room = page.width - len("  -  ") - columns(change)  # the change is what it is about
        yield page.line(("  -  ", "red"), (fit(oneline(title, 120), room), ""), (change, "dim"))
    if len(lost) > _LOST:
        yield page.line((f"     and {len(lost) - _LOST} more", "dim"))
    if changed := _changed(one):
        yield page.line((f"  {changed}", "dim"))


def _changed(one: Comparison) -> str:
    rows, facts = len(variants(one.capabilities_changed)), len(differing(one.facts_that_differ))
    told = {
        f"{counted(rows, 'capability', 'capabilities')} done in another way": rows,
        f"{counted(facts, 'fact')} told otherwise": facts,
    }
    return listed([words for words, number in told.items() if number])


def _finding(number: int, one: Finding, page: _Page, *, named: bool) -> Iterator[str]:
    yield page.line(
        (f"  {number}. {oneline(one.clause, 20)}", "bold"),
        (f" {one.level.value.upper()}", "red" if one.level.value == "must" else "yellow"),
        (f" at {oneline(one.provider, 40)}" if named else "", ""),
        (f" {frequency(one)}", "dim"),
    )
    yield page.line((f"     {oneline(one.message, _TEXT)}", ""))
    if one.consequence:
        yield page.line((f"     so: {oneline(one.consequence.replace('`', ''), _TEXT)}", "dim"))


def _name(one: Certificate) -> str:
    return oneline(one.profile, 30)


def _decided(one: Certificate) -> str:
    return f"{one.covered}/{one.required}"


def _why(one: Certificate) -> str:
    """What decided against a better answer, as names."""
    if nothing_decided(one):
        return ""
    if cause := one_cause(one):
        return oneline(cause, _TEXT)
    names: Sequence[str] = list(dict.fromkeys(oneline(each.clause, 30) for each in one.reasons))
    if not names:
        names = [oneline(each.name, 30) for each in one.changes]
    return listed(names, 4)


def _totals(provider: ProviderResult) -> Iterator[str]:
    shown = [
        f"{provider.totals[outcome.value]} {outcome.value}"
        for outcome in Outcome
        if provider.totals.get(outcome.value)
    ]
    usage = provider.usage
    tokens = f"{usage.prompt_tokens + usage.completion_tokens} tokens"
    price = "" if usage.cost is None else f", {usage.cost:.4f} USD"
    yield f"cases: {', '.join(shown) or 'none'}"
    yield f"spent: {counted(usage.requests, 'request')}, {tokens}{price}"
