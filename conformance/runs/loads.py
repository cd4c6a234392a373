"""A load by its name: of those that come with the package, or of a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from conformance.data import suites_root
from conformance.engine.instrument.session import Load
from conformance.errors import UsageError, did_you_mean
from conformance.runs.timed import Question
from conformance.suite.loads import Scenario, load_scenarios

_SHIPPED = ("loads", "latency.yaml")


def scenario(wanted: str) -> Scenario:
    """`NAME`, or `FILE.yaml:NAME`. Raises UsageError and SourceError."""
    file, colon, name = wanted.rpartition(":")
    path = Path(file) if colon else suites_root().joinpath(*_SHIPPED)
    if not path.is_file():
        raise UsageError(f"--load: no such file: {path}")
    known = load_scenarios(path.read_text(encoding="utf-8"), str(path))
    if name not in known:
        raise UsageError(
            f"no load is called {name!r}{did_you_mean(name, known)}; there are: {', '.join(known)}"
        )
    return known[name]


def as_asked(one: Scenario, load: Load, nonce: str) -> tuple[Question, Load]:
    """What is asked, and how it comes."""
    first, *others = one.bodies
    question = Question(body=first, others=tuple(others), nonce="" if one.primed else nonce)
    shape = replace(load, streams=one.streams, seconds=one.seconds)
    return question, replace(shape, rate=one.rate, poisson=one.poisson)
