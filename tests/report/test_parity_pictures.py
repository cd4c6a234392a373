"""Pictures of a compared pair: well-formed, equal for equal facts, and inside the page."""

import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest

from conformance.parity.first import Apart
from conformance.parity.model import Decision, Estimate, Ranked, Says, StageName
from conformance.report.html import page
from conformance.report.parity_pictures import TITLES, pictures

HOSTILE = '</svg><script>alert("x")</script>\x00 & \u202e'


def apart(ratio, prompt="p", token=b" the"):
    return Apart(prompt, ratio, (Ranked(token, -0.1), Ranked(b"\xff", -3.0)), (Ranked(b"b", -1.0),))


def pair(*ratios, texts=None, pool=None, said=None, **decisions):
    """What pictures look at."""
    found = [
        Decision(stage=StageName(name.strip("_")), says=Says(says), why="", path=path, **dict(about))
        for name, (says, path, *about) in decisions.items()
    ]
    audited = SimpleNamespace(
        apart=tuple(map(apart, ratios)), pool=pool or {}, said=said or {}, overall=SimpleNamespace(decisions=tuple(found))
    )
    return SimpleNamespace(audited=audited, texts=texts or {})


def looks(says, *p_values, low=0.0, value=0.5, high=2.0):
    """Stage 2 after so many looks."""
    return says, (), ("p_values", p_values), ("ratios", (Estimate(value, low, high),) * len(p_values))


POOL, SAID = {"p": ("a", "a", "b"), HOSTILE: ("b", HOSTILE)}, {"p": ("a", "c"), HOSTILE: ("b", "b")}
BY_TEXT = {"chances", "looks", "answers"}


PAIRS = {
    "many prompts": (pair(*[0.5 + n / 40 for n in range(96)], _1=("same", (0.1, 1.0, 4.0))), {"prompts", "tokens", "wealth"}),
    "one prompt": (pair(40.0, _1=("different", (5.0,))), {"prompts", "tokens", "wealth"}),
    "equal to the bit": (pair(0.0, 0.0, _1=("inconclusive", (-3.0, -9.0))), {"prompts", "tokens", "wealth"}),
    "nights": (pair(drift=("same", (0.0, -0.1))), {"nights"}),
    "nights by text": (pair(drift=("different", (), ("p_values", (0.6, 1.0, 3e-5)))), {"nights"}),
    "text only, alike": (pair(_2=looks("same-coarse", 0.5, 0.2, 1.0, 0.1, 0.04, high=0.9), pool=POOL, said=SAID), BY_TEXT),
    "text only, different at once": (pair(_2=looks("different", 1e-4, value=80.0, high=200.0), pool=POOL, said=SAID), BY_TEXT),
    "text only, undecided": (pair(_2=looks("inconclusive", 0.5, 0.2), pool=POOL, said=SAID), BY_TEXT),
    "text beside lists": (pair(2.0, _2=looks("inconclusive", 0.5), pool=POOL, said=SAID), {"prompts", "tokens", "chances", "looks"}),
    "text before a first look": (pair(_2=looks("inconclusive")), set()),
    "nothing": (pair(_1=("inconclusive", ())), set()),
    "hostile words": (pair(2.0, texts={"p": HOSTILE}), {"prompts", "tokens"}),
}


@pytest.mark.parametrize(("one", "names"), PAIRS.values(), ids=PAIRS)
def test_pictures_are_well_formed_and_equal_for_equal_facts(one, names):
    drawn = pictures(one)

    assert set(drawn) == names <= set(TITLES)
    assert drawn == pictures(one)
    for each in drawn.values():
        assert ET.fromstring(each).tag == "{http://www.w3.org/2000/svg}svg"
        assert "\n" not in each
        assert "nan" not in each
        assert "<script" not in each


def test_every_dot_lies_in_the_frame():
    svg = ET.fromstring(pictures(PAIRS["many prompts"][0])["prompts"])
    _, _, width, height = map(float, svg.get("viewBox").split())
    dots = [(float(each.get("cx")), float(each.get("cy"))) for each in svg.iter("{http://www.w3.org/2000/svg}circle")]

    assert len(dots) == 96
    assert all(0 < x < width and 0 < y < height for x, y in dots)


def words(svg):
    return " ".join(each.text for each in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"))


def test_what_decided_is_said_in_the_picture():
    alike, other = (pictures(PAIRS[name][0]) for name in ("text only, alike", "text only, different at once"))

    assert "same-coarse" in words(alike["looks"])
    assert "different: 0.0001" in words(other["chances"])
    assert "different:" not in words(alike["chances"])
    assert "changed from here: a chance of 0.00017" in words(pictures(PAIRS["nights by text"][0])["nights"])
    assert words(other["answers"]).count("never") == 3


def test_a_page_holds_its_pictures_and_no_other_file_is_one():
    text = "# A\n\n![one](a-one.svg)\n\n![two](a-two.svg)\n"
    made = page(text, {"a-one.svg": "<svg><title>one</title></svg>"})

    assert "<svg><title>one</title></svg>" in made
    assert '<img src="a-two.svg" alt="two"' in made
