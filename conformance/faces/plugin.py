"""The pytest plugin's entry: options and fixtures only; without `--provider` nothing else is imported.

It loads in every pytest run of its users, so it costs next to nothing until it is asked for.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import pytest

from conformance.faces.options import ONLY_PYTEST, OPTIONS
from conformance.faces.stash import STAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.providers.model import Provider


_NEED_A_PROVIDER = ("baseline", "certify", "parity")


@pytest.hookimpl(trylast=True)
def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options; where another plugin has taken a name, ours gets the prefix `conformance-`."""
    group = parser.getgroup("conformance", "LLM endpoint conformance")
    for name, attributes in (*OPTIONS, *ONLY_PYTEST):
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


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """What xdist has to know before it is set up."""
    if not _asked(config) or config.getoption("dist", None) is None:
        return
    config.option.maxworkerrestart = "0"  # a new worker would ask everything again
    if config.getoption("conformance_estimate"):
        config.option.dist, config.option.tx, config.option.numprocesses = "no", [], None


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Set the stage when a provider is asked for."""
    for level in ("must", "should", "may"):
        config.addinivalue_line(
            "markers", f"{level}: the strongest level among a case's clauses (conformance)"
        )
    if _asked(config) and config.getoption("conformance_parity"):
        from conformance.faces import audits

        audits.enter(config)
    elif _asked(config):
        from conformance.faces import stage

        stage.enter(config)
    elif any(config.getoption(f"conformance_{each}") for each in _NEED_A_PROVIDER):
        raise pytest.UsageError(
            "--baseline, --certify and --parity need --provider=NAME or --endpoint=URL"
        )


def _asked(config: pytest.Config) -> bool:
    return bool(
        config.getoption("conformance_provider") or config.getoption("conformance_endpoint")
    )


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
