"""ERR: refusals that no repetition can turn into an answer."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts
from conformance.checks.statuses import FINAL

_final = select.among(select.refusals, lambda one: one.status in FINAL)


@check("ERR-020", over=_final, always=True)
def final_refusal_asks_for_no_retry(one: Facts) -> Iterator[Problem]:
    """What can never succeed is refused once: no header tells the client to try again."""
    assert one.response is not None
    if (one.response.header("x-should-retry") or "").strip() == "true":
        yield Problem(
            message=f"status {one.status} with x-should-retry: true, which makes clients send it again",
            at="x-should-retry",
        )
