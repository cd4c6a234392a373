"""How the Markdown report opens: which run, and the answer per profile."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.report.escape import code, hostile
from conformance.report.matrix import table
from conformance.report.obstacles import KINDS, in_the_way
from conformance.report.phrase import (
    befell,
    candidates,
    counted,
    listed,
    not_reached,
    nothing_decided,
    one_cause,
)
from conformance.verdict.model import (
    Answer,
    Certificate,
    ProviderResult,
    Run,
)

ANSWERS = {
    Answer.DROP_IN: "a drop-in",
    Answer.DROP_IN_WITH_CHANGES: "a drop-in with changes",
    Answer.NOT_DROP_IN: "not a drop-in",
    Answer.INCONCLUSIVE: "not decided",
}
_MISHAPS = 3
_ROWS = 25


def anchor(finding: str) -> str:
    """Of a finding's section: letters, digits and dashes only."""
    return "finding-" + re.sub(r"[^a-z0-9]+", "-", finding.lower()).strip("-")


def link(finding: str, words: str) -> str:
    """A link to a finding's section; the words are shown as code."""
    return f"[{code(words)}](#{anchor(finding)})"


def title(run: Run) -> Iterator[str]:
    """Heading, and which run this was."""
    names = [code(each.name) for each in candidates(run)]
    bases = sorted({each.baseline for each in run.comparisons})
    if bases:
        yield f"# Can {listed(names, 4)} take the place of {listed([code(b) for b in bases])}?"
    else:
        yield f"# Portability of {listed(names, 4) or 'nothing'}"
    info = run.info
    yield (
        f"Run {code(info.id)}, {hostile(info.started)} to {hostile(info.finished)}, "
        f"effort {code(info.effort)}."
    )
    if bases:
        yield from map(_sentence, candidates(run))
    if not info.complete:
        yield "> **This run was cut short.** What it did not reach is undecided."
        yield "\n".join(_not_reached(run))


def _not_reached(run: Run) -> Iterator[str]:
    for provider in run.providers:
        cells = [code(case.cell) for case in provider.cases if not_reached(case)]
        if cells:
            yield (
                f"- {code(provider.name)}: {counted(len(cells), 'case')} not reached: "
                f"{listed(cells, 10)}"
            )


def answers(run: Run) -> Iterator[str]:
    """Per candidate: the answer in one sentence, the profiles, and what stands in the way."""
    yield "## The answer"
    for provider in candidates(run):
        yield _sentence(provider)
        yield from mishaps(provider)
        if provider.certificates:
            yield table(
                ["Profile", "Answer", "Decided", "Why, and what to change"],
                [_row(provider, one) for one in provider.certificates],
            )
        if provider.certificates and not any(one.asked for one in provider.certificates):
            yield (
                "No profile was named (`--certify`), so all that the provider offers are answered, for "
                "information; findings decide whether the run failed."
            )
        notes = [note for one in provider.certificates for note in _notes(one)]
        if notes:
            yield "\n".join(f"- {note}" for note in notes)
        yield from in_the_way(run, provider)


def why(provider: ProviderResult, one: Certificate) -> str:
    """What stands in the way of a better answer, and what to change, in one cell."""
    if cause := one_cause(one):
        return hostile(cause)
    if nothing_decided(one):
        return "nothing that it requires was decided"
    found = {finding.id for finding in provider.findings}
    words = []
    for kind, verb in KINDS.items():
        mine = [each for each in one.reasons if each.kind == kind]
        names = [
            link(each.finding, each.clause) if each.finding in found else code(each.clause)
            for each in mine
        ]
        if names:
            words.append(f"{verb} {listed(names, 5)}")
    words += [f"{hostile(each.text)} ({code(each.name)})" for each in one.changes[:4]]
    return "; ".join(words) or "nothing to change"


def _sentence(provider: ProviderResult) -> str:
    groups: dict[Answer, list[str]] = {}
    for one in provider.certificates:
        groups.setdefault(one.answer, []).append(code(one.profile))
    said = [
        f"{words} for {listed(groups[answer], 12)}"
        for answer, words in ANSWERS.items()
        if answer in groups
    ]
    if not said:
        return f"**{code(provider.name)}: no profile was judged.**"
    base = next((one.baseline for one in provider.certificates if one.baseline), None)
    role = f", in place of {code(base)}," if base else ""
    model = f" with model {code(provider.model)}" if provider.model else ""
    return f"**{code(provider.name)}**{model}{role} is {'; '.join(said)}."


def mishaps(provider: ProviderResult) -> Iterator[str]:
    """What kept cases from being asked, before anybody reads anything into what is undecided."""
    if provider.errors:
        lines = [f"> - {hostile(befell(each))}" for each in provider.errors[:_MISHAPS]]
        if len(provider.errors) > _MISHAPS:
            lines.append(f"> - and {len(provider.errors) - _MISHAPS} more, below")
        head = (
            f"> **Errors of ours, or on the way to {code(provider.name)}.** "
            "They say nothing about whether it conforms:"
        )
        yield "\n".join([head, ">", *lines])


def _row(provider: ProviderResult, one: Certificate) -> list[str]:
    return [
        hostile(one.title),
        f"**{one.answer.value}**",
        f"{one.covered}/{one.required}",
        why(provider, one),
    ]


def _notes(one: Certificate) -> Iterator[str]:
    """What qualifies an answer: known deviations, shared failures, a weak model."""
    profile = code(one.profile)
    if known := [code(each.clause) for each in one.reasons if each.known]:
        rest = f"without them it would be **{one.without_known.value}**"
        yield (
            f"{profile}: {listed(known, 8)} {'is' if len(known) == 1 else 'are'} declared as known; "
            f"that counts here and not in the exit code ({rest})."
        )
    if one.shared:
        names = listed([code(each) for each in one.shared], 8)
        yield f"{profile}: {names} also fails at the baseline, and so does not count."
    if one.weak:
        names = listed([code(each) for each in one.weak], 8)
        yield f"{profile}: the model was too weak to show {names}; a stronger model decides this."
    if one.times:
        yield (
            f"{profile}: its limits on times ({listed([code(each) for each in one.times], 8)}) are left "
            f"open here; `conformance latency --certify={hostile(one.profile)}` judges them."
        )
    for change in one.changes:
        cases = listed([code(each) for each in change.cases], 6)
        yield f"{profile}: the change {code(change.name)} was tried in this run and helps {cases}."
