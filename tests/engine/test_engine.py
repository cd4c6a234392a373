"""The whole engine against scripted servers, with a sampler and a sink in memory."""

import asyncio
import json
import re
import sys
import threading
import time
from dataclasses import replace

import pytest
from running import MESSAGES, Sampler, Sink, captured, case, completion, plan, step
from scripted import answer, chunked, free_port, provider, quick, serving, until

from conformance.engine.lanes import lanes
from conformance.engine.run import Engine
from conformance.errors import HarnessError
from conformance.plan.model import Ask, Variant
from conformance.providers.model import Auth
from conformance.wire.exchange import Ended
from conformance.wire.piece import Stamp


def test_a_case_is_asked_and_handed_over_in_order_in_one_other_thread():
    sampler = Sampler(rounds=2)
    sink, server = captured([completion()], sampler=sampler)

    assert sink.events == [
        ("decision", "chat/one", 1),
        ("exchange", "chat/one", "main"),
        ("trial", "chat/one"),
        ("decision", "chat/one", 1),
        ("exchange", "chat/one", "main"),
        ("trial", "chat/one"),
        ("decision", "chat/one", 0),
        ("done", "chat/one"),
    ]
    assert [trial.key.sample for trial in sink.trials] == [0, 1]
    assert sink.facts == {"p": {"base_url": server.url, "model": "m"}}
    assert sink.threads == sampler.threads
    assert len(sink.threads) == 1
    assert threading.get_ident() not in sink.threads


def test_the_request_has_exactly_our_headers_and_the_suites_body():
    sink, server = captured([completion()], auth=Auth(kind="bearer", key="${KEY}"))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")

    assert body == b'{"model":"m","messages":[{"role":"user","content":"Say OK."}]}'
    assert [line.split(b":")[0] for line in head.split(b"\r\n")] == [
        b"POST /v1/chat/completions HTTP/1.1",
        b"Host",
        b"Accept",
        b"Accept-Encoding",
        b"User-Agent",
        b"Content-Type",
        b"Authorization",
        b"Content-Length",
    ]
    assert b"Authorization: Bearer topsecretkey" in head
    assert "topsecretkey" not in repr(sink.trials)
    assert ("Authorization", "Bearer ************") in sink.trials[0].exchanges[0].request.headers


def test_a_key_costs_no_exchange_whatever_a_suite_writes_into_its_headers():
    headers = {"X-Note": "日本", "X-Latin": "ä"}
    sink, server = captured(
        [completion("not topsecretkey")],
        case("chat/one", step(headers=headers)),
        auth=Auth(kind="bearer", key="${KEY}"),
    )

    assert sink.trials[0].error == ""
    assert "X-Note: 日本".encode() in server.requests[0]
    assert set(headers.items()) <= set(sink.exchanges[0].request.headers)


def test_a_key_that_a_stream_says_bit_by_bit_is_in_no_answer_and_is_not_sent_back():
    parts = [
        b'data: {"choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n' % part
        for part in (b"topse", b"cret", b"\\u006bey")
    ]
    stream = chunked(*parts, b"data: [DONE]\n\n", headers=["Content-Type: text/event-stream"])
    steps = [
        step("ask", body={"messages": MESSAGES, "stream": True}),
        step("again", body={"messages": {"$thread": {"after": "ask"}}}),
    ]
    sink, server = captured(
        lambda _, number: [stream if number == 1 else completion()],
        case("chat/two", *steps),
        auth=Auth(kind="bearer", key="${KEY}"),
    )

    assert sink.exchanges[0].answer.choices[0].content == "*" * 17
    assert b"secret" not in server.requests[1].partition(b"\r\n\r\n")[2]


def test_steps_follow_each_other_and_use_what_was_captured():
    calls = [
        {"id": "call_7", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    ]
    steps = [
        step("ask", capture={"call": "$.choices[0].message.tool_calls[0].id", "none": "$.nothing"}),
        step(
            "answer",
            body={
                "messages": {"$thread": {"after": "ask", "results": {"weather": "cold"}}},
                "user": {"$var": "ask.call"},
            },
        ),
    ]
    sink, server = captured(
        lambda *_: [completion(None, tool_calls=calls)], case("chat/two", *steps)
    )
    sent = json.loads(server.requests[1].partition(b"\r\n\r\n")[2])

    assert sent["user"] == "call_7"
    assert sent["messages"] == [
        *MESSAGES,
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "call_7", "content": "cold"},
    ]
    assert (sink.trials[0].captured, sink.trials[0].error) == ({"ask.call": "call_7"}, "")


