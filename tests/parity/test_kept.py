"""A baseline that is kept: asked once, a tenth again each time, and its own change is a finding."""

import json
from pathlib import Path

import pytest
from served import built, providers, served

from conformance.faces.cli import main


@pytest.fixture
def night(tmp_path):
    """One audit with the baseline kept in a file: exit code, facts, what the baseline was asked."""
    number = iter(range(100))

    def compared(baseline, *options, candidate=None, stages="0,1", width=20, extra=(0, 0)):
        with (
            served(baseline, seed=next(number), extra=extra[0]) as (a, asked),
            served(candidate or built(seed=2), seed=next(number), width=width, extra=extra[1]) as (b, _),
        ):
            path = providers(tmp_path, a=a, b=b)
            reports = tmp_path / f"reports-{next(number)}"
            code = main([
                "compare", "a", "b", f"--providers-file={path}", f"--reports-dir={reports}", f"--stages={stages}", "-q",
                f"--baseline-file={tmp_path / 'a.jsonl'}", *options,
            ])  # fmt: skip
        facts = json.loads(next(reports.glob("*/report.json")).read_text("utf-8"))
        return code, facts, len(asked)

    return compared


def drift(facts):
    return next((each["says"] for each in facts["stages"] if each["stage"] == "drift"), None)


def test_what_is_kept_is_asked_again_by_a_tenth_only(night):
    _, first, asked = night(built(seed=1), "--seed=1")
    _, second, again = night(built(seed=1), "--seed=1")

    assert (drift(first), drift(second)) == (None, "same")
    assert first["stages"][-1]["says"] == second["stages"][-1]["says"] == "same"
    assert again < asked / 5


def test_a_silent_change_of_the_baseline_is_found_and_nothing_is_held_against_the_candidate(night):
    night(built(seed=1), "--seed=1")
    changed = built(seed=3, change=1.3)
    code, facts, _ = night(changed, "--seed=2", candidate=built(seed=3, change=1.3))

    assert (code, facts["answer"]) == (3, "inconclusive")
    assert drift(facts) == "different"
    assert facts["skipped"] == ["1"]


@pytest.mark.usefixtures("fewer")
def test_by_text_alone_a_tenth_is_asked_again_and_a_silent_change_is_not_held_against_the_candidate(night, tmp_path):
    """The candidate gives no logprobs: the baseline's short answers are what is kept."""
    _, first, asked = night(built(seed=1), "--seed=1", stages="0,2", width=0)
    _, second, again = night(built(seed=1), "--seed=1", stages="0,2", width=0)
    code, third, _ = night(built(seed=3, change=1.3), "--seed=2", candidate=built(seed=3, change=1.3), stages="0,2", width=0)

    assert (drift(first), drift(second), drift(third)) == (None, "same", "different")
    assert again < asked / 5
    assert second["stages"][-1]["stage"] == "2"
    assert (code, third["answer"], third["skipped"]) == (3, "inconclusive", ["2"])
    assert "nothing is held against the candidate" in third["words"]
    newest = max(tmp_path.glob("reports-*/*/record.jsonl"), key=lambda each: each.stat().st_mtime).parent
    assert main(["judge", str(newest)]) == 3
    assert (newest / "judged" / "report.md").read_bytes() == (newest / "report.md").read_bytes()


RENDERED = {"the candidate's alone": ((0, 21), 1, "different", None), "the baseline's, too": ((21, 21), 3, "inconclusive", "different")}


@pytest.mark.parametrize(("extra", "code", "answer", "moved"), RENDERED.values(), ids=RENDERED)
def test_prompt_tokens_that_were_kept_are_counted_anew_before_they_are_held_against_anybody(night, extra, code, answer, moved):
    night(built(seed=1), "--seed=1", stages="0")
    again, facts, asked = night(built(seed=1), "--seed=2", stages="0", extra=extra)

    assert (again, facts["answer"], drift(facts)) == (code, answer, moved)
    assert asked == 8


def test_what_is_kept_of_another_model_is_refused(night, tmp_path, capsys):
    night(built(seed=1), "--seed=1", stages="0")
    path = providers(tmp_path, a="http://127.0.0.1:1/v1", b="http://127.0.0.1:1/v1")
    path.write_text(path.read_text("utf-8").replace('model = "m"', 'model = "n"', 1), "utf-8")
    code = main(["compare", "a", "b", f"--providers-file={path}", f"--baseline-file={tmp_path / 'a.jsonl'}"])
    told = capsys.readouterr().err

    assert code == 4
    assert all(each in told for each in (str(tmp_path / "a.jsonl"), "'m'", "'n'", "another --baseline-file=FILE, or delete this one"))


