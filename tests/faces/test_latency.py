"""`conformance latency`, against a clock."""

import itertools
import json
import socket
import subprocess
import sys

import pytest
from clocked import clock
from shapes import reading
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from conformance.engine.instrument.reel import Reel
from conformance.faces.cli import main
from conformance.latency.truth import Errors
from conformance.runs import latency, side_by_side


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


CALM = Errors(ttft=(900,) * 400, gaps=(300,) * 400, width=(9,), doubted=0, tokens=400)


@pytest.fixture(scope="module")
def clocked():
    with clock() as one:
        yield one


def test_figures_come_with_intervals_and_the_instruments_own_error(clocked, capsys, tmp_path, monkeypatch):
    """What decides is injected: eight streams ask once at least, however slow this machine is."""
    number = itertools.count()
    monkeypatch.setattr("conformance.latency.reading.measure", lambda *_: reading(next(number), ttft=10, itl=2, count=16))
    monkeypatch.setattr(latency, "errors", lambda *_: CALM)
    out = tmp_path / "out.json"
    arguments = [f"--endpoint={clocked.url}", "--endpoint-model=clock-ttft10-itl2-n16"]
    code = main(
        ["latency", *arguments, "--streams=8", "--seconds=0.1", f"--json={out}", "--limit=ttft_p95=2000",
         "--limit=e2e_p50=1"]
    )
    text = capsys.readouterr().out
    found = json.loads(out.read_text())

    assert code == 1
    assert "time to first token         10.00 [10.00, 10.00] ± 0.0" in text
    assert "instrument: stamps are the kernel's" in text
    assert "ttft_p95 <= 2000 ms: kept (10.00 ms, certainly within" in text
    assert "e2e_p50 <= 1 ms: exceeded (40.00 ms, certainly within" in text
    assert found["instrument"]["calibrated"]
    assert found["summary"]["metrics"]["itl"]["count"] == 15 * found["summary"]["good"] >= 15 * 8


def test_what_is_measured_gets_there(clocked, tmp_path):
    out = tmp_path / "out.json"
    arguments = [f"--endpoint={clocked.url}", "--endpoint-model=clock-ttft10-itl2-n16", "--streams=2"]

    assert main(["latency", *arguments, "--seconds=0.1", f"--json={out}"]) == 0
    found = json.loads(out.read_text())
    assert found["instrument"]["calibrated"]
    assert found["summary"]["good"] >= 2
    assert found["summary"]["metrics"]["e2e"]["quantiles"]["p50"]["value"] >= 40  # the clock is never early


def test_what_fails_is_told_and_decides_nothing(clocked, capsys):
    arguments = [f"--endpoint={clocked.url}", "--endpoint-model=clock-fail429-ttft1"]
    code = main(["latency", *arguments, "--seconds=0.1", "--limit=ttft_p95=5"])

    assert code == 3
    assert "(status 429); not among the figures" in capsys.readouterr().out


WAITS = ("conformance.checks", "conformance.faces.times", "conformance.latency.contest", "conformance.plan",
         "conformance.report", "conformance.suite", "conformance.verdict", "execnet", "httpcore", "httpx",
         "jsonschema", "markdown_it", "matplotlib", "pydantic", "pytest", "tenacity", "uuid", "yaml")  # fmt: skip