def test_an_answer_without_what_the_next_step_needs_ends_the_trial_without_an_error():
    steps = [
        step("ask", capture={"call": "$.choices[0].message.tool_calls[0].id"}),
        step("answer", body={"x": {"$var": "ask.call"}}),
    ]
    sink, server = captured([completion()], case("chat/two", *steps))

    assert ([each.step for each in sink.trials[0].exchanges], sink.trials[0].error) == (["ask"], "")
    assert len(server.requests) == 1


def test_a_mistake_of_the_suite_is_an_error_of_that_trial_only():
    wrong = case("chat/wrong", step(body={"x": {"$file": "../secret"}}))
    sink, _ = captured([completion()], wrong, case("chat/right"))

    assert "lies outside of the suite's folder" in sink.trial_of("chat/wrong").error
    assert sink.trial_of("chat/right").error == ""


def test_what_a_server_does_wrong_is_recorded_and_no_error():
    sink, _ = captured([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "close"])

    assert (sink.trials[0].error, sink.trials[0].exchanges[0].end.how) == ("", Ended.CLOSED)


def test_every_attempt_is_recorded():
    def script(_request, number):
        return (
            [answer(b"later", status="503 Service Unavailable", headers=["Retry-After: 0"])]
            if number < 3
            else [completion()]
        )

    sink, _ = captured(script, limits=quick(retries=5))
    exchanges = sink.trials[0].exchanges

    assert [(each.attempt, each.response.status) for each in exchanges] == [
        (1, 503),
        (2, 503),
        (3, 200),
    ]
    assert sink.exchanges == list(exchanges)


@pytest.mark.parametrize(
    ("retry", "limit", "requests"), [(True, 2, 3), (True, 0, 1), (False, 2, 1)]
)
def test_retries_are_bounded_and_not_made_where_the_case_forbids_them(retry, limit, requests):
    busy = answer(b"busy", status="429 Too Many Requests", headers=["retry-after-ms: 1"])
    sink, server = captured([busy], case(retry=retry), limits=quick(retries=limit))

    assert len(server.requests) == requests
    assert sink.trials[0].last("main").attempt == requests


def test_a_connection_that_was_closed_while_idle_is_not_held_against_the_server():
    """The server closes after each answer without saying so; our next request meets the closing."""

    def script(_request, number):
        return [completion()] if number % 2 else ["close"]

    sink, server = captured(script, case("chat/two", step("one"), step("two"), retry=False))

    assert [(each.step, each.attempt, each.end.how) for each in sink.trials[0].exchanges] == [
        ("one", 1, Ended.COMPLETE),
        ("two", 1, Ended.CLOSED),
        ("two", 2, Ended.COMPLETE),
    ]
    assert server.connections == 2


def test_a_server_that_closes_new_connections_is_asked_once():
    sink, server = captured(["close"], case(retry=False))

    assert len(sink.trials[0].exchanges) == len(server.requests) == 1


class Gauge:
    """How many requests were on the server at once, in the order of their paths."""

    def __init__(self):
        self.now, self.most, self.log = 0, 0, []

    def __call__(self, request, _number):
        self.log.append(request.split(b" ")[1].decode())
        self.now += 1
        self.most = max(self.most, self.now)
        yield 0.02
        self.now -= 1
        yield completion()


def test_no_more_is_on_the_wire_than_the_provider_allows():
    gauge = Gauge()
    captured(gauge, *(case(f"chat/{number}") for number in range(12)), limits=quick(concurrency=3))

    assert gauge.most == 3


def test_cases_that_want_silence_come_after_the_rest_and_destructive_ones_last_with_a_probe():
    gauge = Gauge()
    cases = [
        case("bad/one", step(path="/bad"), destructive=True),
        case("slow/one", step(path="/alone"), alone=True),
        *(case(f"chat/{number}", step(path="/short")) for number in range(4)),
        case("chat/long", step("a", path="/long"), step("b", path="/long")),
    ]
    sink, _ = captured(gauge, *cases, sampler=Sampler(each=2), limits=quick(concurrency=1))
    paths = [path.removeprefix("/v1") for path in gauge.log]

    assert sorted(paths[:12]) == [*["/long"] * 4, *["/short"] * 8]
    assert paths[12:] == ["/alone", "/alone", "/bad", "/bad", "/chat/completions"]
    assert [trial.key.cell for trial in sink.trials][
        -1
    ] == "health/after-destructive[after-bad/one]"
    assert sink.trials[-1].error == ""


