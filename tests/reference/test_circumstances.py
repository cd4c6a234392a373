"""Faults by state, by chance and in company: which requests show them, and in which order they act."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from conformance.errors import UsageError
from conformance.reference import circumstances as on
from conformance.reference.answer import Reply
from conformance.reference.app import App, Settings
from conformance.reference.edit import at_byte, at_event
from conformance.reference.fault import FAULTS, REPLY, Fault, fault, switched_on
from conformance.reference.incoming import HttpRequest
from conformance.reference.memory import Arrival
from conformance.reference.rehearse import rehearse
from conformance.reference.script import HangUp, Pause, Send
from conformance.reference.serve import load_faults
from conformance.registry import Registry

load_faults()
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}


def asking(path: str = "/v1/chat/completions", prompt: str = "Say OK.", **members: object) -> HttpRequest:
    body = {"model": "reference-1", "messages": [{"role": "user", "content": prompt}], **members}
    return HttpRequest("POST", path, {"accept-encoding": "gzip, br"}, json.dumps(body).encode())


MODELS = HttpRequest("GET", "/v1/models", {})
PLAIN, STREAM = asking(), asking(stream=True)
SHAPED = asking(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {}}})


def teapots(
    arrivals: list[tuple[HttpRequest, Arrival]], *, age: float = 0, abandoned: int = 0, **which: object
) -> str:
    """For each request: is it answered by a teapot? `x` for yes."""
    registry: Registry[Fault] = Registry("fault")

    @fault("teapot", at=REPLY, level="must", sources=["x"], primary=["ERR-001"], registry=registry, **which)
    def teapot(_reply: Reply) -> Reply:
        """Is a teapot."""
        return Reply(status=418, document={})

    app = App(Settings(faults=switched_on(["teapot"], registry), age=age), lambda: 1000.0)
    for _ in range(abandoned):
        app.abandoned()
    return "".join("x" if app.respond(*each).status == 418 else "." for each in arrivals)


def times(number: int, request: HttpRequest = PLAIN) -> list[tuple[HttpRequest, Arrival]]:
    return [(request, Arrival(on_connection=n, in_flight=n)) for n in range(1, number + 1)]


MIXED = [(each, Arrival()) for each in (PLAIN, STREAM, SHAPED, MODELS, asking(tools=[TOOL]))]


@pytest.mark.parametrize(
    ("which", "arrivals", "seen"),
    [
        ({}, times(3), "xxx"),
        ({"when": on.from_the(3)}, times(4), "..xx"),
        ({"when": on.every(2)}, times(5), ".x.x."),
        ({"when": on.busy(3)}, times(4), "..xx"),
        ({"when": on.reused}, times(3), ".xx"),
        ({"when": on.accepting("gzip")}, [(PLAIN, Arrival()), (MODELS, Arrival())], "x."),
        ({"when": on.longer_than(100)}, [(PLAIN, Arrival()), (asking(prompt="word " * 200), Arrival())], ".x"),
        ({"when": on.up_for(60)}, times(2), ".."),
        ({"when": on.up_for(60), "age": 61.0}, times(2), "xx"),
        ({"when": on.after_abandoned(1)}, times(1), "."),
        ({"when": on.after_abandoned(1), "abandoned": 1}, times(1), "x"),
        ({"when": on.just_abandoned(2)}, times(3), "..."),
        ({"when": on.just_abandoned(2), "abandoned": 1}, times(3), "xx."),
        ({"when": on.struck(on.streamed, 1)}, MIXED, ".xx.."),
        ({"when": on.up_to_the(2)}, times(3), "xx."),
        ({"when": on.all_of(on.busy(2), on.up_to_the(2))}, times(3), ".x."),
        ({"since": on.streamed}, MIXED, ".xxxx"),
        ({"since": on.streamed, "of": on.with_schema}, MIXED + MIXED, "..x....x.."),
        ({"since": on.with_tools, "when": on.from_the(2)}, MIXED + MIXED, ".....xxxxx"),
        ({"of": on.chat}, MIXED, "xxx.x"),
        ({"of": on.streamed}, MIXED, ".x..."),
        ({"of": on.whole}, MIXED, "x.x.x"),
        ({"of": on.with_schema}, MIXED, "..x.."),
        ({"of": on.with_tools}, MIXED, "....x"),
        ({"of": on.listing_models}, MIXED, "...x."),
        ({"of": on.streamed, "when": on.from_the(2)}, MIXED + MIXED, "......x..."),
        ({"rate": 0.0}, times(3), "..."),
    ],
)  # fmt: skip
def test_a_fault_shows_in_the_requests_that_it_is_about(
    which: dict[str, object], arrivals: list[tuple[HttpRequest, Arrival]], seen: str
) -> None:
    assert teapots(arrivals, **which) == seen


def test_a_share_of_the_requests_is_the_same_in_every_equal_run() -> None:
    runs = {teapots(times(100), rate=0.2) for _ in range(2)}

    assert len(runs) == 1
    assert 10 <= runs.pop().count("x") <= 30


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["stream-reset", "chunk-size-garbled"], "both rewrite the end of the stream"),
        (["error-flat", "error-html"], "both rewrite the body of errors"),
        (["object-wrong@0.1", "object-wrong@0.2"], "named twice"),
        (["tool-index-missing", "tool-index-from-one"], "do not compose in this order"),
        (["vendor-error-in-stream", "role-in-every-chunk"], "try another order"),
    ],
)
def test_faults_that_exclude_each_other_are_refused(names: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        rehearse(switched_on(names))


@pytest.mark.parametrize("distance", [1, 7])
def test_most_faults_compose(distance: int) -> None:
    names = sorted(FAULTS)
    refused = 0
    for one, other in zip(names, names[distance:], strict=False):
        try:
            rehearse(switched_on([one, other]))
        except UsageError:
            refused += 1

    assert refused <= len(names) // 10


HEAD = Send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
STREAMED = (HEAD, Pause(1), Send(b"one"), Pause(1), Send(b"two"), Send(b"three"))
END = HangUp("reset")


@pytest.mark.parametrize(
    ("cut", "left"),
    [
        (lambda script: at_event(script, 0, END), (HEAD, Pause(1), END)),
        (lambda script: at_event(script, 2, END), (*STREAMED[:5], END)),
        (lambda script: at_event(script[1:], 1, END), STREAMED[1:]),
        (lambda script: at_byte(script, len(HEAD.data), END), (HEAD, Pause(1), END)),
        (lambda script: at_byte(script, len(HEAD.data) + 4, Pause(9)), (*STREAMED[:4], Send(b"t"), Pause(9))),
        (lambda script: at_byte(script, 10_000, END), (*STREAMED, END)),
    ],
)
def test_a_script_is_cut_at_an_event_or_at_a_byte(cut: Callable, left: tuple) -> None:
    assert cut(STREAMED) == left
