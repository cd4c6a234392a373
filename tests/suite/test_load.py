"""Suite files: what a good one means, and the exact words and place for each bad one."""

import re
from pathlib import Path

import pytest

from conformance.errors import SourceError
from conformance.suite.load import from_source, is_suite
from conformance.suite.model import Samples
from conformance.suite.source import read

GOOD = """\
conformance: 1
title: Sample
needs: [chat]
request:
  path: /chat/completions
  body:
    model: {$var: provider.model}
    temperature: 0
cases:
  - id: plain
    title: Plain
    clauses: [CREQ-004]
    axes: {stream: [false, true]}
    request: {body: {stream: {$var: axis.stream}}}
    expect: [served, {status: 200}]
  - id: talk
    title: Talk
    clauses: [RT-002, TOOL-009]
    needs: [tools]
    steps:
      - id: ask
        assume: [tool_calls]
        expect: {TOOL-009: [tool_arguments_valid]}
        capture: {call: "$.choices[0].message.tool_calls[0].id"}
      - id: answer
        request:
          headers: {X-Call: {$var: ask.call}}
          body: {messages: {$thread: {after: ask}}, temperature: {$omit: true}}
        always: {RT-002: [{same_finish: ask}]}
  - id: capped
    title: Capped
    clauses: [CREQ-020]
    retry: false
    control:
      expect: [{completion_tokens: {at_least: 20}}]
    vary:
      body: {max_tokens: 5}
    outcome:
      honoured: [{completion_tokens: 5}]
      rejected: [{status: 400}]
"""


def test_a_suite_means_what_it_says(load):
    suite = load(GOOD)
    plain, talk, capped = suite.cases
    assert (suite.id, suite.title, suite.path) == ("sample", "Sample", "suites/sample.yaml")
    assert [case.id for case in suite.cases] == ["sample/plain", "sample/talk", "sample/capped"]
    assert plain.axes == {"stream": (False, True)}
    assert plain.where == "suites/sample.yaml:10"
    assert plain.samples == Samples(least=1, most=1)
    assert talk.needs == ("chat", "tools")
    (requirement,) = plain.steps[0].expect
    assert requirement.clause == "CREQ-004"
    assert [(ref.name, ref.arguments) for ref in requirement.checks] == [
        ("served", {}),
        ("status", {"code": 200}),
    ]
    assert requirement.checks[1].where == "suites/sample.yaml:15"
    assert capped.varies == ("max_tokens",)
    assert not capped.retry


def test_requests_are_merged_by_top_level_key(load):
    _, talk, capped = load(GOOD).cases
    ask, answer = talk.steps
    assert ask.request.body == {"model": {"$var": "provider.model"}, "temperature": 0}
    assert answer.request.body == {
        "model": {"$var": "provider.model"},
        "messages": {"$thread": {"after": "ask"}},
    }
    assert answer.request.headers == {"X-Call": {"$var": "ask.call"}}
    control, main = capped.steps
    assert (control.id, control.control, main.id, main.control) == ("control", True, "main", False)
    assert "max_tokens" not in control.request.body
    assert main.request.body["max_tokens"] == 5


def test_a_control_assumes_what_it_must_show(load):
    control, main = load(GOOD).cases[2].steps
    assert [ref.name for ref in control.assume] == ["completion_tokens"]
    assert main.assume == ()
    assert [branch.name for branch in main.outcome] == ["honoured", "rejected"]


def test_a_step_may_be_the_control_and_what_follows_says_what_varies(load):
    steps = """    steps:
      - id: one
      - {id: again, control: [{same_text: one}]}
      - {id: warm, request: {body: {max_tokens: 5}}, expect: [served]}
"""
    head = GOOD[: GOOD.index("  - id: capped")]
    case = load(head + "  - id: warmed\n    title: W\n    clauses: [CREQ-020]\n" + steps).cases[2]
    assert [step.control for step in case.steps] == [False, True, False]
    assert [ref.name for ref in case.steps[1].assume] == ["same_text"]
    assert case.varies == ("max_tokens",)


def test_what_is_asked_is_not_under_test(load):
    steps = """    steps:
      - {id: short, control: [{content_length: 1}]}
      - id: long
        request: {body: {max_tokens: 5, messages: [{role: user, content: "Say it twice."}]}}
        expect: [served]
"""
    head = GOOD[: GOOD.index("  - id: capped")]
    case = load(head + "  - id: longer\n    title: L\n    clauses: [CREQ-020]\n" + steps).cases[2]
    assert case.varies == ("max_tokens",)


def test_null_is_sent_and_not_a_removal(load):
    text = GOOD.replace("{max_tokens: 5}", "{max_tokens: 5, temperature: null}")
    assert load(text).cases[2].steps[1].request.body["temperature"] is None


