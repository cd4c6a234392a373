"""Profiles: what ours require, and how strictly those of users are read."""

import re

import pytest

from conformance.contract.load import load_contract, load_profiles
from conformance.contract.model import Level
from conformance.contract.profiles import line_of
from conformance.errors import SourceError
from conformance.latency import limit

CONTRACT = load_contract()
NAMES = {
    *("chat", "streaming-ui", "agent", "structured-extraction", "reasoning", "rag"),
    *("completions", "embeddings", "responses", "full"),
}


def written(tmp_path, text):
    path = tmp_path / "profiles.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_profiles_of_the_package_are_there_and_told():
    assert set(CONTRACT.profiles) == NAMES
    for name, profile in CONTRACT.profiles.items():
        assert profile.name == name
        assert profile.title
        assert profile.about.endswith(".")
        assert profile.capabilities


@pytest.mark.parametrize("profile", CONTRACT.profiles.values(), ids=lambda profile: profile.name)
def test_a_profile_requires_known_clauses_once_and_in_order(profile):
    assert profile.clauses == tuple(c for c in CONTRACT.clauses if c in set(profile.clauses))
    assert set(profile.conditional) <= set(profile.clauses)
    assert profile.unjudged == ()


@pytest.mark.parametrize(
    ("name", "required", "not_required"),
    [
        ("chat", ["TRANS-005", "CRESP-011", "CRESP-020"], ["STRM-001", "TOOL-001", "CRESP-010"]),
        ("streaming-ui", ["CRESP-011", "SSE-010", "STRM-019", "ERR-028"], ["STOOL-001"]),
        ("agent", ["STOOL-001", "RT-002", "CREQ-010", "TOOL-020", "STRM-005"], ["RT-015"]),
        ("structured-extraction", ["SO-002", "SO-003"], ["SO-005", "SSE-001"]),
        ("reasoning", ["RSN-002", "RSN-001"], ["SSE-001"]),
        ("rag", ["ERR-021", "STRM-001"], ["EMB-002"]),
        ("completions", ["CMPL-003", "ERR-001"], ["CRESP-001", "ERR-024"]),
        ("embeddings", ["EMB-005", "AUTH-001"], ["CRESP-001"]),
        ("responses", ["RESP-005", "RSTRM-003", "RT-015"], ["STRM-001"]),
        ("full", ["MODELS-001", "SO-002", "STOOL-003", "LOGP-001"], ["EMB-002"]),
    ],
)
def test_a_profile_asks_for_what_its_kind_of_application_needs(name, required, not_required):
    clauses = CONTRACT.profiles[name].clauses
    assert set(required) <= set(clauses)
    assert not set(not_required) & set(clauses)


def test_full_requires_every_must_about_chat_completions():
    sections = {
        *("TRANS", "AUTH", "ERR", "MODELS", "CREQ", "CRESP", "USAGE", "LOGP"),
        *("TOOL", "SO", "SSE", "STRM", "STOOL", "RT"),
    }
    must = {
        each.id
        for each in CONTRACT.clauses.values()
        if each.section in sections and each.level is Level.MUST
    }
    asked_of_requests = {"SO-005", "SO-006", "SO-007"}
    assert must - set(CONTRACT.profiles["full"].clauses) == asked_of_requests | {"RT-015"}


def test_what_no_request_can_provoke_is_conditional_wherever_it_is_required():
    for profile in CONTRACT.profiles.values():
        for clause in ("ERR-014", "ERR-029", "STOOL-003"):
            assert (clause in profile.conditional) == (clause in profile.clauses)
        assert "CRESP-001" not in profile.conditional


def test_what_refusing_keeps_as_well_is_required_and_cannot_be_lost():
    for profile in CONTRACT.profiles.values():
        for clause in ("CREQ-077", "TRANS-016", "RT-010"):
            assert (clause in profile.either) == (clause in profile.clauses)
        assert not {"CREQ-020", "CREQ-030", "TOOL-020", "SO-002"} & set(profile.either)


