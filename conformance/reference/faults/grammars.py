"""Grammars for answers by a schema that do not hold them, or not to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion
from conformance.reference.circumstances import with_schema
from conformance.reference.edit import each_said
from conformance.reference.fault import COMPLETION, REQUEST, SCRIPT, fault
from conformance.reference.faults.offers import schemas
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import crash
from conformance.reference.script import HangUp, Script

_TEXT = ("SO-*", "CREQ-047", "CRESP-016", "CRESP-031", "ERR-033", "USAGE-*", "STRM-*")
"""What may fail where an answer by a schema is another."""
_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_PLENTY = 512
"""Tokens of white space where no cap ends it."""


def schema_of(request: HttpRequest) -> Any:
    """The schema that the answer is to fit."""
    shape: Any = request.json.get("response_format")
    held = shape.get("json_schema") if isinstance(shape, dict) else None
    return held.get("schema") if isinstance(held, dict) else None


def _objects(request: HttpRequest) -> Iterator[dict[str, Any]]:
    return (each for each in schemas(schema_of(request)) if isinstance(each, dict))


def by_pattern(request: HttpRequest) -> bool:
    """Requests whose schema names properties by a pattern."""
    return with_schema(request) and any("patternProperties" in one for one in _objects(request))


def broken(request: HttpRequest) -> bool:
    """Requests whose schema has a type that does not exist."""
    return with_schema(request) and any(
        isinstance(one.get("type"), str) and one["type"] not in _TYPES for one in _objects(request)
    )


def _said(completion: Completion, edit: Callable[[str], str]) -> Completion:
    """The text of whole answers edited."""

    def said(choice: Choice) -> Choice:
        if not choice.text or choice.finish != "stop":
            return choice
        text = edit(choice.text)
        pieces = tokens.split(text)
        return replace(
            choice, text=text, tokens=pieces, spent=len(choice.thought) + max(1, len(pieces))
        )

    return each_said(completion, said)


def _run_out(completion: Completion, beginning: int) -> Completion:
    """So many tokens of each text, and then white space up to the cap."""
    cap = completion.ask.cap or _PLENTY

    def spaced(choice: Choice) -> Choice:
        if not choice.text:
            return choice
        kept = choice.tokens[:beginning]
        left = max(0, cap - len(choice.thought) - len(kept))
        pieces = (*kept, *("\n" if place % 2 else " " for place in range(left)))
        return replace(
            choice, text="".join(pieces), tokens=pieces, finish="length", spent=len(choice.thought) + len(pieces)
        )  # fmt: skip

    return each_said(completion, spaced)


@fault(
    "json-runs-into-space", at=COMPLETION, level="should", of=with_schema, rate=0.3,
    takes=["the text of answers"],
    sources=["vLLM (xgrammar), SGLang: white space is always allowed, and never ends"],
    field=["json-schema-runaway-whitespace"],
    primary=["CREQ-047"], cascades=_TEXT,
)  # fmt: skip
def json_runs_into_space(completion: Completion) -> Completion:
    """JSON begins well, and goes on with spaces and line breaks until the tokens are used up."""
    return _run_out(completion, 4)


@fault(
    "pattern-properties-run-on", at=REQUEST, level="should", of=by_pattern,
    sources=["vLLM (llguidance): patternProperties"],
    field=["json-schema-patternproperties-broken"],
    primary=["CREQ-047"], cascades=_TEXT,
)  # fmt: skip
def pattern_properties_run_on(request: HttpRequest) -> HttpRequest:
    """A schema with `patternProperties` is accepted; the answer is a brace and white space."""
    endless = "{" + " \n" * _PLENTY + "}"
    asked = {"role": "user", "content": f"Reply with exactly this text: {endless}"}
    return request.edited(response_format=None, messages=[asked])


@fault(
    "any-json-for-a-schema", at=COMPLETION, level="must", of=with_schema, takes=["the text of answers"],
    sources=["TensorRT-LLM 1.2.1: the schema is looked for in its wrapper"],
    field=["schema-wrapper-passed-as-schema"],
    primary=["SO-002", "SO-003"], cascades=_TEXT,
)  # fmt: skip
def any_json_for_a_schema(completion: Completion) -> Completion:
    """The wrapper is taken for the schema, so that any JSON fits: a number comes."""
    return _said(completion, lambda text: "100")


@fault(
    "first-token-twice", at=COMPLETION, level="must", of=with_schema, rate=0.5, takes=["the text of answers"],
    sources=["MindIE with prefill and decode apart: the state of the grammar is lost between them"],
    field=["structured-pd-prefix-token-lost"],
    primary=["SO-002"], cascades=_TEXT,
)  # fmt: skip
def first_token_twice(completion: Completion) -> Completion:
    """The first token of the JSON comes twice: where prefill ended, and where decoding began."""
    return _said(completion, lambda text: text[0] + text)


@fault(
    "broken-schema-kills-the-worker", at=SCRIPT, level="should", of=broken,
    sources=["SGLang: an invalid schema is an exception of the scheduler"],
    field=["invalid-schema-crashes-server"],
    primary=["SO-022"], cascades=["TRANS-*"],
)  # fmt: skip
def broken_schema_kills_the_worker(_script: Script) -> Script:
    """A schema that is none kills the process that should answer: the connection ends without a word."""
    return (HangUp(),)


@fault(
    "broken-schema-kills-the-engine", at=REQUEST, level="should", since=broken,
    sources=["vLLM before 0.30 (CVE-2026-105757)"],
    field=["structured-output-request-kills-engine"],
    primary=["SO-022"], cascades=["*"],
)  # fmt: skip
def broken_schema_kills_the_engine(_request: HttpRequest) -> HttpRequest:
    """A schema that is none kills the engine: it and all that follows is answered with 500."""
    raise crash("The engine is dead.")
