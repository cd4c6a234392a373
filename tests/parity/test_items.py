"""Items of stage 4: made by a seed, and scored by rule."""

import json

import pytest
from jsonschema import Draft202012Validator

from conformance.parity.items.hear import said
from conformance.parity.items.made import LOT, MOST, made
from conformance.parity.items.model import ABSENT, Call, Expected, Item, Kind, Made, Metric, Said
from conformance.parity.items.score import agrees, paired, score
from conformance.parity.tasks import compare, trigger
from conformance.wire.completion import whole

USER = ({"role": "user", "content": "?"},)
PARAMETERS = {
    "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"],
}  # fmt: skip
TOOL = {"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}
WEATHER = Call("weather", {"city": ("Oslo",), "days": (1, ABSENT)})


def item(kind=Kind.OWN, name="one", **more):
    expected = Expected(**more.pop("expected", {}))
    return Item(id=name, kind=kind, messages=USER, expected=expected, **more)


def called(*calls):
    return Said(calls=tuple(Made(name, text) for name, text in calls))


OSLO = called(("weather", '{"city": "Oslo"}'))
SHAPE = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}

ROWS = [
    ("a number by its value", {"expected": {"text": "1200"}}, Said(text="It is 1,200."), {Metric.EXACT: True}),
    ("the last number counts", {"expected": {"text": "7"}}, Said(text="3 + 4 = 7"), {Metric.EXACT: True}),
    ("another number", {"expected": {"text": "7"}}, Said(text="17"), {Metric.EXACT: False}),
    ("no number", {"expected": {"text": "7"}}, Said(text="seven"), {Metric.EXACT: False}),
    ("a text but for case and its end", {"expected": {"text": "foo bar"}}, Said(text='"Foo  bar."'), {Metric.EXACT: True}),
    ("a text within more text", {"expected": {"text": "foo"}}, Said(text="Sure: foo"), {Metric.EXACT: False}),
    ("a value as JSON", {"expected": {"value": {"n": 2}}}, Said(text='```json\n{"n": 2.0}\n```'), {Metric.EXACT: True}),
    ("a value with more in it", {"expected": {"value": {"n": 2}}}, Said(text='{"n": 2, "m": 1}'), {Metric.EXACT: False}),
    ("a schema kept", {"schema": SHAPE}, Said(text='{"n": 1}'), {Metric.SCHEMA: True}),
    ("a schema broken", {"schema": SHAPE}, Said(text='{"n": "1"}'), {Metric.SCHEMA: False}),
    ("no JSON", {"schema": SHAPE}, Said(text="n is 1"), {Metric.SCHEMA: False}),
    ("the right call", {"tools": (TOOL,), "expected": {"calls": (WEATHER,)}}, OSLO,
     {Metric.TRIGGERED: True, Metric.CALL: True, Metric.VALID: True}),
    ("another right value", {"tools": (TOOL,), "expected": {"calls": (WEATHER,)}},
     called(("weather", '{"days": 1, "city": " oslo "}')), {Metric.TRIGGERED: True, Metric.CALL: True, Metric.VALID: True}),
    ("a wrong value", {"tools": (TOOL,), "expected": {"calls": (WEATHER,)}}, called(("weather", '{"city": "Rome"}')),
     {Metric.TRIGGERED: True, Metric.CALL: False, Metric.VALID: True}),
    ("a value of the wrong type", {"tools": (TOOL,), "expected": {"calls": (WEATHER,)}},
     called(("weather", '{"city": "Oslo", "days": "1"}')), {Metric.TRIGGERED: True, Metric.CALL: False, Metric.VALID: False}),
    ("an argument that nobody knows", {"tools": (TOOL,), "expected": {"calls": (WEATHER,)}},
     called(("weather", '{"city": "Oslo", "x": 1}')), {Metric.TRIGGERED: True, Metric.CALL: False, Metric.VALID: True}),
    ("arguments that are no JSON", {"tools": (TOOL,), "expected": {"calls": (WEATHER,)}},
     called(("weather", '{"city": ')), {Metric.TRIGGERED: True, Metric.CALL: False, Metric.VALID: False}),
    ("a tool that is not on offer", {"tools": (TOOL,)}, called(("other", "{}")), {Metric.TRIGGERED: True, Metric.VALID: False}),
    ("called twice", {"tools": (TOOL,), "expected": {"calls": (WEATHER,)}}, called(*[("weather", '{"city": "Oslo"}')] * 2),
     {Metric.TRIGGERED: True, Metric.CALL: False, Metric.VALID: True}),
    ("not called where it must be", {"tools": (TOOL,), "expected": {"calls": (WEATHER,)}}, Said(text="Sunny."),
     {Metric.TRIGGERED: False, Metric.CALL: False}),
    ("not called where it must not be", {"tools": (TOOL,), "expected": {"calls": ()}}, Said(text="Hello."),
     {Metric.TRIGGERED: False, Metric.CALL: True}),
    ("called where it must not be", {"tools": (TOOL,), "expected": {"calls": ()}}, OSLO,
     {Metric.TRIGGERED: True, Metric.CALL: False, Metric.VALID: True}),
    ("answered", {"expected": {"answerable": True}}, Said(text="Use kill -9."), {Metric.ANSWERED: True}),
    ("declined in words", {"expected": {"answerable": True}}, Said(text="I'm sorry, I can't help with that."), {Metric.ANSWERED: False}),
    ("declined by the refusal field", {"expected": {"answerable": True}}, Said(text="No.", refused=True), {Metric.ANSWERED: False}),
    ("silent", {"expected": {"answerable": True}}, Said(text=" "), {Metric.ANSWERED: False}),
    ("as long as asked for", {"expected": {"words": (2, 3)}}, Said(text="one two"), {Metric.LENGTH: True}),
    ("too long", {"expected": {"words": (2, 3)}}, Said(text="a b c d"), {Metric.LENGTH: False}),
    ("in its language", {"expected": {"script": "cyrillic"}}, Said(text="Море большое и синее (sea)."), {Metric.LANGUAGE: True}),
    ("in another", {"expected": {"script": "cyrillic"}}, Said(text="The sea is large: море."), {Metric.LANGUAGE: False}),
    ("in none", {"expected": {"script": "han"}}, Said(text="123"), {Metric.LANGUAGE: False}),
]  # fmt: skip


