"""EMB: embeddings as they have to be formed, and what each parameter promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.checks import select, texts, vectors
from conformance.checks.by_schema import broken, invariant
from conformance.checks.core import Problem, Schemas, check
from conformance.checks.facts import ERROR, OK, Facts, facts
from conformance.checks.parts import Body, is_integer
from conformance.checks.paths import EMBEDDINGS
from conformance.checks.show import shown
from conformance.checks.statuses import SERVER_FAULT, error_of, is_standard
from conformance.checks.vectors import Vector
from conformance.wire.exchange import Exchange

_NOT_FOUND = 404
_MOST_INPUTS = 2048
KNOWN = frozenset({"model", "input", "encoding_format", "dimensions", "user"})
"""The members of a request that the OpenAPI document knows."""

_absences = select.among(
    select.refusals, lambda one: one.endpoint == EMBEDDINGS and one.status in texts.ABSENT
)


@check("EMB-001", over=_absences, always=True)
def absent_embeddings_are_404(one: Facts) -> Iterator[Problem]:
    """Where there are no embeddings, 404 or 400 and a standard error say so."""
    if one.status != _NOT_FOUND:
        yield Problem(message=f"status {one.status}, wanted 404 where there are no embeddings")
    elif not is_standard(one):
        yield Problem(message="status 404 without a standard error object")


def _of_something(exchange: Exchange) -> Sequence[Body]:
    """Answers to requests that have an input: what is made of none is another matter."""
    return vectors.bodies(exchange) if vectors.inputs(facts(exchange)) else ()


invariant("EMB-002", "embedding_list_form", "It is a list of embeddings with an index each, and names its model.",
          schema="embedding_list", over=vectors.bodies)  # fmt: skip
invariant("EMB-010", "embeddings_are_there", "There is at least one embedding.",
          schema="embedding_list", over=_of_something)  # fmt: skip


@check("EMB-009", over=vectors.bodies, always=True)
def embedding_usage_is_that_of_the_prompt(body: Body, schemas: Schemas) -> Iterator[Problem]:
    """The usage counts the prompt, and the total is the same: nothing was generated."""
    flaws = broken(body, "embedding_list", schemas).get("EMB-009", ())
    yield from flaws
    usage = body.value.get("usage") if isinstance(body.value, dict) else None
    if flaws or not isinstance(usage, dict):
        return
    prompt, total = usage["prompt_tokens"], usage["total_tokens"]
    if prompt != total:
        yield Problem(message=f"prompt_tokens {prompt}, total_tokens {total}", at="$.usage")


# --- inputs ---------------------------------------------------------------------------------------

_batches = select.among(vectors.answers, lambda one: 1 < len(vectors.inputs(one)) <= _MOST_INPUTS)


@check("EMB-003", over=_batches, always=True)
def each_input_has_its_embedding(one: Facts) -> Iterator[Problem]:
    """Each of several inputs has its embedding, in their order."""
    wanted = list(range(len(vectors.inputs(one))))
    indexes = [each.index for each in vectors.vectors(one.exchange)]
    if indexes != wanted:
        yield Problem(
            message=f"embeddings of index {shown(indexes)}, wanted 0 to {wanted[-1]}", at="$.data"
        )


_tokenized = select.among(
    vectors.decided, lambda one: any(texts.is_ids(each) for each in vectors.inputs(one))
)


@check("EMB-004", over=_tokenized, always=True)
def token_inputs_are_taken_or_400(one: Facts) -> Iterator[Problem]:
    """Token ids are embedded, or refused with 400."""
    if one.status not in {OK, ERROR}:
        yield Problem(
            message=f"status {one.status} for token ids, wanted 400 where they are not taken"
        )


_empty = select.among(vectors.decided, lambda one: one.asked.get("input") in ("", []))


@check("EMB-011", over=_empty, always=True)
def empty_input_is_400(one: Facts) -> Iterator[Problem]:
    """An empty text, or no input at all, is refused with 400."""
    if one.status != ERROR:
        seen = shown(one.asked["input"])
        yield Problem(message=f"status {one.status} for the input {seen}, wanted 400")


_many = select.among(vectors.decided, lambda one: len(vectors.inputs(one)) > _MOST_INPUTS)


@check("EMB-014", over=_many, always=True)
def too_many_inputs_are_400(one: Facts) -> Iterator[Problem]:
    """More than 2048 inputs are refused with 400."""
    if one.status != ERROR:
        count = len(vectors.inputs(one))
        yield Problem(message=f"status {one.status} for {count} inputs, wanted 400")


_unknown = select.among(vectors.decided, lambda one: bool(set(one.asked) - KNOWN))


@check("EMB-016", over=_unknown, always=True)
def unknown_member_is_no_fault(one: Facts) -> Iterator[Problem]:
    """A member that nobody knows is ignored, or refused; it is no fault of the server."""
    if (one.status or 0) >= SERVER_FAULT:
        seen = shown(sorted(set(one.asked) - KNOWN))
        yield Problem(message=f"status {one.status} for a request with {seen}")


# --- encodings and lengths ------------------------------------------------------------------------


def _coded(one: Facts) -> bool:
    return one.asked.get("encoding_format") == "base64"


@check("EMB-005", over=select.among(vectors.decided, _coded), always=True)
def base64_is_understood(one: Facts) -> Iterator[Problem]:
    """What the SDK asks for by itself is no reason to refuse, and what comes can be read."""
    if (one.status or 0) >= ERROR:
        error = error_of(one)
        told = f"{error.get('param')} {error.get('message')}"
        if "encoding_format" in told or "base64" in told:
            yield Problem(message=f"status {one.status} for encoding_format base64: {shown(told)}")
        return
    for each in vectors.vectors(one.exchange):
        if each.flaw:
            yield Problem(message=each.flaw, at=each.at)


_plain = select.among(
    vectors.vectors, lambda one: one.facts.asked.get("encoding_format") in (None, "float")
)


@check("EMB-006", over=_plain, always=True)
def numbers_are_the_default(one: Vector) -> Iterator[Problem]:
    """Without `encoding_format: base64` an embedding is a list of numbers."""
    if one.coded:
        yield Problem(message="a text, wanted a list of numbers", at=one.at)
    elif one.flaw:
        yield Problem(message=one.flaw, at=one.at)


def _shortened(one: Facts) -> bool:
    wanted = one.asked.get("dimensions")
    return is_integer(wanted) and wanted > 0


@check("EMB-008", over=select.among(vectors.decided, _shortened), always=True)
def length_is_as_asked_for(one: Facts) -> Iterator[Problem]:
    """With `dimensions` a vector is as long as that, or the request is refused with 400."""
    wanted = one.asked["dimensions"]
    if one.status not in {OK, ERROR}:
        yield Problem(message=f"status {one.status} for dimensions {wanted}, wanted 400")
    for each in vectors.vectors(one.exchange):
        if each.numbers and len(each.numbers) != wanted:
            yield Problem(
                message=f"{len(each.numbers)} numbers for dimensions {wanted}", at=each.at
            )
