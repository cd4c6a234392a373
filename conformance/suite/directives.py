"""The `$`-directives of requests: a closed set, each a mapping with that one key.

    {$var: TARGET}          a whole value: provider.model, provider.models.X, axis.NAME,
                            axis.NAME.KEY, provider.context_tokens, trial.nonce, STEP.CAPTURE, STEP.sent.body.KEY...
    {$optional: axis.NAME.KEY}  that member where the value has it, else the key is not sent
    {$omit: true}           takes an inherited key of body or headers away
    {$thread: {after: STEP, results: {tool: text}}}
                            that step's messages, its answer, one tool message per call
    {$repeat: {text: T, times: N}}      long input; with `entry` in place of `text`, a long list
    {$concat: [...]}        text with values inside
    {$quote: VALUE}         percent-encoded, for one segment of a path
    {$key: SCHEME}          Authorization: the provider's own key after that scheme
    {$file: PATH}           a file beside the suite, as a data URI

They are resolved by the engine; here they are only looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.errors import did_you_mean
from conformance.suite.axes import Axes, members, word
from conformance.suite.draft import CaseDraft, StepDraft
from conformance.suite.merge import OMIT, Patch
from conformance.suite.source import At, Complaint, walk
from conformance.suite.vocabulary import Vocabulary

MODELS = ("reasoning", "embeddings", "completions", "vision", "forbidden")
LITERAL = (
    *("$ref", "$defs", "$schema", "$id", "$anchor", "$comment"),
    *("$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$vocabulary"),
)
"""Words of JSON Schema, which stand in tools and response formats as they are."""
PARTS = ("path", "headers", "body")
LONGEST = 10_000_000
"""Characters that `$repeat` may make."""
CONTEXT = {"$var": "provider.context_tokens"}
"""How often `$repeat` repeats, where it is to make more than fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """What can be referred to from a step."""

    axes: Axes
    before: Mapping[str, StepDraft]


def directives_make_sense(case: CaseDraft, words: Vocabulary) -> Iterator[Complaint]:
    """Each directive is known, of the right form, and refers to something that is there by then."""
    before: dict[str, StepDraft] = {}
    for step in case.steps:
        scope = _Scope(axes=case.axes, before=before)
        for number, patch in enumerate(step.patches):
            yield from _patch(patch, step.patches[:number], scope)
        for use in step.uses:
            yield from _arguments(use.arguments, use.at)
        before = {**before, step.id: step}


def _patch(patch: Patch, outer: Sequence[Patch], scope: _Scope) -> Iterator[Complaint]:
    for part in PARTS:
        if part in patch.data:
            yield from _value(patch.data[part], (*patch.at, part), scope)
    for part in ("body", "headers"):
        for key, value in patch.data.get(part, {}).items():
            at = (*patch.at, part, key)
            if value == OMIT and part == "body":
                yield from _omitted(key, at, outer)
            elif part == "headers" and isinstance(value, Mapping) and not is_directive(value):
                yield Complaint(at=at, reason=f"header {key!r} is text or a directive")
    path = patch.data.get("path")
    if isinstance(path, Mapping):
        parts = path.get("$concat")
        if not (isinstance(parts, list) and parts and str(parts[0]).startswith("/")):
            yield Complaint(
                at=(*patch.at, "path"),
                reason="a path is text, or `$concat` whose first part begins with /",
            )


def _omitted(key: str, at: At, outer: Sequence[Patch]) -> Iterator[Complaint]:
    inherited = {name for patch in outer for name in patch.data.get("body", {})}
    if key not in inherited:
        yield Complaint(
            at=at,
            reason=f"nothing is inherited under {key!r}{did_you_mean(key, inherited)}",
            remedy="take the line out",
        )


def is_directive(value: Any) -> bool:
    return isinstance(value, Mapping) and any(key in _FORMS for key in value)


def _value(value: Any, at: At, scope: _Scope) -> Iterator[Complaint]:
    """Look at every directive in a value."""
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from _value(each, (*at, number), scope)
    elif isinstance(value, Mapping):
        odd = [key for key in value if key in _FORMS]
        if odd and len(value) > 1:
            yield Complaint(
                at=(*at, odd[0]), reason=f"{odd[0]!r} stands alone in its mapping", of_key=True
            )
        elif odd:
            yield from _FORMS[odd[0]](value[odd[0]], (*at, odd[0]), scope)
        else:
            yield from _unknown(value, at)
            for key, each in value.items():
                yield from _value(each, (*at, key), scope)


