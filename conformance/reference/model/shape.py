"""Answers in JSON: the model's words where any object will do, or an instance of a schema."""

from __future__ import annotations

import json
import re
from typing import Any

from conformance.reference.ask import Json
from conformance.reference.model.facts import Facts
from conformance.reference.model.fill import Filler
from conformance.reference.model.wordset import wordset
from conformance.reference.refusal import Refusal
from conformance.reference.schema.fits import fits
from conformance.reference.schema.instance import Maker
from conformance.reference.schema.order import arranged

_KEYS = re.compile(
    r"\b(?:keys?|fields?|propert(?:y|ies)|members?|attributes?)\b\s*(?:named|called|are|is|:|of)?\s*"
    r"((?:[\"'`]?\w+[\"'`]?(?:\s*\([^)]*\))?(?:,? and |, ?)?)+)",
    re.IGNORECASE,
)
_NOT_KEYS = wordset("and with in of the a an to for be value values set")


def conforming(schema: Json, facts: Facts) -> str:
    """JSON text that fits a schema, filled from the prompt. Raises Refusal where that cannot be."""
    for value in facts.json:
        if fits(schema, value, schema):
            return _written(arranged(schema, value, schema))
    try:
        return _written(Maker(schema, offer=Filler(facts).offer).make())
    except Refusal:
        return _written(Maker(schema).make())


def any_object(facts: Facts, said: str) -> str:
    """A JSON object: one written out in the prompt, one with the keys asked for, or the answer in one."""
    for value in facts.json:
        if isinstance(value, dict) and value:
            return _written(value)
    keys = _keys(facts)
    if not keys:
        return _written({"answer": said})
    filler = Filler(facts)
    return _written({key: _value(filler, key, said) for key in keys})


def _keys(facts: Facts) -> list[str]:
    match = _KEYS.search(facts.text)
    if not match:
        return []
    words = re.findall(r"[^\W\d]\w*", re.sub(r"\([^)]*\)", " ", match[1]))
    return [each for each in dict.fromkeys(words) if each.lower() not in _NOT_KEYS]


def _value(filler: Filler, key: str, said: str) -> Any:
    if re.search(r"age|count|number|year|price|amount|total|population", key, re.IGNORECASE):
        return next(iter(filler.offer(key, {"type": "integer"})), 1)
    return next(iter(filler.offer(key, {"type": "string"})), said)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
