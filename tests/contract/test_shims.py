"""Shims as data: each names clauses, each clause knows its shims, and the page lists them all."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

from conformance.contract.load import load_contract
from conformance.contract.shims import GROUND, load_shims
from conformance.providers.preset import preset_names
from conformance.reference.fault import FAULTS
from conformance.reference.serve import load_faults

ROOT = Path(__file__).parents[2]
CONTRACT = load_contract()


def test_shims_are_for_clauses_that_there_are():
    named = {clause for one in load_shims().values() for clause in one.clauses}

    assert len(load_shims()) >= 20
    assert named <= set(CONTRACT.clauses)


def test_a_clause_has_the_shims_that_name_it_and_the_narrowest_comes_first():
    for clause in CONTRACT.clauses.values():
        assert {one.name for one in clause.shims} == {
            name for name, one in CONTRACT.shims.items() if clause.id in one.clauses
        }
        numbers = [len(one.clauses) for one in clause.shims]
        assert numbers == sorted(numbers)


def test_what_an_application_gets_is_a_file_that_stands_alone():
    """With the ground beside it, and without what only our own linter reads."""
    for one in load_shims().values():
        imports = [
            each.module
            for each in ast.walk(ast.parse(one.code))
            if isinstance(each, ast.ImportFrom)
        ]
        assert not [each for each in imports if str(each).startswith("conformance")], one.name
        assert "noqa" not in one.code, one.name
        assert f"from {GROUND} import" in one.code or one.name in {
            GROUND,
            "json-again",
            "several-requests",
        }


def test_a_name_means_one_thing():
    load_faults()
    assert not set(load_shims()) & {*FAULTS, *preset_names(), *CONTRACT.profiles}


def test_the_page_is_the_one_that_the_command_writes():
    page = runpy.run_path(str(ROOT / "benchmarks" / "shims.py"))["page"]()

    assert (ROOT / "docs" / "shims.md").read_text(encoding="utf-8") == page, (
        "python benchmarks/shims.py > docs/shims.md"
    )
