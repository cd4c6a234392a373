"""What a schema cannot say: names that must exist, parts that need each other. One function each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from conformance.errors import did_you_mean
from conformance.suite.draft import CaseDraft
from conformance.suite.merge import BODILESS
from conformance.suite.source import At, Complaint
from conformance.suite.vocabulary import Vocabulary

RESERVED = ("provider", "axis", "trial")
"""First words of `$var` targets; a step of that name could not be referred to."""
IN_PLACE = ("always", "assume", "expect", "outcome", "capture")

Sense = Callable[[CaseDraft, Vocabulary], Iterator[Complaint]]


def unique_cases(cases: Sequence[CaseDraft]) -> Iterator[Complaint]:
    """Case ids are public names."""
    seen: set[str] = set()
    for case in cases:
        name = case.data["id"]
        if name in seen:
            yield Complaint(at=(*case.at, "id"), reason=f"another case is called {name!r}")
        seen.add(name)


def known_needs(needs: Sequence[str], at: At, words: Vocabulary) -> Iterator[Complaint]:
    """Capabilities are a closed vocabulary: a typo would silently leave cases out."""
    for number, need in enumerate(needs):
        if need not in words.capabilities:
            yield Complaint(
                at=(*at, "needs", number),
                reason=f"no capability is called {need!r}{did_you_mean(need, words.capabilities)}",
                remedy="known: " + ", ".join(words.capabilities),
            )


def needs_exist(case: CaseDraft, words: Vocabulary) -> Iterator[Complaint]:
    """The same for one case."""
    yield from known_needs(case.data.get("needs", ()), case.at, words)


def clauses_exist(case: CaseDraft, words: Vocabulary) -> Iterator[Complaint]:
    """A case judges clauses of the contract."""
    for number, clause in enumerate(case.clauses):
        if clause not in words.clauses:
            yield Complaint(
                at=(*case.at, "clauses", number),
                reason=f"the contract has no clause {clause!r}{did_you_mean(clause, words.clauses)}",
                remedy="conformance list clauses",
            )


def clauses_are_judged(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """What a case lists it judges, and what it judges it lists."""
    uses = [
        use for step in case.steps for use in step.uses if use.role not in ("assume", "control")
    ]
    if not uses:
        yield Complaint(
            at=case.at,
            reason=f"case {case.data['id']!r} judges nothing",
            remedy="give it `expect`, `always` or `outcome`",
        )
        return
    for use in uses:
        if use.clause is None:
            yield Complaint(
                at=use.clause_at,
                reason="a bare list of checks, but the case has several clauses",
                remedy=f"write which clause they judge: {{{case.clauses[0]}: [...]}}",
            )
        elif use.clause not in case.clauses:
            hint = did_you_mean(use.clause, case.clauses)
            yield Complaint(
                at=use.clause_at,
                reason=f"{use.clause} is not among the clauses of the case{hint}",
                remedy=f"add it to `clauses`: {', '.join(case.clauses)}",
                of_key=True,
            )
    judged = {use.clause for use in uses}
    for number, clause in enumerate(case.clauses):
        if clause not in judged and None not in judged:
            yield Complaint(
                at=(*case.at, "clauses", number),
                reason=f"{clause} is listed, but no requirement of the case judges it",
                remedy="add a requirement, or take it out",
                consequence=True,
            )


def steps_or_one_step(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """Either `steps`, or one step written in place (perhaps with its control)."""
    if "steps" in case.data:
        for key in (*IN_PLACE, "control", "vary"):
            if key in case.data:
                yield Complaint(
                    at=(*case.at, key),
                    reason=f"{key!r} beside `steps`",
                    remedy="a case has `steps`, or one step in place; write it into a step",
                    of_key=True,
                )


def step_ids(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """Steps are told apart by id."""
    seen: set[str] = set()
    for step in case.steps:
        if step.id in RESERVED:
            reason = f"a step cannot be called {step.id!r}: `$var` means something else by it"
            yield Complaint(at=(*step.at, "id"), reason=reason)
        if step.id in seen:
            yield Complaint(at=(*step.at, "id"), reason=f"another step is called {step.id!r}")
        seen.add(step.id)


def compared_steps_come_before(case: CaseDraft, words: Vocabulary) -> Iterator[Complaint]:
    """A check compares with a step that has been asked by then."""
    before: list[str] = []
    for step in case.steps:
        for use in step.uses:
            for parameter in words.signatures[use.name].steps:
                other = use.arguments.get(parameter)
                if other is not None and other not in before:
                    yield Complaint(
                        at=use.at,
                        reason=f"{use.name}: no earlier step is called {other!r}"
                        + did_you_mean(str(other), before),
                        remedy="earlier steps: " + (", ".join(before) or "none"),
                    )
        before.append(step.id)


def samples_and_rate(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """A rate needs room between its bounds, and samples to see it."""
    samples, rate = case.data.get("samples"), case.data.get("rate")
    if isinstance(samples, Mapping) and samples["min"] > samples["max"]:
        yield Complaint(at=(*case.at, "samples"), reason="`min` is more than `max`")
    if rate is None:
        return
    if not isinstance(samples, Mapping):
        yield Complaint(
            at=(*case.at, "rate"),
            reason="`rate` needs `samples: {min: ..., max: ...}`",
            remedy="one sample, or a fixed number, shows no rate",
            of_key=True,
        )
    if rate["margin"] >= rate["at_least"]:
        yield Complaint(
            at=(*case.at, "rate", "margin"),
            reason="`margin` is not less than `at_least`: every rate would pass",
        )


def requests_are_whole(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """A request has a path; one without a body has none written."""
    for step in case.steps:
        if not step.request.path:
            yield Complaint(
                at=step.at,
                reason=f"step {step.id!r} has no `path`",
                remedy="write it in the request of the file, the case or the step",
            )
        last = step.patches[-1] if step.patches else None
        if (
            last
            and step.request.method in BODILESS
            and "body" in last.data
            and last.at != ("request",)
        ):
            yield Complaint(
                at=(*last.at, "body"),
                reason=f"a {step.request.method} request has no body",
                remedy="use `raw` to send one all the same",
                of_key=True,
            )


SENSE: tuple[Sense, ...] = (
    needs_exist,
    clauses_exist,
    clauses_are_judged,
    steps_or_one_step,
    step_ids,
    compared_steps_come_before,
    samples_and_rate,
    requests_are_whole,
)
