"""A vocabulary for suites: stub checks (only their signatures matter here), and the real contract."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest

from conformance.checks.core import Check, Problem, Schemas, check
from conformance.checks.signature import describe
from conformance.contract.load import load_contract
from conformance.registry import Registry
from conformance.suite.load import load_suite
from conformance.suite.signatures import CheckSignature
from conformance.wire.exchange import Exchange

STUBS: Registry[Check] = Registry("check")
Kind = Literal["string", "integer", "number", "boolean", "object", "array", "null"]


def stub(function, *, assumable=False):
    return check(assumable=assumable, registry=STUBS)(function)


def free(function):
    return stub(function, assumable=True)


@stub
def status(exchange: Exchange, code: int | list[int]) -> Iterator[Problem]:
    """The HTTP status is the given one, or one of those given."""
    yield from ()


@stub
def error_object(
    exchange: Exchange, param: str | None = None, code: str | None = None
) -> Iterator[Problem]:
    yield from ()


@stub
def error_names(exchange: Exchange, word: str | list[str]) -> Iterator[Problem]:
    yield from ()


@stub
def json_body(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def schema(exchange: Exchange, name: str, schemas: Schemas) -> Iterator[Problem]:
    yield from ()


@stub
def header(exchange: Exchange, name: str, matches: str | None = None) -> Iterator[Problem]:
    yield from ()


@stub
def media_type(exchange: Exchange, is_a: str) -> Iterator[Problem]:
    yield from ()


@free
def text(
    exchange: Exchange,
    contains: str | None = None,
    excludes: str | None = None,
    matches: str | None = None,
    equals: str | None = None,
) -> Iterator[Problem]:
    yield from ()


@free
def finish_reason(exchange: Exchange, any_of: str | list[str]) -> Iterator[Problem]:
    yield from ()


@stub
def choices(exchange: Exchange, count: int) -> Iterator[Problem]:
    yield from ()


@free
def tool_calls(
    exchange: Exchange, at_least: int = 1, at_most: int | None = None
) -> Iterator[Problem]:
    yield from ()


@free
def tool_call(
    exchange: Exchange, name: str, arguments: dict[str, Any] | None = None
) -> Iterator[Problem]:
    yield from ()


@stub
def calls_unless_cut(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def incremental(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def tool_arguments_valid(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def no_tool_markup(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@free
def not_cut_off(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@free
def copied_json(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def schema_refused(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def call_fits_its_schema(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def keys_in_schema_order(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def json_content(exchange: Exchange, object: bool = False) -> Iterator[Problem]:
    yield from ()


@stub
def content_matches_schema(
    exchange: Exchange, against: dict[str, Any] | None = None
) -> Iterator[Problem]:
    yield from ()


@free
def completion_tokens(
    exchange: Exchange, at_most: int | None = None, at_least: int | None = None
) -> Iterator[Problem]:
    yield from ()


@free
def content_length(exchange: Exchange, at_least: int) -> Iterator[Problem]:
    yield from ()


@free
def chunks(exchange: Exchange, at_least: int = 1) -> Iterator[Problem]:
    yield from ()


@stub
def value(
    exchange: Exchange,
    at: str,
    equals: Any = None,
    is_a: Kind | None = None,
    at_least: float | None = None,
    absent: bool = False,
) -> Iterator[Problem]:
    yield from ()


@stub
def usage_chunk(exchange: Exchange, present: bool = True) -> Iterator[Problem]:
    yield from ()


@stub
def same_text(
    exchange: Exchange, step: Exchange, first: int | None = None
) -> Iterator[Problem]:
    yield from ()


@stub
def refused_with(exchange: Exchange, code: int | list[int]) -> Iterator[Problem]:
    yield from ()


@stub
def refused_as_well(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    yield from ()


@free
def refuses(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@free
def listed_id(exchange: Exchange, number: int, matches: str) -> Iterator[Problem]:
    yield from ()


@stub
def different_text(
    exchange: Exchange, step: Exchange, first: int | None = None
) -> Iterator[Problem]:
    yield from ()


@stub
def same_prompt_tokens(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def same_finish(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def more_prompt_tokens(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def different_ids(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def same_error(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def kept_alive(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def answered(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def not_server_error(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def served(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def logprobs(exchange: Exchange, present: bool = True) -> Iterator[Problem]:
    yield from ()


@stub
def choices_differ(exchange: Exchange) -> Iterator[Problem]:
    yield from ()


@stub
def same_first_logprob(
    exchange: Exchange, step: Exchange, within: float = 0.2
) -> Iterator[Problem]:
    yield from ()


@stub
def cache_hit_is_counted(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    yield from ()


SIGNATURES = {name: CheckSignature(**describe(one)) for name, one in STUBS.items()}
CAPABILITIES = (
    "forbidden_model",
    *("chat", "stream", "tools", "tool_choice.required", "tool_choice.named", "parallel_tools"),
    *("json_object", "json_schema", "logprobs", "n", "seed", "logit_bias", "reasoning", "vision"),
    *("audio", "completions", "embeddings", "responses", "auth", "models"),
    "context_tokens",
)
WORDS = {
    "signatures": SIGNATURES,
    "clauses": load_contract().clauses,
    "capabilities": CAPABILITIES,
}


@pytest.fixture
def stubs():
    """The stub checks by name."""
    return STUBS


@pytest.fixture
def words():
    """What `load_suite` and `from_source` need beside the suite."""
    return WORDS


@pytest.fixture
def load():
    """Load a suite from text, as `suites/sample.yaml`."""
    return lambda text, path="suites/sample.yaml": load_suite(text, path, **WORDS)
