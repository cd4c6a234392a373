"""Answers for limits on times, in the certificates of a run."""

import json

import pytest
from sample import certificate, provider, run
from test_machine import validator

from conformance.errors import UsageError
from conformance.report.certificate import certificate_json
from conformance.report.times_certificate import check, filled

LEFT_OPEN = certificate_json(
    run(provider("b", certificates=(certificate("swift", times=("ttft_p95<=200", "itl_p50 <= 1.2x")), certificate("plain"))))
)


def test_answers_go_where_limits_were_left_open_however_they_were_written():
    answers = {"swift": {"ttft_p95 <= 200 ms": ("kept", "150.00 ms, certainly within [140, 160]")}}

    data = json.loads(filled(LEFT_OPEN, "b", answers))

    validator("certificate_file").validate(data)
    (one,) = [each for each in data["providers"][0]["certificates"] if each["profile"] == "swift"]
    assert one["times"] == [
        {"limit": "ttft_p95<=200", "answer": "kept", "said": "150.00 ms, certainly within [140, 160]"},
        {"limit": "itl_p50 <= 1.2x", "answer": "left open"},
    ]


def test_nothing_else_changes():
    assert filled(LEFT_OPEN, "b", {"swift": {}}) == LEFT_OPEN


@pytest.mark.parametrize(
    ("text", "name", "profile", "words"),
    [
        (LEFT_OPEN, "a", "swift", "it is not about 'a', but about b"),
        (LEFT_OPEN, "b", "plain", "no limits on times of profile 'plain' are left open"),
        (LEFT_OPEN, "b", "strict", "run the suites with the same --profiles-file"),
        ("{}", "b", "swift", "no certificate.json"),
        ("nothing", "b", "swift", "no JSON"),
    ],
)
def test_where_there_is_no_place_it_is_said_before_anything_is_measured(text, name, profile, words):
    with pytest.raises(UsageError, match=words):
        check(text, name, [profile])
