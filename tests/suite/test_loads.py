"""Files of loads: what is shipped can be read, what cannot be meant is refused with its place."""

import json
from importlib.resources import files

import jsonschema
import pytest

from conformance.data import suites_root
from conformance.errors import SourceError
from conformance.suite.load_keys import loads_schema
from conformance.suite.loads import load_scenarios
from conformance.suite.source import read

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


REFUSED = [
    ("streams: 2", "stream: 2", "f.yaml:5:5: unknown key 'stream'"),
    ("streams: 2", "streams: 0", "f.yaml:5:14: streams is not a whole number"),
    ("streams: 2", "arrivals: poisson", "either streams"),
    ("seconds: 1", "rate: 1", "'seconds' is missing"),
    ("seconds: 1", "seconds: 1\n    rate: 1", "either streams"),
    ("loads: 1", "loads: 2", "f.yaml:1:8: loads is not 1"),
    ("prompt: hello, ", "", "'prompt' is missing"),
    ("streams: 2", "streams: 2\n    cache: cold", "one of busted, primed\n  write `cache: primed`"),
    ("seconds: 1", "seconds: .inf", "f.yaml:6:14: seconds is not a number above 0\n  write `seconds: 20`"),
    ("seconds: 1", "seconds: 1\n    warm_up: 0", "f.yaml:7:14: warm_up is not a number above 0"),
    ("seconds: 1", "seconds: true", "seconds is not a number"),
    ("streams: 2", "rate: 5000001", "more than 1000000 requests"),
    ("top_p: 1", "messages: []", "'messages' is not said in a body\n  write `prompt`"),
    ("top_p: 1", "stream: false", "leave it out: every request is streamed"),
    ("title: A load", "title: ''", "title is not a text\n  write `title: Short questions`"),
    ("scenarios:", "scenes:", "unknown key 'scenes'"),
    ("prompt: hello, ", "", "write `prompt:"),
]
BEYOND_SCHEMAS = [("streams: 2", "rate: 5000001")]
"""A schema knows no products."""


@pytest.mark.parametrize(("old", "new", "words"), REFUSED)
def test_what_cannot_be_meant_is_refused(old, new, words):
    with pytest.raises(SourceError) as error:
        load_scenarios(GOOD.replace(old, new), "f.yaml")

    assert words in str(error.value)


SCHEMA = json.loads((files("conformance.suite") / "loads.schema.json").read_text("utf-8"))


def test_the_schema_for_editors_is_the_one_that_is_generated_and_the_file_names_it():
    path = suites_root() / "loads" / "latency.yaml"
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert loads_schema() == SCHEMA
    assert path.read_text("utf-8").startswith(
        "# yaml-language-server: $schema=../../conformance/suite/loads.schema.json\n"
    )


@pytest.mark.parametrize("change", [("", ""), *(case[:2] for case in REFUSED)], ids=str)
def test_editors_complain_where_the_reader_does(change):
    """But for what a schema cannot say."""
    text = GOOD.replace(*change) if change[0] else GOOD
    valid = jsonschema.Draft7Validator(SCHEMA).is_valid(read(text, "f.yaml").data)

    assert valid is (change[0] == "" or change in BEYOND_SCHEMAS)


def test_a_warm_up_is_part_of_a_load():
    text = GOOD.replace("seconds: 1", "seconds: 1\n    warm_up: 2.5")
    one = load_scenarios(text, "f.yaml")["one"]

    assert (one.warm_up, one.manner) == (2.5, "2 at once for 1 s after 2.5 s of warm-up")