def test_nights_add_up(night, tmp_path):
    for seed in range(3):
        _, facts, _ = night(built(seed=1), f"--seed={seed}")

    assert len(next(each for each in facts["stages"] if each["stage"] == "drift")["path"]) == 2
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert [each["kind"] for each in lines].count("resumed") == 2
    assert all(["as", "baseline"] in each["axes"] for each in lines if each["kind"] == "trial")


@pytest.mark.usefixtures("fewer")
def test_a_record_stands_in_for_a_baseline_that_is_gone(night, tmp_path):
    night(built(seed=1), "--seed=1", stages="0,1,2")
    record = next(tmp_path.glob("reports-*/*/record.jsonl"))
    with served(built(seed=4, change=1.3)) as (b, _):
        path = providers(tmp_path, b=b)
        code = main(["compare", f"{record}::a", "b", f"--providers-file={path}", f"--reports-dir={tmp_path / 'r'}", "-q", "--stages=0,1"])
    facts = json.loads(next((tmp_path / "r").glob("*/report.json")).read_text("utf-8"))

    assert (code, facts["layer"]) == (1, "weights or numerics")
    assert "baseline" not in facts["spent"]


def test_a_record_of_something_else_is_refused(tmp_path, capsys):
    record = tmp_path / "record.jsonl"
    record.write_text('{"kind":"header","record":1,"plan":{}}\n', "utf-8")
    path = providers(tmp_path, b="http://127.0.0.1:1/v1")

    assert main(["compare", str(record), "b", f"--providers-file={path}"]) == 4
    assert "no record of `conformance compare`" in capsys.readouterr().err


def test_a_kept_baseline_is_no_audit(night, tmp_path, capsys):
    night(built(seed=1), "--seed=1")

    assert main(["judge", str(tmp_path / "a.jsonl")]) == 4
    assert "there is no candidate in it" in capsys.readouterr().err


def test_one_endpoint_is_held_against_its_own_past(tmp_path, capsys):
    """The first night proves nothing, the second is the same, and a change is different."""
    codes = []
    for of in (built(seed=1), built(seed=1), built(seed=3, change=1.3)):
        with served(of, seed=len(codes)) as (url, _):
            path = providers(tmp_path, a=url)
            codes.append(main(["compare", "a", f"--providers-file={path}", f"--reports-dir={tmp_path / 'r'}", "-q", f"--baseline-file={tmp_path / 'a.jsonl'}"]))
    told = capsys.readouterr().out

    assert codes == [3, 0, 1]
    assert "a against its own past: different. Another model than it was" in told
    newest = Path(told.splitlines()[-1].removeprefix("report: ")).parent
    assert main(["judge", str(newest)]) == 1
    assert (newest / "judged" / "report.md").read_bytes() == (newest / "report.md").read_bytes()


def test_one_endpoint_without_logprobs_is_held_against_its_texts(tmp_path):
    """Border prompts of the first night, some of their answers again on each later one."""
    codes, asked = [], []
    for of in (built(seed=1), built(seed=1), built(seed=3, change=1.3)):
        with served(of, seed=len(codes), width=0) as (url, log):
            path = providers(tmp_path, a=url)
            codes.append(main(["compare", "a", f"--providers-file={path}", f"--reports-dir={tmp_path / 'r'}", "-q", f"--baseline-file={tmp_path / 'a.jsonl'}"]))
        asked.append(len(log))

    assert codes == [3, 0, 1]
    assert max(asked[1:]) < asked[0] / 4


def test_one_endpoint_without_a_file_has_no_past(tmp_path, capsys):
    path = providers(tmp_path, a="http://127.0.0.1:1/v1")

    assert main(["compare", "a", f"--providers-file={path}"]) == 4
    assert "--baseline-file=FILE keeps it" in capsys.readouterr().err
    assert main(["compare", "a", f"--providers-file={path}", "--stages=0"]) == 4
    assert "name B" in capsys.readouterr().err


def test_long_answers_that_are_kept_are_not_asked_again_whatever_the_seed(night):
    _, _, asked = night(built(seed=1), "--seed=1", stages="3")
    _, facts, again = night(built(seed=1), "--seed=2", stages="3")

    assert {each["stage"] for each in facts["stages"]} == {"1b", "3"}
    assert asked > 150
    assert again < 40


def test_what_decides_against_a_candidate_is_asked_of_the_baseline_anew_whatever_is_kept(night):
    """Else what it said in the first audit would be taken for what it says now."""
    night(built(seed=1), "--seed=1")
    _, _, asked = night(built(seed=1), "--seed=1")
    for _ in range(2):
        code, _, again = night(built(seed=1), "--seed=1", candidate=built(seed=3, change=1.3))

        assert (code, again) == (1, asked + 8)
