"""What was found not to be there is not applicable, and no profile counts on it."""

from dataclasses import replace

import pytest
from bench import BENCH, exchange, needs, ref, step, trial, variant
from views import CLAUSES, provider

from conformance.checks.core import Check, Problem, Schemas, check
from conformance.registry import Registry
from conformance.verdict.judge import Bench
from conformance.verdict.offered import as_found, case_verdict
from conformance.verdict.outcome import Outcome
from conformance.verdict.tally import Tally

ONE = variant(step(expect=[needs("TOOL-020", ref("status", code=200))]))
WANTING = replace(ONE, case=replace(ONE.case, needs=("embeddings",)))


def tallied(question, *others):
    tally = Tally({WANTING.cell: WANTING}, BENCH)
    for each in (question, *others):
        tally.add(each)
    return tally.providers["b"]


def asked(status, name="embeddings", **more):
    return trial(exchange(status=status), case=f"offered/{name}", **more)


REFUSED = trial(exchange(status=404))


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        (asked(404), Outcome.NOT_APPLICABLE),
        (asked(400), Outcome.NOT_APPLICABLE),
        (asked(501), Outcome.NOT_APPLICABLE),
        (asked(200), Outcome.FAILED),
        (asked(500), Outcome.FAILED),
        (asked(404, error="ours"), Outcome.FAILED),
        (asked(404, name="completions"), Outcome.FAILED),
        (trial(exchange(status=404), case="health/knock"), Outcome.FAILED),
    ],
)
def test_only_the_answer_to_the_question_says_that_it_is_not_there(question, outcome):
    found = case_verdict(WANTING, provider(), tallied(question, REFUSED), CLAUSES)

    assert found.outcome is outcome


def test_the_order_in_which_trials_are_read_does_not_matter():
    count = tallied(REFUSED, asked(404))

    assert case_verdict(WANTING, provider(), count, CLAUSES).outcome is Outcome.NOT_APPLICABLE
    assert "404 for POST /embeddings" in case_verdict(WANTING, provider(), count, CLAUSES).message


def test_the_provider_is_one_that_does_not_offer_it():
    assert not as_found(provider(), tallied(asked(404))).offers("embeddings")
    assert as_found(provider(), tallied(asked(200))).offers("embeddings")


def test_cases_that_do_not_need_it_are_judged():
    assert (
        case_verdict(ONE, provider(), tallied(asked(404), REFUSED), CLAUSES).outcome
        is Outcome.FAILED
    )


@pytest.mark.parametrize(("status", "judged"), [(404, {"EMB-001"}), (200, {"EMB-001", "ERR-001"})])
def test_how_it_is_said_is_judged_by_the_clause_that_allows_it_and_by_no_other(status, judged):
    registry: Registry[Check] = Registry("check")
    for clause in ("EMB-001", "ERR-001"):
        check(clause, over=lambda one: [one], always=True, name=clause, registry=registry)(complaining)
    tally = Tally({}, Bench(checks=registry, schemas=Schemas({})))

    tally.add(asked(status))

    assert set(tally.providers["b"].clauses) == judged


def complaining(_exchange):
    """Never content."""
    yield Problem(message="no")
