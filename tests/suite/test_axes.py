"""Axes whose values are mappings, and rows that several cases share."""

import pytest

from conformance.errors import SourceError
from conformance.plan.build import variants
from conformance.plan.model import axis_value
from conformance.suite.load import from_source
from conformance.suite.model import Effort, Keyword

GOOD = """\
conformance: 1
title: Rows
request: {path: /chat/completions, body: {model: {$var: provider.model}}}
rows:
  few:
    - {id: one, word: uno, stop: [x], schema: {$ref: "#"}}
    - {id: two, word: dos, schema: {type: object}}
  more:
    - {id: three, word: tres, schema: true}
cases:
  - id: all
    title: All rows
    clauses: [CREQ-004]
    axes: {row: {$rows: [few, more]}, stream: [false, true]}
    keyword: {name: {$var: axis.row.word}, by: one way}
    request: {body: {stream: {$var: axis.stream}, schema: {$var: axis.row.schema}, stop: {$optional: axis.row.stop}}}
    expect: [served]
  - id: some
    title: Some rows
    clauses: [CREQ-004]
    axes: {row: {$rows: few}}
    keyword: {name: words, by: another way}
    request: {body: {row: {$var: axis.row}}}
    expect: [served]
  - id: own
    title: Mappings in place
    clauses: [CREQ-004]
    axes: {form: [{id: bare, held: 1}, plain]}
    request: {body: {form: {$var: axis.form}}}
    expect: [served]
    thorough: {form: [bare]}
"""


def test_rows_are_values_of_axes_and_called_by_their_ids(load):
    every, some, own = load(GOOD).cases

    assert [each.cell for each in variants(some)] == ["sample/some[row-one]", "sample/some[row-two]"]
    assert [each.printed for each in variants(own)] == [(("form", "bare"),), (("form", "plain"),)]
    assert [each.cell for each in variants(every)][-1] == "sample/all[row-three-stream-true]"
    assert len(list(variants(every))) == 6
    assert axis_value({"row": every.axes["row"][2]}, "row.word") == "tres"
    assert axis_value({"row": every.axes["row"][2]}, "row") == every.axes["row"][2]


def test_a_case_may_have_a_place_in_the_table_of_keywords(load):
    every, some, own = load(GOOD).cases

    assert every.keyword == Keyword(name="", axis="row.word", by="one way")
    assert some.keyword == Keyword(name="words", axis="", by="another way")
    assert own.keyword is None


def test_some_values_wait_for_a_thorough_run(load):
    *_, own = load(GOOD).cases

    assert [each.effort for each in variants(own)] == [Effort.THOROUGH, Effort.NORMAL]


def test_rows_come_back_from_a_record(load, words):
    suite = load(GOOD)
    again = from_source(suite.source, suite.path, **words)
    assert [(one.axes, one.thorough) for one in again.cases] == [(one.axes, one.thorough) for one in suite.cases]


BAD = [
    ("{$rows: few}", "{$rows: fwe}", "21:25", "no rows are called 'fwe', did you mean 'few'?"),
    ("{$rows: few}", "{$row: few}", "21:18", "unknown key '$row', did you mean '$rows'?"),
    ("[few, more]", "[few]", "8:3", "rows 'more' are used by no axis"),
    ("[few, more]", "[few, few]", "14:17", "two values of the axis are printed 'one'"),
    ("- {id: one, ", "- {", "6:7", "an entry of 'few' lacks 'id'"),
    ("{id: one,", "{id: One,", "6:12", "'One' is not lower-case words joined by hyphens, such as smallest-request"),
    ("axis.row.schema", "axis.row.schemas", "16:66", "value 'one' of axis 'row' has no 'schemas', did you mean 'schema'?"),
    ("axis.row.schema", "axis.stream.x", "16:66", "value False of axis 'stream' has no 'x'"),
    ("axis.row.stop", "axis.row.stopp", "16:102", "no member of axis 'row' is called 'stopp', did you mean 'stop'?"),
    ("axis.row.stop", "axis.rwo.stop", "16:102", "no axis of this case is called 'rwo', did you mean 'row'?"),
    ("axis.row.stop", "axis.stream.stop", "16:102", "values of axis 'stream' are no mappings"),
    ("axis.row.stop", "axis.row", "16:102", "`$optional` is a text such as axis.row.stop"),
    ("stop: {$optional: axis.row.stop}", "stop: [{$optional: axis.row.stop}]", "16:103", "`$optional` is a whole value of the body"),
    ("axis.row.schema", "axis.rwo.schema", "16:66", "no axis of this case is called 'rwo', did you mean 'row'?"),
    ("axis.row.word", "axis.row.wrod", "15:21", "value 'one' of axis 'row' has no 'wrod', did you mean 'word'?"),
    ("{$var: axis.row.word}", "{$var: provider.model}", "15:21", "a keyword's name is text, or {$var: axis.NAME.KEY}"),
    ("by: one way", "bye: one way", "15:44", "unknown key 'bye', did you mean 'by'?"),
    ("word: uno", "word: {$var: provider.model}", "14:17", "directives are not resolved in value 'one' of an axis"),
    ("{id: bare, held: 1}", "{held: 1}", "28:19", "an entry of 'form' lacks 'id'"),
    ("{form: [bare]}", "{from: [bare]}", "31:16", "no axis is called 'from'"),
    ("{form: [bare]}", "{form: [bear]}", "31:23", "axis 'form' has no value 'bear'"),
    ("{form: [bare]}", "{form: [bare, plain]}", "31:22", "no value of axis 'form' is left for other runs"),
    ("{form: [bare]}", "{form: []}", "31:22", "'form' is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "complaint"), BAD)
def test_what_cannot_be_meant_is_refused_with_its_place(load, old, new, place, complaint):
    assert old in GOOD
    with pytest.raises(SourceError) as caught:
        load(GOOD.replace(old, new, 1))
    assert str(caught.value).splitlines()[0] == f"suites/sample.yaml:{place}: {complaint}"
