"""Times as a page: pictures in files beside the Markdown, and inside the HTML."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache

import pytest
from shapes import MS, arrival, reading

from conformance.latency.audit import audit
from conformance.latency.contest import Blocks, contest
from conformance.latency.measured import Measured
from conformance.latency.paired import Figure, Pair
from conformance.latency.summary import summarize
from conformance.latency.sweep import Knee, level
from conformance.latency.truth import Errors
from conformance.report import pictures
from conformance.report.times_page import of_one, of_sweep, of_two

GOOD = Errors(ttft=(900,) * 400, gaps=(300,) * 400, width=(9,), doubted=0, tokens=400)
HOSTILE = '<img src="http://evil.example/x.png">|`'
PNG = b"\x89PNG\r\n"
ANSWERS = [reading(500 * n, ttft=100 + n % 4) for n in range(12)]


@cache
def one(name="mine", readings=tuple(ANSWERS)):
    return Measured(
        provider=name,
        model=name,
        streams=2,
        summary=summarize(readings),
        audit=audit(readings, GOOD, GOOD),
        readings=readings,
    )


@cache
def two(name="mine", other="yours"):
    pair = Pair(candidate=ANSWERS[:2], baseline=[reading(9, ttft=120), reading(9, ttft=121)])
    blocks = Blocks(
        candidate=(name, "m"), baseline=(other, "m"), streams=2, pairs=[pair] * 5, before=GOOD, after=GOOD
    )
    return contest(blocks, [Figure("ttft", "p50"), Figure("tls", "p50")], 4.0)


@pytest.mark.parametrize("make", [lambda: of_one(one(), ["e2e_p50 <= 5 ms: kept"]), lambda: of_two(two())])
def test_every_picture_is_shown_in_both(make):
    page = make()
    assert set(page.pictures) == {"ttft", "itl", "timeline"}
    for drawn in page.pictures.values():
        assert drawn.png.startswith(PNG)
        assert ET.fromstring(drawn.svg).tag.endswith("}svg")
    for name in page.pictures:
        assert f"](report-{name}.png)" in page.markdown("report")
    assert page.html().count('src="data:image/svg+xml;base64,') == 3


@pytest.mark.parametrize(
    "make", [lambda: of_one(one(HOSTILE), [HOSTILE]), lambda: of_two(two(HOSTILE, HOSTILE))]
)
def test_nothing_of_an_endpoint_s_becomes_markup(make):
    page = make()
    sources = re.findall(r'<(?:img|script|link|iframe)[^>]*(?:src|href)="([^"]{0,20})', page.html())

    assert all(each.startswith("data:image/svg+xml") for each in sources)
    for drawn in page.pictures.values():
        own = {each.tag.partition("}")[2] for each in ET.fromstring(drawn.svg).iter()}
        assert not own & {"script", "foreignObject", "a", "img"}
        assert not re.findall(rb'(?:href|src)="(?!#|data:image/png)[^"]*"', drawn.svg)


def test_a_picture_is_the_same_each_time_and_takes_no_name_for_mathematics():
    sides = {r"a$\frac{$b": ANSWERS, "_x": ANSWERS}

    assert pictures.timeline(sides) == pictures.timeline(sides)
    assert pictures.spread(sides, "ttft", "x") == pictures.spread(sides, "ttft", "x")


def test_two_have_their_answers_and_no_rates():
    text = of_two(two()).markdown("x")

    assert "faster" in text
    assert "undecided (was not measured on both sides)" in text
    assert "requests/s" not in text
    assert "10 answers" in text


def test_one_beside_itself_has_two_names():
    assert set(map(len, [of_two(two("same", "same")).pictures])) == {3}


@pytest.mark.parametrize("counts", [(1, 2, 4), (1,)])
def test_a_sweep_shows_throughput_over_requests_at_once(counts):
    levels = [level(replace(one(), streams=count), 5.0) for count in counts]

    page = of_sweep(levels, Knee(streams=counts[0], decided=True, said="1: it stops paying"))

    assert set(page.pictures) == {"throughput"}
    assert "Knee: 1: it stops paying" in page.markdown("x")
    assert f"| {counts[-1]} " in page.markdown("x")


def test_where_nothing_came_there_is_nothing_to_draw():
    nothing = one(readings=tuple(replace(each, failure="status 500", arrivals=()) for each in ANSWERS))

    assert of_one(nothing).pictures == {}


def test_values_in_doubt_are_not_drawn():
    doubtful = [
        reading(0, arrivals=(arrival(100 * MS, doubtful=True), arrival(120 * MS), arrival(140 * MS)))
    ]

    assert pictures.spread({"a": doubtful}, "ttft", "x") is None
    assert pictures.spread({"a": doubtful}, "itl", "x") is not None
