"""What the instrument says of a clock, against the clock's own log; and every trap of chunking."""

import pytest
from clocked import clock, readings, takes

from conformance.latency.reading import measure
from conformance.latency.truth import compare
from conformance.wire.exchange import Ended

MS = 1_000_000
EXACT = MS // 5
TRAPS = {
    "plain": "",
    "a role chunk first": "role",
    "an empty delta": "empty",
    "role and empty delta": "role-empty",
    "the end comes later": "tail",
    "two tokens to an event": "k2",
    "five tokens to an event": "k5",
    "role and two tokens to an event, the end later": "role-k2-tail",
    "eight tokens to an event": "k8",
    "several events to a segment": "g3",
    "several events of several tokens": "g2-k3",
    "events cut in two": "cut",
    "comments in between": "comment",
    "lines with CR LF": "crlf",
    "compressed": "gzip",
    "compressed, several events": "gzip-g2",
    "a tool call": "tool",
    "reasoning first": "think8",
    "everything": "role-empty-tail-k2-g2-cut-comment-crlf-gzip",
}


@pytest.fixture(scope="module")
def clocked():
    with clock() as one:
        yield one


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS.keys())
def test_however_a_provider_cuts_its_answer_the_times_are_those_of_its_tokens(clocked, trap):
    """Whatever this machine did meanwhile: what could not be read in time is in doubt and says so.

    The clock's own log is late where the machine stops between its writing and its noting: so it is
    asked up to three times, and a way of cutting that is read wrongly is wrong each time.
    """
    for _ in range(3):
        clocked.lines.clear()
        (one,) = readings(clocked, f"clock-ttft40-itl10-n24-{trap}".rstrip("-"))
        log = clocked.log({one.key})
        errors = compare([one], log)
        if max(map(abs, errors.gaps), default=0) < EXACT:
            break
    (played,) = log.values()

    assert (one.failure, one.tokens, errors.unmatched) == ("", 24, 0)
    assert max(map(abs, errors.gaps), default=0) < EXACT
    if not any(each.doubtful for each in one.arrivals):
        assert [round(each.tokens) for each in one.arrivals] == [
            each.tokens for each in played.written
        ]
        on_the_way = played.arrived - one.sent  # as long as this machine lets both of them wait
        assert on_the_way > -EXACT
        assert errors.ttft == pytest.approx([on_the_way], abs=EXACT)


def test_the_first_answer_after_reasoning_is_told_from_the_first_token(clocked):
    """Eight of sixteen tokens are reasoning, however they came together."""
    (one,) = readings(clocked, "clock-ttft20-itl5-n16-think8")
    first = next(number for number, each in enumerate(one.arrivals) if each.answer)
    before = sum(each.tokens for each in one.arrivals[:first])

    assert round(before) <= 8 < round(before + one.arrivals[first].tokens)
    assert one.ttfa == one.arrivals[first].at - one.sent
    assert one.ttft == one.arrivals[0].at - one.sent


def test_without_usage_nobody_takes_chunks_for_tokens(clocked):
    (take,) = takes(clocked, "clock-ttft5-itl2-n8-k2", stream_options=None)

    plain = measure(take)
    counted = measure(take, tokenizer=lambda text: text.count(" tok"))

    assert (plain.tokens, plain.tpot) == (None, None)
    assert {gap.per_token for gap in plain.gaps} <= {None}
    assert (counted.tokens, sum(each.tokens for each in counted.arrivals)) == (8, 8)
    assert {each.tokens % 2 for each in counted.arrivals} == {0}


@pytest.mark.parametrize(
    ("model", "failure"),
    [
        ("clock-fail429-ttft5", "status 429"),
        ("clock-ttft5-itl2-n8-stop3", "closed"),
        ("clock-nonsense1", "status 400"),
    ],
)
def test_what_failed_says_so_and_when(clocked, model, failure):
    (one,) = readings(clocked, model)

    assert (one.failure, one.e2e > 0) == (failure, True)


def test_connections_that_are_kept_cost_nothing_again(clocked):
    first, second = readings(clocked, "clock-ttft5-itl2-n4", count=2)

    assert (first.connect > 0, second.connect) == (True, 0)


def test_many_streams_at_once_are_joined_by_their_names(clocked):
    clocked.lines.clear()
    many = readings(clocked, "clock-ttft20-itl10-n10", count=32, streams=16)
    errors = compare(many, clocked.log({one.key for one in many}))

    assert (len(many), errors.unmatched, errors.tokens) == (32, 0, 320)


def test_the_clock_goes_on_when_a_client_has_gone(clocked):
    clocked.lines.clear()
    (take,) = takes(clocked, "clock-ttft5-itl2-n8")
    assert take.exchange.end.how is Ended.COMPLETE
    assert clocked.log({measure(take).key})
    assert '"whole": true' in clocked.lines[-1]
