"""The suites that come with the package, and the schema that editors use for all suites."""

import json
from importlib.resources import files
from pathlib import PurePath

import pytest
from jsonschema import Draft7Validator

import conformance.checks
from conformance.checks.accepted import KNOWN
from conformance.checks.core import CHECKS
from conformance.checks.signature import describe
from conformance.contract.parameters import PARAMETERS
from conformance.data import suites_root
from conformance.plan.build import every_variant, variants
from conformance.providers.capabilities import CAPABILITIES
from conformance.registry import import_all
from conformance.suite.load import is_suite, load_suite
from conformance.suite.model import Effort
from conformance.suite.schema import suite_schema
from conformance.suite.signatures import CheckSignature
from conformance.wire.query import parse

FILES = sorted(suites_root().glob("*.yaml"))
SECTIONS = (
    *("TRANS", "AUTH", "ERR", "MODELS", "CREQ", "CRESP", "USAGE"),
    *("STRM", "TOOL", "STOOL", "SO", "RT", "STAT"),
)
JUDGED = ("always", "expect", "outcome")


@pytest.fixture(scope="module")
def registered():
    """The signatures of the checks that ship."""
    import_all(conformance.checks)
    return {name: CheckSignature(**describe(one)) for name, one in CHECKS.items()}


@pytest.fixture
def suites(registered, words):
    vocabulary = {**words, "signatures": registered, "capabilities": CAPABILITIES}
    return [
        load_suite(path.read_text(encoding="utf-8"), f"suites/{path.name}", **vocabulary)
        for path in FILES
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_suite_loads_with_the_checks_that_ship(path, registered, words):
    text = path.read_text(encoding="utf-8")
    vocabulary = {**words, "signatures": registered, "capabilities": CAPABILITIES}
    assert is_suite(text)
    assert load_suite(text, f"suites/{path.name}", **vocabulary).cases


def test_the_stub_checks_are_written_like_those_that_ship(registered, words):
    for name, stub in words["signatures"].items():
        assert set(stub.parameters) <= set(registered[name].parameters), name
        assert stub.required == registered[name].required, name


def test_the_words_for_capabilities_are_those_of_providers(words):
    assert set(words["capabilities"]) == set(CAPABILITIES)


def test_there_is_breadth(suites):
    cases = [case for suite in suites for case in suite.cases]
    clauses = {clause for case in cases for clause in case.clauses}
    assert len(cases) >= 110
    assert len(clauses) >= 100
    assert {clause.rpartition("-")[0] for clause in clauses} >= set(SECTIONS)


def test_cases_have_ids_of_their_own(suites):
    ids = [variant.cell for suite in suites for case in suite.cases for variant in variants(case)]
    assert len(ids) == len(set(ids))


def test_a_quick_run_asks_at_most_eighty_requests_from_many_sides(suites):
    quick = [each for each in every_variant(suites) if each.effort is Effort.QUICK]
    areas = {clause.rpartition("-")[0] for each in quick for clause in each.case.clauses}

    assert sum(map(requests, quick)) <= 78  # two are left to find out about model and reasoning
    assert areas >= {"AUTH", "ERR", "MODELS", "CREQ", "STRM", "TOOL", "SO", "RT", "USAGE", "TRANS"}


def test_a_normal_run_asks_little_more_than_nine_hundred_requests(suites):
    normal = [each for each in every_variant(suites) if Effort.NORMAL.covers(each.effort)]

    assert sum(map(requests, normal)) <= 934  # samples beyond the least ones, and probes, come on top


def requests(variant):
    """What it sends at least."""
    return len(variant.case.steps) * variant.case.samples.least


def test_answers_are_kept_short(suites):
    """A run must be cheap: only cases about limits ask without one."""
    unlimited = {
        case.id
        for suite in suites
        for case in suite.cases
        for step in case.steps
        if step.request.body and "messages" in step.request.body
        if not {"max_tokens", "max_completion_tokens"} & set(step.request.body)
    }
    assert unlimited == {
        "reasoning/without-a-cap", "chat/no-limit-given", "content/long-answer", "content/end-of-the-context",
        "errors/prompt-too-long-for-a-stream",
    }  # fmt: skip


def test_what_is_captured_can_be_found(suites):
    for suite in suites:
        for case in suite.cases:
            for step in case.steps:
                for query in step.capture.values():
                    assert parse(query)


def test_honoured_is_only_said_with_a_control(suites):
    probes = [
        case
        for suite in suites
        for case in suite.cases
        if any(branch.name == "honoured" for step in case.steps for branch in step.outcome)
    ]
    assert len(probes) >= 14
    for case in probes:
        assert [step.control for step in case.steps][-2:] == [True, False], case.id
        assert case.varies, case.id


def test_every_parameter_of_the_contract_is_told_by_some_case(suites):
    told = {name for suite in suites for case in suite.cases for name in case.parameters}

    assert set(PARAMETERS) - told <= {"reasoning_effort"}


def test_the_parameters_of_the_contract_are_those_that_the_checks_know():
    named = {name.partition(".")[0] for name in PARAMETERS}

    assert named == KNOWN - {"model", "messages"}


def test_the_schema_is_a_schema(words):
    Draft7Validator.check_schema(suite_schema(words["signatures"]))


def test_the_schema_for_editors_is_the_one_that_is_generated(registered):
    committed = files("conformance.suite") / "suite.schema.json"
    assert json.loads(committed.read_text(encoding="utf-8")) == suite_schema(registered), (
        "write it again: conformance.suite.schema.suite_schema"
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_suite_names_the_schema_for_editors(path):
    line = path.read_text(encoding="utf-8").splitlines()[0]
    assert line == "# yaml-language-server: $schema=../conformance/suite/suite.schema.json"
    assert PurePath(line.partition("=")[2]).name == "suite.schema.json"