def test_raw_and_methods_without_a_body_leave_the_common_body_out(load):
    raw = GOOD.replace("body: {stream: {$var: axis.stream}}", "raw: '{\"a'").replace(
        "    axes: {stream: [false, true]}\n", ""
    )
    assert load(raw).cases[0].steps[0].request.body is None
    assert load(raw).cases[0].steps[0].request.raw == '{"a'
    get = GOOD.replace("{body: {stream: {$var: axis.stream}}}", "{method: GET}").replace(
        "    axes: {stream: [false, true]}\n", ""
    )
    assert load(get).cases[0].steps[0].request.body is None


def test_a_suite_from_a_record_is_the_suite_from_the_file_but_for_its_places(load, words):
    suite = load(GOOD)
    again = from_source(suite.source, suite.path, **words)
    assert again.source == suite.source
    for one, other in zip(suite.cases, again.cases, strict=True):
        assert [step.request for step in one.steps] == [step.request for step in other.steps]
        assert (one.id, one.axes, one.needs) == (other.id, other.axes, other.needs)


def test_data_from_a_record_is_validated_all_the_same(load, words):
    source = dict(load(GOOD).source)
    source["cases"] = [{**source["cases"][0], "clauses": ["CREQ-999"]}]
    with pytest.raises(SourceError, match=r"^sample\.yaml: cases\[0\]\.clauses\[0\]: the contract"):
        from_source(source, "sample.yaml", **words)


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        (GOOD, True),
        ("# comment\nconformance: 1", True),
        ('{"conformance": 1, "title": "T"}', True),
        ("'conformance': 2", True),
        ("title: conformance\n  conformance: 1", False),
        ("services:\n  web: {}", False),
        ("\x00\x01", False),
        ("", False),
    ],
)
def test_a_suite_is_known_by_its_mark(text, yes):
    assert is_suite(text) is yes


# What is replaced, by what, the place, and the complaint.
SHAPE = [
    ("conformance: 1\n", "", "1:1", "not a suite: the key `conformance` is missing"),
    ("conformance: 1", "conformance: 2", "1:14", "version 2 of the grammar is not known"),
    ("title: Sample\n", "", "1:1", "the file lacks 'title'"),
    ("title: Sample", "title: 7", "2:8", "'title' is text, not 7"),
    ("title: Sample", "titel: Sample", "2:1", "unknown key 'titel', did you mean 'title'?"),
    ("served, {status", "served, {statsu", "15:23", "no check is called 'statsu', did you mean 'status'?"),
    ("[served, {", "[sevred, {", "15:14", "no check is called 'sevred', did you mean 'served'?"),
    ("{status: 200}]\n  - id: talk", "status]\n  - id: talk", "15:22", "check 'status' needs code"),
    ("{status: 200}", "{status: ok}", "15:31", "'status' is a whole number or a list, not 'ok'"),
    ("{status: 200}", "{status: {coed: 1}}", "15:32", "unknown key 'coed', did you mean 'code'?"),
    ("{status: 200}", "{status: 200, served: 1}", "15:22", "one check per entry, found 2"),
    ("expect: [served, {status: 200}]", "expect: []", "15:13", "'expect' is empty"),
    ("id: plain", "id: Plain Case", "10:9", "'Plain Case' is not lower-case words joined by hyphens, such as smallest-request"),
    ("[CREQ-004]", "[creq-4]", "12:15", "'creq-4' is not a clause id such as STRM-010"),
    ("[CREQ-004]", "[CREQ-004, CREQ-004]", "12:14", "'clauses' names something twice"),
    ("{TOOL-009: [", "{tool: [", "23:18", "'tool' is not a clause id such as STRM-010"),
    ("$.choices[0].message.tool_calls[0].id", "$..id", "24:25", "'$..id' is not a singular query such as $.choices[0].message.content"),
    ("capture: {call:", "capture: {Call:", "24:19", "'Call' is not a lower-case word with _ and digits, such as call_id"),
    ("  path: /chat", "  path: chat", "5:9", "'chat/completions' is not a path that begins with /"),
    ("  path: /chat/completions", "  method: FETCH", "5:11", "'method' cannot be 'FETCH', did you mean 'PATCH'?"),
    ("{max_tokens: 5}", "{}", "37:13", "'body' is empty"),
    ("    retry: false\n", "    retry: false\n    timeout: 0\n", "34:14", "'timeout' is more than 0"),
    ("    retry: false\n", "    samples: many\n", "33:14", "'samples' is a whole number or a mapping, not 'many'"),
    ("      rejected: [{status: 400}]\n", "", "39:7", "'outcome' needs at least 2 entries"),
    ("request: {body: {stream: {$var: axis.stream}}}", "request: {body: {stream: {$var: axis.stream}}, raw: x}", "14:52", "`raw` and `body` exclude each other"),
    ("request: {body: {stream: {$var: axis.stream}}}", "request: {body: {stream: {$var: axis.stream}}, encoding: latin-1}", "14:52", "`encoding` without raw"),
    ("    retry: false\n", "    parity: []\n", "33:5", "unknown key 'parity', did you mean 'vary'?"),
]  # fmt: skip

