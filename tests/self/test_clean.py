"""The server without faults against everything, asked once for all that is told of it.

Nothing is found, nothing costs more than was set aside, and what a fault can touch is found out of it without asking.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from conformance.faces.selftest.ask import ask, reference, tools
from conformance.faces.selftest.hear import heard
from conformance.faces.selftest.reach import reach_in
from conformance.plan.codec import from_json
from conformance.plan.estimate import of_variant
from conformance.plan.model import ADAPTED
from conformance.plan.tokens import Tokens, bound
from conformance.providers.model import Provider
from conformance.record.reader import read
from conformance.reference.fault import FAULTS
from conformance.reference.serve import load_faults
from conformance.suite.model import Samples
from conformance.verdict.model import Run
from conformance.wire.spent import spent

load_faults()

PROFILES = (
    "chat", "streaming-ui", "agent", "structured-extraction", "reasoning", "rag", "completions", "embeddings",
    "responses", "full",
)  # fmt: skip


@dataclass(frozen=True)
class Whole:
    """A run of all packaged suites."""

    run: Run
    provider: Provider
    record: Path


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    with reference() as provider:
        run = ask(folder, [provider])
    return Whole(run, provider, folder / run.info.id / "record.jsonl")


def test_the_clean_server_has_no_finding_at_any_level_and_is_a_drop_in(whole):
    assert_clean(whole.run)


def test_so_it_is_when_it_draws_otherwise(tmp_path):
    with reference(seed=1) as clean:
        assert_clean(ask(tmp_path, [clean]))


def assert_clean(run):
    result = run.providers[0]
    assert [(each.clause, each.messages) for each in result.findings] == []
    assert result.errors == ()
    assert {one.profile: one.answer.value for one in result.certificates} == dict.fromkeys(PROFILES, "drop-in")
    assert heard(run).clauses == {}


@pytest.fixture(scope="module")
def recorded(whole):
    """The plan, the provider and the trials of all packaged suites on the reference server."""
    recording = read(whole.record)
    return from_json(recording.header["plan"], tools().suite_from), whole.provider, list(recording.trials())


def used(exchange):
    return Tokens() if (one := spent(exchange)) is None else Tokens(prompt=one[0], completion=one[1])


def over(used, allowed):
    return used.prompt > allowed.prompt or used.completion > allowed.completion


def test_no_exchange_costs_more_than_was_set_aside_for_it(recorded):
    _, provider, trials = recorded
    found = [
        (trial.key.cell, each.step, used(each), allowed)
        for trial in trials
        for each in trial.exchanges
        for allowed in [bound(each.request.url.partition("?")[0], each.request.json, provider.limits.completion_tokens)]
        if over(used(each), allowed)
    ]

    assert found == []


def test_no_trial_costs_more_than_was_estimated_before_anything_was_sent(recorded):
    plan, provider, trials = recorded
    once = Samples(least=1, most=1)
    cells = {
        cell.id: replace(cell.variant, case=replace(cell.variant.case, samples=once)) for cell in plan.cells
    }
    asked = [trial for trial in trials if trial.key.cell in cells and trial.key.arm != ADAPTED]
    estimates = {name: of_variant(variant, provider).tokens for name, variant in cells.items()}
    found = [
        (trial.key.cell, sum_of, estimates[trial.key.cell])
        for trial in asked
        for sum_of in [sum(map(used, trial.exchanges), Tokens())]
        if over(sum_of, estimates[trial.key.cell])
    ]

    assert {trial.key.cell for trial in asked} == set(cells)
    assert found == []


@pytest.fixture(scope="module")
def reach(whole):
    return reach_in(whole.record)


@pytest.mark.parametrize(
    ("fault", "cells"),
    [
        ("models-without-created", {"models/list"}),
        ("top-p-ignored", {"effects/top-p"}),
        ("client-headers-refused", {"transport/sdk-headers"}),
        ("n-of-one-refused", {"parameters/one-choice"}),
    ],
)
def test_a_fault_touches_the_cells_that_get_another_answer(reach, fault, cells):
    touched = reach.of(FAULTS[fault])

    assert {cell.partition("[")[0] for cell in touched} >= cells
    assert len(touched) < 8


def test_what_shows_now_and_then_touches_all_that_it_is_about(reach):
    fault = FAULTS["json-refused-now-and-then"]

    assert reach.of(fault) == {cell for cell, request in reach.sent if fault.of(request)}


def test_any_request_may_bring_a_state_about(reach):
    assert reach.of(FAULTS["answers-crossed-when-busy"]) == {cell for cell, _ in reach.sent}