def test_only_clauses_that_can_be_judged_are_required():
    contract = load_contract(judged=["TRANS-001", "CREQ-001", "ERR-029", "ERR-001", "STRM-001"])
    profile = contract.profiles["streaming-ui"]
    assert {"TRANS-001", "CREQ-001", "ERR-029", "ERR-001", "STRM-001"} <= set(profile.clauses)
    assert "TRANS-003" in profile.unjudged
    assert "ERR-014" not in profile.conditional
    assert sorted(profile.clauses + profile.unjudged) == sorted(
        CONTRACT.profiles["streaming-ui"].clauses
    )


@pytest.mark.parametrize("judged", [["TRANS-001", "ERR-001"], ["TRANS-001", "RSN-018"]])
def test_a_profile_is_never_certified_without_a_look_at_what_it_is_about(judged):
    contract = load_contract(judged=judged)
    assert "EMB-002" in contract.profiles["embeddings"].clauses
    assert "RSN-002" in contract.profiles["reasoning"].clauses


def test_judging_leaves_the_contract_itself_alone():
    load_contract(judged=["TRANS-001"])
    assert CONTRACT.profiles["chat"].unjudged == ()
    assert load_contract() is CONTRACT


def test_a_user_builds_on_our_profiles(tmp_path):
    path = written(
        tmp_path,
        """
        conditional = ["CREQ-018"]
        either = ["CREQ-020"]

        [profiles.support-bot]
        title = "Support bot"
        includes = ["chat"]
        capabilities = ["stream"]
        clauses = ["SSE-*"]
        also = ["ERR-017"]
        except = ["TRANS-0*", "SSE-014"]
        honoured = ["parameters/stop"]
        uses = ["seed"]

        [profiles.support-bot-2]
        includes = ["support-bot"]
        uses = ["logit_bias"]
        """,
    )
    profiles = load_profiles(path, judged=None)
    bot, second = profiles.values()
    assert bot.title == "Support bot"
    assert second.title == "support-bot-2"
    assert bot.capabilities == ("chat", "stream")
    assert {"SSE-001", "CRESP-001", "ERR-017"} <= set(bot.clauses)
    assert not {"SSE-005", "SSE-014", "TRANS-001"} & set(bot.clauses)
    assert {"CREQ-018", "SSE-006"} <= set(bot.conditional)
    assert {"CREQ-020", "CREQ-077"} <= set(bot.either)
    assert second.clauses == bot.clauses
    assert second.honoured == ("parameters/stop",)
    assert second.uses == ("seed", "logit_bias")


