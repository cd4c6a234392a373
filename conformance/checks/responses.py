"""RESP: the object that /responses answers with, its items and their parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import replied, select
from conformance.checks.by_schema import broken, invariant
from conformance.checks.core import Problem, Schemas, check
from conformance.checks.ends import LONG_PROMPT, PER_TOKEN, WORDS_OF_A_PROMPT, count_words
from conformance.checks.facts import Facts, facts
from conformance.checks.parts import Body, is_integer, is_one_of
from conformance.checks.paths import RESPONSE, RESPONSES
from conformance.checks.replied import Replied, items_of
from conformance.checks.select import member
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_SCHEMA = "response"

for _clause, _name, _over, _about in (
    ("RESP-002", "response_object", replied.told, "A response is an object and says `object: response`."),
    ("RESP-005", "response_members", replied.told, "A response has id, time, status, model and output."),
    ("RESP-006", "response_nullable_members", replied.told,
     "A response has the members that may be null, and none of them has another type."),
    ("RESP-007", "response_resource_members", replied.told,
     "A response has all members of the Open Responses resource."),
    ("RESP-008", "response_status", replied.told, "A response has one of the six statuses."),
    ("RESP-009", "message_item", replied.with_item("message"),
     "A message has id, role, status and a list of parts."),
    ("RESP-010", "text_part", replied.with_part("output_text"),
     "A part of text has text, annotations and log probabilities."),
    ("RESP-011", "refusal_part", replied.with_part("refusal"), "A refusal says why."),
    ("RESP-012", "call_item", replied.with_item("function_call"),
     "A call has id, status, call_id, name and arguments as text."),
    ("RESP-013", "reasoning_item", replied.with_item("reasoning"),
     "Reasoning has an id and a list for its summary."),
    ("RESP-016", "tools_are_repeated_flat", replied.with_tools,
     "Functions stand in a response as they are asked for: nothing is nested."),
    ("RESP-029", "item_members", replied.with_output,
     "Each item has a type and an id, messages and calls a status."),
):  # fmt: skip
    invariant(_clause, _name, _about, schema=_SCHEMA, over=_over)


@check("RESP-014", over=replied.with_usage, always=True)
def response_usage(body: Body, schemas: Schemas) -> Iterator[Problem]:
    """A usage counts input, output and total, with their details; the total is the sum."""
    flaws = broken(body, _SCHEMA, schemas).get("RESP-014", ())
    yield from flaws
    usage = member(body, "usage")
    if not flaws and usage["total_tokens"] != usage["input_tokens"] + usage["output_tokens"]:
        yield Problem(
            message=f"total_tokens {usage['total_tokens']}, but {usage['input_tokens']} + "
            f"{usage['output_tokens']} = {usage['input_tokens'] + usage['output_tokens']}",
            at="$.usage.total_tokens",
        )


_completed = select.among(replied.bodies, lambda body: bool(member(body, "status") == "completed"))


@check("RESP-014", over=_completed, always=True)
def a_completed_response_has_usage(body: Body) -> Iterator[Problem]:
    """A completed response that came in one piece says what it cost; RSTRM-012 has those of streams."""
    usage = member(body, "usage")
    if usage is None:
        yield Problem(message=f"usage is {shown(usage)} in a completed response", at="$.usage")


def _counted(exchange: Exchange) -> Sequence[Replied]:
    """Responses that say something, and that count what they say."""
    found = replied.replied(exchange)
    said = [one.choice for one in found]
    something = any(each.content or each.tool_calls or each.reasoning for each in said)
    return [one for one in found if something and one.spent is not None]


@check("USAGE-003", over=_counted, always=True)
def a_response_costs_something(one: Replied) -> Iterator[Problem]:
    """What a response says costs tokens, and so does what it answers."""
    if one.spent == 0:
        yield Problem(message="output_tokens 0 for an answer", at="$.usage.output_tokens")
    if one.read == 0:
        yield Problem(message="input_tokens 0 for a request", at="$.usage.input_tokens")


def _silent(exchange: Exchange) -> Sequence[dict[str, Any]]:
    """The usage of responses that are incomplete before they say anything."""
    usages = [member(body, "usage") for body in replied.told(exchange) if _says_nothing(body)]
    return [each for each in usages if isinstance(each, dict)]


def _says_nothing(body: Body) -> bool:
    return bool(member(body, "status") == "incomplete" and not member(body, "output"))


@check("USAGE-003", over=_silent, always=True)
def a_request_costs_something(usage: dict[str, Any]) -> Iterator[Problem]:
    """What is read costs tokens, also where nothing is said."""
    if is_integer(usage.get("input_tokens")) and usage["input_tokens"] <= 0:
        yield Problem(message="input_tokens 0 for a request", at="$.usage.input_tokens")


def _wordy(exchange: Exchange) -> Sequence[tuple[int, int]]:
    """Words of the input and tokens that it cost, unless the client lets it be cut."""
    found = []
    for one in replied.replied(exchange):
        words = sum(map(count_words, replied.texts_asked(one.asked)))
        if words >= LONG_PROMPT and one.read and one.asked.get("truncation") != "auto":
            found.append((words, one.read))
    return found


@check("USAGE-010", over=_wordy, always=True)
def long_inputs_cost_more(counted: tuple[int, int]) -> Iterator[Problem]:
    """The tokens of an input grow with it, in responses as in chat."""
    words, tokens = counted
    if tokens * WORDS_OF_A_PROMPT < words:
        message = f"{tokens} input tokens for {words} words"
        yield Problem(message=message, at="$.usage.input_tokens")


def _shows_its_reasoning(exchange: Exchange) -> Sequence[Replied]:
    """Responses with reasoning to be read, and a usage with details: where these lack is RESP-014."""
    return [
        one
        for one in replied.replied(exchange)
        if isinstance(one.choice.reasoning, str) and one.choice.reasoning.strip()
        if isinstance(one.usage, dict) and isinstance(one.usage.get("output_tokens_details"), dict)
    ]


@check("RSN-004", over=_shows_its_reasoning, always=True)
def response_reasoning_is_counted(one: Replied) -> Iterator[Problem]:
    """The reasoning of a response is counted in `output_tokens_details.reasoning_tokens`."""
    spent = one.usage["output_tokens_details"].get("reasoning_tokens")
    if not spent:
        yield Problem(
            message=f"reasoning_tokens {shown(spent)} for a response with reasoning",
            at="$.usage.output_tokens_details.reasoning_tokens",
        )


_incomplete = select.among(replied.told, lambda body: bool(member(body, "status") == "incomplete"))


@check("RESP-015", over=_incomplete, always=True)
def incomplete_says_why(body: Body) -> Iterator[Problem]:
    """An incomplete response says why in `incomplete_details.reason`."""
    details = member(body, "incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    if not is_one_of(reason, "max_output_tokens", "content_filter"):
        yield Problem(
            message=f"reason {shown(reason)}, wanted max_output_tokens or content_filter",
            at="$.incomplete_details.reason",
        )


def _beyond_the_cap(exchange: Exchange) -> Sequence[Replied]:
    """Responses with more tokens than they may have, by the usage or by the words."""
    return [
        one
        for one in replied.replied(exchange)
        if is_integer(cap := one.asked.get("max_output_tokens"))
        if (one.spent or 0) > cap or count_words(one.choice.content) > PER_TOKEN * cap
    ]


@check("RESP-015", over=_beyond_the_cap, always=True)
def beyond_the_cap_is_incomplete(one: Replied) -> Iterator[Problem]:
    """A response that goes beyond its cap was cut by it; the last token allowed may be the end."""
    if one.status != "incomplete":
        cap = one.asked["max_output_tokens"]
        yield Problem(
            message=f"status {shown(one.status)} beyond the cap of {cap} tokens", at="$.status"
        )


KNOWN = frozenset(
    {"additional_tools", "apply_patch_call", "apply_patch_call_output", "code_interpreter_call",
     "compaction", "computer_call", "computer_call_output", "custom_tool_call",
     "custom_tool_call_output", "file_search_call", "function_call", "function_call_output",
     "image_generation_call", "local_shell_call", "local_shell_call_output", "mcp_approval_request",
     "mcp_approval_response", "mcp_call", "mcp_list_tools", "message", "program", "program_output",
     "reasoning", "shell_call", "shell_call_output", "tool_search_call", "tool_search_output",
     "web_search_call"}
)  # fmt: skip
"""Types of items that the OpenAPI document knows."""


@check("RESP-027", over=replied.with_items, always=True)
def unknown_items_carry_a_prefix(body: Body) -> Iterator[Problem]:
    """An item that is the provider's own says so: its type begins with the provider's name and `:`."""
    for place, item in enumerate(items_of(body)):
        kind = item.get("type")
        if isinstance(kind, str) and kind not in KNOWN and ":" not in kind:
            yield Problem(
                message=f"type {shown(kind)} is in no list, and has no prefix",
                at=f"$.output[{place}].type",
            )


@check("RESP-028", over=replied.with_items, always=True)
def what_is_cut_is_last(body: Body) -> Iterator[Problem]:
    """Only the last item may be incomplete, and only in an incomplete response."""
    items = items_of(body)
    for place, item in enumerate(items):
        if item.get("status") != "incomplete":
            continue
        if place < len(items) - 1:
            yield Problem(
                message="an incomplete item that is not the last", at=f"$.output[{place}].status"
            )
        if member(body, "status") != "incomplete":
            seen = shown(member(body, "status"))
            yield Problem(
                message=f"an incomplete item in a response of status {seen}", at="$.status"
            )


def _cut_messages(exchange: Exchange) -> Sequence[dict[str, Any]]:
    """Messages that the budget ended: the last item, and there was no tool to go on to."""
    if facts(exchange).asked.get("tools"):
        return ()
    return [
        items[-1]
        for body in _incomplete(exchange)
        if isinstance(details := member(body, "incomplete_details"), dict)
        and details.get("reason") == "max_output_tokens"
        if (items := items_of(body)) and items[-1].get("type") == "message"
    ]


@check("RESP-028", over=_cut_messages, always=True)
def a_cut_message_is_incomplete(item: dict[str, Any]) -> Iterator[Problem]:
    """A message that the budget ended is incomplete itself."""
    if item.get("status") != "incomplete":
        seen = shown(item.get("status"))
        yield Problem(
            message=f"status {seen} of the message that the budget ended", at="$.output[-1].status"
        )


_refused = select.among(select.refusals, lambda one: one.endpoint in {RESPONSES, RESPONSE})


@check("RESP-026", over=_refused, always=True)
def response_error_is_standard(one: Facts, schemas: Schemas) -> Iterator[Problem]:
    """An error is the same object as in chat, with a message and a type."""
    if not one.documents:
        yield Problem(message=f"status {one.status} with a body that is no JSON")
    for body in one.documents:
        flaws = broken(body, "error", schemas)
        for clause in ("ERR-001", "ERR-002", "ERR-003"):
            yield from flaws.get(clause, ())
