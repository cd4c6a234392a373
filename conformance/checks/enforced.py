"""SO: what shows whether a schema is enforced, refused, or of no effect."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.facts import ERROR, EXCUSED, Called, facts
from conformance.checks.fits import misfit
from conformance.checks.generic import absence, missing_answer
from conformance.checks.show import shown
from conformance.checks.spoken import first_choice, spoken
from conformance.wire import jsontext
from conformance.wire.exchange import Exchange

_SERVER_FAULT = 500
_READ = 20_000
"""Bytes of an error that are looked at."""
_WORDS = (
    *("response_format", "json_schema", "schema", "structured", "grammar", "guided"),
    *("tools", "function", "parameters", "strict"),
)
"""Where a schema stands in a request, and what engines call what they make of it."""
_KEYWORDS = frozenset(
    (
        *("enum", "const", "$ref", "$defs", "definitions", "properties", "required"),
        *("additionalProperties", "patternProperties", "propertyNames", "items", "prefixItems"),
        *("pattern", "format", "minLength", "maxLength", "minimum", "maximum", "multipleOf"),
        *("exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "uniqueItems"),
        *("contains", "minProperties", "maxProperties", "anyOf", "allOf", "oneOf"),
        *("dependentRequired", "dependentSchemas", "unevaluatedProperties"),
    )
)


@check(assumable=True)
def not_cut_off(exchange: Exchange) -> Iterator[Problem]:
    """The model came to an end of its own; an error came to one as well."""
    for one in facts(exchange).choices:
        if one.cut:
            reason = shown(one.choice.finish_reason)
            yield Problem(message=f"the answer was cut off: finish_reason {reason}", at=one.at)


def _is_refusal(exchange: Exchange) -> bool:
    """The request is refused, in whatever form, for what it asks."""
    found = facts(exchange)
    if found.ok:
        return bool(found.failed or found.errors)
    status = found.status or 0
    return ERROR <= status < _SERVER_FAULT and status not in EXCUSED


def _said(exchange: Exchange) -> str:
    response = facts(exchange).response
    return response.body[:_READ].decode("utf-8", "replace") if response else ""


def _clear(exchange: Exchange) -> Sequence[Exchange]:
    """All but refusals that do not speak of the schema: those may be about anything."""
    words = (*_WORDS, *_keywords(facts(exchange).asked))
    text = _said(exchange).lower()
    dark = _is_refusal(exchange) and not any(word.lower() in text for word in words)
    return () if dark else (exchange,)


@check(over=_clear)
def schema_refused(exchange: Exchange) -> Iterator[Problem]:
    """The request is refused because of its schema: the error names where it stands, or a keyword in it.

    Which status says so, and in which form, is for the clauses on errors to say; a refusal that
    speaks of something else, or of nothing, shows nothing.
    """
    if not _is_refusal(exchange):
        seen = absence(exchange) or f"status {facts(exchange).status}: {shown(_said(exchange))}"
        yield Problem(message=f"{seen}, wanted a refusal of the schema")


def _keywords(node: Any) -> set[str]:
    """Keywords of JSON Schema anywhere in a request."""
    if isinstance(node, list):
        return set().union(*map(_keywords, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    return {key for key in node if key in _KEYWORDS}.union(*map(_keywords, node.values()))


def _of_tools(exchange: Exchange) -> list[Called]:
    """Whole calls of functions that the request describes."""
    return [
        one
        for one in facts(exchange).calls
        if one.tool and not one.tool.custom and not one.said.cut
    ]


@check(over=_of_tools)
def call_fits_its_schema(one: Called) -> Iterator[Problem]:
    """The arguments of a call fit the schema of its tool, formats included.

    Whether there has to be a call is for other clauses to say: nothing is shown where there is none.
    """
    assert one.tool is not None
    arguments = one.call.arguments
    document = jsontext.read_text(arguments) if isinstance(arguments, str) else None
    why = f"arguments {shown(arguments)} are no JSON text"
    if document is not None and document.ok:
        why = misfit(document.value, one.tool.parameters, formats=True)
    if why:
        yield Problem(message=why, at=f"{one.at}.function.arguments")


@check(assumable=True)
def copied_json(exchange: Exchange) -> Iterator[Problem]:
    """The JSON at the end of the question comes back, as text or as a call's arguments."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    wanted = _asked_for(facts(exchange).asked)
    choice = first_choice(exchange)
    calls = choice.tool_calls if choice else ()
    said = [spoken(exchange), *(call.arguments for call in calls)]
    if not wanted or not any(isinstance(each, str) and _says(each, wanted) for each in said):
        seen = next((each for each in reversed(said) if each), None)
        yield Problem(message=f"{shown(seen)}, wanted the JSON of the question")


def _asked_for(asked: dict[str, Any]) -> str:
    """The JSON that the last message ends with, squeezed; empty where it ends otherwise."""
    messages = asked.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    text = last.get("content") if isinstance(last, dict) else None
    if not isinstance(text, str):
        return ""
    for start in (found.start() for found in re.finditer(r"[{\[]", text)):
        try:
            return _squeezed(json.dumps(json.loads(text[start:]), ensure_ascii=False))
        except ValueError:
            continue
    return ""


def _says(text: str, wanted: str) -> bool:
    """Letter by letter but for blanks, with something around it; or as JSON of the same value."""
    document = jsontext.read_text(text)
    same = document.ok and _sorted(document.value) == _sorted(json.loads(wanted))
    return same or wanted in _squeezed(text)


def _sorted(value: Any) -> str:
    """JSON in the one order that does not depend on who wrote it."""
    return _squeezed(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
