"""Suites against a reference server in this process: the one way in which the tester is tested."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from conformance.engine.limits import Terms
from conformance.faces.selftest.watch import Watched
from conformance.plan.build import every_variant
from conformance.providers.load import builtin_providers
from conformance.providers.model import Auth, Provider
from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running
from conformance.runs.choose import Chosen
from conformance.runs.performance import Performance, every_pair
from conformance.runs.settings import Settings
from conformance.runs.toolbox import packaged_suites, read_suites, toolbox
from conformance.suite.model import Effort, Suite
from conformance.verdict.assemble import Wanted
from conformance.verdict.model import Run

KEY = "key-of-the-self-test"
_VARIABLE = "CONFORMANCE_REFERENCE_KEY"
AGE = 3600.0
"""Every server has been up for an hour, so that faults that come with age show at once."""
SILENCE = 12.0
"""Seconds without a byte after which a fault that stalls is given up."""


@cache
def tools() -> Watched:
    """The toolbox of this process; its checks note when they complain."""
    return Watched(contract=toolbox().contract)


@cache
def suites() -> tuple[Suite, ...]:
    """The packaged suites."""
    return tuple(read_suites(tools(), packaged_suites()))


@cache
def _cells() -> tuple[tuple[Suite, frozenset[str]], ...]:
    """Each packaged suite and its cells."""
    return tuple(
        (suite, frozenset(each.cell for each in every_variant([suite]))) for suite in suites()
    )


@cache
def _builtin() -> Provider:
    return builtin_providers()["reference"]


def provider(url: str, name: str = "reference") -> Provider:
    """The built-in provider `reference`, at a server that runs already; nothing is tried again."""
    known = _builtin()
    auth = Auth(kind="bearer", key=f"${{{_VARIABLE}}}")
    limits = replace(known.limits, retries=0, read_seconds=SILENCE, total_seconds=60)
    return replace(known, name=name, base_url=url, launch=None, auth=auth, limits=limits)


@contextmanager
def reference(*faults: str, seed: int = 0, name: str = "reference") -> Iterator[Provider]:
    """A reference server with these faults, meanwhile, as a provider of that name."""
    options = ServeOptions(port=0, key=KEY, faults=faults, seed=seed, age=AGE)
    with _key_in_environment(), running(options) as url:
        yield provider(url, name)


@contextmanager
def _key_in_environment() -> Iterator[None]:
    """The key as a secret: one that was written down as a default would be none."""
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = KEY
    try:
        yield
    finally:
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before


def everything(_cell: str) -> bool:
    """The choice that leaves nothing out."""
    return True


def ask(  # noqa: PLR0913 - one keyword per thing that a run may differ in
    folder: Path,
    providers: Sequence[Provider],
    *,
    chosen: Callable[[str], bool] = everything,
    samples: int | None = None,
    effort: Effort = Effort.NORMAL,
    baseline: str | None = None,
    clients: bool = False,
    formats: tuple[str, ...] = ("json", "markdown"),
) -> Run:
    """The chosen cells of the packaged suites at these providers; the run's files go into `folder`.

    `effort`: how often each is asked, unless `samples` says it; which ones is for `chosen`.
    """
    performance = Performance(
        Chosen(providers={one.name: one for one in providers}, baseline=baseline),
        tools(),
        Settings(
            reports=folder,
            terms=Terms(),
            formats=formats,
            samples=samples,
            effort=effort,
            clients=clients,
        ),
        Wanted(named={}),
    )
    # Suites of which nothing is chosen would only be carried through plan, record and verdict.
    needed = [suite for suite, cells in _cells() if any(map(chosen, cells))]
    prepared = [performance.prepare(suite) for suite in needed]
    pairs = every_pair(every_variant(prepared), [one.name for one in providers])
    performance.start({pair for pair in pairs if chosen(pair[0])})
    performance.wait()
    run = performance.finish(complete=True)
    assert run is not None  # it was started
    return run
