"""How much a run asks, and what it may say then."""

import json
import subprocess
import sys

import pytest

SUITE = """
conformance: 1
title: Three efforts
request:
  path: /chat/completions
  body: {model: {$var: provider.model}, max_tokens: 4, messages: [{role: user, content: "Say OK."}]}
cases:
  - {id: glance, title: t, clauses: [CREQ-004], effort: quick, expect: [served]}
  - {id: usual, title: t, clauses: [CREQ-004], expect: [served]}
  - {id: deep, title: t, clauses: [CREQ-004], effort: thorough, expect: [served]}
  - id: broad
    title: t
    clauses: [CREQ-004]
    axes: {stream: [false, true]}
    thorough: {stream: [true]}
    request: {body: {stream: {$var: axis.stream}}}
    expect: [served]
"""


@pytest.fixture
def asked(pytester, endpoint):
    """What a command asked: the trials by case."""

    def asked(*arguments, suite="efforts.yaml"):
        pytester.makefile(".yaml", efforts=SUITE)
        command = [sys.executable, "-m", "pytest", suite, f"--endpoint={endpoint()}"]
        subprocess.run(
            [*command, "--endpoint-model=reference-1", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *arguments],
            cwd=pytester.path,
            check=True,
            capture_output=True,
        )
        (record,) = pytester.path.glob("reports/*/record.jsonl")
        lines = [json.loads(line) for line in record.read_text().splitlines()]
        cases = [each["case"] for each in lines if each["kind"] == "trial"]
        return {name: cases.count(name) for name in cases if name.startswith("efforts/")}

    return asked


@pytest.mark.parametrize(
    ("arguments", "suite", "wanted"),
    [
        (["--effort=quick"], "efforts.yaml", {"glance": 1}),
        ([], "efforts.yaml", {"glance": 1, "usual": 1, "broad": 1}),
        (["--effort=thorough"], "efforts.yaml", {"glance": 3, "usual": 3, "deep": 1, "broad": 6}),
        (
            ["--effort=thorough", "--samples=1"],
            "efforts.yaml",
            {"glance": 1, "usual": 1, "deep": 1, "broad": 2},
        ),
        ([], "efforts.yaml::deep[endpoint]", {"deep": 1}),
        ([], "efforts.yaml::broad", {"broad": 2}),
        ([], "efforts.yaml::broad[endpoint-stream-true]", {"broad": 1}),
        (["--effort=thorough", "-n2"], "efforts.yaml", {"glance": 3, "usual": 3, "deep": 1, "broad": 6}),
    ],
)
def test_each_effort_asks_what_the_one_before_asks_and_more(asked, arguments, suite, wanted):
    assert asked(*arguments, suite=suite) == {f"efforts/{name}": n for name, n in wanted.items()}


@pytest.mark.parametrize(("effort", "answer"), [("quick", "inconclusive"), ("normal", "drop-in")])
def test_a_quick_run_never_says_drop_in(asked, pytester, effort, answer):
    (pytester.path / "mine.toml").write_text(
        '[profiles.tiny]\ntitle = "Tiny"\nabout = "x"\ncapabilities = ["chat"]\nclauses = ["CREQ-004"]\n'
    )

    asked(f"--effort={effort}", "--profiles-file=mine.toml", "--certify=tiny", "--undecided=warn")

    (report,) = pytester.path.glob("reports/*/report.json")
    (certificate,) = json.loads(report.read_text())["providers"][0]["certificates"]
    assert certificate["answer"] == answer
