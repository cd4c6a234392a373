"""The first look at a suite: does it have the shape that the JSON Schema demands? In plain words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError, best_match

from conformance.errors import did_you_mean
from conformance.suite.patterns import CLAUSE, NAME, QUERY, WORD
from conformance.suite.schema import CHECK, VERSION, suite_schema
from conformance.suite.signatures import CheckSignature
from conformance.suite.source import At, Complaint

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_PATTERNS = {
    CLAUSE: "a clause id such as STRM-010",
    NAME: "lower-case words joined by hyphens, such as smallest-request",
    WORD: "a lower-case word with _ and digits, such as call_id",
    QUERY: "a singular query such as $.choices[0].message.content",
    "^/": "a path that begins with /",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Miss:
    """One place where data and schema disagree."""

    at: At
    keyword: str
    """Of JSON Schema: `required`, `type`, ..."""
    wanted: Any
    """The keyword's value."""
    found: Any
    schema: Mapping[str, Any]
    of_key: bool
    """Below `propertyNames`: `found` is a key of the mapping at `at`."""


def misshapen(data: Any, signatures: Mapping[str, CheckSignature]) -> Iterator[Complaint]:
    """Every place where the data is not what the grammar allows."""
    for error in Draft7Validator(suite_schema(signatures)).iter_errors(data):
        yield from _in_words(_miss(best_match([error]) or error), signatures)


def _miss(error: ValidationError) -> _Miss:
    return _Miss(
        at=tuple(error.absolute_path),
        keyword=str(error.validator),
        wanted=error.validator_value,
        found=error.instance,
        schema=error.schema if isinstance(error.schema, Mapping) else {},
        of_key="propertyNames" in list(error.absolute_schema_path)[-2:],
    )


def _in_words(miss: _Miss, signatures: Mapping[str, CheckSignature]) -> Iterator[Complaint]:
    if miss.schema.get("title") == CHECK:
        yield from _about_check(miss, signatures)
    elif miss.keyword in _WORDS:
        yield from _WORDS[miss.keyword](miss)
    else:
        yield Complaint(at=miss.at, reason=f"{_of(miss.at)} does not fit: {miss.keyword}")


def _about_check(miss: _Miss, signatures: Mapping[str, CheckSignature]) -> Iterator[Complaint]:
    written, at = miss.found, miss.at
    if isinstance(written, str):
        yield _named(written, at, signatures, of_key=False)
        return
    for name in written:
        if name not in signatures:
            yield _named(name, (*at, name), signatures, of_key=True)
    if len(written) != 1 and miss.keyword in ("minProperties", "maxProperties"):
        yield Complaint(
            at=at,
            reason=f"one check per entry, found {len(written)}",
            remedy="write each check as a list entry of its own",
        )


def _named(
    name: str, at: At, signatures: Mapping[str, CheckSignature], *, of_key: bool
) -> Complaint:
    if name in signatures:
        needed = ", ".join(signatures[name].required)
        return Complaint(
            at=at, reason=f"check {name!r} needs {needed}", remedy=f"write {{{name}: ...}}"
        )
    return Complaint(
        at=at,
        reason=f"no check is called {name!r}{did_you_mean(name, signatures)}",
        remedy="conformance list checks",
        of_key=of_key,
    )


def _unknown_keys(miss: _Miss) -> Iterator[Complaint]:
    known = miss.schema.get("properties", {})
    for name in miss.found:
        if name not in known:
            yield Complaint(
                at=(*miss.at, name),
                reason=f"unknown key {name!r}{did_you_mean(name, known)}",
                remedy="known here: " + (", ".join(known) or "none"),
                of_key=True,
            )


def _missing(miss: _Miss) -> Iterator[Complaint]:
    for name in miss.wanted:
        if name not in miss.found:
            yield Complaint(at=miss.at, reason=f"{_of(miss.at)} lacks {name!r}", consequence=True)


def _wrong_kind(miss: _Miss) -> Iterator[Complaint]:
    wanted = miss.wanted
    kinds = [wanted] if isinstance(wanted, str) else wanted
    words = " or ".join(_KINDS[kind] for kind in kinds)
    yield Complaint(at=miss.at, reason=f"{_of(miss.at)} is {words}, not {_shown(miss.found)}")


def _wrong_form(miss: _Miss) -> Iterator[Complaint]:
    form = _PATTERNS.get(str(miss.wanted), f"of the form {miss.wanted}")
    where = (*miss.at, miss.found) if miss.of_key else miss.at
    yield Complaint(at=where, reason=f"{miss.found!r} is not {form}", of_key=miss.of_key)


def _not_one_of(miss: _Miss) -> Iterator[Complaint]:
    allowed = [str(each) for each in miss.wanted]
    hint = did_you_mean(str(miss.found), allowed)
    yield Complaint(
        at=miss.at,
        reason=f"{_of(miss.at)} cannot be {_shown(miss.found)}{hint}",
        remedy="one of: " + ", ".join(allowed),
    )


def _not_the_constant(miss: _Miss) -> Iterator[Complaint]:
    yield Complaint(
        at=miss.at,
        reason=f"version {_shown(miss.found)} of the grammar is not known",
        remedy=f"this program reads `conformance: {VERSION}`",
    )


def _too_few(miss: _Miss) -> Iterator[Complaint]:
    least = miss.wanted
    words = "is empty" if least == 1 else f"needs at least {least} entries"
    yield Complaint(at=miss.at, reason=f"{_of(miss.at)} {words}")


def _too_short(miss: _Miss) -> Iterator[Complaint]:
    yield Complaint(at=miss.at, reason=f"{_of(miss.at)} is empty")


def _twice(miss: _Miss) -> Iterator[Complaint]:
    yield Complaint(at=miss.at, reason=f"{_of(miss.at)} names something twice")


def _out_of_range(miss: _Miss) -> Iterator[Complaint]:
    bound = {
        "minimum": "at least",
        "maximum": "at most",
        "exclusiveMinimum": "more than",
        "exclusiveMaximum": "less than",
    }[miss.keyword]
    yield Complaint(at=miss.at, reason=f"{_of(miss.at)} is {bound} {miss.wanted}")


def _alone(miss: _Miss) -> Iterator[Complaint]:
    one, others = next((key, needed) for key, needed in miss.wanted.items() if key in miss.found)
    yield Complaint(
        at=(*miss.at, one), reason=f"`{one}` without {' or '.join(others)}", of_key=True
    )


def _both(miss: _Miss) -> Iterator[Complaint]:
    yield Complaint(at=(*miss.at, "raw"), reason="`raw` and `body` exclude each other", of_key=True)


_WORDS: Mapping[str, Callable[[_Miss], Iterator[Complaint]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing,
    "type": _wrong_kind,
    "pattern": _wrong_form,
    "enum": _not_one_of,
    "const": _not_the_constant,
    "minItems": _too_few,
    "minProperties": _too_few,
    "minLength": _too_short,
    "uniqueItems": _twice,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
    "exclusiveMinimum": _out_of_range,
    "exclusiveMaximum": _out_of_range,
    "not": _both,
    "dependencies": _alone,
}


def _of(at: At) -> str:
    """What a place is called: its last key, or the entry of the list around it."""
    if not at:
        return "the file"
    if isinstance(at[-1], int):
        return f"an entry of {at[-2]!r}" if len(at) > 1 else "an entry"
    return repr(at[-1])


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return repr(value)
