"""Who tests the tester: each fault is noticed by the least that is recorded for it, and by nothing else.

`conformance selftest` asks everything; here each fault meets only its own smallest cases.
The server without faults meets everything in test_clean.py.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.checks.core import CHECKS
from conformance.faces.selftest.cells import every_cell
from conformance.faces.selftest.examine import Notice, recheck
from conformance.faces.selftest.judge import news_of
from conformance.faces.selftest.matrix import rechecked as all_rechecked
from conformance.faces.selftest.noticed import read_known, read_noticed, stale, write_noticed
from conformance.reference.fault import FAULTS
from conformance.reference.serve import load_faults

load_faults()

NOTICED = read_noticed()
KNOWN = read_known()


@pytest.fixture(scope="module")
def rechecked(request):
    """Fault to what its cells said: those of this module's tests in this session, on all processors at once.

    What shows only while others are served depends on which requests meet, and so on the machine: what
    is missed is asked once more, alone.
    """
    asked = (getattr(item, "callspec", None) for item in request.session.items if item.path == request.path)
    names = {one.params["fault"] for one in asked if one and "fault" in one.params}
    found = _asked(names)
    missed = {name for name, one in found.items() if any("missed" in news for news in news_of(one, KNOWN, whole=True))}
    return {**found, **(_asked(missed) if missed else {})}


def _asked(names):
    found = all_rechecked({name: NOTICED[name] for name in sorted(names)}, lambda _one, _line: None)
    return {one.fault: one for one in found}


@pytest.mark.parametrize("fault", sorted(NOTICED))
def test_a_fault_is_noticed_by_its_clauses_and_by_no_others(fault, rechecked):
    assert list(news_of(rechecked[fault], KNOWN, whole=True)) == []


def test_what_must_change_is_a_case_that_there_is():
    cases = {cell.partition("[")[0] for cell in every_cell()}

    assert {case for one in FAULTS.values() for case in one.changes} <= cases


def test_the_table_of_what_notices_what_fits_the_faults_and_the_suites():
    complaints = stale(NOTICED, KNOWN, faults=set(FAULTS), cells=every_cell(), checks=set(CHECKS))

    assert list(complaints) == []


@pytest.mark.parametrize(
    ("noticed", "known", "told"),
    [
        ({}, {}, "no row for the fault a"),
        ({"a": "x/one", "b": "x/one"}, {}, "a row for b, which is no fault"),
        ({"a": "x/gone"}, {}, "a: no cell is called x/gone"),
        ({"a": "x/one"}, {"missed": {"a": "why"}}, "a: noticed by a row, and known to be missed"),
        ({"a": "x/one"}, {"alarms": {"b/TOOL-001": "why"}}, "known of b/TOOL-001: no such fault"),
        ({"a": "x/one"}, {"unkilled": {"gone": "why"}}, "gone is no check"),
    ],
)
def test_a_stale_table_is_told(noticed, known, told):
    rows = {name: Notice(cells=(cell,), samples=1, requests=1) for name, cell in noticed.items()}
    reasons = replace(KNOWN, **{"missed": {}, "alarms": {}, "errors": {}, "unkilled": {}, **known})

    assert list(stale(rows, reasons, faults={"a"}, cells={"x/one"}, checks=set())) == [told]


def test_the_table_is_read_as_it_was_written(tmp_path: Path):
    path = tmp_path / "noticed.toml"
    path.write_text("gone = { cells = [], samples = 1, requests = 1 }\n", encoding="utf-8")
    one = recheck("object-wrong", NOTICED["object-wrong"])

    write_noticed([one], {"object-wrong"}, path)

    assert read_noticed(path) == {"object-wrong": one.notice}
