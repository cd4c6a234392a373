"""Faults of a persona do not hide each other: each shows where it is served with all the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.faces.certificates.ask import as_provider
from conformance.faces.selftest.ask import AGE, KEY, ask, provider, reference, suites
from conformance.faces.selftest.hear import heard, missed
from conformance.faces.selftest.noticed import read_noticed
from conformance.plan.build import variants
from conformance.reference.fault import FAULTS
from conformance.reference.personas import load_persona, persona_names
from conformance.reference.serve import ServeOptions, load_faults
from conformance.reference.testing import running
from conformance.suite.model import Effort

load_faults()
NOTICED = read_noticed()
SMALL = {variant.cell for suite in suites() for case in suite.cases if case.effort is Effort.QUICK for variant in variants(case)}
"""Where a fault is looked for whose own cell another one takes."""


@pytest.mark.parametrize("name", persona_names())
def test_each_fault_shows_beside_the_others(name, tmp_path):
    faults = [FAULTS[each] for each in load_persona(name).faults]
    rows = [NOTICED[each.name] for each in faults]
    cells = SMALL | {cell for row in rows for cell in row.cells}
    often = max(row.samples for row in rows)
    options = ServeOptions(key=KEY, persona=name, age=AGE)
    with reference(name="clean") as clean, running(options) as url:
        words = {**clean.fragments, **as_provider(name, url).fragments}
        served = replace(provider(url, name), fragments=words)
        run = ask(
            tmp_path, [clean, served], chosen=cells.__contains__, samples=often if often > 1 else None, baseline="clean"
        )  # fmt: skip

    found = heard(run)

    assert {each.name: lacking for each in faults if (lacking := missed(each, found))} == {}
