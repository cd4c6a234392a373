"""Resolves the `$`-directives of a request (the grammar is in `docs/suites.md`). Pure, but for `$file`.

What an endpoint has said goes in as it is: directives in it are text.
"""

from __future__ import annotations

import base64
import json
import mimetypes
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance.engine.thread import gone_on
from conformance.errors import HarnessError
from conformance.plan.model import axis_value
from conformance.plan.texts import repeated
from conformance.providers.model import Provider
from conformance.wire.exchange import Exchange
from conformance.wire.query import MISSING, find

OMIT = {"$omit": True}
LEFT_OUT = object()
"""What `$optional` stands for where there is nothing: its key goes."""
KEY = "$key"
"""Stands in a header only, and is put in where the credentials are."""


class NotAnsweredError(Exception):
    """A request needs something that an earlier answer does not have: the trial ends before it.

    No mistake of ours, and none to be told here: the judge sees that the step was not reached.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What directives of one trial can refer to."""

    provider: Provider
    """With its model found out."""
    axes: Mapping[str, Any]
    nonce: str
    folder: Path
    """Of the suite file."""
    captured: dict[str, Any] = field(default_factory=dict)
    """`STEP.NAME` to value; grows with the steps."""
    steps: dict[str, Exchange] = field(default_factory=dict)
    """Steps that were sent, their last attempt."""

    def value(self, template: Any) -> Any:
        """A template with its directives resolved.

        Raises NotAnsweredError where an answer lacks what is asked for, HarnessError where the
        suite refers to what there is not.
        """
        if isinstance(template, Mapping):
            if len(template) == 1:
                name, argument = next(iter(template.items()))
                if name in _DIRECTIVES:
                    return _DIRECTIVES[name](self, argument)
            held = ((name, self.value(each)) for name, each in template.items() if each != OMIT)
            return {name: each for name, each in held if each is not LEFT_OUT}
        if isinstance(template, list | tuple):
            return [self.value(each) for each in template if each != OMIT]
        return template

    def text(self, template: Any) -> str:
        """Like `value`, for a path or header: numbers are written as in JSON."""
        return _as_text(self.value(template))


def dump(body: Any) -> bytes:
    """JSON as it goes on the wire: compact, UTF-8, keys in their order."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate that an endpoint sent, sent back the same way
        return json.dumps(body, separators=(",", ":")).encode("ascii")


def merged(body: Mapping[str, Any], fragments: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """A body with fragments in the provider's own words laid over it, key by key at any depth."""
    for fragment in fragments:
        body = _laid_over(body, fragment)
    return body


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> Mapping[str, Any]:
    both = dict(below)
    for name, value in above.items():
        old = both.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            both[name] = _laid_over(old, value)
        else:
            both[name] = value
    return both


def _var(scene: Scene, target: Any) -> Any:
    first, _, rest = str(target).partition(".")
    if target == "trial.nonce":
        return scene.nonce
    if target == "provider.context_tokens":
        return _context_tokens(scene.provider)
    if first == "provider":
        return _model(scene.provider, rest)
    if first == "axis" and rest.partition(".")[0] in scene.axes:
        return axis_value(scene.axes, rest)
    if first in scene.steps:
        return _of_step(scene, first, rest)
    raise HarnessError(f"{{$var: {target}}} refers to nothing that is known at this step")


def _optional(scene: Scene, target: str) -> Any:
    name, _, member = target.removeprefix("axis.").partition(".")
    return scene.axes[name].get(member, LEFT_OUT)


def _context_tokens(provider: Provider) -> int:
    known = provider.limits.context_tokens
    if known is None:
        raise HarnessError(f"{provider.where}: {provider.name} has no limits.context_tokens")
    return known


def _model(provider: Provider, rest: str) -> str:
    if rest == "model":
        model = provider.model
    elif rest.startswith("models."):
        model = provider.model_for(rest.removeprefix("models."))
    else:
        raise HarnessError(f"{{$var: provider.{rest}}}: only provider.model and provider.models.X")
    if model is None:
        raise HarnessError(f"{provider.where}: provider {provider.name} has no `{rest}`")
    return model


def _of_step(scene: Scene, step: str, rest: str) -> Any:
    if rest == "sent.body" or rest.startswith(("sent.body.", "sent.body[")):
        place = "$" + rest.removeprefix("sent.body")
        value = find(scene.steps[step].request.json, place)
        if value is MISSING:
            raise HarnessError(f"{{$var: {step}.{rest}}}: the request of {step} has no such place")
        return value
    name = f"{step}.{rest}"
    if name not in scene.captured:
        raise NotAnsweredError(f"the answer to {step} has nothing for {rest!r}")
    return scene.captured[name]


def _omit(_scene: Scene, _argument: Any) -> Any:
    raise HarnessError("{$omit: true} stands for no value: it takes a key away")


def _thread(scene: Scene, argument: Any) -> list[Any]:
    step = argument["after"]
    if step not in scene.steps:
        raise HarnessError(f"{{$thread: {{after: {step}}}}}: no such step was sent before")
    results = scene.value(argument.get("results", {}))
    conversation = gone_on(scene.steps[step], results)
    if conversation is None:
        raise NotAnsweredError(f"{step} was not answered with a message")
    return conversation


def _repeat(scene: Scene, argument: Any) -> str | list[str]:
    return repeated(scene.value(argument))


def _quote(scene: Scene, argument: Any) -> str:
    return quote(_as_text(scene.value(argument)), safe="")


def _concat(scene: Scene, argument: Any) -> str:
    return "".join(_as_text(part) for part in scene.value(argument))


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _file(scene: Scene, argument: Any) -> str:
    folder = scene.folder.resolve()
    path = (folder / str(argument)).resolve()
    if not path.is_relative_to(folder):
        raise HarnessError(f"{{$file: {argument}}} lies outside of the suite's folder {folder}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise HarnessError(f"{{$file: {argument}}}: {error.strerror} ({path})") from error
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


_DIRECTIVES: Mapping[str, Callable[[Scene, Any], Any]] = {
    "$var": _var,
    "$optional": _optional,
    "$omit": _omit,
    "$thread": _thread,
    "$repeat": _repeat,
    "$concat": _concat,
    "$quote": _quote,
    "$file": _file,
}
