"""A record judged again gives the same report, byte for byte but for times of the run and version."""

import json

import pytest

from conformance.faces.selftest.ask import KEY, ask, reference, tools
from conformance.faces.selftest.cells import usual
from conformance.report.json import report_json
from conformance.runs.judging import judge_record
from conformance.verdict.model import Answer

TIMES = ("finished", "harness_version")


def in_chat(cell):
    return cell.startswith("chat/")


def facts(text):
    data = json.loads(text)
    for name in TIMES:
        data["run"].pop(name)
    return data


def in_a_few(cell):
    return cell.startswith(("chat/", "streaming/", "tools/", "errors/"))


def everything(folder, chosen):
    with reference("role-in-every-chunk", "max-tokens-ignored") as faulty:
        return ask(folder, [faulty], chosen=chosen, clients=True)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of all that is asked usually, and its record."""
    folder = tmp_path_factory.mktemp("whole")
    run = everything(folder, usual().__contains__)
    return run, folder / run.info.id / "record.jsonl"


def test_judging_a_record_gives_the_same_report(whole):
    run, record = whole

    judged = judge_record(record, tools())

    assert run.clients[0].disagreements != ()
    assert facts(report_json(judged.run)) == facts(report_json(run))
    assert judged.remarks == ()


def test_a_record_without_its_footer_is_judged_as_far_as_it_goes(tmp_path):
    with reference() as clean:
        run = ask(tmp_path, [clean], chosen=in_chat)
    record = tmp_path / run.info.id / "record.jsonl"
    lines = record.read_bytes().splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(lines[: len(lines) // 2]) + lines[len(lines) // 2][:20])

    judged = judge_record(cut, tools())

    assert len(judged.remarks) == 2
    assert judged.run.info.complete is False
    assert all(one.answer is not Answer.DROP_IN for one in judged.run.providers[0].certificates)


def test_no_key_is_in_any_file_of_a_run(tmp_path):
    with reference() as clean:
        run = ask(tmp_path, [clean], chosen=in_chat)

    assert run.providers[0].totals["passed"] > 0
    for path in (tmp_path / run.info.id).iterdir():
        assert KEY.encode() not in path.read_bytes(), path.name


def test_a_candidate_against_a_baseline_says_what_is_lost(tmp_path):
    with reference(name="a") as a, reference("forced-tool-choice-ignored", name="b") as b:
        run = ask(tmp_path, [a, b], baseline="a", chosen=lambda cell: cell.startswith("tools/"))

    comparison = run.comparisons[0]
    assert (comparison.baseline, comparison.candidate) == ("a", "b")
    assert any("choice-required" in row.case for row in comparison.capabilities_lost)
    assert "b/TOOL-020" in comparison.new_failures


def test_two_runs_on_a_deterministic_server_are_equal_but_for_times(tmp_path):
    """Of suites that never hang up: how much of an answer has come by then is the machine's."""

    def plain(run):
        result = run.providers[0]
        return [(case.cell, case.outcome, case.branch, case.message) for case in result.cases], [
            (each.id, each.exchanges_failed, each.messages) for each in result.findings
        ]

    one, other = (plain(everything(tmp_path / name, in_a_few)) for name in ("one", "other"))
    assert one == other
    assert len(one[0]) > 50
    assert one[1]
