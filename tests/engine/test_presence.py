"""When an endpoint is given up: it is not there, refuses our key, or has had enough of us."""

import pytest
from running import captured, case, completion, heard, step
from scripted import answer, quick

from conformance.engine.presence import Presence
from conformance.plan.model import Ask, Variant
from conformance.wire.exchange import Ended, Trial


def exchange(how, status=None):
    return heard(
        f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode() if status else b"", how
    )


ASK = Ask(variant=Variant(case=case(), axes={}), provider="p")
OWN = Ask(
    variant=Variant(case=case("auth/wrong", step(headers={"Authorization": "Bearer x"})), axes={}),
    provider="p",
)
HEARD = {
    "u": [exchange(Ended.UNREACHABLE)],
    "o": [exchange(Ended.RESET)],
    "t": [exchange(Ended.TIMED_OUT)],
    "l": [exchange(Ended.COMPLETE, 429)],
    "e": [exchange(Ended.TOO_LARGE, 200)],
    "d": [exchange(Ended.TIMED_OUT, 200)],
    "T": [exchange(Ended.TIMED_OUT)] * 3,
    "-": [],
}


def trial(exchanges):
    return Trial(key=ASK.key, exchanges=tuple(exchanges), captured={})


@pytest.mark.parametrize(
    ("trials", "down"),
    [
        ("uu", False),
        ("uuu", True),
        ("uuoouu", False),
        ("ouuuuuuuuu", False),
        ("ouuuuuuuuuu", True),
        ("uu-u", True),
        ("ooo", False),
        ("ttt", True),
        ("utu", True),
        ("ottt", False),
        ("lllllllll", False),
        ("llllllllll", True),
        ("lllllllllol", False),
        ("T", True),
        ("oT", False),
        ("oTTT", False),
        ("oTTTT", True),
        ("eeee", False),
        ("eeeee", True),
        ("eeeeoeeee", False),
        ("dddd", False),
        ("dddoddd", False),
        ("dedde", True),
    ],
)
def test_an_endpoint_is_given_up_sooner_where_it_was_never_there(trials, down):
    presence = Presence()
    for each in trials:
        for one in HEARD[each]:
            presence.hear(one)
        presence.note(ASK, trial(HEARD[each]))

    assert bool(presence.down) is down


@pytest.mark.parametrize("status", [401, 403, 502, 503, 504])
def test_a_refusal_is_doubted_until_the_endpoint_took_something(status):
    presence = Presence()
    refused = trial([exchange(Ended.COMPLETE, status)])

    assert presence.doubts(ASK, refused)
    presence.note(ASK, trial(HEARD["o"]))
    assert not presence.doubts(ASK, refused)


def test_a_case_that_sends_a_key_of_its_own_says_nothing_about_ours():
    presence = Presence()
    for _ in range(20):
        presence.note(OWN, trial([exchange(Ended.COMPLETE, 401)]))

    assert not presence.doubts(OWN, trial([exchange(Ended.COMPLETE, 401)]))
    assert not presence.down


def refusing(status, body=b'{"error": {"message": "no"}}'):
    """Refuses everything."""
    return lambda *_: [answer(body, status=f"{status} No")]


@pytest.mark.parametrize(
    ("status", "words"), [(401, "the key is refused"), (503, "behind the gateway is not up")]
)
def test_what_everything_is_refused_with_is_an_error_and_no_finding(status, words):
    cases = [case(f"chat/{number}", retry=False) for number in range(12)]

    sink, server = captured(refusing(status), *cases, limits=quick(concurrency=2))

    told = [each for each in sink.trials if each.key.case.startswith("chat/")]
    assert len(told) == 12
    assert all(words in each.error for each in told)
    # Two on the wire, and the one question that settled it.
    assert len(server.requests) <= 4


