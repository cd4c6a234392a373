"""Endpoints that several tests ask."""

import json

import pytest
from served import COUNTED, built, providers, served

from conformance.faces.cli import main
from conformance.parity.setup import Extent, Setup


@pytest.fixture(autouse=True)
def _afresh():
    """What one test asked changes nothing of what the next one is answered, in whatever order they come."""
    for each in COUNTED:
        each.clear()


@pytest.fixture
def fewer(monkeypatch):
    """Smaller pools, for audits whose answer doesn't hang on how many answers the baseline gives."""
    monkeypatch.setitem(Setup.__init__.__kwdefaults__, "extent", Extent(pool=32, blind_pool=64))


@pytest.fixture(scope="session")
def baseline():
    with served(built(seed=1)) as (url, _):
        yield url


@pytest.fixture(scope="session")
def replica():
    with served(built(seed=9), seed=9) as (url, _):
        yield url


@pytest.fixture
def pair(tmp_path, baseline, replica):
    """Compares the baseline with `of`; gives the exit code, the facts, and the folder of the run."""

    def compared(of, *options, entry=(), alone=False, **about):
        more = () if alone else ('floor_from = "c"',)
        with served(of, **about) as (url, log):
            path = providers(tmp_path, a=(baseline, *more), b=(url, *entry), c=replica)
            code = main(["compare", "a", "b", f"--providers-file={path}", f"--reports-dir={tmp_path / 'reports'}", "--seed=1", "--quiet", *options])
        folder = max((tmp_path / "reports").iterdir())
        return code, json.loads((folder / "report.json").read_text("utf-8")), folder, log

    return compared
