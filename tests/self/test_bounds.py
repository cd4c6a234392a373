"""The upper bounds of a budget hold: nothing that a server reports exceeds what was set aside for it."""

from dataclasses import replace

import pytest

from conformance.faces.selftest.ask import tools
from conformance.plan.estimate import of_variant
from conformance.plan.model import ADAPTED
from conformance.plan.tokens import Tokens, bound
from conformance.record.reader import read
from conformance.runs.judging import judge_record
from conformance.suite.model import Samples
from conformance.wire.spent import spent


@pytest.fixture(scope="module")
def recorded(whole):
    """The plan, the provider and the trials of all packaged suites on the reference server."""
    return judge_record(whole.record, tools()).plan, whole.provider, list(read(whole.record).trials())


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