def test_one_refusal_among_answers_is_an_answer():
    def script(request, _):
        return [answer(status="403 No")] if b"secret-model" in request else [completion()]

    body = {"model": "secret-model", "messages": []}
    cases = [case("chat/first", step(body=body), retry=False), case("chat/second", retry=False)]

    sink, _ = captured(script, *cases, limits=quick(concurrency=1))

    assert [each.error for each in sink.trials if each.key.case.startswith("chat/")] == ["", ""]


def test_a_trial_that_is_rate_limited_to_the_last_is_an_error():
    def script(request, _):
        return [answer(status="429 Slow")] if b"greedy" in request else [completion()]

    body = {"model": "greedy", "messages": []}

    sink, _ = captured(script, case("chat/one", step(body=body), retry=False))

    assert "rate limited: 429 in 1 attempt;" in sink.trials[0].error


def test_an_endpoint_that_never_says_a_word_is_an_error_of_ours_and_is_given_up_in_the_first_round():
    cases = [case(f"chat/{number}", step("one"), step("two"), retry=False) for number in range(12)]

    sink, server = captured([60], *cases, limits=quick(concurrency=3, read_seconds=0.2))

    assert len(server.requests) == 3
    assert {each.error for each in sink.trials} == {
        "not one byte came: nothing came for 0.2 s",
        "not asked: 3 requests in a row got not one byte: nothing came for 0.2 s",
    }


def test_an_endpoint_that_spoke_and_is_silent_on_one_request_is_judged_by_that():
    def script(request, _):
        return [60] if b"hang" in request else [completion()]

    hang = step("two", body={"model": "hang", "messages": []})
    cases = [case("chat/hang", step("one"), hang, step("three"), retry=False), case("chat/well")]

    sink, _ = captured(script, *cases, limits=quick(concurrency=1, read_seconds=0.2))

    assert [each.error for each in sink.trials] == ["", ""]
    assert [each.end.how for each in sink.trial_of("chat/hang").exchanges] == [
        Ended.COMPLETE,
        Ended.TIMED_OUT,
        Ended.COMPLETE,
    ]


def test_trials_that_are_under_way_when_an_endpoint_is_given_up_ask_nothing_more():
    def script(_, number):
        return [completion()] if number == 1 else [60]

    steps = [step(f"s{number}") for number in range(20)]
    cases = [case("chat/first", retry=False), case("chat/long", *steps, retry=False)]

    sink, server = captured(script, *cases[::-1], limits=quick(concurrency=1, read_seconds=0.05))

    assert "10 requests in a row got not one byte" in sink.trial_of("chat/long").error
    assert len(server.requests) == 11


def test_streams_without_an_end_are_findings_and_a_few_of_them_are_enough():
    events = b'data: {"choices":[]}\n\n' * 50
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    cases = [case(f"chat/{number}", retry=False) for number in range(12)]

    sink, _ = captured(
        [head, *[events] * 500, 60], *cases, limits=quick(concurrency=1, stream_bytes=20_000)
    )

    errors = [each.error for each in sink.trials]
    assert errors[:5] == [""] * 5
    assert set(errors[5:]) == {
        "not asked: 5 answers in a row had no end (cut off after 20000 bytes)"
    }
    assert all(each.end.cut for each in sink.exchanges)


def test_why_an_endpoint_was_given_up_stays_the_same_whatever_is_still_heard():
    presence = Presence()
    reasons = [presence.note(ASK, trial(HEARD["e"])) or presence.down for _ in range(9)]

    assert reasons[4]
    assert len(set(reasons[4:])) == 1


def test_a_trial_is_an_error_where_only_its_first_step_was_rate_limited():
    def script(request, _):
        return [answer(status="429 Slow")] if b"greedy" in request else [completion()]

    first = step("first", body={"model": "greedy", "messages": []})

    sink, _ = captured(script, case("chat/two", first, step("second"), retry=False))

    assert len(sink.trials[0].exchanges) == 2
    assert "rate limited: 429 in 1 attempt;" in sink.trials[0].error
