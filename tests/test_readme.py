"""Every command and example of the README runs as it stands there (against reference servers)."""

import re
import shlex
import subprocess
import sys

import documents
import pytest
from documents import ROOT

from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running

README = (ROOT / "README.md").read_text(encoding="utf-8")
SKIPPED = ("pip install",)  # .ci/run runs these, on a fresh environment


def blocks(language):
    return documents.blocks(README, language)


def commands():
    lines = [line.partition("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith(SKIPPED)]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with the README's files, two reference servers, and an earlier record."""
    folder = tmp_path_factory.mktemp("readme")
    with running(ServeOptions(port=0)) as url, running(ServeOptions(port=0, key="k")) as closed:
        entry = '[providers.{}]\nbase_url = "{}"\nmodel = "reference-1"\n'
        (folder / "providers.toml").write_text(
            entry.format("our-vllm", url) + entry.format("deepseek", url), encoding="utf-8"
        )
        (folder / "our-suite.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
        (folder / "test_ours.py").write_text(blocks("python")[0], encoding="utf-8")
        yield folder, url, closed


def run(folder, line):
    words = shlex.split(line)
    program = {"pytest": ["-m", "pytest"], "conformance": ["-m", "conformance"]}[words[0]]
    return subprocess.run(
        [sys.executable, *program, *words[1:]],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "MY_API_KEY": "k"},
    )


def interrupted(folder, line):
    """Run it, and take away what it wrote last."""
    run(folder, line)
    record = folder / "reports" / (folder / "reports/latest.txt").read_text().strip() / "record.jsonl"
    record.write_bytes(b"".join(record.read_bytes().splitlines(keepends=True)[:-2]))


@pytest.mark.parametrize("line", commands())
def test_a_command_of_the_readme_runs(workplace, line):
    folder, url, closed = workplace
    line = line.replace("http://127.0.0.1:8000/v1", f"{url}").replace("https://api.example.com/v1", closed)
    line = line.replace("--endpoint-model=big-1", "--endpoint-model=reference-1")
    if "reports/" in line:
        made = run(folder, "pytest --provider=deepseek -q -k smallest")
        assert made.returncode == 0, made.stdout + made.stderr
        latest = (folder / "reports/latest.txt").read_text().strip()
        line = re.sub(r"reports/[\w-]+", f"reports/{latest}", line)
    if line.startswith("pytest") and "our-suite" not in line:
        line += " -q -k smallest --undecided=warn"  # one case is enough to see that the command works
    if "--resume-run" in line:
        interrupted(folder, line.replace(" --resume-run", ""))
    if line.startswith("conformance init"):
        line += " --model=reference-1"
    if f"--endpoint={url}" in line and "--endpoint-model" not in line:
        line += " --endpoint-model=reference-1"  # the reference server has two models

    done = run(folder, line)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_python_example_runs(workplace):
    done = run(workplace[0], "pytest test_ours.py --provider=our-vllm -q")

    assert done.returncode == 0, done.stdout[-3000:]


def test_the_provider_example_is_read(tmp_path):
    from conformance.providers.load import load_providers

    path = tmp_path / "providers.toml"
    path.write_text(blocks("toml")[0], encoding="utf-8")

    assert load_providers(path)["our-vllm"].deviations[0].cases == "tools/choice-*"


def test_links_lead_somewhere():
    broken = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if not (ROOT / link).exists()]

    assert broken == []