def test_a_first_request_leaves_early(clocked):
    """Counted in modules, not in seconds: what is not imported cannot be slow."""
    code = (
        "import os, sys\nfrom conformance.engine.instrument.line import Line\n"
        f"def start(*_):\n    print(*[each for each in {WAITS!r} if each in sys.modules], flush=True)\n    os._exit(7)\n"
        "Line.start = start\nfrom conformance.faces.cli import main\n"
        f"main(['latency', '--endpoint={clocked.url}', '--endpoint-model=clock-ttft1-n2'])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (found.returncode, found.stdout.strip()) == (7, ""), found.stderr


@pytest.fixture
def two(clocked, tmp_path):
    """A file of two providers."""
    path = tmp_path / "providers.toml"
    path.write_text(
        "".join(
            f'[providers.{name}]\nbase_url = "{clocked.url}"\nmodel = "clock-ttft{ttft}-itl2-n8"\n'
            for name, ttft in (("quick", 20), ("slow", 60))
        )
    )
    return f"--providers-file={path}"




@pytest.fixture
def calm(monkeypatch):
    """Times as they would be on a machine that does nothing else: made, not measured, as are those
    by which the looks come.

    Everything else is real: providers are asked over sockets, in turn, until the looks end it.
    """
    number = itertools.count()

    def measured(take, _):
        asked = json.loads(take.exchange.request.body)["model"]
        ttft = 60 if "ttft60" in asked else 20
        return reading(next(number), ttft=ttft + next(number) % 3, itl=2, count=8)

    seconds = itertools.count()
    monkeypatch.setattr(side_by_side, "monotonic", lambda: next(seconds) / 10)
    monkeypatch.setattr("conformance.latency.reading.measure", measured)
    monkeypatch.setattr(side_by_side, "errors", lambda *_: CALM)


def test_two_are_measured_in_turn_and_told_apart(two, calm, capsys, tmp_path):
    out = tmp_path / "out.json"
    code = main(["latency", "slow", "--baseline=quick", two, "--streams=2", "--seconds=2", "--limit=ttft_p50<=1.2x",
                 "--limit=ttft_p50<=1000x", f"--json={out}", f"--page={tmp_path / 'page.md'}"])
    text = capsys.readouterr().out
    found = json.loads(out.read_text())

    assert code == 1, text
    assert "ttft_p50 <= 1.2x: slower" in text
    assert "ttft_p50 <= 1000x: equivalent" in text
    assert found["findings"][0]["compared"]["ratio"]["value"] == pytest.approx(3, rel=0.1)
    assert found["pairs"] >= 4
    assert {each.name for each in tmp_path.glob("page*")} == {
        "page.md", "page.html", *(f"page-{name}.{kind}" for name in ("ttft", "itl", "timeline") for kind in ("png", "svg"))
    }


def test_one_beside_itself_gets_figures_and_no_exit_code_against_it(two, capsys):
    assert main(["latency", "quick", "--baseline=quick", two, "--streams=2", "--seconds=1"]) == 0
    assert "output tokens/s" in capsys.readouterr().out


def test_a_load_can_be_shared_by_processes(clocked, capsys, tmp_path):
    out = tmp_path / "out.json"
    arguments = [f"--endpoint={clocked.url}", "--endpoint-model=clock-ttft20-itl2-n8", f"--json={out}"]

    code = main(["latency", *arguments, "--streams=3", "--tx=2*popen", "--seconds=0.5"])
    text = capsys.readouterr().out
    found = json.loads(out.read_text())

    assert code == 0, text
    assert "3 at once" in text
    assert found["instrument"]["calibrated"]
    assert found["summary"]["good"] >= 3


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--tx=2*popen"], 4, "less than one for each of 2"),
        (["--tx=0*popen"], 4, "such as 2*popen"),
        (["--tx=carrier-pigeon"], 4, "no process came about"),
        (["--tx=popen//python=/nowhere/python"], 4, "no process came about"),
        (["--tx=popen", "--sweep=1,2"], 4, "no baseline, no sweep"),
    ],
)
def test_processes_that_cannot_be_are_told(arguments, code, words, clocked, capsys):
    asked = [f"--endpoint={clocked.url}", "--endpoint-model=clock-ttft5-itl2-n4", "--seconds=0.1"]

    assert main(["latency", *asked, *arguments]) == code
    assert words in capsys.readouterr().err


def test_what_goes_wrong_in_another_process_comes_home_in_words(clocked, capsys):
    asked = [f"--endpoint={clocked.url}", "--endpoint-model=", "--seconds=0.1", "--tx=popen"]

    assert main(["latency", *asked]) != 0
    assert "names no model" in capsys.readouterr().err


PROFILES = """
[profiles.swift]
includes = ["chat"]
times = ["ttft_p50 <= 10000 ms", "ttft_p50 <= 1000x"]

[profiles.strict]
includes = ["chat"]
times = ["ttft_p50 <= 1 ms"]
"""


@pytest.fixture
def profiles(tmp_path):
    path = tmp_path / "profiles.toml"
    path.write_text(PROFILES)
    return f"--profiles-file={path}"


