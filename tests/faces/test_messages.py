"""What users read when things go wrong: every cause once and in full, and nothing that misleads."""

import json
import os
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conformance.faces.cli import main

DEAD = ("--endpoint=http://127.0.0.1:9/v1", "--endpoint-model=m")
GONE = "an error of the run, no finding: could not be reached: connection refused"
CLAUSE = "role-in-every-chunk"
"""A fault that no case looks for: an invariant finds it."""


class BadGateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.do_GET()

    def do_GET(self):
        page = b"<html>Bad Gateway</html>"
        self.send_response(502)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        """Not on the tests' output."""


@contextmanager
def gateway():
    with ThreadingHTTPServer(("127.0.0.1", 0), BadGateway) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()


def ask(url):
    return [f"--endpoint={url}", "--endpoint-model=reference-1"]


def newest(folder):
    reports = folder / "reports"
    return reports / (reports / "latest.txt").read_text().strip()


def report(folder):
    return json.loads((newest(folder) / "report.json").read_text())


def errors(result):
    """Headlines of pytest's section on errors."""
    return [line for line in result.stdout.lines if " ERROR at " in line]


class TestManyErrorsOfOneKind:
    @pytest.mark.parametrize("shared", [(), ("-n", "2")], ids=["alone", "shared"])
    def test_an_endpoint_that_is_not_there_is_one_error_to_read(self, run, pytester, shared):
        result = run(*DEAD, *shared, "--junitxml=out.xml")

        assert len(errors(result)) == 1
        result.stdout.fnmatch_lines([GONE, "the same for 4 more cases; -v shows each"])
        assert "Traceback" not in result.stdout.str()
        assert result.parseoutcomes()["errors"] == 5
        suite = next(ET.parse(pytester.path / "out.xml").iter("testsuite"))
        assert (suite.get("tests"), suite.get("errors"), suite.get("failures")) == ("5", "5", "0")

    def test_verbose_shows_each(self, run):
        assert len(errors(run(*DEAD, "-v"))) == 5

    def test_reports_give_the_reason_once_with_the_number_of_cases(self, run, pytester):
        run(*DEAD, "-p", "no:terminal")
        text = (newest(pytester.path) / "report.md").read_text()
        (provider,) = report(pytester.path)["providers"]

        assert text.count("could not be reached: connection refused (5 cases)") == 1
        assert "could not be reached: connection refused (5 cases: `mine/served" in text
        (one,) = provider["errors"]
        assert one["reason"] == "could not be reached: connection refused"
        assert one["cases"] == sorted(case["id"] for case in provider["cases"])

    def test_a_server_that_is_not_up_behind_its_gateway_breaks_no_clause(self, run, pytester):
        with gateway() as url:
            result = run(*ask(url), "--certify=chat")
        (provider,) = report(pytester.path)["providers"]

        assert len(errors(result)) == 1
        result.stdout.fnmatch_lines(["*the server behind the gateway is not up (status 502)*"])
        assert provider["findings"] == []
        assert [one["answer"] for one in provider["certificates"]] == ["inconclusive"]

    def test_a_refused_key_is_one_error(self, run, endpoint, monkeypatch):
        monkeypatch.setenv("WRONG", "not-the-key-of-anybody")

        result = run(*ask(endpoint(key="the-right-one")), "--endpoint-key-env=WRONG")

        assert len(errors(result)) == 1
        result.stdout.fnmatch_lines(["*the key is refused (status 401)*"])

    def test_a_limit_that_was_reached_is_told_once_with_what_it_kept_back(self, run, endpoint):
        result = run(*ask(endpoint()), "--max-tokens-total=100")

        told = "5 of 5 cases not asked: by itself it could take 107 of the 100 tokens allowed"
        assert result.stdout.lines.count(told) == 1
        assert f" {told} report:" in " ".join(result.stdout.str().split())
        assert not errors(result)

    def test_different_reasons_stay_apart(self, run, pytester):
        pytester.makefile(
            ".toml",
            providers='[providers.a]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
            '[providers.b]\nbase_url = "http://name.invalid/v1"\nmodel = "m"\n',
        )

        assert len(errors(run("--provider=a,b"))) == 2


class TestLastFailed:
    """A clause is no item; the cases that showed it are."""

    streams = ("mine.yaml::served[endpoint-stream-true]",)

    @pytest.mark.parametrize("shared", [(), ("-n", "2")], ids=["alone", "shared"])
    def test_a_broken_clause_is_asked_again_with_its_cases_alone(self, run, endpoint, pytester, shared):
        url = endpoint(CLAUSE)
        first = run(*ask(url), *shared)
        kept = json.loads((pytester.path / ".pytest_cache/v/cache/lastfailed").read_text())
        again = run(*ask(url), *shared, "--lf")

        assert first.parseoutcomes()["failed"] >= 1
        assert tuple(kept) == self.streams
        assert [each["id"] for each in report(pytester.path)["providers"][0]["cases"]] == ["mine/served[stream-true]"]
        assert again.ret == 1

    def test_once_it_holds_nothing_is_left(self, run, endpoint, pytester):
        run(*ask(endpoint(CLAUSE)))
        run(*ask(endpoint()), "--lf")

        assert json.loads((pytester.path / ".pytest_cache/v/cache/lastfailed").read_text()) == {}

    def test_an_undecided_certificate_is_asked_again_with_what_keeps_it_open(self, run, endpoint, pytester):
        run(*ask(endpoint()), "--certify=full")

        kept = json.loads((pytester.path / ".pytest_cache/v/cache/lastfailed").read_text())
        assert list(kept) == ["mine.yaml::weak[endpoint]"]

    def test_a_test_of_the_users_own_that_showed_it_is_one_of_them(self, run, endpoint, pytester):
        pytester.makepyfile(
            test_mine='def test_it(ask):\n    ask({"stream": True, "messages": [{"role": "user", "content": "Say OK."}]})\n'
        )
        run(*ask(endpoint(CLAUSE)), "test_mine.py", suite=None)

        kept = json.loads((pytester.path / ".pytest_cache/v/cache/lastfailed").read_text())
        assert list(kept) == ["test_mine.py::test_it[endpoint]"]

    def test_it_works_without_the_cache(self, run, endpoint):
        assert run(*ask(endpoint(CLAUSE)), "-p", "no:cacheprovider").ret == 1


