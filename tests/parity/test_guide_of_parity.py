"""Every command of docs/parity.md runs as it stands there, against simulated endpoints."""

import json
import re
import shlex

import pytest
from documents import ROOT, blocks, commands
from served import built, served

from conformance.faces.cli import main
from conformance.runs.parity.items import read_rows

GUIDE = (ROOT / "docs/parity.md").read_text(encoding="utf-8")
TOOL = {"type": "function", "function": {"name": "f"}}
LINES = [each for block in blocks(GUIDE, "sh") for each in commands(block)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, baseline, replica):
    """A folder with the guide's entries and a file of prompts."""
    found = tmp_path_factory.mktemp("guide")
    (found / "ours.jsonl").write_text('{"prompt": "Ours"}\n', encoding="utf-8")
    (found / "tasks.jsonl").write_text('{"prompt": "Ours", "expected": "x"}\n', encoding="utf-8")
    (found / "samples.jsonl").write_text(json.dumps({"messages": [{"role": "user", "content": "Hi"}], "tools": [TOOL]}), "utf-8")
    row = {"id": "irrelevance_0", "question": [[{"role": "user", "content": "Hi"}]], "function": [{"name": "f"}]}
    (found / "BFCL_v4_simple_python.json").write_text(json.dumps(row), encoding="utf-8")
    with served(built(seed=2), seed=2) as (url, _):
        entries = "".join(blocks(GUIDE, "toml"))
        entries = entries.replace("http://127.0.0.1:8001/v1", baseline).replace("http://127.0.0.1:8002/v1", replica)
        entry = f'[providers.our-vllm]\nbase_url = "{url}"\nmodel = "m"\n'
        (found / "providers.toml").write_text(entries + entry, encoding="utf-8")
        yield found


@pytest.mark.usefixtures("fewer")
@pytest.mark.parametrize(("line", "code"), LINES, ids=[line.removeprefix("conformance ") for line, _ in LINES])
def test_a_command_of_the_guide_ends_as_it_says(folder, line, code, monkeypatch, capsys):
    """Stages that are left out leave the answer open: those end with 3, which the guide's table says."""
    monkeypatch.chdir(folder)
    words = shlex.split(line)
    left_out = "--stages" in line and "2" not in line.partition("--stages=")[2].partition(" ")[0].split(",")

    assert words[0] == "conformance"
    words += [] if "--seed" in line else ["--seed=1"]
    assert main(words[1:]) == (3 if left_out else code), capsys.readouterr()


def test_tasks_of_the_guide_are_tasks(tmp_path):
    """What is left out there is filled in here."""
    (block,) = [each for each in blocks(GUIDE, "json") if "expected" in each]
    offered = {"type": "function", "function": {"name": "get_weather"}}
    for dots, whole in (('"messages": [...]', {"messages": [{"role": "user", "content": "Hi"}]}), ('"tools": [...]', {"tools": [offered]})):
        block = block.replace(dots, json.dumps(whole)[1:-1])
    (tmp_path / "tasks.jsonl").write_text(block.replace('"content": "..."', '"content": "Two."'), "utf-8")

    assert len(read_rows([str(tmp_path / "tasks.jsonl")])) == len(block.strip().splitlines())


def test_links_lead_somewhere():
    assert [link for link in re.findall(r"\]\(([^)#]+)\)", GUIDE) if not (ROOT / "docs" / link).exists()] == []
