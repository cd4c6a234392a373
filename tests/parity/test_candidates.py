"""Prompts of ours."""

from said import counted, run

from conformance.parity.candidates import fresh_prompts, long_prompts, probes, short_prompts
from conformance.parity.model import Says
from conformance.parity.rendering import Rendering


def test_there_are_enough_and_none_is_twice():
    prompts = short_prompts()
    texts = [each.messages[0]["content"] for each in prompts]

    assert len({each.id for each in prompts}) == len(prompts) == 600
    assert len(set(texts)) >= 590  # a word may stand in two kinds of text
    assert {each.id.split("-")[0] for each in prompts} == {"en", "zh", "code", "numbers"}
    assert max(len(each) for each in texts) <= 20


def test_probes_are_what_they_say():
    """One thing apart from the plainest one, so that a delta names its cause."""
    for probe, prompt in probes():
        roles = [each["role"] for each in prompt.messages]
        text = "".join(each["content"] for each in prompt.messages)

        assert prompt.id == probe.id
        assert roles.count("user") + roles.count("assistant") == probe.turns
        assert ("system" in roles) == probe.system
        assert bool(prompt.tools) == probe.tools
        assert text.isascii() == probe.plain


def test_the_plan_of_stage_0_reads_the_probes():
    some = tuple(probe for probe, _ in probes())
    known = {probe.id: 30 + 5 * probe.turns for probe in some}
    turns = {probe.id: probe.turns for probe in some}
    decision, seen = run(Rendering(some, known), lambda each: counted(each.prompt, known[each.prompt] + 3 * turns[each.prompt], each.order))

    assert decision.says is Says.DIFFERENT
    assert "template" in decision.detail
    assert len(seen) == 8


def test_new_prompts_are_none_of_the_others_and_the_seed_makes_them():
    ours = {each.id for each in short_prompts()}
    new = fresh_prompts(3, 10)

    assert new == fresh_prompts(3, 10)
    assert not ours & {each.id for each in new}
    assert len({each.id for each in new} | {each.id for each in fresh_prompts(4, 10)}) > 15


def test_long_prompts_take_the_four_kinds_in_turn():
    prompts = long_prompts()

    assert len({each.messages[0]["content"] for each in prompts}) == len(prompts) == 96
    assert [each.id.split("-")[1] for each in prompts[:4]] == ["en", "zh", "code", "numbers"]
