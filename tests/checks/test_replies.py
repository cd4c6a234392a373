"""Streamed responses beside streamed chats: which rules hold for both, and which do not."""

import pytest
from build import DONE
from build_replies import CALLING, CAPPED, REFUSAL, reply
from tables import SCHEMAS, invariants

from conformance.checks.core import Scene, apply

OF_CHATS = ("STRM", "STOOL", "CRESP", "LOGP", "USAGE", "TOOL")
"""Sections about chunks and completions."""
WHEREVER = {"CRESP-026", "CRESP-027", "TOOL-007", "TOOL-010", "TOOL-024", "USAGE-003"}
"""Texts, calls and what they cost are judged by these wherever they stand."""
OTHERWISE = {"SSE-009", "SSE-010", "SSE-012"}
"""Events of chats have no names, and end with `[DONE]`."""


def looked_at(exchange):
    """The clauses of the invariants that have something to say of an exchange."""
    scene = Scene(schemas=SCHEMAS)
    return {one.clauses[0] for one in invariants() if apply(one, exchange, {}, scene).witnesses}


@pytest.mark.parametrize("done", [b"", DONE])
@pytest.mark.parametrize("events", [CALLING, CAPPED, REFUSAL])
def test_what_holds_for_chats_alone_is_not_asked_of_responses(events, done):
    seen = looked_at(reply(*events, done=done))

    assert not OTHERWISE & seen
    assert not {each for each in seen - WHEREVER if each.startswith(OF_CHATS)}


def test_what_holds_for_every_stream_is_asked_of_responses():
    seen = looked_at(reply(*CALLING, done=DONE))

    assert {f"SSE-{n:03}" for n in (1, 2, 3, 4, 5, 8, 11, 13, 14, 15, 16, 18, 19)} <= seen
    assert "TRANS-007" in seen
