"""Limits on what a run may spend are never exceeded, however much is on the wire at once."""

import asyncio
import json

import pytest
from running import MESSAGES, captured, case, step
from scripted import answer, quick

from conformance.engine.ledger import Ledger
from conformance.engine.limits import Terms
from conformance.plan.tokens import Tokens
from conformance.providers.model import Prices, Provider

ONE = Provider(
    name="p",
    base_url="http://x",
    where="x:1",
    prices=Prices(prompt=1_000_000, completion=2_000_000),
)


def run(story):
    async def main():
        return await story()

    return asyncio.run(main())


def test_it_waits_for_others_to_come_back_before_it_refuses():
    async def story():
        ledger = Ledger(tokens=100)
        first = await ledger.reserve(ONE, Tokens(prompt=10, completion=70))
        second = asyncio.ensure_future(ledger.reserve(ONE, Tokens(prompt=10, completion=70)))
        await asyncio.sleep(0)
        waiting = not second.done()
        ledger.settle(first, ONE, Tokens(prompt=5, completion=5))
        return waiting, await second, ledger.spent_tokens

    waiting, second, spent = run(story)

    assert (waiting, spent) == (True, 10)
    assert not isinstance(second, str)


def test_what_can_never_fit_closes_it_for_all():
    async def story():
        ledger = Ledger(tokens=100)
        first = await ledger.reserve(ONE, Tokens(completion=80))
        others = [
            asyncio.ensure_future(ledger.reserve(ONE, Tokens(completion=80))) for _ in range(3)
        ]
        await asyncio.sleep(0)
        ledger.settle(first, ONE, None)  # the server did not say: all of it counts
        found = await asyncio.gather(*others)
        return found, ledger.closed, await ledger.reserve(ONE, Tokens(completion=1))

    found, closed, after = run(story)

    assert closed == "the limit of 100 tokens would be exceeded (80 spent)"
    assert [*found, after] == [closed] * 4


def test_money_is_counted_by_the_providers_prices():
    async def story():
        ledger = Ledger(money=10.0)
        first = await ledger.reserve(ONE, Tokens(prompt=2, completion=4))  # 2 + 8
        refused = asyncio.ensure_future(ledger.reserve(ONE, Tokens(prompt=1)))
        await asyncio.sleep(0)
        ledger.settle(first, ONE, Tokens(prompt=2, completion=4))
        return await refused, ledger.closed, ledger.spent_money

    words = "the budget of 10 USD would be exceeded (10.0000 spent)"
    assert run(story) == (words, words, 10.0)


def test_a_request_that_is_too_large_by_itself_does_not_end_the_others():
    async def story():
        ledger = Ledger(tokens=100)
        huge = await ledger.reserve(ONE, Tokens(prompt=101))
        return huge, ledger.closed, await ledger.reserve(ONE, Tokens(prompt=100))

    huge, closed, small = run(story)

    assert huge == "by itself it could take 101 of the 100 tokens allowed"
    assert closed == ""
    assert not isinstance(small, str)


def completion(prompt, tokens):
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "OK"},
        "finish_reason": "stop",
    }
    usage = {"prompt_tokens": prompt, "completion_tokens": tokens, "total_tokens": prompt + tokens}
    return answer(json.dumps({"choices": [choice], "usage": usage}).encode())


@pytest.mark.parametrize("concurrency", [1, 4, 16])
@pytest.mark.parametrize("pause", [0, 0.02])
def test_a_run_ends_before_its_limit(concurrency, pause):
    """The server counts; it uses the whole cap each time."""
    body = {"model": "m", "messages": MESSAGES, "max_tokens": 50}
    cases = [case(f"chat/{number}", step(body=body)) for number in range(40)]

    sink, server = captured(
        lambda *_: [pause, completion(20, 50)],
        *cases,
        limits=quick(concurrency=concurrency),
        engine={"terms": Terms(tokens=1000)},
    )

    asked = [each for each in sink.trials if each.exchanges]
    assert len(server.requests) == len(asked)
    # 70 tokens each, and about 150 are set aside for one.
    assert 850 <= 70 * len(server.requests) <= 1000
    withheld = [each for each in sink.trials if each.withheld]
    assert len(asked) + len(withheld) == 40
    assert all(each.withheld.startswith("the limit of 1000 tokens") for each in withheld)
    assert not any(each.error for each in sink.trials)
    assert not any(each.finished for each in withheld)


def test_a_request_without_a_cap_sets_aside_what_the_provider_may_answer():
    sink, server = captured(
        [completion(20, 50)],
        limits=quick(completion_tokens=2000),
        engine={"terms": Terms(tokens=1000)},
    )

    assert server.requests == []
    assert "of the 1000 tokens allowed" in sink.trials[0].withheld
