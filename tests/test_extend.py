"""A stranger adds a check, a case, a provider, a report format and a fault, and edits no file of ours."""

import json
import subprocess
import sys

import pytest

PLUGIN = '''
from conformance.checks.core import Problem, check
from conformance.reference.answer import Reply
from conformance.reference.fault import REPLY, fault
from conformance.report.core import report
from conformance.wire.exchange import Exchange


@check()
def says_please(exchange: Exchange, word: str):
    """The answer is polite."""
    answer = exchange.answer
    text = answer.choices[0].content if answer else ""
    if word not in str(text):
        yield Problem(message=f"{text!r} lacks {word!r}")


@report("count", suffix=".txt", stem="count")
def count(run):
    """How many cases there were."""
    return str(sum(len(each.cases) for each in run.providers))


@fault("rude", at=REPLY, level="may", sources=["us"], primary=["CRESP-003"])
def rude(reply: Reply) -> Reply:
    """Nothing changes."""
    return reply
'''
SUITE = """
conformance: 1
title: Manners
request:
  path: /chat/completions
  body:
    model: {$var: provider.model}
    messages: [{role: user, content: "Say OK."}]
    max_tokens: 8
cases:
  - id: polite
    title: The answer is polite
    clauses: [CREQ-004]
    expect: [{says_please: {word: OK}}]
"""
PROVIDERS = """
[providers.mine]
base_url = "http://127.0.0.1:{port}/v1"
model = "reference-1"
launch = {command = ["{python}", "-m", "conformance", "serve", "--port", "{port}", "--plugin", "manners", "--fault", "rude"]}
"""


@pytest.fixture
def stranger(tmp_path):
    """A folder with a plugin as installed packages look, a suite and a providers file."""
    (tmp_path / "manners.py").write_text(PLUGIN)
    info = tmp_path / "manners-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: manners\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[conformance.plugins]\nmanners = manners\n")
    (tmp_path / "manners.yaml").write_text(SUITE)
    (tmp_path / "providers.toml").write_text(PROVIDERS)
    return tmp_path


def test_all_five_work_from_a_folder_of_their_own(stranger):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "manners.yaml", "--provider=mine", "--report-as=count,json", "-q"],
        cwd=stranger, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(stranger), "PATH": "/usr/bin:/bin", "HOME": str(stranger)},
    )

    assert done.returncode == 0, done.stdout + done.stderr
    folder = stranger / "reports" / (stranger / "reports/latest.txt").read_text().strip()
    assert (folder / "count.txt").read_text() == "1"
    assert json.loads((folder / "report.json").read_text())["providers"][0]["name"] == "mine"
