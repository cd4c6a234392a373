"""Files of loads: what is shipped can be read, what cannot be meant is refused with its place."""

import pytest

from conformance.data import suites_root
from conformance.errors import SourceError
from conformance.suite.loads import load_scenarios

GOOD = """loads: 1
scenarios:
  one:
    title: A load
    streams: 2
    seconds: 1
    mix: [{prompt: hello, max_tokens: 4, share: 2, words: 3}, {prompt: there, max_tokens: 5, body: {top_p: 1}}]
"""


def test_what_is_shipped_has_closed_and_open_loops():
    path = suites_root() / "loads" / "latency.yaml"
    found = load_scenarios(path.read_text(), str(path))

    assert {one.rate for one in found.values()} == {None, 2}
    assert found["long-prompt-primed"].primed
    assert found["poisson"].poisson


def test_a_mix_is_asked_in_turn_by_its_shares():
    one = load_scenarios(GOOD, "f.yaml")["one"]

    assert [body["max_tokens"] for body in one.bodies] == [4, 4, 5]
    assert one.bodies[0]["messages"][0]["content"] == "The sky was hello"
    assert one.bodies[2]["top_p"] == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("streams: 2", "stream: 2", "f.yaml:5:5: unknown key 'stream'"),
        ("streams: 2", "streams: 0", "f.yaml:5:14: streams is not a whole number"),
        ("streams: 2", "arrivals: poisson", "either streams"),
        ("seconds: 1", "rate: 1", "'seconds' is missing"),
        ("seconds: 1", "seconds: 1\n    rate: 1", "either streams"),
        ("loads: 1", "loads: 2", "f.yaml:1:8: loads is not 1"),
        ("prompt: hello, ", "", "'prompt' is missing"),
        ("streams: 2", "streams: 2\n    cache: cold", "one of busted, primed"),
        ("scenarios:", "scenes:", "unknown key 'scenes'"),
    ],
)
def test_what_cannot_be_meant_is_refused(old, new, words):
    with pytest.raises(SourceError) as error:
        load_scenarios(GOOD.replace(old, new), "f.yaml")

    assert words in str(error.value)
