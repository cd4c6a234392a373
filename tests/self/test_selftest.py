"""The self-test's own verdict: what is news, what is known, and the verb's exit code."""

from dataclasses import replace
from functools import partial

import pytest

from conformance.checks.core import CHECKS
from conformance.errors import UsageError
from conformance.faces.cli import main
from conformance.faces.selftest.ask import suites
from conformance.faces.selftest.examine import Examined, Notice
from conformance.faces.selftest.hear import Heard, hear, hear_clean, hear_fault, missed, noticing
from conformance.faces.selftest.judge import news
from conformance.faces.selftest.kept import keep, read_kept
from conformance.faces.selftest.matrix import Matrix
from conformance.faces.selftest.noticed import Known
from conformance.faces.selftest.watch import killed
from conformance.reference.fault import FAULTS
from conformance.reference.serve import load_faults

load_faults()
suites()  # and with them the checks

CLEAN = Heard(clauses={}, errors=(), requests=1)
NOTICE = Notice(cells=("chat/a",), samples=1, requests=1)


def one(missed=(), alarms=(), errors=(), notice=NOTICE):
    heard = Heard(clauses={each: frozenset({"chat/a"}) for each in alarms}, errors=errors, requests=1)
    return Examined(
        fault="object-wrong", reached=1, heard=heard, missed=missed, alarms=alarms,
        notice=notice, seconds=0.0, processor=0.0,
    )  # fmt: skip


def told(examined, clean=CLEAN, *, whole=True, complete=False, **known):
    matrix = Matrix(clean=clean, examined=(replace(examined, trips=tuple(set(CHECKS) - {"header"})),))
    reasons = Known(**{"missed": {}, "alarms": {}, "errors": {}, "unkilled": {}, **known})
    return list(news(matrix, reasons, whole=whole, complete=complete))


MISSED = one(missed=("CRESP-003",), notice=None)
ALARMED = one(alarms=("TOOL-001",))


