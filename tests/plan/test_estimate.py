"""What a plan costs at most, and how that is told."""

import pytest

from conformance.faces.estimating import table
from conformance.plan.adhoc import ad_hoc_ask
from conformance.plan.build import build, variants
from conformance.plan.estimate import UNKNOWN_TEXT, Estimate, estimate, of_variant
from conformance.plan.tokens import Tokens, bound
from conformance.providers.model import Limits, Prices, Provider
from conformance.suite.model import Samples

CHAT = "/chat/completions"


def provider(name="b", **more):
    limits = Limits(completion_tokens=100, context_tokens=50)
    return Provider(name=name, base_url="http://127.0.0.1:1/v1", where="providers.toml:1", limits=limits, **more)


def estimated(body, **axes):
    one = ad_hoc_ask("mine/case", "b", {"model": "m", **body}, axes=axes)
    return of_variant(one.variant, provider()).tokens


def said(text):
    return {"messages": [{"role": "user", "content": text}]}


@pytest.mark.parametrize(
    ("directive", "text"),
    [
        ({"$repeat": {"text": "ab", "times": 3}}, "ababab"),
        ({"$repeat": {"text": "ab", "times": {"$var": "provider.context_tokens"}}}, "ab" * 50),
        ({"$concat": ["a", "b", {"$repeat": {"text": "c", "times": 2}}]}, "abcc"),
        ({"$var": "axis.word"}, "chosen"),
        ({"$concat": ["say ", {"$var": "axis.word"}]}, "say chosen"),
        ({"$var": "nonce"}, UNKNOWN_TEXT),
        ({"$var": "provider.model"}, UNKNOWN_TEXT),
        ({"$omit": True}, None),
        ({"$optional": "axis.row.stop"}, None),
        ({"$file": "picture.png"}, "data:"),
        ({"plain": "object"}, {"plain": "object"}),
    ],
    ids=repr,
)
def test_a_directive_counts_as_what_it_will_become(directive, text):
    assert estimated(said(directive), word="chosen", row={"id": "x"}) == bound(CHAT, said(text), 100)


STEPS = """
conformance: 1
title: Two steps
needs: [chat]
request: {path: /chat/completions}
cases:
  - id: two
    title: An answer is sent back
    clauses: [RT-001]
    samples: 3
    steps:
      - id: ask
        request: {body: {model: m, max_tokens: 7, messages: [{role: user, content: "Say OK."}]}}
        expect: [{status: 200}]
      - id: back
        request:
          body:
            model: m
            messages: {$thread: {after: ask}}
        expect: [{status: 200}]
"""


@pytest.fixture
def suite(tmp_path):
    from conformance.runs.toolbox import toolbox

    file = tmp_path / "mine.yaml"
    file.write_text(STEPS)
    return toolbox().read_suite(file, "mine.yaml")


def test_a_thread_is_what_was_said_and_an_answer_as_long_as_it_may_be(suite):
    (variant,) = variants(suite.cases[0])
    question = {"role": "user", "content": "Say OK."}
    first = bound(CHAT, {"messages": [question], "max_tokens": 7}, 100)
    second = bound(CHAT, {"messages": [question, {"content": "x" * 7}]}, 100)

    one = of_variant(variant, provider())

    assert one.tokens == Tokens(
        prompt=3 * (first.prompt + second.prompt), completion=3 * (first.completion + second.completion)
    )
    assert (one.requests, one.most_requests, one.price) == (6, 6, None)


def test_there_is_a_row_per_suite_and_provider_with_the_price_where_it_is_known(suite):
    priced = provider("a", prices=Prices(prompt=2.0, completion=10.0))
    rows = estimate(build([suite], {"a": priced, "b": provider("b")}))

    assert [(row.suite, row.provider) for row in rows] == [("mine", "a"), ("mine", "b")]
    assert rows[0].tokens == rows[1].tokens
    assert rows[0].price == pytest.approx((2 * rows[0].tokens.prompt + 10 * rows[0].tokens.completion) / 1e6)
    assert rows[1].price is None


def row(provider, suite="chat", price=None):
    return Estimate(
        suite=suite, provider=provider, requests=1000, most_requests=1500,
        tokens=Tokens(prompt=2000, completion=10), price=price,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "wanted", "unknown"),
    [
        ([row("a", price=0.5), row("a", "tools", 0.25)], ["in all 2,000 3,000 4,000 20 0.7500"], ""),
        ([row("a")], ["a chat 1,000 1,500 2,000 10", "in all 1,000 1,500 2,000 10"], "known of a "),
        (
            [row("a", price=0.5), row("b"), row("a", "tools", 0.25), row("b", "tools")],
            ["a in all 2,000 3,000 4,000 20 0.7500", "b in all 2,000 3,000 4,000 20", "in all 4,000 6,000 8,000 40 0.7500 + ?"],
            "known of b ",
        ),
    ],
    ids=["priced", "unpriced", "both"],
)
def test_the_table_has_sums_and_says_what_is_not_known(rows, wanted, unknown):
    text = table(rows)
    lines = [" ".join(line.split()) for line in text.split("\n")]

    assert [line for line in lines if "in all" in line or line in wanted] == wanted
    assert ("No prices are " + unknown in text) if unknown else "No prices" not in text


def test_the_rows_of_a_provider_stand_together():
    text = table([row("a"), row("b"), row("a", "tools"), row("b", "tools")])

    assert [line.split()[0] for line in text.split("\n")[2:8] if line.strip()] == ["a", "a", "a", "b", "b"]


def test_samples_that_may_be_needed_are_counted_apart():
    from dataclasses import replace

    one = ad_hoc_ask("mine/case", "b", said("hi")).variant
    more = replace(one, case=replace(one.case, samples=Samples(least=2, most=9)))

    found = of_variant(more, provider())

    assert (found.requests, found.most_requests) == (2, 9)
    assert found.tokens.total == 2 * of_variant(one, provider()).tokens.total
