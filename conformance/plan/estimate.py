"""What a plan will cost at most, by suite, before anything is sent. Pure.

Requests are those of the least number of samples; a case that samples on until its answer is clear,
attempts that are repeated and the arm `adapted` come on top and are given as `most_requests`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.plan.model import Plan, Variant, axis_value
from conformance.plan.texts import repeated
from conformance.plan.tokens import Tokens, bound
from conformance.providers.model import Provider
from conformance.suite.model import Step

UNKNOWN_TEXT = "x" * 64
"""In place of what only an answer can tell: ids, captured values, nonces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Of one suite at one provider."""

    suite: str
    provider: str
    requests: int
    most_requests: int
    """With all the samples that may be needed."""
    tokens: Tokens
    """Upper bounds, for `requests`."""
    price: float | None
    """USD for `tokens`; None where the provider states no prices."""


def estimate(plan: Plan) -> tuple[Estimate, ...]:
    """One row per suite and provider, in the order of the plan."""
    rows: dict[tuple[str, str], list[Estimate]] = defaultdict(list)
    for cell in plan.cells:
        for name in cell.providers:
            one = of_variant(cell.variant, plan.providers[name])
            rows[one.suite, name].append(one)
    return tuple(map(_sum, rows.values()))


def of_variant(variant: Variant, provider: Provider) -> Estimate:
    """One variant at one provider."""
    case = variant.case
    once = sum((_of_step(step, variant, provider) for step in case.steps), Tokens())
    least, steps = case.samples.least, len(case.steps)
    tokens = Tokens(prompt=least * once.prompt, completion=least * once.completion)
    return Estimate(
        suite=case.id.partition("/")[0],
        provider=provider.name,
        requests=least * steps,
        most_requests=case.samples.most * steps,
        tokens=tokens,
        price=price(tokens, provider),
    )


def price(tokens: Tokens, provider: Provider) -> float | None:
    """USD; None where the provider states no prices."""
    if provider.prices is None:
        return None
    prompt = tokens.prompt * provider.prices.prompt
    return (prompt + tokens.completion * provider.prices.completion) / 1e6


def _sum(rows: list[Estimate]) -> Estimate:
    prices = [one.price for one in rows if one.price is not None]
    return Estimate(
        suite=rows[0].suite,
        provider=rows[0].provider,
        requests=sum(one.requests for one in rows),
        most_requests=sum(one.most_requests for one in rows),
        tokens=sum((one.tokens for one in rows), Tokens()),
        price=sum(prices) if prices else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What directives look into."""

    variant: Variant
    provider: Provider
    steps: Mapping[str, Step]


def _of_step(step: Step, variant: Variant, provider: Provider) -> Tokens:
    by_id = {each.id: each for each in variant.case.steps}
    body = _plain(step.request.body, _Scene(variant=variant, provider=provider, steps=by_id))
    path = step.request.path if isinstance(step.request.path, str) else ""
    return bound(path, body, provider.limits.completion_tokens)


def _plain(template: Any, scene: _Scene) -> Any:
    """A body with its directives replaced by something of about their length."""
    if isinstance(template, Mapping):
        if len(template) == 1:
            name, argument = next(iter(template.items()))
            if name in _SIZED:
                return _SIZED[name](argument, scene)
        return {name: _plain(each, scene) for name, each in template.items()}
    if isinstance(template, list | tuple):
        return [_plain(each, scene) for each in template]
    return template


def _var(argument: Any, scene: _Scene) -> Any:
    first, _, rest = str(argument).partition(".")
    if first == "axis":
        return axis_value(scene.variant.axes, rest)
    if argument == "provider.context_tokens":
        return scene.provider.limits.context_tokens or 0  # without it the case is not asked
    if first in scene.steps and rest.startswith("sent.body"):
        return _plain(scene.steps[first].request.body, scene)
    return UNKNOWN_TEXT


def _optional(argument: Any, scene: _Scene) -> Any:
    name, _, member = str(argument).removeprefix("axis.").partition(".")
    return scene.variant.axes[name].get(member)


def _thread(argument: Any, scene: _Scene) -> Any:
    """What was said before, and an answer as long as it may be."""
    before = scene.steps[argument["after"]].request.body or {}
    plain = _plain(before, scene)
    answer = "x" * bound("", plain, 0).completion
    results = _plain(list(argument.get("results", {}).values()), scene)
    said = plain.get("messages", plain.get("input", []))
    return [*(said if isinstance(said, list) else [said]), {"content": answer}, *results]


def _repeat(argument: Any, scene: _Scene) -> Any:
    return repeated(_plain(argument, scene))


def _concat(argument: Any, scene: _Scene) -> Any:
    return "".join(map(str, _plain(argument, scene)))


def _nothing(*_: Any) -> Any:
    return None


def _file(*_: Any) -> Any:
    return "data:"


_SIZED = {
    "$var": _var,
    "$optional": _optional,
    "$thread": _thread,
    "$repeat": _repeat,
    "$concat": _concat,
    "$omit": _nothing,
    "$file": _file,
}
