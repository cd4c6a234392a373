"""Formats for machines: JSON against the published schema, JUnit, the badge, the registry."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest
from sample import (
    HOSTILE,
    case,
    certificate,
    compared,
    evidence,
    finding,
    hostile,
    info,
    provider,
    run,
)

from conformance.errors import UsageError
from conformance.registry import Registry
from conformance.report.badge import badge
from conformance.report.certificate import certificate_json
from conformance.report.core import Format, report
from conformance.report.formats import REPORTS
from conformance.report.json import report_json
from conformance.report.junit import properties
from conformance.verdict.model import Answer
from conformance.verdict.outcome import Interval, Outcome

SCHEMA = json.loads((files("conformance.report") / "report.schema.json").read_text("utf-8"))
RUNS = {"one": run, "compared": compared, "hostile": hostile}


def strict(text: str):
    """As the strictest reader would have it: no NaN, no name twice, no lone surrogate."""

    def pairs(found):
        assert len(dict(found)) == len(found)
        return dict(found)

    def constant(name):
        raise AssertionError(name)

    data = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    json.dumps(data, ensure_ascii=False).encode("utf-8")
    return data


def validator(part: str = "") -> jsonschema.Draft202012Validator:
    schema = {**SCHEMA["$defs"][part], "$defs": SCHEMA["$defs"]} if part else SCHEMA
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize(
    ("render", "part"),
    [(report_json, ""), (certificate_json, "certificate_file"), (badge, "badge_file")],
)
def test_what_is_written_is_what_the_schema_publishes(make, render, part):
    text = render(make())
    assert text.isascii()
    assert text.endswith("}\n")
    validator(part).validate(strict(text))


def test_the_schema_refuses_what_it_does_not_publish():
    data = strict(report_json(run()))
    data["providers"][0]["findings"][0]["surprise"] = 1
    assert not validator().is_valid(data)
    del data["providers"][0]["findings"][0]["surprise"]
    del data["providers"][0]["findings"][0]["rate"]
    assert not validator().is_valid(data)


def test_the_order_of_everything_is_that_of_ids():
    ids = [finding(f"X-{n:03}") for n in range(5)]
    cells = [case(f"c/{n}") for n in range(5)]
    one = provider(findings=tuple(ids), cases=tuple(cells))
    other = provider(findings=tuple(ids[::-1]), cases=tuple(cells[::-1]))
    assert report_json(run(provider("a"), one)) == report_json(run(other, provider("a")))


def test_only_run_id_and_times_differ_between_two_runs_that_saw_the_same():
    changed = info(id="other", started="2027", finished="2027")
    one, two = strict(report_json(run())), strict(report_json(run(info=changed)))
    for each in (one, two):
        each.pop("created")
        for name in ("id", "started", "finished"):
            each["run"].pop(name)
    assert one == two


def test_findings_name_their_evidence_and_the_evidence_is_there():
    found = strict(report_json(run()))["providers"][0]
    names = [name for each in found["findings"] for name in each["evidence"]]
    assert names == list(found["evidence"])
    kept = found["evidence"][names[0]]
    assert kept["response"]["pieces"][0]["ms"] == 41.2
    assert "$OPENAI_API_KEY" in kept["curl"]


def test_bytes_that_are_no_text_are_kept_in_base64():
    one = finding(evidence=(evidence(pieces=((1, b"\xff\x00"),), body=b"ok"),))
    (kept,) = strict(report_json(run(provider(findings=(one,)))))["providers"][0][
        "evidence"
    ].values()
    assert kept["response"]["pieces"] == [{"ms": 0.000001, "base64": "/wA="}]
    assert kept["request"]["body"] == {"text": "ok"}


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_does_not_know_become_null(bad):
    one = finding(rate=bad, interval=Interval(low=1 / 3, high=1.0))
    found = strict(report_json(run(provider(findings=(one,)))))["providers"][0]["findings"][0]
    assert found["rate"] is None
    assert found["interval"] == [0.333333, 1.0]


def test_the_certificate_says_what_of_the_baseline_is_lost():
    (one,) = strict(certificate_json(compared()))["providers"]
    assert (one["name"], one["baseline"]) == ("b", "a")
    assert [each["case"] for each in one["capabilities_lost"]] == ["sampling/seed"]
    assert [each["profile"] for each in one["certificates"]] == ["agent", "reasoning"]


def test_the_certificate_says_which_limits_on_times_are_left_open():
    one = run(provider(certificates=(certificate(times=("ttft_p95 <= 200 ms",)),)))

    data = strict(certificate_json(one))

    validator("certificate_file").validate(data)
    (told,) = data["providers"][0]["certificates"]
    assert told["times"] == [{"limit": "ttft_p95 <= 200 ms", "answer": "left open"}]


def certificates(*answers: Answer, asked: bool = True):
    return tuple(
        certificate(f"p{n}", answer=answer, asked=asked) for n, answer in enumerate(answers)
    )


D, C, N, I = Answer.DROP_IN, Answer.DROP_IN_WITH_CHANGES, Answer.NOT_DROP_IN, Answer.INCONCLUSIVE  # noqa: E741  # short names make the table readable


@pytest.mark.parametrize(
    ("answers", "message", "color"),
    [
        ((D,), "drop-in (p0)", "brightgreen"),
        ((D, D), "drop-in (2 certificates)", "brightgreen"),
        ((D, C), "drop-in with changes (1 of 2)", "yellow"),
        ((D, C, I), "inconclusive (1 of 3)", "lightgrey"),
        ((D, C, I, N), "not drop-in (1 of 4)", "red"),
        ((), "nothing judged", "lightgrey"),
    ],
)
def test_the_badge_is_as_bad_as_the_worst_certificate(answers, message, color):
    shown = strict(badge(run(provider(certificates=certificates(*answers)))))
    assert (shown["label"], shown["message"], shown["color"]) == ("b", message, color)


@pytest.mark.parametrize(("answer", "color"), [(D, "lightgrey"), (C, "lightgrey"), (N, "red")])
def test_the_badge_of_a_run_that_was_cut_short_is_never_green(answer, color):
    one = run(provider(certificates=certificates(answer)), info=info(complete=False))
    assert strict(badge(one))["color"] == color


def test_profiles_that_nobody_asked_for_do_not_color_the_badge():
    mixed = certificates(D) + certificates(N, asked=False)
    assert strict(badge(run(provider(certificates=mixed))))["color"] == "brightgreen"


def test_junit_gets_every_fact_of_a_case():
    one = case(
        "tools/call[stream-true]",
        outcome=Outcome.FAILED,
        clauses={"TOOL-004": Outcome.FAILED, "A-001": Outcome.PASSED, "B-001": Outcome.FAILED},
        known="vendor issue 7",
    )
    assert dict(properties(one)) == {
        "outcome": "failed",
        "provider": "b",
        "case": "tools/call[stream-true]",
        "level": "must",
        "clauses": "A-001 B-001 TOOL-004",
        "findings": "b/B-001 b/TOOL-004",
        "known_deviation": "vendor issue 7",
        "samples": "1",
        "wire_seconds": "0.250000",
    }


def test_junit_properties_can_stand_in_xml():
    one = case(HOSTILE, branch=HOSTILE, known=HOSTILE, changes=(HOSTILE,))
    root = ET.Element("properties")
    for name, value in properties(one):
        ET.SubElement(root, "property", name=name, value=value)
    read = ET.fromstring(ET.tostring(root, encoding="utf-8"))
    assert next((each.get("name"), each.get("value")) for each in read) == ("outcome", "passed")


def test_the_formats_of_the_package_each_write_a_file_of_their_own():
    assert {name: one.filename for name, one in REPORTS.items()} == {
        "badge": "badge.json",
        "certificate": "certificate.json",
        "html": "report.html",
        "json": "report.json",
        "markdown": "report.md",
    }


@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
def test_the_same_run_gives_the_same_text(make):
    for one in REPORTS.values():
        assert one.render(make()) == one.render(make())


def test_a_format_is_one_function_in_any_module():
    registry: Registry[Format] = Registry("report format")

    @report("names", suffix=".txt", registry=registry)
    def names(one) -> str:
        return "\n".join(each.name for each in one.providers)

    assert registry.find("names").filename == "report.txt"
    assert registry.find("names").render(run()) == "b"
    with pytest.raises(ValueError, match=r"both write report\.txt"):
        report("again", suffix=".txt", registry=registry)(names)
    with pytest.raises(ValueError, match="twice"):
        report("names", suffix=".md", registry=registry)(names)
    with pytest.raises(UsageError, match="did you mean 'names'"):
        registry.find("name")


def test_a_provider_without_anything_can_be_told():
    bare = replace(
        provider(),
        certificates=(),
        capabilities=(),
        findings=(),
        cases=(),
        clauses={},
        totals={},
        stale_deviations=(),
        errors=(),
        system_fingerprints=(),
    )
    for one in REPORTS.values():
        assert one.render(run(bare))
        assert one.render(run(providers=()))
