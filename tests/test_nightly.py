"""The nightly workflow does what it says: its own steps run here, against servers of our own.

What runs is read from `.github/workflows/nightly.yml`; only what belongs to GitHub is played: the
checkout, Python, artifacts, expressions. What needs a package index (the steps "Install") is left
to `.ci/run`.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FILE = ROOT / ".github/workflows/nightly.yml"
WORKFLOW = yaml.safe_load(FILE.read_text(encoding="utf-8"))
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
ENTRY = """
[providers.{name}]
preset = "reference"
base_url = "http://127.0.0.1:{{port}}/v1"
model = "reference-1"
api_key = "${{{variable}}}"

[providers.{name}.launch]
command = ["{{python}}", "-m", "conformance", "serve", "--port", "{{port}}", "--key", "a-key"{more}]
"""
FAULTS = {"clean": "", "sums": "usage-total-wrong", "roles": "role-in-every-chunk", "keyless": ""}


@dataclass
class Runner:
    """What GitHub does, as far as this workflow asks for it."""

    folder: Path
    providers: list[str]
    secrets: Mapping[str, str]
    results: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    @property
    def summary(self) -> Path:
        return self.folder / "summary.md"

    def artifact(self, name: str) -> Path:
        return self.folder / "artifacts" / name

    def run(self) -> None:
        """All jobs: those of the matrix first, then what needs them."""
        asks, last = WORKFLOW["jobs"]["ask"], WORKFLOW["jobs"]["report"]
        assert (last["needs"], self._value(last["if"], {})) == ("ask", True)
        chosen = self._value(asks["strategy"]["matrix"]["provider"], {})
        for provider in chosen:
            self._job(f"ask {provider}", asks, {"provider": provider})
        self._job("report", last, {})

    def _job(self, name: str, job: Mapping, matrix: Mapping) -> None:
        place = self.folder / name
        place.mkdir()
        result = "success"
        for step in job["steps"]:
            wanted = self._value(step["if"], matrix) if "if" in step else result == "success"
            if wanted and not self._step(step, place, matrix):
                result = "failure"
        self.results[name] = result

    def _step(self, step: Mapping, place: Path, matrix: Mapping) -> bool:
        if step.get("name") == "Install":
            assert step["run"].startswith("pip install")
            return True
        if "run" in step:
            return self._bash(step, place, matrix)
        given = {key: self._value(value, matrix) for key, value in step["with"].items()}
        action, _, version = step["uses"].partition("@")
        assert re.fullmatch(r"v\d+", version)
        return getattr(self, "_" + action.replace("/", "_").replace("-", "_"))(place, given)

    def _bash(self, step: Mapping, place: Path, matrix: Mapping) -> bool:
        assert "${{" not in step["run"], "what a workflow fills in is no part of a script"
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],  # GitHub's default shell
            cwd=place, capture_output=True, text=True, check=False, timeout=300,
            env={
                "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
                "HOME": str(self.folder),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                **{name: self._value(value, matrix) for name, value in step.get("env", {}).items()},
            },
        )
        self.log.append(f"{place.name}: {step['run']}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.returncode == 0

    def _value(self, text, matrix: Mapping):
        """A value with its expressions filled in; only those that the workflow has are known."""
        if not isinstance(text, str) or "${{" not in text:
            return text
        whole = EXPRESSION.fullmatch(text)
        return self._expression(whole[1], matrix) if whole else EXPRESSION.sub(lambda one: self._expression(one[1], matrix), text)

    def _expression(self, words: str, matrix: Mapping):
        kind, _, name = words.partition(".")
        if kind == "matrix":
            return matrix[name]
        if kind == "secrets":
            return self.secrets.get(name, "")
        if words == "!cancelled()":
            return True
        fallback = re.fullmatch(r"fromJSON\(vars\.CONFORMANCE_PROVIDERS \|\| '(.*)'\)", words)
        assert fallback, words
        return self.providers or json.loads(fallback[1])

    def _actions_checkout(self, place: Path, given: Mapping) -> bool:
        assert given == {"persist-credentials": False}
        for name in ("pyproject.toml", "tests", "suites"):  # what pytest reads of the checkout
            (place / name).symlink_to(ROOT / name)
        more = {name: f', "--fault", "{fault}"' if fault else "" for name, fault in FAULTS.items()}
        entries = [
            ENTRY.format(name=name, more=more[name], variable="OPENAI_API_KEY" if name == "keyless" else "DEEPSEEK_API_KEY")
            for name in FAULTS
        ]
        (place / "providers.toml").write_text("".join(entries), encoding="utf-8")
        return True

    def _actions_setup_python(self, place: Path, given: Mapping) -> bool:
        return True

    def _actions_upload_artifact(self, place: Path, given: Mapping) -> bool:
        source, target = place / given["path"], self.artifact(given["name"])
        if not source.is_dir():
            return given["if-no-files-found"] != "error"
        shutil.copytree(source, target)
        return True

    def _actions_download_artifact(self, place: Path, given: Mapping) -> bool:
        for folder in self.artifact("").glob("*"):
            if fnmatch(folder.name, given["pattern"]):
                shutil.copytree(folder, place / given["path"] / folder.name)
        return True


@pytest.fixture
def night(tmp_path):
    def go(*providers):
        runner = Runner(tmp_path, list(providers), secrets={"DEEPSEEK_API_KEY": "a-key"})
        runner.run()
        return runner

    return go


def answers(runner):
    (path,) = runner.artifact("report").glob("*/report.json")
    report = json.loads(path.read_text("utf-8"))
    return {
        one["name"]: {each["profile"]: each["answer"] for each in one["certificates"]}
        for one in report["providers"]
    }


def test_several_providers_become_one_report(night):
    runner = night("sums", "roles")

    assert runner.results == {"ask sums": "failure", "ask roles": "failure", "report": "failure"}, "\n".join(runner.log)
    found = answers(runner)
    assert {found["sums"][name] for name in ("chat", "streaming-ui", "agent", "full")} == {"not drop-in"}
    assert (found["roles"]["chat"], found["roles"]["streaming-ui"]) == ("drop-in", "not drop-in")
    assert runner.summary.read_text("utf-8").startswith("# Portability of `roles` and `sums`\n")
    assert len(list(runner.artifact("run-roles").rglob("record.jsonl"))) == 1


def test_what_is_well_is_green_and_a_provider_that_cannot_be_asked_keeps_nobody_from_the_report(night):
    runner = night("keyless", "clean")

    assert runner.results == {"ask keyless": "failure", "ask clean": "success", "report": "success"}, "\n".join(runner.log)
    found = answers(runner)
    assert list(found) == ["clean"]
    assert set(found["clean"].values()) == {"drop-in"}


def test_without_a_variable_those_are_asked_that_need_no_key():
    words = WORKFLOW["jobs"]["ask"]["strategy"]["matrix"]["provider"]

    assert Runner(Path(), [], {})._value(words, {}) == ["reference", "local-llama"]


def test_it_may_read_the_code_and_nothing_else():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in WORKFLOW["jobs"].values())
