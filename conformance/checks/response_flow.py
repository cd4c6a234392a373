"""A streamed response of /responses, as the subject of checks.

Flow
  .events    its events, in order            .errors    those that tell of an error
  .courses   them by item                    .terminals  those that end the response
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from conformance.checks.facts import Facts, facts
from conformance.checks.noted import noted
from conformance.checks.paths import RESPONSES
from conformance.wire.exchange import Exchange
from conformance.wire.response_events import PREFIX, TERMINAL, Course, Told, courses, told

COMPLETED, INCOMPLETE, FAILED = TERMINAL


class Flow:
    """A streamed response; everything is found when first asked for."""

    def __init__(self, one: Facts) -> None:
        self.facts = one

    @cached_property
    def heard(self) -> tuple[Told, ...]:
        """All its events whose data is an object, errors included, up to `[DONE]`."""
        return told(self.facts.exchange.chunks)

    @cached_property
    def wrong(self) -> frozenset[int]:
        """Numbers of the events that tell of an error."""
        return frozenset(each.number for each in self.facts.errors)

    @cached_property
    def errors(self) -> Sequence[Told]:
        return [each for each in self.heard if each.number in self.wrong]

    @cached_property
    def events(self) -> Sequence[Told]:
        """The events of the response itself: no errors, and none of a vendor's own."""
        own = (each for each in self.heard if each.number not in self.wrong)
        return [each for each in own if each.type.startswith(PREFIX)]

    @cached_property
    def courses(self) -> Sequence[Course]:
        return courses(self.events)

    @cached_property
    def terminals(self) -> Sequence[Told]:
        return [each for each in self.events if each.type in TERMINAL]

    @cached_property
    def end(self) -> Told | None:
        """The first event that ends the response; None where there is none."""
        return self.terminals[0] if self.terminals else None

    @property
    def completed(self) -> bool:
        """It says that it is complete, so that nothing of it may be missing."""
        return self.end is not None and self.end.type == COMPLETED

    @property
    def ended(self) -> bool:
        """The endpoint ended the stream, well or not, and told of no error."""
        return not self.errors and (self.facts.whole or self.facts.broken_off)

    @cached_property
    def response(self) -> dict[str, Any]:
        """The response at its end; empty where there is none."""
        return self.end.object("response") if self.end else {}


@noted
def _flow(one: Facts) -> Flow:
    return Flow(one)


def told_of(one: Facts) -> Sequence[Told]:
    """The events of a streamed response; none of anything else."""
    return _flow(one).events if one.flowing and one.endpoint == RESPONSES else ()


def flows(exchange: Exchange) -> Sequence[Flow]:
    """The streamed response of an exchange with at least one event."""
    one = facts(exchange)
    if not one.flowing or one.endpoint != RESPONSES or not one.exchange.chunks:
        return ()
    return (_flow(one),)


def flows_that(fit: Callable[[Flow], Any]) -> Callable[[Exchange], Sequence[Flow]]:
    """Streamed responses of which something holds."""
    return lambda exchange: [each for each in flows(exchange) if fit(each)]


def courses_that(
    fit: Callable[[Flow, Course], Any],
) -> Callable[[Exchange], Sequence[tuple[Flow, Course]]]:
    """Items of streamed responses of which something holds."""

    def selected(exchange: Exchange) -> Sequence[tuple[Flow, Course]]:
        found = flows(exchange)
        return [(flow, each) for flow in found for each in flow.courses if fit(flow, each)]

    return selected
