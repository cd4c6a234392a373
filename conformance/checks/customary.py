"""How a stream is usually written, where the format allows more: for cases that tell the two apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts
from conformance.checks.show import shown

_EVENT = re.compile(rb"data: [^\r\n]+\n\n")
_REST = 40


@check("SSE-004", over=select.finished_streams)
def customary_lines(one: Facts) -> Iterator[Problem]:
    """Each event is one line of `data:`, a space and the JSON, then an empty line; LF, no comments."""
    body = one.exchange.response.body if one.exchange.response else b""
    at = 0
    while event := _EVENT.match(body, at):
        at = event.end()
    if at < len(body):
        rest = body[at : at + _REST].decode("utf-8", "replace")
        yield Problem(message=f"an event is written as {shown(rest)}", at=f"byte {at}")
