"""What to fix first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample import certificate, compared, evidence, finding, provider, run

from conformance.contract.model import Level
from conformance.report.phrase import counted, frequency, listed, percent, required_by, size
from conformance.report.rank import ranked, silent, top_findings
from conformance.verdict.model import Reason


def needs(profile: str, *clauses: str, **changes):
    """A certificate that fails because of these clauses."""
    reasons = tuple(
        Reason(clause=name, kind="failed", text="", finding=f"b/{name}") for name in clauses
    )
    return certificate(profile, reasons=reasons, **changes)


LOUD = {"consequence": "`choices[0]` raises IndexError."}
ORDER = [
    finding("A-001", cases=("x",)),
    finding("A-002", cases=("x", "y", "z")),
    finding("A-003"),
    finding("A-004", cases=("x", "y")),
    finding("A-000", **LOUD),
    finding("B-001", level=Level.SHOULD, cases=("x",) * 9),
    finding("B-002", level=Level.MAY),
]
PROFILES = (needs("chat", "A-001", "A-002"), needs("agent", "A-001", "B-001"))
WANTED = ["A-001", "A-002", "A-004", "A-003", "A-000", "B-001", "B-002"]


@pytest.mark.parametrize("findings", [ORDER, ORDER[::-1]])
def test_level_then_profiles_then_silence_then_cases_decide(findings):
    one = provider(findings=tuple(findings), certificates=PROFILES)
    assert [each.clause for each in ranked(one)] == WANTED
    assert [each.clause for each in top_findings(run(one), 5)] == WANTED[:5]


def test_what_does_not_count_is_not_to_be_fixed_first():
    one = provider(
        findings=(
            finding("A-001", shared_with_baseline=True),
            finding("A-002", known_deviation="known"),
            finding("B-001", level=Level.MAY),
        )
    )
    assert [each.clause for each in top_findings(run(one), 5)] == ["B-001"]
    assert [each.clause for each in ranked(one)] == ["B-001", "A-002", "A-001"]


def test_findings_of_the_baseline_are_not_to_be_fixed():
    assert [each.id for each in top_findings(compared(), 5)] == ["b/STRM-011"]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, True),
        ({"evidence": ()}, False),
        ({"evidence": (evidence(), evidence(status=500))}, False),
        ({"evidence": (evidence(status=400),)}, False),
        ({"evidence": (evidence(status=None),)}, False),
        ({"evidence": (evidence(ended="timed out: 60 s"),)}, False),
        ({"evidence": (evidence(ended="complete: after 3 s"),)}, True),
        ({"consequence": "Code raises on None."}, False),
        ({"consequence": "Clients hang until their timeout."}, False),
        ({"consequence": "It ends in an AttributeError."}, False),
    ],
)
def test_silent_is_what_no_error_handler_sees(changes, wanted):
    assert silent(finding(**changes)) is wanted


def test_profiles_asked_for_by_name_stand_in_for_all():
    one = provider(
        certificates=(needs("chat", "STRM-011"), needs("agent", "STRM-011", asked=False))
    )
    assert required_by(one.findings[0], one) == ("chat",)
    nobody = replace(one, certificates=tuple(replace(c, asked=False) for c in one.certificates))
    assert required_by(one.findings[0], nobody) == ("chat", "agent")


def test_phrases_read_well():
    assert [counted(1, "case"), counted(2, "case")] == ["1 case", "2 cases"]
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(list("abcd"), 3)] == [
        "",
        "a",
        "a and b",
        "a, b and 2 more",
    ]
    assert [size(n) for n in (1, 999, 1200, 999_949, 999_950, 3_400_000)] == [
        "1 byte",
        "999 bytes",
        "1.2 kB",
        "999.9 kB",
        "1.0 MB",
        "3.4 MB",
    ]
    assert [percent(rate) for rate in (0, 0.0001, 0.3, 0.9999, 1)] == [
        "0.0 %",
        "< 0.1 %",
        "30.0 %",
        "> 99.9 %",
        "100.0 %",
    ]
    assert frequency(finding()) == ("in 12 of 40 exchanges (30.0 %, interval 17.4 to 45.1 %)")
    assert frequency(finding(exchanges_failed=1, exchanges_checked=1)) == "in 1 of 1 exchange"
