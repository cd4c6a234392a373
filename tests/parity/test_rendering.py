"""Stage 0: which layer of rendering explains the difference in prompt tokens."""

import pytest
from said import counted, run

from conformance.parity.model import Answer, Layer, Says
from conformance.parity.rendering import Probe, Rendering

PROBES = (
    Probe(id="one-word"), Probe(id="three-turns", turns=3), Probe(id="five-turns", turns=5),
    Probe(id="system", system=True), Probe(id="tool", tools=True), Probe(id="chinese", plain=False),
)
KNOWN = {"one-word": 31, "three-turns": 60, "five-turns": 95, "system": 25, "tool": 120, "chinese": 40}
STAGE = Rendering(PROBES, KNOWN)

CASES = {
    "equal": ({}, Says.SAME, ""),
    "a dropped system prompt": (dict.fromkeys(KNOWN, -21), Says.DIFFERENT, "constant"),
    "a dropped default system prompt": (dict.fromkeys(KNOWN, -21) | {"system": 0}, Says.DIFFERENT, "default system prompt"),
    "a hidden system prompt, which a template's own makes room for": (
        dict.fromkeys(KNOWN, -11) | {"system": 10}, Says.DIFFERENT, "system prompt in place of the template's own",
    ),
    "another way to write tools": ({"tool": 14}, Says.DIFFERENT, "tools"),
    "another place for the system message": ({"system": 3}, Says.DIFFERENT, "system message"),
    "another tokenizer": ({"chinese": 7}, Says.DIFFERENT, "tokenizer"),
    "another template": ({"one-word": 4, "three-turns": 12, "five-turns": 20, "system": 4, "tool": 4, "chinese": 4}, Says.DIFFERENT, "template"),
    "another vocabulary": ({"one-word": 1, "three-turns": 9, "five-turns": 2, "system": 5, "tool": 30, "chinese": 11}, Says.DIFFERENT, "tokenizer"),
    "a BOS": (dict.fromkeys(KNOWN, 1), Says.INCONCLUSIVE, "BOS"),
}


@pytest.mark.parametrize(("deltas", "says", "detail"), CASES.values(), ids=CASES)
def test_which_layer_differs(deltas, says, detail):
    decision, seen = run(STAGE, lambda each: counted(each.prompt, KNOWN[each.prompt] + deltas.get(each.prompt, 0), each.order))

    assert decision.says is says
    assert detail in decision.detail
    assert decision.layer is (Layer.RENDERING if says is Says.DIFFERENT else None)
    assert len(seen) == len(PROBES) == decision.requests


def test_without_usage_nothing_is_known():
    decision, _ = run(STAGE, lambda each: counted(each.prompt, None, each.order))

    assert decision.says is Says.INCONCLUSIVE
    assert decision.troubled == len(PROBES)


def test_an_error_is_no_difference():
    def reply(each):
        return Answer(ask=each, trouble="500") if each.prompt == "tool" else counted(each.prompt, KNOWN[each.prompt], each.order)

    assert run(STAGE, reply)[0].says is Says.INCONCLUSIVE


def test_what_differs_is_listed():
    decision, _ = run(STAGE, lambda each: counted(each.prompt, KNOWN[each.prompt] + (each.prompt == "tool") * 14, each.order))

    assert decision.remarks == ("tool: +14",)
