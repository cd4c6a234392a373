"""Who says that it answered, with ratios by build and hour; and what endpoints say of themselves."""

import json
import random

import pytest
from said import exchange, ranked
from served import built

from conformance.faces.cli import main
from conformance.parity.builds import groups, told_apart
from conformance.parity.first import Apart
from conformance.parity.listed import Listed, listed, unlike
from conformance.parity.model import NOBODY, Build

ONE, TWO = Build("m", "fp_1"), Build("m", "fp_2", "router-b")
STARTED = "2026-12-01T23:50:00.000Z"


def apart(ratio, build=ONE, at=0.0):
    return Apart("p", ratio, ranked(a=1.0), ranked(a=1.0), build, at)


def test_each_build_has_a_ratio_of_its_own_in_each_hour():
    found = groups([apart(1.0), apart(1.2), apart(9.0, TWO), apart(1.1, at=660.0)], STARTED)

    assert [(each.build, each.hour, each.prompts) for each in found] == [
        (ONE, "2026-12-01 23h", 2), (TWO, "2026-12-01 23h", 1), (ONE, "2026-12-02 00h", 1),
    ]  # fmt: skip
    assert [each.ratio.value for each in found] == pytest.approx([1.1, 3.0, 1.1])
    assert found[0].ratio.low == pytest.approx(0.0, abs=0.2)
    assert found[1].ratio.low == found[1].ratio.high  # of one there is no interval


def test_builds_that_are_told_apart():
    near, far = [apart(1.0 + n / 100) for n in range(20)], [apart(2.0 + n / 100, TWO) for n in range(20)]

    assert told_apart(groups([*near, *far], STARTED))
    assert not told_apart(groups([*near, *(apart(each.ratio, TWO) for each in near)], STARTED))
    assert not told_apart(groups([*near, apart(3.0, TWO)], STARTED))
    assert not told_apart(groups([], STARTED))


def test_what_was_kept_is_of_no_hour():
    assert [each.hour for each in groups([apart(1.0, at=None)], STARTED)] == [""]


@pytest.mark.parametrize(("build", "told"), [(ONE, "model m, fingerprint fp_1"), (NOBODY, "unnamed"), (Build(provider="x"), "provider x")])
def test_a_build_in_words(build, told):
    assert str(build) == told


GGUF = {"id": "m", "object": "model", "created": 1, "owned_by": "x", "meta": {"n_params": 134, "deep": {"no": 1}}, "max_model_len": 8, "quant": ""}
LISTED = {
    "by its name": ([{"id": "n", "a": 1}, GGUF], {"meta.n_params": "134", "max_model_len": "8"}, ""),
    "the only one there is": ([{"id": "n", "a": 1.5, "b": True}], {"a": "1.5", "b": "True"}, ""),
    "none of several": ([{"id": "n"}, {"id": "k"}], {}, "none of 2 entries is of the model that was asked"),
    "nothing": ([], {}, "none of 0 entries is of the model that was asked"),
    "no list": ("x", {}, "none of 0 entries is of the model that was asked"),
    "too much": ([{"id": "m", **{f"k{n}": n for n in range(99)}}], {f"k{n}": str(n) for n in range(24)}, ""),
}


@pytest.mark.parametrize(("data", "facts", "trouble"), LISTED.values(), ids=LISTED)
def test_the_entry_of_the_model(data, facts, trouble):
    assert listed(exchange({"object": "list", "data": data}), "m") == Listed(facts, trouble)


@pytest.mark.parametrize(
    ("body", "status", "trouble"),
    [({}, 404, "status 404"), (b"<html>", 200, "none of 0"), ([{"id": "m", "n": 1}], 200, "")],
)
def test_endpoints_without_models_say_why(body, status, trouble):
    assert listed(exchange(body, status=status), "m").trouble.startswith(trouble)
    assert listed(None, "m").trouble == "no answer"


def test_only_what_both_give_can_differ():
    assert unlike(Listed({"a": "1", "b": "2", "c": "3"}), Listed({"a": "1", "b": "9", "d": "4"})) == ("b",)


def test_a_router_is_told_by_its_builds_and_models_by_what_they_say(pair):
    count = iter(range(10_000))

    def named(_body):
        return {"model": "m-fp8", "system_fingerprint": f"fp_{next(count) % 2}"}

    _, facts, folder, _ = pair(built(seed=2), "--stages=1", named=named, listing={"max_model_len": 4096})
    page = (folder / "report.md").read_text("utf-8")

    assert [each["fingerprint"] for each in facts["builds"]["candidate"]] == ["fp_0", "fp_1"]
    assert {each["model"] for each in facts["builds"]["candidate"]} == {"m-fp8"}
    assert [each["model"] for each in facts["builds"]["baseline"]] == ["m"]
    assert sum(each["prompts"] for each in facts["by_build_and_hour"]) == len(facts["first_tokens"])
    assert {each["fingerprint"] for each in facts["by_build_and_hour"]} == {"fp_0", "fp_1"}
    assert facts["listed"]["candidate"] == {"facts": {"max_model_len": "4096"}, "trouble": ""}
    assert "First tokens by build and hour" in page
    assert "`max_model_len`" in page
    assert "fingerprint fp_1: " in json.dumps(facts["stages"])


def test_names_that_are_no_text_spoil_no_report(pair):
    """Half a character, and a megabyte."""
    odd = {"model": "\ud800", "system_fingerprint": "x" * 1_000_000, "provider": 7}
    code, facts, folder, _ = pair(built(seed=2), "--stages=0", named=lambda _body: odd, listing={"root": "\ud800x", "n": [1], "deep": {"a": None}})

    assert code == 3
    assert facts["listed"]["candidate"]["facts"] == {"root": "\ufffdx"}
    assert (folder / "report.html").stat().st_size < 200_000
    assert main(["judge", str(folder)]) == 3


def test_builds_of_one_model_are_seldom_told_apart():
    rng = random.Random(1)
    wrong = 0
    for _ in range(200):
        found = [apart(rng.lognormvariate(0, 0.5), Build("m", f"fp_{n % 12}")) for n in range(96)]
        wrong += told_apart(groups(found, STARTED))

    assert wrong <= 6