def test_a_profile_is_kept_or_fails_by_the_limits_that_it_states(two, calm, profiles, capsys, tmp_path):
    out, certificate = tmp_path / "out.json", tmp_path / "certificate.json"
    open_ones = [{"limit": "ttft_p50 <= 1 ms", "answer": "left open"}]
    profiles_of_run = [{"profile": name, "times": open_ones} for name in ("swift", "strict")]
    certificate.write_text(json.dumps({"providers": [{"name": "quick", "certificates": profiles_of_run}]}))
    code = main(["latency", "quick", "--baseline=quick", two, profiles, "--certify=swift,strict", "--seconds=2",
                 f"--json={out}", f"--certificate={certificate}"])
    text = capsys.readouterr().out
    swift, strict = json.loads(out.read_text())["profiles"]

    assert code == 1, text
    assert "profile swift: kept" in text
    assert "profile strict: exceeded" in text
    assert "  ttft_p50 <= 1 ms: exceeded (21.00 ms, certainly within" in text
    assert [each["answer"] for each in swift["limits"]] == ["kept", "kept"]
    assert [(each["limit"], each["answer"]) for each in strict["limits"]] == [("ttft_p50 <= 1 ms", "exceeded")]
    assert (swift["answer"], strict["answer"]) == ("kept", "exceeded")
    written = json.loads(certificate.read_text())["providers"][0]["certificates"]
    assert [one["times"][0]["answer"] for one in written] == ["left open", "exceeded"]


def test_where_one_side_is_not_there_it_ends_and_says_so(clocked, capsys, tmp_path):
    path = tmp_path / "providers.toml"
    path.write_text(
        f'[providers.here]\nbase_url = "{clocked.url}"\nmodel = "clock-ttft1-itl1-n2"\n'
        f'[providers.gone]\nbase_url = "http://127.0.0.1:{free_port()}/v1"\nmodel = "m"\n'
    )
    files = f"--providers-file={path}"

    assert main(["latency", "here", "--baseline=gone", files, "--seconds=100"]) == 3
    assert "gone: ended early: every request failed: unreachable: connection refused" in capsys.readouterr().out
    assert main(["latency", "gone", files, "--seconds=1000"]) == 3
    assert "ended early: every request failed: unreachable: connection refused" in capsys.readouterr().out


def test_where_we_break_that_is_our_fault_and_what_was_measured_is_told(clocked, capsys, monkeypatch):
    """The third answer after the warm-up cannot be read."""
    arguments = [f"--endpoint={clocked.url}", "--endpoint-model=clock-ttft1-itl1-n2", "--seconds=1000"]
    take_in, heads = Reel.take_in, itertools.count()

    def breaking(reel, raw):
        if b"HTTP/1.1 200" in raw[2] and reel.sent and b"clock-ttft1-itl1-n2" in reel.sent[0][1] and next(heads) == 3:
            raise ValueError("of our own")
        take_in(reel, raw)

    monkeypatch.setattr(Reel, "take_in", breaking)
    assert main(["latency", *arguments]) == 2
    text = capsys.readouterr().out

    assert "2 answers" in text
    assert "ended early, and that is our fault: the instrument failed in the middle of an answer" in text


@pytest.mark.parametrize(
    ("profile", "words"),
    [("swift", "of whom?"), ("strict --certificate=/nowhere/c.json", "no such file"), ("swfit", "did you mean 'swift'"), ("agent", "states no limits")],
)
def test_a_profile_that_cannot_be_judged_says_why(profile, words, two, profiles, capsys):
    assert main(["latency", "quick", two, profiles, *f"--certify={profile}".split()]) == 4
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "whom to measure?"),
        (["--endpoint=http://127.0.0.1:1/v1", "--endpoint-model=m", "--streams=0"], "at least 1"),
        (["--endpoint=http://127.0.0.1:1/v1"], "names no model"),
        (["reference", "--limit=ttft_p95<=1.2x"], "of whom?"),
        (["reference", "--baseline=nobody"], "neither a provider"),
        (["all"], "one provider at a time"),
        (["reference", "--objective=ttft=1", "--baseline=reference"], "--objective is for one provider"),
        (["reference", "--hang-up-after=0"], "more than 0"),
        (["reference", "--hang-up-after=1", "--answers"], "no whole answers"),
        (["reference", "--hang-up-after=1", "--load=short-chat"], "--load says it all"),
        (["reference", "--tokenizer=nowhere"], "no such file: nowhere"),
        (["reference", f"--tokenizer={__file__}"], "is no tokenizer.json"),
        (["--endpoint=http://127.0.0.1:1/v1", "--limit=fast"], "is no limit"),
    ],
)
def test_wrong_use_says_what_is_wrong(arguments, words, capsys):
    assert main(["latency", *arguments]) == 4
    assert words in capsys.readouterr().err


