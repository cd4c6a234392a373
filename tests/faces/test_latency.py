"""`conformance latency`, against a clock."""

import json

import pytest
from clocked import clock

from conformance.faces.cli import main


@pytest.fixture(scope="module")
def clocked():
    with clock() as one:
        yield one


def test_figures_come_with_intervals_and_the_instruments_own_error(clocked, capsys, tmp_path):
    out = tmp_path / "out.json"
    arguments = [f"--endpoint={clocked.url}", "--endpoint-model=clock-ttft10-itl2-n16"]
    code = main(
        ["latency", *arguments, "--streams=2", "--seconds=1", f"--json={out}", "--limit=ttft_p95=2000",
         "--limit=e2e_p50=1"]
    )
    text = capsys.readouterr().out
    found = json.loads(out.read_text())

    assert code == 1
    assert "time to first token" in text
    assert "instrument: stamps are" in text
    assert "ttft_p95 <= 2000 ms: kept" in text
    assert "e2e_p50 <= 1 ms: exceeded" in text
    assert found["instrument"]["calibrated"]
    assert found["summary"]["metrics"]["itl"]["count"] > 100


def test_what_fails_is_told_and_decides_nothing(clocked, capsys):
    arguments = [f"--endpoint={clocked.url}", "--endpoint-model=clock-fail429-ttft1"]
    code = main(["latency", *arguments, "--seconds=0.1", "--limit=ttft_p95=5"])

    assert code == 3
    assert "(status 429); not among the figures" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "whom to measure?"),
        (["--endpoint=http://127.0.0.1:1/v1", "--endpoint-model=m", "--streams=0"], "at least 1"),
        (["--endpoint=http://127.0.0.1:1/v1"], "names no model"),
        (["--endpoint=http://127.0.0.1:1/v1", "--limit=fast"], "is no limit"),
    ],
)
def test_wrong_use_says_what_is_wrong(arguments, words, capsys):
    assert main(["latency", *arguments]) == 4
    assert words in capsys.readouterr().err
