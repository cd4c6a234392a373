"""Shims in the report: named beside findings and reasons, their code once, and no answer is better."""

from __future__ import annotations

import json
from dataclasses import replace

from sample import certificate, finding, provider, run

from conformance.contract.load import load_contract
from conformance.report.json import report_json
from conformance.report.markdown import markdown
from conformance.report.shims import SHOWN

CLAUSES = load_contract().clauses


def told(*names: str):
    """A run whose one provider breaks these clauses."""
    found = tuple(finding(name, shims=CLAUSES[name].shims) for name in names)
    return run(replace(provider(), findings=found, certificates=(certificate(),)))


def test_a_finding_and_what_stands_in_the_way_name_the_shim():
    text = markdown(told("STRM-011"))

    assert "- **A shim for the client:** [`role-once`](#shim-role-once): The role stands" in text
    assert "A shim for the client exists: [`role-once`](#shim-role-once)." in text
    assert "not drop-in" in text
    assert "drop-in with changes" not in text


def test_the_code_stands_once_and_folded():
    text = markdown(told("STRM-011", "STRM-010"))

    assert text.count("class RoleOnce(Mend)") == 1
    before = text.rpartition("class RoleOnce(Mend)")[0]
    assert before.count("<details>") == before.count("</details>") + 1
    assert '<a id="shim-role-once"></a>' in text


def test_where_nothing_can_be_mended_nothing_is_said():
    text = markdown(told("TRANS-007"))

    assert "Code for your application" not in text
    assert "shim" not in text


def test_many_shims_end_in_their_names():
    text = markdown(told(*(name for name, one in CLAUSES.items() if one.shims)))

    assert text.count(", the code</summary>") == SHOWN
    assert text.count('<a id="shim-') == len(load_contract().shims)


def test_report_json_has_their_names():
    data = json.loads(report_json(told("STRM-011", "TRANS-007")))

    found = {each["clause"]: each["shims"] for each in data["providers"][0]["findings"]}
    assert found == {"STRM-011": ["role-once"], "TRANS-007": []}
