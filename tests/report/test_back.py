"""Evidence comes back out of report.json as it went in, so that it can be shown without the record."""

import json
from dataclasses import replace

import pytest

from conformance.checks.core import Problem
from conformance.report.back import evidence
from conformance.report.json import _evidence, dumps
from conformance.report.trace import trace
from conformance.verdict.outcome import Evidence

PLAIN = Evidence(
    exchange="tools/called[p]#0/main.1",
    method="POST",
    url="http://x/v1/chat/completions",
    headers=(("Host", "x"), ("Accept", "a"), ("Accept", "b")),
    body=b'{"model":"m"}',
    status=200,
    response_headers=(("content-type", "application/json"),),
    pieces=((1_234_567, b"{"), (2_000_001, b'"a": 1}')),
    omitted=0,
    ended="complete",
    end_at=3_141_592,
    problems=(Problem(message="no", at="$.a"), Problem(message="neither")),
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"status": None, "response_headers": (), "pieces": (), "ended": "reset: peer", "problems": ()},
        {"body": b"\xff\x00", "pieces": ((5, b"\x80\x81"), (6, "ü".encode()))},
        {"body": b"", "method": "GET", "omitted": 7_000},
    ],
    ids=["plain", "no answer", "no text", "trimmed"],
)
def test_what_was_written_is_read_back(changes):
    before = replace(PLAIN, **changes)
    written = json.loads(dumps(_evidence(before)))

    after = evidence(before.exchange, written)

    assert after == before
    assert trace(after) == trace(before)
