"""Whatever comes in place of a response, or goes into a request for one, no check raises."""

import json

import pytest
from build import DROP, edited, exchange
from table_responses import ASKED, CALL, FLAT, MESSAGE, NOW, RESPONSE, STRICT, THOUGHT
from test_hostile import ODD, places, survives

FULL = edited(
    RESPONSE,
    {
        "output": [THOUGHT, MESSAGE, CALL],
        "tools": [FLAT],
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
    },
)
WANTED = ASKED | STRICT | {
    "input": [{"role": "user", "content": "Hi"}], "tools": [FLAT, NOW], "max_output_tokens": 16,
    "tool_choice": {"type": "allowed_tools", "mode": "required", "tools": [NOW]}, "temperature": 0,
}  # fmt: skip


def shown(value):
    return "nothing" if value is DROP else json.dumps(value)[:12]


@pytest.mark.parametrize("value", ODD, ids=shown)
def test_any_member_of_a_response_may_be_anything(value):
    for place in ["", *places(FULL)]:
        if place or value is not DROP:
            body = json.dumps(edited(FULL, {place: value})).encode()
            survives(exchange(body, asked=WANTED, path="/responses"))


@pytest.mark.parametrize("value", ODD, ids=shown)
def test_any_member_of_a_request_for_a_response_may_be_anything(value):
    body = json.dumps(RESPONSE).encode()
    for place in ["", *places(WANTED)]:
        if place or value is not DROP:
            survives(exchange(body, asked=edited(WANTED, {place: value}), path="/responses"))