def test_a_sweep_finds_no_knee_where_each_stream_is_as_fast_as_one_alone(clocked, capsys, tmp_path, monkeypatch):
    """Answers take longer than the load begins requests: one a stream, whatever else the machine does."""
    monkeypatch.setattr("conformance.latency.reading.measure", lambda *_: reading(0, ttft=1, itl=10, count=200))
    monkeypatch.setattr(latency, "errors", lambda *_: CALM)
    out = tmp_path / "out.json"
    arguments = [f"--endpoint={clocked.url}", "--endpoint-model=clock-ttft1-itl10-n200"]
    code = main(["latency", *arguments, "--sweep=4,1,2", "--seconds=1.5", f"--json={out}"])
    found = json.loads(out.read_text())

    assert code == 0, found["knee"]
    assert [each["streams"] for each in found["levels"]] == [1, 2, 4]
    assert "knee: not reached with 4 at once" in capsys.readouterr().out


def test_who_hangs_up_hears_how_long_it_goes_on(clocked, capsys, tmp_path):
    """The clock stops when it sees that; whole answers would take two seconds each."""
    out = tmp_path / "out.json"
    arguments = [f"--endpoint={clocked.url}", "--endpoint-model=clock-ttft5-itl50-n40", "--streams=2", "--seconds=0.5"]
    main(["latency", *arguments, "--hang-up-after=0.2", "--max-tokens=4", f"--json={out}"])
    found, text = json.loads(out.read_text())["summary"], capsys.readouterr().out

    assert found["hung_up"] == {"count": found["good"], "went_on": 0}
    assert found["metrics"]["stop"]["count"] == found["good"] >= 2
    assert "e2e" not in found["metrics"]
    assert "stopped after hanging up" in text
    assert f"hung up on {found['good']} requests; 0 were answered to their end" in text


def test_a_tokenizer_of_the_users_counts_what_usage_leaves_open(clocked, tmp_path):
    """Two tokens come in each event, whose texts are ` tok`."""
    tokenizer = Tokenizer(WordLevel({"tok": 0, "?": 1}, unk_token="?"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    out = tmp_path / "out.json"
    arguments = [f"--endpoint={clocked.url}", "--endpoint-model=clock-ttft10-itl2-n16-k2", f"--json={out}"]

    found = []
    for more in ([], [f"--tokenizer={tmp_path}"]):
        main(["latency", *arguments, "--seconds=0.2", *more])
        found.append(json.loads(out.read_text()))

    assert [each["summary"]["estimated"] > 0 for each in found] == [True, False]
    assert [each["instrument"]["bars"]["itl"]["p50"]["above"] is None for each in found] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--sweep=1"], "two numbers at least"), (["--sweep=1,x"], "two numbers"), (["--sweep=1,4", "--limit=ttft_p50=1"], "no baseline")],
)
def test_a_sweep_that_cannot_be_meant_is_refused(arguments, words, clocked, capsys):
    endpoint = [f"--endpoint={clocked.url}", "--endpoint-model=clock-ttft1-n2"]

    assert main(["latency", *endpoint, *arguments]) == 4
    assert words in capsys.readouterr().err


def test_a_load_that_is_written_down_says_how_requests_come_and_what_they_ask(clocked, capsys, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "loads: 1\nscenarios:\n  even: {title: t, rate: 20, seconds: 0.5, warm_up: 0.25, mix: [{prompt: hi, max_tokens: 4}, "
        "{prompt: ho, max_tokens: 5}]}\n"
    )
    out = tmp_path / "out.json"
    endpoint = [f"--endpoint={clocked.url}", "--endpoint-model=clock-ttft1-itl1-n4"]

    clocked.lines.clear()
    assert main(["latency", *endpoint, f"--load={path}:even", f"--json={out}"]) == 0
    assert json.loads(out.read_text())["summary"]["good"] == 10
    assert len(clocked.log({f"r{number}" for number in range(16)})) == 1 + 5 + 10  # once beforehand, and a warm-up
    assert main(["latency", *endpoint, "--load=shrt-chat"]) == 4
    assert "did you mean 'short-chat'" in capsys.readouterr().err
    assert main(["latency", *endpoint, "--load=steady", "--streams=4"]) == 4
    assert "says it all" in capsys.readouterr().err
    assert main(["latency", *endpoint, "--load=steady", "--sweep=1,2"]) == 4
    assert "for one provider" in capsys.readouterr().err
