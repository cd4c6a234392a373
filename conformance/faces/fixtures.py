"""What users' own Python tests get: the provider, and a way to ask it that records like suites do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from conformance.errors import HarnessError
from conformance.faces.stash import STAGE
from conformance.plan.adhoc import ad_hoc_ask
from conformance.providers.model import Provider
from conformance.wire.exchange import Exchange


def provider(request: pytest.FixtureRequest) -> Provider:
    """The provider that this test was parametrized with; skips without `--provider`."""
    stage = request.config.stash.get(STAGE, None)
    if stage is None:
        pytest.skip("needs an endpoint: pytest --provider=NAME")
    return stage.chosen.providers[request.param]


def ask(request: pytest.FixtureRequest, one: Provider) -> Callable[..., Exchange]:
    """A function that sends one request and returns the Exchange.

    Raises HarnessError where nothing could be sent (the endpoint is not there).
    """
    stage = request.config.stash[STAGE]
    count = 0

    def send(
        body: Mapping[str, Any] | None = None,
        *,
        path: str = "/chat/completions",
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        raw: str | None = None,
    ) -> Exchange:
        nonlocal count
        asked = ad_hoc_ask(
            request.node.nodeid,
            one.name,
            body,
            path=path,
            method=method,
            headers=headers,
            raw=raw,
            sample=count,
        )
        count += 1
        trial = stage.ask(request.session, asked)
        if not trial.finished or not trial.exchanges:
            raise HarnessError(trial.error or trial.withheld or "nothing was sent")
        return trial.exchanges[-1]

    return send
