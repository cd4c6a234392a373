"""Plans united: where they agree on what they share, and else the first difference is named."""

from dataclasses import replace

import pytest

from conformance.errors import UsageError
from conformance.plan.build import build, digest, with_samples
from conformance.plan.merge import agree, merge
from conformance.providers.model import Deviation, Limits, Provider
from conformance.suite.model import Case, Samples, Suite


def case(name, **more):
    given = {"needs": (), "axes": {}, **more}
    return Case(
        id=name, title="", about="", clauses=(), samples=Samples(least=1, most=1), rate=None, observe={}, steps=(),
        varies=(), alone=False, destructive=False, retry=True, timeout=None, where="", **given,
    )


def suite(name, *cases, **source):
    return Suite(id=name, path=f"suites/{name}.yaml", title="", about="", cases=cases, source={"title": name, **source})


def provider(name="p", **more):
    return Provider(**{"name": name, "base_url": "http://127.0.0.1:1/v1", "where": "providers.toml:1", **more})


CHAT = suite("chat", case("chat/a", axes={"stream": (False, True)}), case("chat/b", needs=("tools",)))
TOOLS = suite("tools", case("tools/a"))


def plan(*suites, at=(), select=None, **more):
    given = {"select": select} if select else {}
    providers = at or (provider(),)
    return replace(build(suites or (CHAT,), {each.name: each for each in providers}, **given), **more)


def cells(plan):
    return {cell.id: cell.providers for cell in plan.cells}


def test_suites_providers_and_cells_are_united():
    limited = provider("q", capabilities={"tools": False})
    one = plan(CHAT, select=lambda variant, _: variant.axes.get("stream") is not True)
    two = plan(TOOLS, CHAT, at=(limited,))

    whole = merge({"one": one, "two": two})

    assert cells(whole) == {
        "chat/a[stream-false]": ("p", "q"),
        "chat/a[stream-true]": ("q",),
        "chat/b": ("p",),
        "tools/a": ("q",),
    }
    assert [each.id for each in whole.suites] == ["chat", "tools"]
    assert whole.digest == digest([CHAT, TOOLS])
    assert [(each.variant.cell, each.provider) for each in whole.not_asked] == [("chat/b", "q")]


@pytest.mark.parametrize("names", [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a"]])
def test_any_order_gives_the_same_plan(names):
    plans = {
        "a": plan(CHAT, at=(provider(where="here:1"),)),
        "b": plan(TOOLS, at=(provider(where="there:9"), provider("q"))),
        "c": plan(CHAT, at=(provider(where="else:3", limits=Limits(concurrency=1)),)),
    }
    expected = merge(plans)

    assert merge({name: plans[name] for name in names}) == expected
    assert merge({"x": merge({name: plans[name] for name in names[:2]}), names[2]: plans[names[2]]}) == expected


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (plan(seed=7), "seed differs: 0 and 7"),
        (plan(effort="quick"), "effort differs: 'normal' and 'quick'"),
        (plan(baseline="p"), "baseline differs: None and 'p'"),
        (plan(suite("chat", case("chat/a"), title="other")), "suite 'chat' differs: "),
        (plan(suite("chat", case("chat/a"), about="long" * 20)), "suite 'chat' differs\n"),
        (plan(with_samples(CHAT, 3)), "number of samples of chat/a differs: (1, 1) and (3, 3)"),
        (plan(at=(provider(base_url="http://else/v1"),)), "base_url of provider 'p' differs: 'http://127.0.0.1:1/v1' and 'http://else/v1'"),
        (plan(at=(provider(model="m"),)), "model of provider 'p' differs: None and 'm'"),
        (plan(at=(provider(capabilities={"tools": False}),)), "capabilities of provider 'p' differs: {} and {'tools': False}"),
        (plan(at=(provider(deviations=(Deviation(reason="known", where="x:1"),)),)), "deviations of provider 'p' differs"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_plans_that_contradict_are_refused_with_the_first_difference(other, difference):
    with pytest.raises(UsageError) as refused:
        merge({"day-1": plan(), "day-2": other})

    assert str(refused.value).startswith(f"day-1 and day-2 do not belong together: {difference}")


def test_where_a_deviation_is_written_does_not_matter():
    here, there = (provider(deviations=(Deviation(reason="known", where=where),)) for where in ("a:1", "b:2"))

    assert cells(merge({"a": plan(at=(here,)), "b": plan(at=(there,))}))


def test_only_what_two_say_of_the_same_thing_is_compared():
    agree([("a", "x", 1), ("b", "y", 2), ("c", "x", 1)])
    with pytest.raises(UsageError, match=r"^a and d do not belong together: x differs: 1 and 3"):
        agree([("a", "x", 1), ("b", "y", 2), ("d", "x", 3)])
