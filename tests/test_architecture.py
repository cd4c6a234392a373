"""The house rules of ARCHITECTURE.md, as tests."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "conformance"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_MODULE, LONGEST_FACE, LONGEST_FUNCTION, USUAL_FUNCTION = 310, 200, 60, 30


def functions(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


def test_nobody_imports_what_it_must_not():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_holds_one_idea(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    allowed = LONGEST_FACE if "faces" in path.parts else LONGEST_MODULE

    assert lines <= allowed
    assert [each for each in functions(path) if each[1] > LONGEST_FUNCTION] == []


def test_functions_are_usually_short():
    lengths = sorted(length for path in MODULES for _, length in functions(path))

    assert lengths[int(len(lengths) * 0.9)] <= USUAL_FUNCTION


def test_every_module_says_what_it_is_for():
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]

    assert silent == [PACKAGE / "wire" / "__init__.py"] or silent == []


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("conformance.faces.plugin", {"httpcore", "httpx", "yaml", "jsonschema", "asyncio", "conformance.engine", "conformance.checks"}),
        ("conformance.engine.run", {"scipy", "numpy", "openai", "jsonschema", "pytest"}),
        ("conformance.runs.performance", {"openai", "scipy", "numpy"}),
        ("conformance.parity.model", {"numpy", "scipy", "statsmodels"}),
        ("conformance.parity.logprobs", {"numpy", "scipy", "statsmodels"}),
        ("conformance.reference.serve", {"httpx", "jsonschema", "yaml", "openai"}),
    ],
)
def test_importing_costs_no_more_than_it_must(module, unwanted):
    """Counted in modules, not in seconds: what is not imported cannot be slow."""
    code = f"import sys, pytest as _p; before = set(sys.modules); import {module}; print(*(set(sys.modules) - before))"
    if module != "conformance.faces.plugin":
        code = code.replace("import sys, pytest as _p", "import sys")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert unwanted & set(done.stdout.split()) == set()


def test_the_formats_of_a_run_need_no_extra():
    """A plain install has no numpy; what it reports must not ask for it."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('numpy', 'scipy', 'statsmodels', 'matplotlib')));"
        "from conformance.runs.output import formats; formats(('markdown', 'html', 'json', 'badge'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
