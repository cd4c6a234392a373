"""The server without faults against everything, once for all tests that look at it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.faces.selftest.ask import ask, reference
from conformance.providers.model import Provider
from conformance.verdict.model import Run


@dataclass(frozen=True)
class Whole:
    """A run of all packaged suites."""

    run: Run
    provider: Provider
    record: Path


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    with reference() as provider:
        run = ask(folder, [provider])
    return Whole(run, provider, folder / run.info.id / "record.jsonl")