def _unknown(value: Mapping[str, Any], at: At) -> Iterator[Complaint]:
    for key in value:
        if len(value) == 1 and key.startswith("$") and key not in LITERAL:
            yield Complaint(
                at=(*at, key),
                reason=f"no directive is called {key!r}{did_you_mean(key, _FORMS)}",
                remedy="known: " + ", ".join(_FORMS) + "; to send such text, use `raw`",
                of_key=True,
            )


def _arguments(arguments: Any, at: At) -> Iterator[Complaint]:
    """Checks take plain values: whoever judges later has no provider at hand."""
    for _, value in walk(arguments):
        if is_directive(value):
            yield Complaint(at=at, reason="directives are not resolved in arguments of checks")
            return


def _var(target: Any, at: At, scope: _Scope) -> Iterator[Complaint]:
    if not isinstance(target, str):
        yield Complaint(at=at, reason="`$var` is a text such as provider.model")
        return
    first, _, rest = target.partition(".")
    if target in ("provider.model", "trial.nonce", CONTEXT["$var"]):
        return
    if target.startswith("provider.models."):
        yield from _one_of(rest.removeprefix("models."), MODELS, "model kind", at)
    elif first == "axis":
        yield from of_axis(rest, scope.axes, at)
    elif first in scope.before:
        yield from _of_step(scope.before[first], rest, at)
    else:
        known = ["provider.model", "provider.models.KIND", CONTEXT["$var"]]
        known += ["axis.NAME", "axis.NAME.KEY", "trial.nonce"]
        earlier = [
            f"{name}.{each}"
            for name, step in scope.before.items()
            for each in step.data.get("capture", {})
        ]
        yield Complaint(
            at=at,
            reason=f"`$var` knows no {target!r}{did_you_mean(target, [*known, *earlier])}",
            remedy="known here: " + ", ".join([*known, *earlier]),
        )


def _one_of(name: str, known: Sequence[str], kind: str, at: At) -> Iterator[Complaint]:
    if name not in known:
        yield Complaint(
            at=at,
            reason=f"no {kind} is called {name!r}{did_you_mean(name, known)}",
            remedy="known here: " + (", ".join(known) or "none"),
        )


def of_axis(rest: str, axes: Axes, at: At) -> Iterator[Complaint]:
    """`axis.NAME` is there, and of `axis.NAME.KEY` every value has the key."""
    name, _, member = rest.partition(".")
    if name not in axes or not member:
        yield from _one_of(name, list(axes), "axis of this case", at)
        return
    for value in axes[name]:
        if not isinstance(value, Mapping) or member not in value:
            known = list(value) if isinstance(value, Mapping) else []
            reason = f"value {word(value)!r} of axis {name!r} has no {member!r}"
            yield Complaint(at=at, reason=reason + did_you_mean(member, known))


def _optional(target: Any, at: At, scope: _Scope) -> Iterator[Complaint]:
    first, _, rest = str(target).partition(".")
    name, _, member = rest.partition(".")
    if first != "axis" or not member:
        yield Complaint(at=at, reason="`$optional` is a text such as axis.row.stop")
    elif name not in scope.axes:
        yield from _one_of(name, list(scope.axes), "axis of this case", at)
    elif not all(isinstance(one, Mapping) for one in scope.axes[name]):
        yield Complaint(at=at, reason=f"values of axis {name!r} are no mappings")
    elif not list(members(scope.axes[name], member)):
        known = {key: None for one in scope.axes[name] for key in one}
        yield from _one_of(member, list(known), f"member of axis {name!r}", at)
    if len(at) < 4 or at[-3] != "body":  # noqa: PLR2004  # ..., body, KEY, $optional
        yield Complaint(at=at, reason="`$optional` is a whole value of the body")