SENSE = [
    ("id: talk", "id: plain", "16:9", "another case is called 'plain'"),
    ("[CREQ-004]", "[CREQ-998]", "12:15", "the contract has no clause 'CREQ-998', did you mean 'CREQ-079'?"),
    ("needs: [chat]", "needs: [chatt]", "3:9", "no capability is called 'chatt', did you mean 'chat'?"),
    ("needs: [tools]", "needs: [tool]", "19:13", "no capability is called 'tool', did you mean 'tools'?"),
    ("    expect: [served, {status: 200}]\n", "", "10:5", "case 'plain' judges nothing"),
    ("[CREQ-004]", "[CREQ-004, CREQ-005]", "15:13", "a bare list of checks, but the case has several clauses"),
    ("{TOOL-009: [", "{TOOL-008: [", "23:18", "TOOL-008 is not among the clauses of the case, did you mean 'TOOL-009'?"),
    ("[RT-002, TOOL-009]", "[RT-002, TOOL-009, RT-003]", "18:33", "RT-003 is listed, but no requirement of the case judges it"),
    ("    steps:\n", "    expect: [served]\n    steps:\n", "20:5", "'expect' beside `steps`"),
    ("- id: ask", "- id: trial", "21:13", "a step cannot be called 'trial': `$var` means something else by it"),
    ("- id: answer", "- id: ask", "25:13", "another step is called 'ask'"),
    ("{same_finish: ask}", "{same_finish: asq}", "29:27", "same_finish: no earlier step is called 'asq', did you mean 'ask'?"),
    ("{same_finish: ask}", "{same_finish: answer}", "29:27", "same_finish: no earlier step is called 'answer'"),
    ("    retry: false\n", "    samples: {min: 3, max: 2}\n", "33:14", "`min` is more than `max`"),
    ("    retry: false\n", "    rate: {at_least: 0.9, margin: 0.1}\n", "33:5", "`rate` needs `samples: {min: ..., max: ...}`"),
    ("    retry: false\n", "    samples: {min: 3, max: 9}\n    rate: {at_least: 0.1, margin: 0.1}\n", "34:35", "`margin` is not less than `at_least`: every rate would pass"),
    ("{stream: [false, true]}", "{stream: [false, true], n: [1]}", "13:35", "axis 'n' is used by no request"),
    ("[false, true]", "[false, 'false']", "13:28", "two values of the axis are printed 'false'"),
    ("[false, true]", "[false, 'a b']", "13:28", "'a b' cannot stand in an id"),
    ("  path: /chat/completions\n", "", "9:5", "step 'main' has no `path`"),
    ("request: {body: {stream:", "request: {method: GET, body: {stream:", "14:28", "a GET request has no body"),
]  # fmt: skip