def test_a_user_s_profile_requires_only_what_can_be_judged(tmp_path):
    path = written(tmp_path, '[profiles.mine]\nclauses = ["SSE-*"]\n')
    mine = load_profiles(path, judged=["SSE-001"])["mine"]
    assert mine.clauses == ("SSE-001",)
    assert "SSE-002" in mine.unjudged


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("[profiles.a]\nclauses = [", ":2:", "is not TOML"),
        ("", ":1:", "holds no profile"),
        ('[profile.a]\nclauses = ["SSE-*"]', ":1:", "did you mean 'profiles'"),
        ("profiles = 3", ":1:", "holds no profile"),
        ("[profiles]\na = 3", ":1:", "is not a table"),
        ('[profiles.a]\nclause = ["SSE-*"]', ":2:", "'profiles.a.clause', did you mean 'clauses'"),
        ('[profiles.a]\n\nclauses = ["SSE-01O"]', ":3:", "'SSE-01O', did you mean 'SSE-01"),
        ('[profiles.a]\nclauses = ["STREAM-*"]', ":2:", "no clause is called 'STREAM-*'"),
        ('[profiles.a]\nclauses = "SSE-*"', ":2:", "clauses is not a list of strings"),
        ("[profiles.a]\nclauses = [1]", ":2:", "clauses is not a list of strings"),
        ('[profiles.a]\nclauses = ["SSE-*"]\ntitle = 3', ":3:", "title is not a string"),
        ('[profiles.a]\nincludes = ["chatt"]', ":2:", "did you mean 'chat'"),
        ('[profiles.a]\nincludes = ["b"]\n[profiles.b]\nincludes = ["chat"]', ":2:", "above"),
        ("[profiles.a]\nalso = []", ":1:", "requires no clause"),
        ('[profiles.a]\nclauses = ["SSE-005"]', ":2:", "SSE-005 is a SHOULD clause"),
        ("[profiles.a\nalso = []", ":1:", "is not TOML"),
        ('[profiles.chat]\nclauses = ["SSE-*"]', ":1:", "one of the package's own"),
        ('[profiles."A B"]\nclauses = ["SSE-*"]', ":1:", "no name for a profile"),
        ('[profiles.a]\ncapabilities = ["strem"]', ":2:", "did you mean 'stream'"),
        ('conditional = ["SSE-999"]\n[profiles.a]\nclauses = ["SSE-*"]', ":1:", "SSE-999"),
        ('either = ["SSE-999"]\n[profiles.a]\nclauses = ["SSE-*"]', ":1:", "SSE-999"),
        ('[profiles.b]\nclauses = ["SSE-*"]\n[profiles.a]\nalso = ["X"]', ":4:", "called 'X'"),
        ('[profiles.a]\nclauses = ["SSE-*"]\ntimes = ["fast"]', ":3:", "'fast' is no limit"),
        ('[profiles.a]\nclauses = ["SSE-*"]\nmargin = "3"', ":3:", "margin is no number of percent"),
        ('[profiles.a]\nclauses = ["SSE-*"]\nmargin = 0', ":3:", "margin is no number of percent"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_remedy(tmp_path, text, place, words):
    path = written(tmp_path, text)
    with pytest.raises(SourceError, match=re.escape(words)) as caught:
        load_profiles(path, capabilities=["chat", "stream"], limit=limit.read)
    assert str(caught.value).startswith(f"{path}{place}")


def test_limits_on_times_are_inherited_and_added_to(tmp_path):
    path = written(
        tmp_path,
        '[profiles.a]\nincludes = ["chat"]\ntimes = ["ttft_p95 <= 200 ms"]\n'
        '[profiles.b]\nincludes = ["a"]\ntimes = ["itl_p50 <= 1.2x"]\n',
    )

    assert load_profiles(path)["b"].times == ("ttft_p95 <= 200 ms", "itl_p50 <= 1.2x")


@pytest.mark.parametrize(("own", "margin"), [("", 5), ("margin = 3", 3), ("margin = 8.5", 5)])
def test_of_margins_the_smallest_holds(tmp_path, own, margin):
    path = written(
        tmp_path,
        f'[profiles.a]\nincludes = ["chat"]\nmargin = 5\n[profiles.b]\nincludes = ["a"]\n{own}\n',
    )

    assert load_profiles(path)["b"].margin == margin


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_told(tmp_path, content):
    path = tmp_path / "profiles.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=re.escape(str(path))):
        load_profiles(path)


@pytest.mark.parametrize(
    ("text", "name", "key", "line"),
    [
        ("a = 1", "", "a", 1),
        ("# a = 1\n\na = 1", "", "a", 3),
        ("[profiles.x]\nt = 1\n[profiles.y]\nt = 2", "y", "t", 4),
        ("[profiles.x]\n[profiles.y]\nt = 2", "x", "t", 1),
        ('[ profiles."x" ]\n  "t" = 1', "x", "t", 2),
        ("profiles = {x = {t = 1}}", "x", "t", 1),
    ],
)
def test_the_line_of_a_key_is_found(text, name, key, line):
    assert line_of(text, name, key) == line


def test_profiles_speak_of_capabilities_in_the_agreed_words():
    words = {"chat", "stream", "tools", "json_schema", "reasoning"}
    words |= {"completions", "embeddings", "responses", "models"}
    assert {word for each in CONTRACT.profiles.values() for word in each.capabilities} == words