def _of_step(step: StepDraft, rest: str, at: At) -> Iterator[Complaint]:
    if rest.startswith("sent.body."):
        key = re.split(r"[.\[]", rest.removeprefix("sent.body."))[0]
        yield from _one_of(key, list(step.request.body or {}), f"body key of {step.id!r}", at)
    else:
        captured = list(step.data.get("capture", {}))
        yield from _one_of(rest, captured, f"capture of step {step.id!r}", at)


def _omit(value: Any, at: At, _scope: _Scope) -> Iterator[Complaint]:
    if value is not True:
        yield Complaint(at=at, reason="`$omit` is written {$omit: true}")
    elif len(at) < 4 or at[-3] not in ("body", "headers"):  # noqa: PLR2004  # ..., body, KEY, $omit
        yield Complaint(
            at=at, reason="`$omit` takes a key of `body` or `headers` away, nothing inside it"
        )


def _thread(value: Any, at: At, scope: _Scope) -> Iterator[Complaint]:
    if not isinstance(value, Mapping) or "after" not in value or set(value) - {"after", "results"}:
        yield Complaint(at=at, reason="`$thread` is {after: STEP, results: {tool: text}}")
        return
    yield from _one_of(str(value["after"]), list(scope.before), "earlier step", (*at, "after"))
    results = value.get("results", {})
    if not isinstance(results, Mapping) or not all(isinstance(v, str) for v in results.values()):
        yield Complaint(at=(*at, "results"), reason="`results` maps names of tools to text")
    if at[-3] != "body":
        yield Complaint(at=at, reason="`$thread` is a whole value of the body, such as `messages`")


def _repeat(value: Any, at: At, _scope: _Scope) -> Iterator[Complaint]:
    match value:
        case {"text": str(text), "times": int(times), **rest} | {
            "entry": str(text),
            "times": int(times),
            **rest,
        } if not rest and times is not True:
            if times < 1 or len(text) * times > LONGEST:
                yield Complaint(at=at, reason=f"`$repeat` makes 1 to {LONGEST} characters")
        case {"text": str(), "times": times, **rest} if times == CONTEXT and _is_share(rest):
            return
        case _:
            yield Complaint(
                at=at,
                reason="`$repeat` is {text: T, times: N}",
                remedy="N is a number, or {$var: provider.context_tokens}; the latter with "
                "`share: S`, from 0 to 1, for a part of it; {entry: T, times: N} is a list",
            )


def _is_share(rest: Mapping[Any, Any]) -> bool:
    share = rest.get("share", 1)
    return not set(rest) - {"share"} and isinstance(share, int | float) and 0 < share <= 1


def _concat(value: Any, at: At, scope: _Scope) -> Iterator[Complaint]:
    if not isinstance(value, list) or not value:
        yield Complaint(at=at, reason="`$concat` is a list of texts and directives")
        return
    for number, part in enumerate(value):
        if not isinstance(part, str) and not is_directive(part):
            yield Complaint(at=(*at, number), reason="`$concat` joins texts and directives only")
        yield from _value(part, (*at, number), scope)


def _quote(value: Any, at: At, scope: _Scope) -> Iterator[Complaint]:
    if not isinstance(value, str) and not is_directive(value):
        yield Complaint(at=at, reason="`$quote` takes a text or a directive")
    yield from _value(value, at, scope)


def _key(value: Any, at: At, scope: _Scope) -> Iterator[Complaint]:
    yield from _value(value, at, scope)
    if not isinstance(value, str) and not is_directive(value):
        yield Complaint(at=at, reason="`$key` is a scheme such as bearer")
    elif at[-3] != "headers" or str(at[-2]).lower() != "authorization":
        yield Complaint(at=at, reason="`$key` is a whole value of the header Authorization")


def _file(value: Any, at: At, _scope: _Scope) -> Iterator[Complaint]:
    if not isinstance(value, str) or value.startswith("/") or ".." in value.split("/"):
        yield Complaint(at=at, reason="`$file` is a path below the suite's own folder")


_FORMS: Mapping[str, Callable[[Any, At, _Scope], Iterator[Complaint]]] = {
    "$var": _var,
    "$optional": _optional,
    "$omit": _omit,
    "$thread": _thread,
    "$repeat": _repeat,
    "$concat": _concat,
    "$quote": _quote,
    "$key": _key,
    "$file": _file,
}
