"""pytest with `--parity`: stages of an audit as items."""

import json
import re

import pytest
from served import built, providers, served

QUICK = """\
parity: 1
title: First tokens only
stages:
  rendering: {stage: "0", title: Prompts have as many tokens at both}
  first-tokens: {stage: "1", title: First tokens lie near}
"""


@pytest.fixture
def run(pytester, baseline):
    """Compares the session's baseline with `of` in pytest; without `of` the endpoint `url` alone."""
    pytester.makefile(".yaml", mine=QUICK)

    def ran(*options, of=None, **about):
        with served(of or built(seed=2), **about) as (url, _):
            providers(pytester.path, a=baseline, b=url)
            return pytester.runpytest_subprocess("-p", "no:cacheprovider", "--parity", *options)

    return ran


def counted(result):
    return {name: number for name, number in result.parseoutcomes().items() if name != "warnings"}


def test_the_same_model_passes_stage_by_stage_and_what_was_not_asked_is_open(run, pytester):
    result = run("--provider=b", "--baseline=a", "mine.yaml")

    assert result.ret == 0
    assert counted(result) == {"passed": 2, "inconclusive": 1}  # text alone shows the sampler: no answer
    result.stdout.fnmatch_lines(["*b against a*", "b: inconclusive.*", "report: *report.md"])
    (page,) = pytester.path.glob("reports/*/report.html")
    assert "the model that" in page.read_text("utf-8")


def test_an_undecided_answer_fails_where_that_was_asked_for(run):
    assert run("--provider=b", "--baseline=a", "--undecided=fail", "mine.yaml").ret == 1


def test_another_model_fails_its_stage_and_the_answer(run):
    result = run("--provider=b", "--baseline=a", "mine.yaml", of=built(seed=3, change=1.3))

    assert result.ret == 1
    assert counted(result) == {"passed": 1, "failed": 2}
    result.stdout.fnmatch_lines(["*different: *weights or numerics*"])


def test_only_the_stages_that_are_selected_are_asked(run):
    result = run("--provider=b", "--baseline=a", "mine.yaml", "-k", "rendering", of=built(seed=3, change=1.3))

    assert (result.ret, counted(result)) == (0, {"passed": 1, "deselected": 2})


def test_a_stage_of_ours_is_asked_by_its_name(run):
    result = run("--provider=b", "--baseline=a", "-v", "suites/parity.yaml::rendering[b]")

    assert (result.ret, counted(result)) == (0, {"passed": 1})
    result.stdout.fnmatch_lines(["suites/parity.yaml::rendering* PASSED*"])


def test_one_endpoint_on_successive_nights(run):
    """The first night is kept; the next ones are held against it, and a change fails."""
    first, second = run("--provider=b"), run("--provider=b")
    changed = run("--provider=b", of=built(seed=3, change=1.3))

    assert counted(first) == {"inconclusive": 1}
    assert counted(second) == {"passed": 1}
    assert (changed.ret, counted(changed)) == (1, {"failed": 1})
    changed.stdout.fnmatch_lines(["*changed without a word*"])


def test_an_endpoint_without_an_entry_is_compared_by_its_url(run):
    with served(built(seed=2)) as (url, _):
        result = run(f"--endpoint={url}", "--endpoint-model=m", "--baseline=a", "mine.yaml")

    assert (result.ret, counted(result)) == (0, {"passed": 2, "inconclusive": 1})


def test_what_the_baseline_said_is_kept_for_the_next_candidate(run, pytester):
    run("--provider=b", "--baseline=a", "mine.yaml")
    result = run("--provider=b", "--baseline=a", "mine.yaml", of=built(seed=3, change=1.3))
    first, second = (
        json.loads(each.read_text("utf-8"))
        for each in sorted(pytester.path.glob("reports/*/report.json"), key=lambda one: one.stat().st_mtime_ns)
    )

    assert result.ret == 1
    assert second["spent"]["baseline"]["requests"] < first["spent"]["baseline"]["requests"]
    assert (first["since"], bool(second["since"])) == ("", True)


def test_a_baseline_that_was_changed_is_told_with_what_to_delete(pytester):
    pytester.makefile(".yaml", mine=QUICK)
    for of in (built(seed=1), built(seed=3, change=1.3)):
        with served(of) as (known, _), served(built(seed=2)) as (url, _):
            providers(pytester.path, a=known, b=url)
            result = pytester.runpytest_subprocess(
                "-p", "no:cacheprovider", "--parity", "--provider=b", "--baseline=a", "mine.yaml"
            )

    assert result.ret == 0  # nothing is held against the candidate
    result.stdout.fnmatch_lines(["*parity-a.jsonl holds what it was: delete it to begin anew"])


def test_an_endpoint_that_is_gone_fails_nobody(run):
    result = run("--provider=b", "--baseline=a", "mine.yaml", hook=lambda _body: 401)

    assert result.ret == 0
    assert set(counted(result)) == {"inconclusive"}


WRONG = {
    "an unknown stage": (QUICK.replace('"0"', '"9"'), "stage is not one of"),
    "an unknown key": (f"{QUICK}margins: 3\n", "did you mean 'margin'?"),
    "no stages": ("parity: 1\ntitle: x\n", "'stages' is missing"),
    "a list": (QUICK.replace('{stage: "0", title: Prompts have as many tokens at both}', "[]"), "not a mapping"),
}


@pytest.mark.parametrize(("text", "words"), WRONG.values(), ids=WRONG)
def test_a_file_that_is_wrong_is_told_with_its_place(text, words, pytester):
    providers(pytester.path, a="http://127.0.0.1:1/v1", b="http://127.0.0.1:1/v1")
    (pytester.path / "mine.yaml").write_text(text, "utf-8")
    result = pytester.runpytest_subprocess("--parity", "--provider=b", "--baseline=a", "mine.yaml")

    assert result.ret == 4
    assert words in result.stdout.str()
    assert re.search(r"mine\.yaml:\d+", result.stdout.str())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--parity"], "need --provider"),
        (["--parity", "--provider=bb"], "no provider is called 'bb'"),
        (["--parity", "--provider=b", "--baseline=a", "-n2"], "leave -n out"),
    ],
)
def test_wrong_use(options, words, pytester):
    result = pytester.runpytest_subprocess(*options)

    assert result.ret == 4
    assert words in result.stderr.str()