def deadly(request, _number):
    return ["die"] if b"/bad" in request else [completion()]


def test_what_an_endpoint_did_not_survive_is_told_of_it_and_of_what_is_left():
    cases = [
        case("chat/one"),
        *(case(f"bad/{each}", step(path="/bad"), destructive=True) for each in ("one", "two")),
    ]
    sink, _ = captured(deadly, *cases, limits=quick(concurrency=1))
    one, probe, two = sink.trials[1:4]

    assert [each.end.how for each in one.exchanges] == [Ended.CLOSED, Ended.UNREACHABLE]
    assert one.error == ""
    assert one.last("main").end.how is Ended.CLOSED
    assert probe.key.cell == "health/after-destructive[after-bad/one]"
    assert "connection refused" in probe.error
    assert (two.error, two.withheld) == ("", "the endpoint did not survive bad/one")


def test_an_endpoint_that_goes_away_among_others_is_nobodys_fault():
    cases = [case("chat/one"), case("bad/one", step(path="/bad"), retry=False)]
    sink, _ = captured(deadly, *cases, limits=quick(concurrency=1))

    assert [each.error for each in sink.trials] == ["", "could not be reached: connection refused"]


def test_cases_with_most_steps_begin_first():
    cells = plan(
        [case("a"), case("b", step("x"), step("y")), case("c"), case("d", alone=True)],
        [provider("http://h/v1")],
    ).cells

    assert [[cell.id for cell in lane] for lane in (lanes(cells).together, lanes(cells).alone)] == [
        ["b", "a", "c"],
        ["d"],
    ]


def test_one_trial_at_a_time_where_a_case_wants_to_be_alone():
    gauge = Gauge()
    captured(gauge, case(alone=True), sampler=Sampler(each=4))

    assert gauge.most == 1


def test_the_only_model_is_found_out_and_recorded():
    def script(request, _number):
        return [
            answer(b'{"object":"list","data":[{"id":"the-model"}]}')
            if request.startswith(b"GET /v1/models ")
            else completion()
        ]

    sink, server = captured(script, model=None)

    assert sink.facts["p"]["model"] == "the-model"
    assert [trial.key.case for trial in sink.trials] == ["discovery/models", "chat/one"]
    assert b'"model":"the-model"' in server.requests[1]


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        (answer(b'{"data":[{"id":"a"},{"id":"b"}]}'), "offers 2 models: a, b; write `model = "),
        (answer(b'{"data":[]}'), "names none (status 200); write `model = "),
        (answer(b"<html>", status="404 Not Found"), "names none (status 404)"),
        (b"oops", "not answered (garbled"),
    ],
    ids=str,
)
def test_which_model_is_meant_must_be_clear(listed, reason):
    sink, _ = captured([listed, "close"], model=None)

    assert reason in sink.trial_of("chat/one").error, sink.trial_of("chat/one").error
    assert sink.events[-1] == ("done", "chat/one")


def test_an_endpoint_that_is_not_there_is_given_up_after_a_few_trials():
    dead = provider(f"http://127.0.0.1:{free_port()}/v1", name="dead", limits=quick(concurrency=1))
    sink, server = captured(
        [completion()], *(case(f"chat/{number}") for number in range(8)), extra=[dead]
    )
    errors = [trial.error for trial in sink.trials if trial.key.provider == "dead"]

    assert set(errors) == {"could not be reached: connection refused"}, "one reason, tried or not"
    assert len(errors) == len(server.requests) == 8


def test_a_missing_key_is_an_error_of_every_trial_and_names_the_variable():
    sink, server = captured([completion()], auth=Auth(kind="bearer", key="${NOT_SET}"))

    assert "NOT_SET" in sink.trials[0].error
    assert server.requests == []


