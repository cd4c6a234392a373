"""A case of one request, made on the spot, for what no suite file asks.

The engine's own errands, doctor's questions, the requests of a user's test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.plan.model import Ask, Variant
from conformance.suite.model import Case, RequestTemplate, Samples, Step

STEP = "main"


def ad_hoc_ask(  # noqa: PLR0913  # a request has this many parts
    case: str,
    provider: str,
    body: Mapping[str, Any] | None,
    *,
    path: str = "/chat/completions",
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    raw: str | None = None,
    axes: Mapping[str, str] | None = None,
    sample: int = 0,
    retry: bool = True,
) -> Ask:
    """One request as an Ask. `model` is the provider's unless the body names one."""
    if body is not None and "model" not in body:
        body = {"model": {"$var": "provider.model"}, **body}
    request = RequestTemplate(
        method=method,
        path=path,
        headers=headers or {},
        body=body,
        raw=raw,
        fragments=(),
        hang_up_after=None,
    )
    axes = axes or {}
    made = _case(case, request, axes, retry=retry)
    return Ask(variant=Variant(case=made, axes=axes), provider=provider, sample=sample)


def _case(name: str, request: RequestTemplate, axes: Mapping[str, str], *, retry: bool) -> Case:
    step = Step(
        id=STEP,
        request=request,
        control=False,
        always=(),
        assume=(),
        expect=(),
        outcome=(),
        capture={},
        where=name,
    )
    return Case(
        id=name,
        title=name,
        about="",
        clauses=(),
        needs=(),
        axes={key: (value,) for key, value in axes.items()},
        samples=Samples(least=1, most=1),
        rate=None,
        observe={},
        steps=(step,),
        varies=(),
        alone=False,
        destructive=False,
        retry=retry,
        timeout=None,
        where=name,
    )