class TestJUnit:
    def cases(self, pytester):
        found = ET.parse(pytester.path / "out.xml").iter("testcase")
        return {each.get("name"): [child.tag for child in each if child.tag != "properties"] for each in found}

    def test_clauses_that_held_are_no_tests(self, run, endpoint, pytester):
        run(*ask(endpoint()), "-k", "served", "--junitxml=out.xml", "--certify=chat")

        cases = self.cases(pytester)
        assert sorted(cases) == [
            "certificates.chat[endpoint]", "served[endpoint-stream-false]", "served[endpoint-stream-true]",
        ]  # fmt: skip
        assert cases["certificates.chat[endpoint]"] == ["failure"]

    def test_clauses_that_were_broken_are(self, run, endpoint, pytester):
        run(*ask(endpoint(CLAUSE)), "-k", "served", "--junitxml=out.xml")

        assert self.cases(pytester)["clauses.STRM-011[endpoint]"] == ["failure"]

    def test_what_fails_below_the_bar_is_skipped_and_never_passed(self, run, endpoint, pytester):
        run(*ask(endpoint("error-without-param")), "-k", "should-only", "--junitxml=out.xml")

        cases = self.cases(pytester)
        assert cases["should-only[endpoint]"] == cases["clauses.ERR-005[endpoint]"] == ["skipped"]


@pytest.mark.parametrize("shared", [(), ("-n", "2")], ids=["alone", "shared"])
def test_a_users_test_that_cannot_ask_is_an_error_and_no_failure(run, pytester, shared):
    pytester.makepyfile(test_mine='def test_it(ask):\n    ask({"messages": []})\n')

    result = run(*DEAD, "test_mine.py", *shared, "--junitxml=out.xml", suite=None)

    assert result.parseoutcomes() == {"errors": 1}
    result.stdout.fnmatch_lines([GONE])
    suite = next(ET.parse(pytester.path / "out.xml").iter("testsuite"))
    assert (suite.get("errors"), suite.get("failures")) == ("1", "0")


class TestAnUnreachableSide:
    """Where one side gave no answers, nothing was compared, and nobody is a drop-in."""

    @pytest.mark.parametrize("order", [("dead", "alive"), ("alive", "dead")], ids=" for ".join)
    def test_it_says_that_nothing_was_compared(self, run, endpoint, pytester, order):
        pytester.makefile(
            ".toml",
            providers=f'[providers.dead]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
            f'[providers.alive]\nbase_url = "{endpoint()}"\nmodel = "reference-1"\n',
        )

        result = run(f"--provider={order[0]}", f"--baseline={order[1]}", "--certify=chat")
        text = (newest(pytester.path) / "report.md").read_text()
        data = report(pytester.path)
        (one,) = data["comparisons"]
        answers = {each["name"]: each["certificates"][0]["answer"] for each in data["providers"]}

        assert "**Nothing was compared.** Of none of 5 cases" in text
        assert "nothing new fails" not in text
        assert (one["compared"], one["cases"]) == (0, 5)
        assert answers[order[0]] == "inconclusive"
        assert result.ret == 1
        said = " ".join(result.stdout.str().split())
        assert "nothing was compared of none of 5 cases is it known what both do" in said
        assert f"{GONE} (5 cases)" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--provider=reference", "--report-as=pdf"], "*'pdf'; there are: *json*markdown*"),
        (["--provider="], "*no provider is named*reference*--endpoint=URL*"),
        (["--provider=reference", "--reports-dir=/dev/null/x"], "*--reports-dir=/dev/null/x: cannot write*"),
        (["--provider=reference", "--reports-dir=/dev/null/x", "-n", "2"], "*cannot write*"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_one_message_and_exit_code_4(run, arguments, words):
    result = run(*arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([words])
    assert len([line for line in result.stderr.lines if line.strip()]) == 1
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "no provider is named"),
        (["run", "--provider="], "no provider is named"),
        (["run", "--provider=referense"], "did you mean 'reference'"),
        (["run", "reference", "--reports-dir=/dev/null/x"], "--reports-dir=/dev/null/x: cannot write"),
    ],
    ids=" ".join,
)
def test_the_command_line_says_the_same(capsys, arguments, words):
    assert main(arguments) == 4
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("how", [["reference"], ["--provider=reference"], ["reference", "--provider=reference"]], ids=str)
def test_run_takes_a_provider_by_option_as_pytest_does(capsys, tmp_path, monkeypatch, how):
    monkeypatch.chdir(tmp_path)

    assert main(["run", *how, "--case=models/", "--estimate"]) == 0
    assert capsys.readouterr().out.count("models") == 1
    assert list(tmp_path.iterdir()) == [], "the check of --reports-dir leaves nothing behind"


@pytest.mark.parametrize("arguments", [["list", "clauses"], ["explain", "STRM-011"]], ids=" ".join)
def test_output_that_nobody_reads_ends_it_quietly(arguments):
    reading, writing = os.pipe()
    os.close(reading)

    command = [sys.executable, "-c", "import sys; from conformance.faces.cli import main; sys.exit(main())"]
    done = subprocess.run([*command, *arguments], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)

    assert (done.returncode, done.stderr) == (141, "")
