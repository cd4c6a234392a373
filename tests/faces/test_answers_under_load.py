"""`conformance latency --answers`: what was answered under load is judged."""

import json

import pytest
from clocked import clock

from conformance.faces.cli import main
from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running

REPEAT = "--prompt=Repeat exactly: {word}"


def asked(url, tmp_path, *more, model="reference-1"):
    """The exit code, and what was found."""
    out = tmp_path / "out.json"
    code = main(
        ["latency", f"--endpoint={url}", f"--endpoint-model={model}", "--answers", "--seconds=0.3",
         "--streams=4", f"--json={out}", *more]
    )  # fmt: skip
    return code, json.loads(out.read_text())["answers"]


def test_right_answers_are_found_to_be_right(tmp_path, capsys):
    with running() as url:
        code, found = asked(url, tmp_path, REPEAT)

    assert (code, found["findings"], found["errors"]) == (0, [], [])
    assert found["cross_talk"]["outcome"] == "passed"
    assert found["cross_talk"]["repeated"] == found["cross_talk"]["asked"] == found["count"]
    assert found["probe"]["served"]
    assert "one token afterwards: served" in capsys.readouterr().out


def test_a_clock_breaks_nothing_that_must_hold_and_repeats_nothing(tmp_path):
    with clock() as clocked:
        code, found = asked(clocked.url, tmp_path, model="clock-ttft2-itl1-n8-role")

    assert code == 3
    assert not [one for one in found["findings"] if one["level"] == "must"]
    assert found["cross_talk"]["outcome"] == "inconclusive"
    assert found["probe"]["served"]


def test_where_every_prompt_is_the_same_there_is_no_word_to_look_for(tmp_path):
    with running() as url:
        code, found = asked(url, tmp_path, "--prompt=Repeat exactly: BLUE", "--cached")

    assert (code, found["cross_talk"]["outcome"]) == (0, "not applicable")


@pytest.mark.parametrize(
    ("fault", "clause", "most"),
    [
        ("answers-crossed-when-busy", "STAT-006", 64),
        ("cap-forgotten-when-busy", "USAGE-004", 8),
        ("overloaded-without-a-word", "ERR-017", 64),
        ("replacement-character", "CRESP-027", 64),
        ("stream-cut-short@0.3", "SSE-010", 64),
    ],
)
def test_what_goes_wrong_under_load_is_a_finding(fault, clause, most, tmp_path, capsys):
    with running(ServeOptions(faults=(fault,))) as url:
        code, found = asked(url, tmp_path, f"{REPEAT} déjà vu", f"--max-tokens={most}")

    assert code == 1
    assert clause in {one["clause"] for one in found["findings"]}
    assert f"  {clause} (" in capsys.readouterr().out
    crossed = found["cross_talk"]["outcome"] == "failed"
    assert crossed == (clause == "STAT-006")


def test_who_does_not_answer_afterwards_did_not_survive(tmp_path):
    with running(ServeOptions(faults=("json-cut-off@1",))) as url:
        code, found = asked(url, tmp_path, REPEAT)

    assert (code, found["probe"]["served"]) == (1, False)


@pytest.mark.parametrize(("fault", "code"), [((), 0), (("answers-crossed-when-busy",), 1)])
def test_each_of_several_processes_judges_its_own(fault, code, tmp_path, capsys):
    with running(ServeOptions(faults=fault)) as url:
        assert asked(url, tmp_path, REPEAT, "--tx=2*popen")[0] == code
    found = json.loads((tmp_path / "out.json").read_text())["answers"]

    assert set(found) == {"process 1", "process 2"}
    assert all(one["probe"]["served"] for one in found.values())
    assert any(one["cross_talk"]["outcome"] == "failed" for one in found.values()) == bool(code)
    assert "process 2: one token afterwards: served" in capsys.readouterr().out


def test_each_level_of_a_sweep_is_judged(tmp_path):
    """Only where many ask at once answers are crossed."""
    with running(ServeOptions(faults=("answers-crossed-when-busy",))) as url:
        code, found = asked(url, tmp_path, REPEAT, "--sweep=1,8")

    assert code == 1
    assert found["1 at once"]["cross_talk"]["outcome"] == "passed"
    assert found["8 at once"]["cross_talk"]["outcome"] == "failed"


def test_candidate_and_baseline_are_judged(tmp_path, capsys):
    files = tmp_path / "providers.toml"
    with running() as good, running(ServeOptions(faults=("replacement-character",))) as bad:
        files.write_text(
            "".join(
                f'[providers.{name}]\nbase_url = "{url}"\nmodel = "reference-1"\n'
                for name, url in (("good", good), ("bad", bad))
            )
        )
        out = tmp_path / "out.json"
        code = main(["latency", "good", "--baseline=bad", f"--providers-file={files}", f"--json={out}",
                     "--answers", "--seconds=1", f"{REPEAT} déjà vu"])  # fmt: skip
    found = json.loads(out.read_text())["answers"]

    assert code == 1
    assert found["candidate good"]["findings"] == []
    assert "CRESP-027" in {one["clause"] for one in found["baseline bad"]["findings"]}
    assert "baseline bad:   CRESP-027" in capsys.readouterr().out
