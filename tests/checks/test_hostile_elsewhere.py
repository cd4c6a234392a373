"""Whatever /completions and /embeddings send, or are asked, no check raises."""

import json

import pytest
import table_embeddings
import table_texts
from build import DROP, edited, exchange
from table_embeddings import LIST, vectors
from table_texts import BILL, LOGPROBS, SCORING, WHOLE, flow, piece, text
from tables import SCHEMAS, TABLE

from conformance.checks.core import CHECKS, Scene, apply

ODD = [None, [], {}, "x", -1, True, 10**30, float("inf"), [None], {"": {}}, "\ud800\x00", [[]], [5], DROP]
OURS = [*table_texts.TABLE, *table_embeddings.TABLE]
TOLD = edited(WHOLE, {"choices.0.logprobs": LOGPROBS | {"top_logprobs": [{"a": -1}, None]}})
ASKED = {"n": 2, "best_of": 1, "stop": "x", "echo": True, "logprobs": 1, "suffix": "y", "prompt": ["a", "b"]}


def places(value, way=""):
    """Every member of a value, by its path."""
    found = [way] if way else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in pairs:
        found += places(each, f"{way}.{name}" if way else str(name))
    return found


def survives(one):
    for name in OURS:
        row = TABLE[name][0]
        scene = Scene(steps={"other": one}, schemas=SCHEMAS)
        for problem in apply(CHECKS[name], one, row.arguments, scene).problems:
            assert len(problem.message) < 1000


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_any_member_of_an_answer_may_be_anything(value):
    for place in places(TOLD):
        survives(exchange(json.dumps(edited(TOLD, {place: value})).encode(), path="/completions", asked=table_texts.WANTED | ASKED))
        survives(flow(edited(piece("x") | {"usage": WHOLE["usage"]}, {place: value}) if place in places(piece("x")) else piece("x"), BILL))
    for place in places(LIST):
        survives(vectors({place: value}, asked={"dimensions": 3}))
    for whole in (text({"": value}), vectors({"": value})) if value is not DROP else ():
        survives(whole)


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_any_member_of_a_request_may_be_anything(value):
    for name in (*table_texts.WANTED, *ASKED, *SCORING, "stream", "stream_options", "temperature"):
        survives(text(asked=ASKED | {name: value}))
        survives(flow(asked=ASKED | {name: value}))
    for name in ("input", "encoding_format", "dimensions", "model", "odd"):
        survives(vectors(asked={name: value}))
        survives(table_embeddings.refused(asked={name: value} if value is not DROP else {}))