@pytest.mark.parametrize(
    ("lines", "news"),
    [
        (told(one()), []),
        (told(MISSED), ["object-wrong: missed CRESP-003"]),
        (told(MISSED, whole=False), []),
        (told(MISSED, missed={"object-wrong": "why"}), []),
        (told(one(), missed={"object-wrong": "why"}), ["object-wrong: known to be missed, but noticed; take it out of known.toml"]),
        (told(ALARMED), ["object-wrong: false alarm TOOL-001 in chat/a"]),
        (told(ALARMED, whole=False), ["object-wrong: false alarm TOOL-001 in chat/a"]),
        (told(ALARMED, alarms={"object-wrong/TOOL-001": "why"}), []),
        (told(one(notice=None)), ["object-wrong: noticed by all suites together, but by no case alone"]),
        (told(one(), complete=True), ["no fault trips the check header"]),
        (told(one(), complete=True, unkilled={"header": "why"}), []),
        (
            told(one(), complete=True, unkilled={"header": "why", "text": "why"}),
            ["the check text is tripped after all; take it out of known.toml"],
        ),
        (told(one(errors=("a check crashed",))), ["object-wrong: a check crashed"]),
        (told(one(errors=("too many",)), errors={"object-wrong": "why"}), []),
        (
            told(one(), Heard(clauses={"SSE-010": frozenset({"chat/a"})}, errors=("x",), requests=1)),
            ["the server without faults: SSE-010 fails in chat/a", "the server without faults: x"],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_and_not_known_is_news(lines, news):
    assert lines == news


def test_a_check_is_killed_by_what_it_does_not_say_of_the_clean_server():
    clean = {"text": frozenset({"a"}), "served": frozenset({"b"})}
    seen = {"text": frozenset({"a", "c"}), "served": frozenset({"b"}), "role": frozenset({"d"})}

    assert killed(seen, clean) == {"text", "role"}


def tells(clauses=(), changed=()):
    return Heard(
        clauses={each: frozenset({"chat/a"}) for each in clauses}, errors=(), requests=1,
        changed=frozenset(changed),
    )  # fmt: skip


SEED = ("sampling/other-seed",)


@pytest.mark.parametrize(
    ("name", "found", "lacking", "where"),
    [
        ("seed-means-greedy", tells(changed=SEED), (), {"sampling/other-seed"}),
        ("seed-means-greedy", tells(changed=("chat/a[stream-true]",)), SEED, set()),
        ("seed-means-greedy", tells(clauses=("CREQ-037",)), SEED, set()),
        ("stop-reason-told", tells(changed=("parameters/stop-string[stream-false]",)), (), {"parameters/stop-string"}),
        ("object-wrong", tells(clauses=("CRESP-003",)), (), {"chat/a"}),
        ("object-wrong", tells(changed=SEED), ("CRESP-003",), set()),
    ],
)  # fmt: skip
def test_a_fault_is_noticed_by_its_clauses_or_where_it_breaks_none_by_its_cases(name, found, lacking, where):
    assert missed(FAULTS[name], found) == lacking
    assert noticing(FAULTS[name], found) == where


def test_what_breaks_no_clause_is_heard_beside_the_clean_server():
    found = hear_fault(FAULTS["error-rebranded"], chosen="errors/unknown-model[stream-false]".__eq__)

    assert found.changed == {"errors/unknown-model[stream-false]"}
    assert found.clauses == {}
    assert found.requests == 1


def of_chat(cell):
    return cell.startswith("chat/")


@pytest.fixture
def little(monkeypatch):
    """The server without faults is asked one suite; tests/self/test_clean.py asks it everything."""
    matrix = "conformance.faces.selftest.matrix"
    monkeypatch.setattr(f"{matrix}.hear", partial(hear, chosen=of_chat))
    monkeypatch.setattr(f"{matrix}.hear_clean", lambda folder, _chosen: hear_clean(folder, of_chat))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--fault", "object-wrong", "--effort", "quick"], 0),
        (["--fault", "object-wrongg"], 4),
        (["--suites", "chatt"], 4),
        (["--suites", "chat", "--write"], 4),
        (["--suites", "chat", "--kept", "kept.jsonl"], 4),
        (["--effort", "quick", "--write"], 4),
    ],
)
def test_the_exit_code_of_the_verb(little, arguments, code):
    assert main(["selftest", *arguments]) == code


def test_one_fault_against_one_suite(tmp_path, capsys):
    page = tmp_path / "page.md"

    code = main(["selftest", "--fault", "models-without-created", "--suites", "models", "--page", str(page)])

    assert code == 0
    assert "1 fault: 1 noticed, 0 missed, 0 false alarms" in capsys.readouterr().out
    written = page.read_text(encoding="utf-8")
    assert "| models-without-created | every response | models/list" in written
    assert "- **models-without-created** (1 requests)" in written


def test_what_is_kept_is_not_asked_again(tmp_path, little, monkeypatch, capsys):
    path = tmp_path / "kept.jsonl"
    monkeypatch.setattr("conformance.faces.commands.selftest.read_noticed", lambda: set(FAULTS) - {"object-wrong"})
    keep(path, one())

    code = main(["selftest", "--new", "--kept", str(path)])

    assert code == 1
    assert "object-wrong: missed CRESP-003" in capsys.readouterr().out
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1


def test_what_is_kept_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "kept.jsonl"
    heard = Heard(clauses={"CRESP-003": frozenset({"chat/a"}), "TOOL-001": frozenset({"chat/b"})}, errors=("e",), requests=3)
    found = replace(one(), heard=heard, alarms=("TOOL-001",), trips=("text",))

    keep(path, one())
    keep(path, found)

    assert read_kept(path) == {"object-wrong": found}


def test_a_file_of_another_kind_is_told(tmp_path):
    path = tmp_path / "kept.jsonl"
    path.write_text('{"fault": "object-wrong"}\n', encoding="utf-8")

    with pytest.raises(UsageError, match="not what a self-test keeps"):
        read_kept(path)
