"""How many clauses of each section of the contract held, failed, or are open at one provider.

A clause is counted once, and only where this run says something of it: it had a witness, or a case
that was asked names it. The line between *failed*, *undecided* and *held* is that of certificates.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.contract.model import Contract
from conformance.verdict.model import AreaTally
from conformance.verdict.outcome import Outcome
from conformance.verdict.view import View

_OPEN = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})


def areas(view: View, contract: Contract) -> dict[str, AreaTally]:
    """Section to its counts, in the contract's order; sections that the run says nothing of are left out."""
    states: dict[str, list[Outcome]] = {name: [] for name in contract.sections}
    for clause, state in _states(view).items():
        if clause in contract.clauses:
            states[contract.clauses[clause].section].append(state)
    return {
        name: AreaTally(
            held=found.count(Outcome.PASSED),
            failed=found.count(Outcome.FAILED),
            undecided=found.count(Outcome.INCONCLUSIVE),
        )
        for name, found in states.items()
        if found
    }


def _states(view: View) -> Mapping[str, Outcome]:
    """Clause to passed, failed or inconclusive."""
    asked = {
        clause
        for case in view.cases
        for clause, outcome in case.clauses.items()
        if outcome is not Outcome.NOT_APPLICABLE
    }
    undecided = {
        clause
        for case in view.cases
        if not case.adapted
        for clause, outcome in case.clauses.items()
        if outcome in _OPEN
    }
    states = {}
    for clause in asked | set(view.counts):
        count = view.count(clause)
        if count.plain:
            states[clause] = Outcome.FAILED
        elif clause in undecided or not count.witnesses:
            states[clause] = Outcome.INCONCLUSIVE
        else:
            states[clause] = Outcome.PASSED
    return states
