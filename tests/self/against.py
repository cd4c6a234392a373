"""Runs the packaged suites against a reference server in this process, and gives the Run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from conformance.engine.limits import Terms
from conformance.faces.choose import Chosen
from conformance.faces.performance import Performance, Settings, every_pair
from conformance.faces.toolbox import packaged_suites, read_suites, toolbox
from conformance.providers.load import builtin_providers
from conformance.providers.model import Auth, Provider
from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running
from conformance.verdict.assemble import Wanted
from conformance.verdict.model import Run

KEY = "reference-key"


@cache
def tools():
    return toolbox()


@cache
def suites():
    return tuple(read_suites(tools(), packaged_suites()))


def provider(url: str, name: str = "reference") -> Provider:
    known = builtin_providers()["reference"]
    auth = Auth(kind="bearer", key="${CONFORMANCE_REFERENCE_KEY:-reference-key}")
    limits = replace(known.limits, retries=0, read_seconds=20, total_seconds=60)
    return replace(known, name=name, base_url=url, launch=None, auth=auth, limits=limits)


@contextmanager
def reference(*faults: str, **more) -> Iterator[Provider]:
    with running(ServeOptions(port=0, key=KEY, faults=faults, **more)) as url:
        yield provider(url)


def ask(folder: Path, *providers: Provider, baseline: str | None = None, only: str = "", clients=False) -> Run:
    """All packaged cases (or those whose cell begins with `only`) at these providers."""
    chosen = Chosen(providers={one.name: one for one in providers}, baseline=baseline)
    performance = Performance(
        chosen, tools(), Settings(reports=folder, terms=Terms(), formats=("json", "markdown"), clients=clients), Wanted(named={})
    )
    for suite in suites():
        performance.prepare(suite)
    pairs = every_pair(suites(), list(chosen.providers))
    performance.start({pair for pair in pairs if pair[0].startswith(only)})
    performance.wait()
    run = performance.finish(complete=True)
    assert run is not None
    return run
