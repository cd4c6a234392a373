"""The body of a request to /embeddings, checked before anything is embedded."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.reference.ask import Json
from conformance.reference.model.vectors import DIMENSIONS
from conformance.reference.validate import fields
from conformance.reference.validate.body import read_model
from conformance.reference.validate.prompts import Prompt, read_prompts

_MOST_INPUTS = 2048
_LONGEST_INPUT = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorAsk:
    """A valid request for embeddings."""

    model: str
    inputs: tuple[Prompt, ...]
    dimensions: int
    base64: bool


def read_vector_ask(body: Json, models: tuple[str, ...]) -> VectorAsk:
    """The request as a value. Raises Refusal, the standard error, for the first thing wrong."""
    model = read_model(body, models)
    inputs = read_prompts(body.get("input"), "input", most=_MOST_INPUTS, longest=_LONGEST_INPUT)
    if not all(each.tokens for each in inputs):
        raise fields.wrong_value("input", "a string must not be empty.")
    dimensions = fields.integer(body, "dimensions", 1, DIMENSIONS)
    fields.text(body, "user")
    return VectorAsk(
        model=model,
        inputs=inputs,
        dimensions=DIMENSIONS if dimensions is None else dimensions,
        base64=fields.one_of(body, "encoding_format", ("float", "base64")) == "base64",
    )