def test_a_judge_that_fails_on_one_cell_does_not_keep_others_from_being_asked():
    sink = Sink()

    with pytest.raises(
        HarnessError,
        match="chat/unjudgeable could not be judged: ZeroDivisionError: no check like this",
    ):
        captured([completion()], case("chat/unjudgeable"), case("chat/fine"), sink=sink)
    assert {trial.key.case for trial in sink.trials} == {"chat/unjudgeable", "chat/fine"}
    assert ("done", "chat/unjudgeable") in sink.events
    assert ("done", "chat/fine") in sink.events


def test_a_record_that_cannot_be_written_ends_the_run():
    sink = Sink()
    sink.broken = True

    with pytest.raises(HarnessError, match="the disk is full"):
        captured(
            lambda *_: [0.01, completion()],
            *(case(f"chat/{number}") for number in range(50)),
            sink=sink,
            limits=quick(concurrency=1),
        )


def test_stopping_from_another_thread_delivers_what_was_heard_and_asks_nothing_more():
    async def main():
        sink = Sink()
        async with serving([b"HTTP/1.1 200 OK\r\n\r\nsome", 60]) as server:
            wanted = plan(
                [case(f"chat/{number}") for number in range(20)],
                [
                    provider(
                        server.url, limits=quick(concurrency=4, total_seconds=600, read_seconds=600)
                    )
                ],
            )
            async with Engine(wanted, sampler=Sampler(), sink=sink, environ={}) as engine:
                running = asyncio.ensure_future(engine.run(wanted.cells))
                await until(lambda: len(server.requests) == 4)
                await asyncio.sleep(0.05)
                stopper = threading.Thread(target=engine.stop)
                stopper.start()
                await asyncio.wait_for(running, 5)
                stopper.join()
            return sink, len(server.requests)

    sink, requests = asyncio.run(main())

    assert requests == 4
    assert {trial.error for trial in sink.trials} == {"the run was stopped"}
    assert [b"".join(piece.data for piece in each.received)[-4:] for each in sink.exchanges] == [
        b"some"
    ] * 4
    assert {each.end.how for each in sink.exchanges} == {Ended.CANCELLED}
    assert "done" not in {event[0] for event in sink.events}


def test_stopping_while_waiting_to_try_again_does_not_wait():
    async def main():
        sink = Sink()
        async with serving(
            [answer(b"busy", status="503 Busy", headers=["Retry-After: 50"])]
        ) as server:
            wanted = plan([case()], [provider(server.url, limits=quick(retries=2))])
            async with Engine(wanted, sampler=Sampler(), sink=sink, environ={}) as engine:
                running = asyncio.ensure_future(engine.run(wanted.cells))
                await until(lambda: sink.exchanges)
                engine.stop()
                await asyncio.wait_for(running, 5)
            return sink, server

    sink, server = asyncio.run(main())

    assert len(server.requests) == 1
    assert sink.trials[0].exchanges[0].response.status == 503


def test_a_trial_beside_the_plan_is_recorded_and_returned():
    async def main():
        sink = Sink()
        async with serving([completion()]) as server:
            wanted = plan([], [provider(server.url, limits=quick())])
            async with Engine(wanted, sampler=Sampler(), sink=sink, environ={}) as engine:
                trial = await engine.trial(
                    Ask(
                        variant=Variant(case=case("tests/test_mine.py::test_it"), axes={}),
                        provider="p",
                    )
                )
            return sink, trial

    sink, trial = asyncio.run(main())

    assert sink.trials == [trial]
    assert trial.exchanges[0].answer.choices[0].content == "OK"


def test_a_stopped_engine_says_so_to_whoever_still_asks():
    async def main():
        async with serving([completion()]) as server:
            wanted = plan([], [provider(server.url, limits=quick())])
            async with Engine(wanted, sampler=Sampler(), sink=Sink(), environ={}) as engine:
                engine.stop()
                return await engine.trial(Ask(variant=Variant(case=case(), axes={}), provider="p"))

    assert asyncio.run(main()).error == "the run was stopped"


def test_the_nonce_is_the_same_when_the_run_is_repeated_and_differs_between_trials():
    one = case("chat/nonce", step(body={"user": {"$var": "trial.nonce"}}))
    bodies = [
        sorted(
            request.partition(b"\r\n\r\n")[2]
            for request in captured([completion()], one, sampler=Sampler(each=3))[1].requests
        )
        for _ in range(2)
    ]

    assert bodies[0] == bodies[1]
    assert len(set(bodies[0])) == 3
    assert all(re.fullmatch(rb'\{"user":"[0-9a-f]{16}"\}', body) for body in bodies[0])


