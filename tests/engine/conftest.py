"""A clean environment for the tests of the engine."""

import pytest
from scripted import TRANSPORTS, WAY


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(params=TRANSPORTS)
def way(request):
    """Each test is asked over each transport: the facts are the same."""
    token = WAY.set(request.param)
    yield request.param
    WAY.reset(token)
