"""The pytest plugin's entry: options and fixtures only; without `--provider` nothing else is imported.

It loads in every pytest run of its users, so it costs next to nothing until it is asked for.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.faces.stage import Stage
    from conformance.providers.model import Provider

STAGE: pytest.StashKey[Stage] = pytest.StashKey()
"""Where the state of a run with `--provider` is kept."""

_OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "provider",
        {
            "action": "append",
            "metavar": "NAME[,NAME...|all]",
            "help": "run the suites against these entries of providers.toml",
        },
    ),
    (
        "baseline",
        {
            "metavar": "NAME|PATH[::NAME]",
            "help": "compare every other provider with this one, live or from an earlier record.jsonl",
        },
    ),
    (
        "certify",
        {
            "action": "append",
            "metavar": "PROFILE[,PROFILE...]",
            "help": "the certificates that decide the run (default: every profile that the provider offers, as information)",
        },
    ),
    ("endpoint", {"metavar": "URL", "help": "an endpoint without a providers.toml entry"}),
    (
        "endpoint-model",
        {"metavar": "ID", "help": "its model (found out where the server has exactly one)"},
    ),
    ("endpoint-key-env", {"metavar": "VAR", "help": "the environment variable that holds its key"}),
    (
        "profiles-file",
        {
            "metavar": "FILE",
            "help": "profiles of your own, as conformance/contract/profiles.toml has them",
        },
    ),
    (
        "providers-file",
        {
            "metavar": "FILE",
            "help": "default: providers.toml in this folder, its parents, or the user's configuration",
        },
    ),
    (
        "concurrency",
        {
            "type": int,
            "metavar": "N",
            "help": "requests on the wire at once per provider (default: the provider's limit)",
        },
    ),
    ("samples", {"type": int, "metavar": "N", "help": "run every case exactly that often"}),
    (
        "fail-on",
        {
            "choices": ["must", "should", "may"],
            "default": "must",
            "help": "which level fails the run when no profile is asked for",
        },
    ),
    (
        "undecided",
        {
            "choices": ["fail", "warn"],
            "help": "what an inconclusive certificate does (default: fail for --certify, warn otherwise)",
        },
    ),
    (
        "report-as",
        {
            "action": "append",
            "metavar": "FORMAT[,FORMAT...]",
            "help": "report formats (default: markdown,json,certificate,badge)",
        },
    ),
    (
        "reports-dir",
        {"metavar": "DIR", "default": "reports", "help": "where runs are kept (default: reports)"},
    ),
)


@pytest.hookimpl(trylast=True)
def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options; where another plugin has taken a name, ours gets the prefix `conformance-`."""
    group = parser.getgroup("conformance", "LLM endpoint conformance")
    for name, attributes in _OPTIONS:
        given = {"dest": "conformance_" + name.replace("-", "_"), **attributes}
        try:
            group.addoption(f"--{name}", **given)
        except (argparse.ArgumentError, ValueError):
            group.addoption(f"--conformance-{name}", **given)
    parser.addini(
        "conformance_suites",
        "suite files and folders to run beside the packaged ones",
        type="paths",
        default=[],
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Set the stage when a provider is asked for."""
    for level in ("must", "should", "may"):
        config.addinivalue_line(
            "markers", f"{level}: the strongest level among a case's clauses (conformance)"
        )
    if config.getoption("conformance_provider") or config.getoption("conformance_endpoint"):
        from conformance.faces import stage

        stage.enter(config)
    elif config.getoption("conformance_baseline") or config.getoption("conformance_certify"):
        raise pytest.UsageError("--baseline and --certify need --provider=NAME or --endpoint=URL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that uses our `provider` fixture runs once per provider."""
    definitions = metafunc._arg2fixturedefs.get("provider")  # noqa: SLF001  # no public way to see whose fixture it is
    if definitions and definitions[-1].func.__module__ == __name__:
        stage = metafunc.config.stash.get(STAGE, None)
        names: list[str | None] = [*stage.names] if stage else [None]
        metafunc.parametrize(
            "provider", names, indirect=True, ids=[name or "none" for name in names]
        )


@pytest.fixture
def provider(request: pytest.FixtureRequest) -> Provider:
    """The provider under test, as a value (name, base_url, model, capabilities)."""
    from conformance.faces import fixtures

    return fixtures.provider(request)


@pytest.fixture
def ask(request: pytest.FixtureRequest, provider: Provider) -> Callable[..., Any]:
    """`ask(body, path="/chat/completions", ...)` -> Exchange; captured, recorded and judged like a suite's."""
    from conformance.faces import fixtures

    return fixtures.ask(request, provider)