def test_a_case_has_its_own_timeout():
    sink, _ = captured([60], case(timeout=0.2))

    assert sink.trials[0].exchanges[0].end.how is Ended.TIMED_OUT


def test_a_key_that_the_endpoint_echoes_reaches_neither_sink_nor_captures():
    steps = (step(capture={"echo": "$.choices[0].message.content"}),)
    sink, _ = captured(
        [completion("your key is topsecretkey")],
        case("chat/echo", *steps),
        auth=Auth(kind="bearer", key="${KEY}"),
    )

    assert sink.trials[0].captured == {"main.echo": "your key is ************"}
    assert {each.key for each in sink.exchanges[0].redactions} == {"KEY"}


def test_fragments_are_used_only_when_the_ask_says_so():
    one = case("chat/think", step(body={"x": {"a": 1}}, fragments=("thinking-off",)))
    fragments = {"thinking-off": {"x": {"b": 2}, "y": False}}

    class Both(Sampler):
        def _decision(self, cell, number):
            decision = super()._decision(cell, number)
            return replace(
                decision,
                asks=tuple(
                    replace(ask, arm=arm) for ask in decision.asks for arm in ("plain", "adapted")
                ),
            )

        def next(self, cell, state, trials):
            return self._decision(cell, state + 1)

    _, server = captured([completion()], one, sampler=Both(), fragments=fragments)

    assert sorted(request.partition(b"\r\n\r\n")[2] for request in server.requests) == [
        b'{"x":{"a":1,"b":2},"y":false}',
        b'{"x":{"a":1}}',
    ]


@pytest.mark.parametrize("url", ["http://h:port/v1", "h/v1"])
def test_a_url_that_is_none_is_an_error_of_every_trial(url):
    broken = provider(url, name="broken", limits=quick())
    sink, _ = captured([completion()], extra=[broken])
    errors = {trial.key.provider: trial.error for trial in sink.trials}

    assert "providers.toml:1" in errors["broken"] or url in errors["broken"]
    assert errors["p"] == ""


def test_nothing_is_judged_while_a_case_wants_silence():
    class Busy(Sink):
        busy = False

        def trial(self, trial):
            self.busy = True
            time.sleep(0.03)
            super().trial(trial)
            self.busy = False

    sink = Busy()
    seen = []

    def script(_request, _number):
        seen.append(sink.busy)
        return [completion()]

    captured(script, case(alone=True), sampler=Sampler(each=3), sink=sink)

    assert seen == [False] * 3


def test_heavy_requests_wait_for_each_other_and_light_ones_do_not():
    gauge = Gauge()
    heavy = {"messages": [{"role": "user", "content": "x" * 5_000_000}]}
    cases = [case("chat/heavy", step("a", body=heavy), step("b", body=heavy)), case("chat/light")]

    _, server = captured(gauge, cases[0], sampler=Sampler(each=4), limits=quick(concurrency=4))
    assert (gauge.most, len(server.requests)) == (1, 8)

    gauge.most = 0
    captured(gauge, cases[1], sampler=Sampler(each=4), limits=quick(concurrency=4))
    assert gauge.most > 1


def test_a_sampler_gets_trials_without_their_bytes_and_the_sink_with_them():
    class Looking(Sampler):
        def next(self, cell, state, trials):
            self.seen = [len(each.exchanges) for each in trials]
            return super().next(cell, state, trials)

    sampler = Looking(each=2)
    sink, _ = captured([completion()], sampler=sampler)

    assert sampler.seen == [0, 0]
    assert [len(each.exchanges) for each in sink.trials] == [1, 1]


def test_cases_that_run_alone_have_the_kernels_times():
    sink, _ = captured([completion()], case("fast/one"), case("slow/one", alone=True))
    stamps = {
        trial.key.case: {piece.stamp for one in trial.exchanges for piece in one.received}
        for trial in sink.trials
    }

    timed = Stamp.KERNEL if sys.platform == "linux" else Stamp.USER
    assert stamps == {"fast/one": {Stamp.USER}, "slow/one": {timed}}
