"""What users' own Python tests get: the provider, and a way to ask it that records like suites do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from conformance.errors import HarnessError
from conformance.faces.plugin import STAGE
from conformance.plan.model import Ask, Variant
from conformance.providers.model import Provider
from conformance.suite.model import Case, RequestTemplate, Samples, Step
from conformance.wire.exchange import Exchange


def provider(request: pytest.FixtureRequest) -> Provider:
    """The provider that this test was parametrized with; skips without `--provider`."""
    stage = request.config.stash.get(STAGE, None)
    if stage is None:
        pytest.skip("needs an endpoint: pytest --provider=NAME")
    return stage.chosen.providers[request.param]


def ask(request: pytest.FixtureRequest, one: Provider) -> Callable[..., Exchange]:
    """A function that sends one request and returns the Exchange."""
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
        template = RequestTemplate(
            method=method,
            path=path,
            headers=headers or {},
            body=body if body is None or "model" in body else {"model": {"$var": "provider.model"}, **body},
            raw=raw,
            fragments=(),
            hang_up_after=None,
        )
        trial = stage.performance.ask(
            Ask(variant=Variant(case=_case(request.node.nodeid, template), axes={}), provider=one.name, sample=count)
        )
        count += 1
        if trial.error or not trial.exchanges:
            raise HarnessError(trial.error or "nothing was sent")
        return trial.exchanges[-1]

    return send


def _case(nodeid: str, template: RequestTemplate) -> Case:
    step = Step(
        id="main", request=template, control=False, always=(), assume=(), expect=(), outcome=(), capture={}, where=nodeid
    )
    return Case(
        id=nodeid, title=nodeid, about="", clauses=(), needs=(), axes={}, samples=Samples(least=1, most=1),
        rate=None, observe={}, steps=(step,), varies=(), alone=False, destructive=False, retry=True, timeout=None,
        where=nodeid,
    )
