"""The guide for server authors: its files and commands, one after the other, in a folder of their own."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from documents import ROOT, blocks, commands, shell

GUIDE = (ROOT / "docs/test-your-server.md").read_text(encoding="utf-8")
STEPS = re.findall(r"```(sh|toml|yaml)\n(.*?)```", GUIDE, re.DOTALL)
LESS = " -k smallest-request --undecided=warn"
"""Two requests are enough to see that a command works; of the whole the one run in CI is made."""


def once(line: str) -> str:
    """The command with less to ask."""
    return line + LESS if line.startswith("pytest") and "-k" not in line else line


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """All that the guide says, done; each command with its exit code, the expected one, and its output."""
    folder = tmp_path_factory.mktemp("guide")
    done = []
    for language, text in STEPS:
        if language == "toml":
            with (folder / "providers.toml").open("a", encoding="utf-8") as file:
                file.write(text)
        for line, code in commands(text) if language == "sh" else ():
            if not line.startswith("pip install"):
                ran = shell(once(line), folder)
                done.append((line, ran.returncode, code, ran.stdout + ran.stderr))
    return folder, done


def test_each_command_ends_as_the_guide_says(told):
    _, done = told

    wrong = [(line, code, wanted, said[-1500:]) for line, code, wanted, said in done if code != wanted]

    assert wrong == []
    assert len(done) >= 10


def test_a_finding_is_explained_with_its_evidence(told):
    _, done = told
    (said,) = [said for line, _, _, said in done if line == "conformance explain our-server/STRM-011"]

    assert "role" in said
    assert "curl" in said or "evidence" in said


def test_the_release_is_compared_with(told):
    _, done = told
    (said,) = [said for line, _, _, said in done if "--baseline=release.jsonl" in line]

    assert "From our-server-before to our-server you lose 0 capabilities" in said


def test_the_badge_says_no_more_than_the_certificates(told):
    folder, _ = told

    assert json.loads((folder / "badge.json").read_text("utf-8"))["message"] != "drop-in"


def test_the_workflow_runs(told):
    """Its own steps; what belongs to GitHub is played, and what needs a package index is left out."""
    folder, _ = told
    (text,) = blocks(GUIDE, "yaml")
    steps = yaml.safe_load(text)["jobs"]["conformance"]["steps"]
    summary = folder / "summary.md"
    scripts = [step["run"] for step in steps if "run" in step and step["name"] != "Install"]

    codes = [shell(once(script), folder, GITHUB_STEP_SUMMARY=str(summary)).returncode for script in scripts]

    assert codes == [0, 0]
    assert summary.read_text("utf-8").startswith("# Portability of `our-server`")
    (kept,) = [step["with"]["path"].split() for step in steps if "upload-artifact" in step.get("uses", "")]
    assert all((folder / each).exists() for each in kept)


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#:]+)\)", GUIDE)

    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
