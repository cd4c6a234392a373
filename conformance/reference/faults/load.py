"""Servers that do well at first: under load, with age, after what came before."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply, Response
from conformance.reference.ask import Ask, Shape
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import (
    after_abandoned,
    busy,
    chat,
    every,
    from_the,
    just_abandoned,
    longer_than,
    streamed,
    up_for,
    whole,
    with_schema,
    with_tools,
)
from conformance.reference.edit import at_once, each_said
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import crash
from conformance.reference.script import Send

_SERVED = 200


@fault(
    "cap-forgotten-when-busy", at=ASK, level="must", of=chat, when=busy(4),
    sources=["sgl-project/sglang#3098", "vllm-project/vllm-omni#445"],
    field=["late-batch-requests-ignore-max-tokens"],
    primary=["USAGE-004"],
    cascades=["CREQ-019", "CREQ-020", "USAGE-005", "CRESP-016", "SO-016", "TOOL-025", "ERR-033"],
)  # fmt: skip
def cap_forgotten_when_busy(ask: Ask) -> Ask:
    """While four requests are in flight the cap on tokens is forgotten."""
    return replace(ask, cap=None)


@fault(
    "second-schema-fails", at=REQUEST, level="should", of=with_schema, when=from_the(2),
    sources=["vllm-project/vllm-ascend#11589", "vllm-project/vllm#43920"],
    field=["structured-second-schema-500-mixed-backend"],
    primary=["CREQ-047"], cascades=["TRANS-016", "SO-*", "CREQ-048", "ERR-008", "ERR-033"],
    amended="a schema in the wrong place is an unknown member, and gets 500: TRANS-016",
)  # fmt: skip
def second_schema_fails(_request: HttpRequest) -> HttpRequest:
    """The first schema settles the grammar's backend; every later one is answered with 500."""
    raise crash("Grammar error.")


@fault(
    "schemas-mixed-when-busy", at=ASK, level="must", of=with_schema, when=busy(2),
    sources=["huggingface/text-generation-inference#1610"],
    field=["parallel-grammar-requests-corrupt"],
    primary=["SO-002"], cascades=["SO-*", "CREQ-047", "CRESP-031", "ERR-033"],
)  # fmt: skip
def schemas_mixed_when_busy(ask: Ask) -> Ask:
    """While others are being answered, the answer follows another request's schema."""
    other = {"type": "object", "properties": {"other": {"type": "integer"}}, "required": ["other"]}
    return replace(ask, shape=Shape(kind="json_schema", schema=other))


@fault(
    "streaming-lost-with-age", at=RESPONSE, level="must", of=streamed, when=up_for(600),
    sources=["lmstudio-ai/lmstudio-bug-tracker#1055"],
    field=["streaming-toggles-off-until-restart"],
    primary=["TRANS-007"], cascades=["SSE-017"],
)  # fmt: skip
def streaming_lost_with_age(response: Response) -> Response:
    """After ten minutes streams come in one burst at their end, until the server is started anew."""
    if not response.stream:
        return response
    pauses, data = at_once(response.body)
    return replace(response, body=(*pauses, Send(data)))


@fault(
    "slot-lost-on-hang-up", at=REQUEST, level="must", of=chat, when=after_abandoned(1),
    sources=["vllm-project/vllm-ascend#8836"],
    field=["client-cancel-not-released"],
    primary=["STRM-031", "TRANS-024"], cascades=[*NO_ANSWER, "ERR-*", "AUTH-*", "STRM-*", "TRANS-*", "SSE-*", "STOOL-*"],
    amended="what is asked afterwards is not answered, whatever it is: SSE-*, STOOL-*",
)  # fmt: skip
def slot_lost_on_hang_up(_request: HttpRequest) -> HttpRequest:
    """A client that hangs up keeps its slot: from then on the server is full."""
    raise crash("No slot is free.")


@fault(
    "rest-of-a-stream-to-the-next", at=REPLY, level="must", of=whole, when=just_abandoned(3),
    sources=["dasllama 0.6.6, measured: what one client hung up on was sent to the next"],
    primary=["STRM-031", "TRANS-005"],
    cascades=[*NO_ANSWER, "TRANS-006", "TRANS-008", "TRANS-024", "SSE-*", "STRM-*"],
)  # fmt: skip
def rest_of_a_stream_to_the_next(reply: Reply) -> Reply:
    """After a client hung up the rest of its stream answers what is asked next, three times at most."""
    if not isinstance(reply.document, dict) or reply.status != _SERVED:
        return reply
    said = {"index": 0, "delta": {"content": " time"}, "finish_reason": None}
    rest = {
        **{name: reply.document[name] for name in ("id", "created", "model")},
        "object": "chat.completion.chunk",
        "choices": [said],
    }
    return replace(reply, document=None, chunks=(rest,), stream=True)


@fault(
    "overloaded-without-a-word", at=REPLY, level="must", of=chat, when=every(10), takes=["the body of errors"],
    sources=["huggingface/text-generation-inference#439", "BerriAI/litellm#4695"],
    field=["overloaded-429-model-is-overloaded"],
    primary=["ERR-001", "ERR-017"], cascades=["ERR-006", "ERR-014"],
)  # fmt: skip
def overloaded_without_a_word(_reply: Reply) -> Reply:
    """Each tenth request is refused with 429, a string for an error, and no word on when to return."""
    return Reply(status=429, document={"error": "Model is overloaded", "error_type": "overloaded"})


@fault(
    "long-prompt-cuts-calls", at=COMPLETION, level="must", of=with_tools, when=longer_than(1000),
    sources=["vllm-project/vllm#42400"],
    field=["tool-parse-fails-near-context-limit"],
    primary=["TOOL-007"],
    cascades=["TOOL-*", "RT-*", "STOOL-007", "STOOL-014", "STRM-025", "CRESP-031", "SO-019"],
)  # fmt: skip
def long_prompt_cuts_calls(completion: Completion) -> Completion:
    """After a long conversation the arguments of calls break off before their end."""

    def cut(choice: Choice) -> Choice:
        return replace(
            choice,
            calls=tuple(replace(call, arguments=call.arguments[:-2]) for call in choice.calls),
        )

    return each_said(completion, cut)