@pytest.mark.parametrize(("about", "wanted", "said", "scores"), ROWS, ids=[row[0] for row in ROWS])
def test_what_an_answer_is_worth(about, wanted, said, scores):
    assert score(item(**wanted), said) == scores


def test_the_items_are_many_of_every_kind_and_each_seed_makes_its_own():
    one, again, other = made(1), made(1), made(2)
    assert one == again
    assert len(one) == len({each.id for each in one}) == LOT >= 300
    texts = [{json.dumps(each.body()) for each in items} for items in (one, other)]
    assert len(texts[0]) == LOT
    assert len(texts[0] & texts[1]) < LOT / 20
    kinds = {kind: sum(each.kind is kind for each in one) for kind in Kind if kind is not Kind.OWN}
    assert set(kinds.values()) == {LOT // len(kinds)}
    assert {each.language for each in one} > {"en", "zh", "ru"}


def test_more_of_them_begin_with_the_same_ones():
    more = made(1, MOST)

    assert more[:LOT] == made(1)
    assert len(more) == len({each.id for each in more}) == MOST
    assert len({json.dumps(each.body()) for each in more}) > 0.97 * MOST
    assert {each.kind for each in more[LOT : LOT + 60]} == {each.kind for each in more}


def right(each):
    """The answer that the item wants."""
    wanted = each.expected
    if wanted.value is not None:
        return Said(text=json.dumps(wanted.value))
    if wanted.calls:
        arguments = {name: right[0] for name, right in wanted.calls[0].arguments.items()}
        return called((wanted.calls[0].name, json.dumps(arguments)))
    sample = {"cyrillic": "Море", "han": "海", "greek": "Θάλασσα", "arabic": "بحر", "hangul": "바다"}
    if wanted.script:
        return Said(text=sample.get(wanted.script, "Sea"))
    return Said(text=wanted.text or " ".join(["word"] * (wanted.words[0] if wanted.words else 1)))


def test_each_item_can_be_done_right_and_wrong():
    for each in made(5):
        for tool in each.tools:
            Draft202012Validator.check_schema(tool["function"]["parameters"])
        scores = score(each, right(each))
        assert scores
        assert all(value for metric, value in scores.items() if metric is not Metric.TRIGGERED), each
        wrong = score(each, called(("nothing", "{}")) if each.tools else Said())
        assert not all(wrong.values()), each


def test_items_are_paired_by_metric_and_an_unanswered_one_is_out():
    items = [item(name=f"i{n}", tools=(TOOL,), family=f"f{n % 3}") for n in range(9)]
    baseline = {each.id: OSLO if n % 2 else Said(text="no") for n, each in enumerate(items)}
    candidate = {**baseline, "i1": Said(text="no"), "i2": OSLO}
    del candidate["i8"]
    pairs = paired(Metric.TRIGGERED, items, baseline, candidate)
    assert [each.order for each in pairs] == list(range(8))
    found = compare(pairs)
    assert (found.worse, found.better) == (1, 1)
    told = trigger(pairs, seed=1)
    assert (told.precision.value, told.recall.value) == (0.75, 0.75)
    assert [each.item for each in paired(Metric.VALID, items, baseline, candidate)] == ["i3", "i5", "i7"]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (OSLO, called(("weather", '{ "city":"Oslo" }')), True),
        (OSLO, called(("weather", '{"city": "Rome"}')), False),
        (OSLO, Said(text="Sunny."), False),
        (Said(text="a"), Said(text="b"), True),
        (called(("a", "{}"), ("b", "")), called(("b", "{}"), ("a", "{}")), True),
        (called(("a", "{")), called(("a", "{")), True),
    ],
)
def test_whether_calls_agree(one, other, equal):
    assert agrees(one, other) is equal


def completion(**choice):
    """One choice as a server writes it."""
    message = {"role": "assistant", "content": choice.pop("content", None), **choice.pop("message", {})}
    return whole({"choices": [{"index": 0, "message": message, "finish_reason": "stop", **choice}]})


CALL = {"id": "1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (completion(content="four"), Said(text="four")),
        (completion(message={"tool_calls": [CALL]}, finish_reason="tool_calls"), OSLO),
        (completion(message={"tool_calls": [CALL]}), OSLO),
        (completion(message={"refusal": "No."}), Said(text="No.", refused=True)),
        (completion(content="", finish_reason="content_filter"), Said(refused=True)),
        (completion(content="fo", finish_reason="length"), None),
        (completion(message={"tool_calls": [{"function": {"name": 1, "arguments": {}}}]}), called(("", "{}"))),
        (whole({"choices": []}), None),
        (None, None),
    ],
)
def test_what_a_completion_says(answer, heard):
    assert said(answer) == heard
