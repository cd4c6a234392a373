"""The pytest face tells verdicts in pytest's words, and nothing happens without --provider."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest


def ask(url):
    return [f"--endpoint={url}", "--endpoint-model=reference-1"]


def outcome_of(result):
    return {name: number for name, number in result.parseoutcomes().items() if name != "warnings"}


def test_a_conformant_endpoint_passes_and_the_report_is_written(run, endpoint, pytester):
    result = run(*ask(endpoint()), "-k", "served or unknown")

    assert result.ret == 0
    folder = pytester.path / "reports" / (pytester.path / "reports/latest.txt").read_text().strip()
    assert {each.name for each in folder.iterdir()} >= {"record.jsonl", "report.md", "report.json"}


def test_the_installed_client_is_played_unless_that_is_not_wanted(run, endpoint, pytester):
    url = endpoint()
    for more, played in (((), True), (("--no-clients",), False)):
        pytester.runpytest_subprocess("mine.yaml", "-k", "served", *ask(url), *more)
        folder = pytester.path / "reports" / (pytester.path / "reports/latest.txt").read_text().strip()

        assert ('"kind":"client"' in (folder / "record.jsonl").read_text("utf-8")) is played


def test_without_a_provider_nothing_is_collected_and_nothing_is_sent(pytester):
    pytester.makefile(".yaml", mine="conformance: 1\ntitle: x\ncases: []\n")

    assert pytester.runpytest_subprocess().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_failure_at_the_bar_fails_and_names_clause_and_what_was_seen(run, endpoint):
    result = run(*ask(endpoint("unknown-model-served")), "-k", "unknown-model")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*ERR-011*200*"])


def test_a_failure_below_the_bar_is_a_warning_until_the_bar_is_lowered(run, endpoint):
    url = endpoint("error-without-param")

    lenient = run(*ask(url), "-k", "should-only")
    strict = run(*ask(url), "-k", "should-only", "--fail-on=should")

    assert (lenient.ret, strict.ret) == (0, 1)
    assert outcome_of(lenient)["warned"] >= 1


def test_inconclusive_is_its_own_word_and_skipped_in_junit_never_passed(run, endpoint, pytester):
    result = run(*ask(endpoint()), "-k", "weak", "--junitxml=out.xml")

    assert outcome_of(result)["inconclusive"] == 1
    case = next(
        each
        for each in ET.parse(pytester.path / "out.xml").iter("testcase")
        if "weak" in each.get("name")
    )
    assert case.find("skipped") is not None


def test_junit_carries_the_verdict_as_properties(run, endpoint, pytester):
    run(*ask(endpoint()), "-k", "served", "--junitxml=out.xml")

    names = {each.get("name") for each in ET.parse(pytester.path / "out.xml").iter("property")}
    assert {"outcome", "provider"} <= {name.rpartition(".")[2] for name in names}


@pytest.mark.parametrize(
    ("arguments", "cases"),
    [
        (["-k", "served"], 2),
        (["-k", "stream-true"], 1),
        (["-m", "should"], 1),
        (["mine.yaml::unknown-model[endpoint]"], 1),
    ],
)
def test_selection_is_pytests_own(run, endpoint, pytester, arguments, cases):
    suite = None if "::" in arguments[0] else "mine.yaml"

    run(*ask(endpoint()), *arguments, suite=suite)

    record = next(pytester.path.glob("reports/*/record.jsonl"))
    kinds = [json.loads(line) for line in record.read_text().splitlines()]
    assert (
        sum(each["kind"] == "trial" and not each["case"].startswith("discovery") for each in kinds)
        == cases
    )


def test_collect_only_sends_nothing(run, endpoint, tmp_path):
    log = tmp_path / "log.jsonl"

    result = run(*ask(endpoint(log=log)), "--collect-only", "-q")

    result.stdout.fnmatch_lines(["*mine.yaml::served*stream-true*"])
    assert not log.exists() or log.read_text() == ""


def test_stopping_at_the_first_failure_keeps_what_was_captured(run, endpoint, pytester):
    result = run(*ask(endpoint("unknown-model-served")), "-x")

    assert result.ret == 1
    assert next(pytester.path.glob("reports/*/record.jsonl")).stat().st_size > 0
    assert next(pytester.path.glob("reports/*/report.md")).is_file()


def test_an_endpoint_that_is_not_there_is_an_error_and_no_failure(run):
    result = run("--endpoint=http://127.0.0.1:9/v1", "--endpoint-model=m", "-k", "served")

    assert result.ret == 1
    counted = outcome_of(result)
    assert counted.get("failed", 0) == 0
    assert counted["errors"] >= 2
    result.stdout.fnmatch_lines(["*refused*"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--provider=referense"], "*did you mean 'reference'*"),
        (["--provider=reference", "--certify=agnet"], "*did you mean 'agent'*"),
        (["--provider=reference", "--baseline=nobody"], "*neither a provider*nor a record*"),
        (["--baseline=reference"], "*--baseline*need*--provider*"),
        (
            ["--provider=reference", "--providers-file=none.toml"],
            "*no such providers file*none.toml*",
        ),
        (["--provider=reference", "--samples=0"], "*--samples=0*at least 1*"),
        (["--provider=reference", "--report-as=markdwn"], "*did you mean 'markdown'*"),
    ],
)
def test_wrong_use_is_exit_code_4_with_the_remedy(run, arguments, words):
    result = run(*arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([words])


def test_a_missing_key_is_exit_code_4_and_names_the_variable(run, pytester):
    pytester.makefile(
        ".toml",
        providers='[providers.far]\nbase_url = "https://example.invalid/v1"\nmodel = "m"\napi_key = "${FAR_KEY}"\n',
    )

    result = run("--provider=far")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*FAR_KEY*"])


def test_a_users_own_python_test_asks_and_is_recorded(run, endpoint, pytester):
    pytester.makepyfile(
        test_mine="""
        def test_it_says_ok(provider, ask):
            exchange = ask({"messages": [{"role": "user", "content": "Say OK."}], "max_tokens": 8})
            assert exchange.response.status == 200
            assert "OK" in exchange.answer.choices[0].content
        """
    )

    result = run(*ask(endpoint()), "test_mine.py", suite=None)

    assert result.ret == 0
    record = next(pytester.path.glob("reports/*/record.jsonl")).read_text()
    assert "test_it_says_ok" in record


def test_the_fixtures_skip_without_a_provider(pytester):
    pytester.makepyfile(test_mine="def test_x(ask): raise AssertionError")

    assert outcome_of(pytester.runpytest_subprocess()) == {"skipped": 1}


def test_other_yaml_is_left_alone_in_a_folder_and_an_error_when_named(run, endpoint, pytester):
    pytester.makefile(".yaml", other="just: data\n")
    url = endpoint()

    folder = run(*ask(url), ".", "-k", "unknown-model", suite=None)
    named = run(*ask(url), "other.yaml", suite=None)

    assert folder.ret == 0
    assert named.ret == pytest.ExitCode.USAGE_ERROR
    named.stderr.fnmatch_lines(["*other.yaml:*"])


def test_a_wrong_suite_names_file_line_and_remedy(run, endpoint, pytester):
    pytester.makefile(".yaml", wrong="conformance: 1\ntitle: x\ncases:\n  - id: a\n    titel: b\n")

    result = run(*ask(endpoint()), "wrong.yaml", suite=None)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*wrong.yaml:5:5*titel*did you mean 'title'*"])


@pytest.mark.parametrize(
    "theirs", ["--base-url=http://x.invalid", "--profile", "--randomly-seed=3"]
)
def test_it_works_beside_other_plugins(run, endpoint, theirs):
    result = run(theirs, *ask(endpoint()), "-k", "unknown-model")

    assert result.ret == 0


def test_it_works_where_the_users_warnings_are_errors(run, endpoint, pytester):
    pytester.makeini("[pytest]\nfilterwarnings = error\n")

    assert run(*ask(endpoint()), "-k", "served").ret == 0


def test_a_taken_option_name_gets_a_prefix_and_no_crash(pytester):
    pytester.makeconftest("")
    pytester.makepyfile(taker="def pytest_addoption(parser): parser.addoption('--baseline')")

    result = pytester.runpytest_subprocess("-p", "taker", "--help")

    result.stdout.fnmatch_lines(["*--conformance-baseline*"])


def test_an_asked_profile_that_stays_undecided_fails_unless_told_otherwise(run, endpoint):
    url = endpoint()

    fails = run(*ask(url), "-k", "served", "--certify=chat")
    warns = run(*ask(url), "-k", "served", "--certify=chat", "--undecided=warn")

    assert (fails.ret, warns.ret) == (1, 0)


def test_a_run_of_the_plugin_without_provider_imports_nothing_of_ours_but_the_plugin():
    code = (
        "import sys, pytest\n"
        "pytest.main(['--collect-only', '-q', '-p', 'no:cacheprovider', '/dev/null'])\n"
        "print(sorted(m for m in sys.modules if m.startswith('conformance')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == str(
        [
            "conformance",
            "conformance.faces",
            "conformance.faces.options",
            "conformance.faces.plugin",
            "conformance.faces.stash",
        ]
    )


def test_the_command_that_asks_again_is_one_that_works(run, endpoint, pytester):
    url = endpoint("unknown-model-served")
    first = run(*ask(url), "-k", "unknown-model")
    line = next(each for each in first.stdout.lines if each.startswith("again: pytest "))

    import shlex

    again = run(*shlex.split(line.removeprefix("again: pytest ")), suite=None)

    assert again.ret == 1
    again.stdout.fnmatch_lines(["*ERR-011*200*"])


def test_last_failed_runs_what_failed_and_no_more(run, endpoint):
    url = endpoint("unknown-model-served")
    run(*ask(url))

    again = run(*ask(url), "--lf")

    again.stdout.fnmatch_lines(["*rerun previous * failure*"])


def test_a_profile_of_the_users_own_decides(run, endpoint, pytester):
    pytester.makefile(
        ".toml",
        ours='[profiles.ours]\ntitle = "Ours"\nabout = "What we use."\ncapabilities = ["chat"]\nclauses = ["ERR-011"]\n',
    )
    url = endpoint()

    good = run(*ask(url), "--profiles-file=ours.toml", "--certify=ours", "-k", "unknown-model")
    bad = run(
        *ask(endpoint("unknown-model-served")),
        "--profiles-file=ours.toml",
        "--certify=ours",
        "-k",
        "unknown-model",
    )

    assert (good.ret, bad.ret) == (0, 1)
    good.stdout.fnmatch_lines(["*ours*drop-in*1/1 decided*"])