DIRECTIVES = [
    ("{$var: axis.stream}", "{$vra: axis.stream}", "14:31", "no directive is called '$vra', did you mean '$var'?"),
    ("{$var: axis.stream}", "{$var: axis.straem}", "14:37", "no axis of this case is called 'straem', did you mean 'stream'?"),
    ("{$var: axis.stream}", "{$var: axis.stream, x: 1}", "14:31", "'$var' stands alone in its mapping"),
    ("{$var: provider.model}", "{$var: provider.modle}", "7:19", "`$var` knows no 'provider.modle', did you mean 'provider.model'?"),
    ("{$var: provider.model}", "{$var: provider.models.chatty}", "7:19", "no model kind is called 'chatty'"),
    ("{$var: provider.model}", "{$var: 7}", "7:19", "`$var` is a text such as provider.model"),
    ("{$var: ask.call}", "{$var: ask.cal}", "27:36", "no capture of step 'ask' is called 'cal', did you mean 'call'?"),
    ("{$var: ask.call}", "{$var: ask.sent.body.modle}", "27:36", "no body key of 'ask' is called 'modle', did you mean 'model'?"),
    ("{$var: ask.call}", "{$var: answer.call}", "27:36", "`$var` knows no 'answer.call', did you mean 'ask.call'?"),
    ("{after: ask}", "{after: aks}", "28:46", "no earlier step is called 'aks', did you mean 'ask'?"),
    ("{after: ask}", "{afetr: ask}", "28:38", "`$thread` is {after: STEP, results: {tool: text}}"),
    ("{after: ask}", "{after: ask, results: {get: 7}}", "28:60", "`results` maps names of tools to text"),
    ("{messages: {$thread: {after: ask}}", "{messages: [{$thread: {after: ask}}]", "28:39", "`$thread` is a whole value of the body, such as `messages`"),
    ("temperature: {$omit: true}", "temperatur: {$omit: true}", "28:65", "nothing is inherited under 'temperatur', did you mean 'temperature'?"),
    ("temperature: {$omit: true}", "temperature: {$omit: yes}", "28:74", "`$omit` is written {$omit: true}"),
    ("temperature: {$omit: true}", "temperature: [{$omit: true}]", "28:75", "`$omit` takes a key of `body` or `headers` away, nothing inside it"),
    ("temperature: {$omit: true}", "temperature: {$repeat: {text: a}}", "28:76", "`$repeat` is {text: T, times: N}"),
    ("temperature: {$omit: true}", "temperature: {$repeat: {entry: a, text: a, times: 2}}", "28:76", "`$repeat` is {text: T, times: N}"),
    ("temperature: {$omit: true}", "temperature: {$repeat: {text: a, times: 0}}", "28:76", "`$repeat` makes 1 to 10000000 characters"),
    ("temperature: {$omit: true}", "temperature: {$key: bearer}", "28:73", "`$key` is a whole value of the header Authorization"),
    ("temperature: {$omit: true}", "temperature: {$quote: 7}", "28:75", "`$quote` takes a text or a directive"),
    ("temperature: {$omit: true}", "temperature: {$concat: [1]}", "28:77", "`$concat` joins texts and directives only"),
    ("temperature: {$omit: true}", "temperature: {$concat: []}", "28:76", "`$concat` is a list of texts and directives"),
    ("temperature: {$omit: true}", "temperature: {$file: ../key}", "28:74", "`$file` is a path below the suite's own folder"),
    ("{X-Call: {$var: ask.call}}", "{X-Call: {id: 1}}", "27:29", "header 'X-Call' is text or a directive"),
    ("  path: /chat/completions", "  path: {$concat: [models, x]}", "5:9", "a path is text, or `$concat` whose first part begins with /"),
    ("{completion_tokens: 5}", "{value: {at: $.id, equals: {$var: provider.model}}}", "39:18", "directives are not resolved in arguments of checks"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "complaint"), SHAPE + SENSE + DIRECTIVES)
def test_what_cannot_be_meant_is_refused_with_its_place(load, old, new, place, complaint):
    assert old in GOOD
    with pytest.raises(SourceError) as caught:
        load(GOOD.replace(old, new))
    first = str(caught.value).splitlines()[0]
    assert first == f"suites/sample.yaml:{place}: {complaint}"


def test_keywords_of_json_schema_are_no_directives(load):
    text = GOOD.replace("{max_tokens: 5}", '{max_tokens: 5, tools: [{$ref: "#/$defs/a"}]}')
    assert load(text).cases[2].steps[1].request.body["tools"] == [{"$ref": "#/$defs/a"}]


def test_all_complaints_of_a_file_are_told_at_once(load):
    text = GOOD.replace("id: plain", "id: Plain").replace("{status: 200}", "{statsu: 200}")
    with pytest.raises(SourceError) as caught:
        load(text)
    assert "suites/sample.yaml:10:9: 'Plain' is not" in str(caught.value)
    assert "suites/sample.yaml:15:23: no check is called 'statsu'" in str(caught.value)


def test_the_name_of_a_file_must_be_fit_for_ids(load):
    with pytest.raises(SourceError, match="cannot stand in ids"):
        load(GOOD, "suites/my suite.yaml")


ODD = [None, True, 0, -1, 1e300, "", "x", "$.x", [], [[]], {}, {"$var": 1}, {"$omit": True}]
ODD += [{"": ""}, {"status": {}}, {"$thread": []}, {"$repeat": {}}, {"text": {"contains": {}}}]


def places(value, at=()):
    yield at
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*at, key))


def changed(value, at, new):
    if not at:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = changed(value[at[0]], at[1:], new)
    return copy


@pytest.mark.parametrize("new", ODD, ids=str)
def test_whatever_stands_anywhere_is_taken_or_refused_but_never_breaks_the_loader(new, words):
    good = read(GOOD, "sample.yaml").data
    for at in places(good):
        try:
            loaded = from_source(changed(good, at, new), "sample.yaml", **words)
        except SourceError as error:
            loaded = error
        assert loaded


def test_the_examples_of_the_guide_are_suites(load):
    guide = Path(__file__).parents[2] / "docs" / "suites.md"
    first, *_ = blocks = re.findall(r"```yaml\n(.*?)```", guide.read_text("utf-8"), re.DOTALL)
    assert load(first).cases[0].id == "sample/greets"
    probe = next(block for block in blocks if "control:" in block)
    head = first[: first.index("  - id: greets")]
    assert load(head + probe).cases[0].varies == ("max_tokens",)
