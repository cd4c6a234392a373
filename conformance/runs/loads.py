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


def shipped() -> dict[str, Scenario]:
    """By name: those that come with the package."""
    return _of_file(suites_root().joinpath(*_SHIPPED))


def scenario(wanted: str) -> Scenario:
    """`NAME`, or `FILE.yaml:NAME`. Raises UsageError and SourceError."""
    file, colon, name = wanted.rpartition(":")
    known = _of_file(Path(file)) if colon else shipped()
    if name not in known:
        raise UsageError(
            f"no load is called {name!r}{did_you_mean(name, known)}; there are: {', '.join(known)}"
        )
    return known[name]


def _of_file(path: Path) -> dict[str, Scenario]:
    if not path.is_file():
        raise UsageError(f"--load: no such file: {path}")
    return load_scenarios(path.read_text(encoding="utf-8"), str(path))


def as_asked(one: Scenario, load: Load, nonce: str) -> tuple[Question, Load]:
    """What is asked, and how it comes."""
    first, *others = one.bodies
    question = Question(body=first, others=tuple(others), nonce="" if one.primed else nonce)
    shape = replace(load, streams=one.streams, seconds=one.seconds, warm_up=one.warm_up)
    shape = replace(shape, rate=one.rate, poisson=one.poisson)
    return question, replace(shape, hang_up_after=one.hang_up_after)
