"""Tool calls that go wrong on some of the answers only."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import streamed, with_tools
from conformance.reference.edit import each_fragment, each_message, each_said
from conformance.reference.fault import COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_CALL = ("TOOL-*", "RT-*", "CREQ-013", "CRESP-031", "SO-019", "STRM-025")
"""What may fail where a call cannot be used."""


def _streamed_with_tools(request: HttpRequest) -> bool:
    return streamed(request) and with_tools(request)


@fault(
    "call-name-empty", at=REPLY, level="must", of=with_tools, rate=0.3, takes=["the names of calls"],
    sources=["gsd-build/gsd-2#4647", "vllm-project/vllm-ascend#10361"],
    field=["tool-name-empty-all-chunks"],
    primary=["TOOL-005"], cascades=["STOOL-007", "STOOL-004", "CREQ-056", "CREQ-057", "CREQ-058", *_CALL],
    amended="arguments of nobody fit no parameters, streamed or not: STOOL-007",
)  # fmt: skip
def call_name_empty(reply: Reply) -> Reply:
    """The name of the function is empty, though its arguments are there."""

    def nameless(held: Json) -> Json:
        function = held["function"]
        return {**held, "function": {**function, "name": ""}} if "name" in function else held

    def in_message(message: Json) -> Json:
        if "tool_calls" not in message:
            return message
        return {**message, "tool_calls": [nameless(call) for call in message["tool_calls"]]}

    return each_fragment(each_message(reply, in_message), nameless)


@fault(
    "streamed-arguments-missing", at=REPLY, level="must", of=_streamed_with_tools, rate=0.4,
    takes=["the arguments of calls"],
    sources=["vllm-project/vllm-ascend#10182", "vllm-project/vllm-ascend#7682"],
    field=["stream-tool-arguments-empty-sometimes"],
    primary=["STOOL-007"], cascades=["STOOL-008", "STOOL-014", "STOOL-016", "SO-010", *_CALL],
    amended="keywords of a schema are not seen to hold in arguments that are none: SO-010",
)  # fmt: skip
def streamed_arguments_missing(reply: Reply) -> Reply:
    """A streamed call is announced with its name, and its arguments never come."""

    def argues(chunk: Json) -> bool:
        fragments = (
            each for choice in chunk["choices"] for each in choice["delta"].get("tool_calls", ())
        )
        return any(each["function"].get("arguments") for each in fragments)

    return replace(reply, chunks=tuple(chunk for chunk in reply.chunks if not argues(chunk)))


@fault(
    "call-refused-now-and-then", at=REQUEST, level="must", of=with_tools, rate=0.3,
    sources=["groq/groq-typescript#28", "vercel/ai#6916"],
    field=["tool-use-failed-400"],
    primary=["TOOL-020"], cascades=[*NO_ANSWER, "STRM-*", "STOOL-*", "SSE-*"],
)  # fmt: skip
def call_refused_now_and_then(_request: HttpRequest) -> HttpRequest:
    """Requests with tools are refused with 400 where the model's call could not be parsed."""
    raise Refusal("Failed to call a function. Please adjust your prompt.", code="tool_use_failed")


@fault(
    "markup-before-the-call", at=REPLY, level="should", of=_streamed_with_tools, rate=0.5,
    sources=["vllm-project/vllm#40801", "vllm-project/vllm#40806"],
    field=["dsml-fragment-leak-streaming-auto"],
    primary=["STOOL-015"],
    cascades=["CRESP-026", "RSN-018", "TOOL-013", "CRESP-031", "SO-019", "STRM-012", "STRM-024", "STRM-025"],
)  # fmt: skip
def markup_before_the_call(reply: Reply) -> Reply:
    """A piece of the model's own markup streams as content before the call."""
    for place, chunk in enumerate(reply.chunks):
        choice = chunk["choices"][0] if chunk["choices"] else {"delta": {}}
        if choice["delta"].get("tool_calls"):
            leaked = {**choice, "delta": {"content": "<｜DSML｜function_calls>"}}
            leak = {**chunk, "choices": [leaked]}
            return replace(reply, chunks=(*reply.chunks[:place], leak, *reply.chunks[place:]))
    return reply


@fault(
    "arguments-with-fence", at=COMPLETION, level="must", of=with_tools, rate=0.3,
    takes=["the arguments of calls"], sources=["sigoden/llm-functions#158", "can1357/oh-my-pi#13868"],
    field=["arguments-with-trailing-fence"],
    primary=["TOOL-007"], cascades=["SO-010", "STOOL-007", "STOOL-014", *_CALL],
    amended="what is no JSON keeps to no schema: SO-010",
)  # fmt: skip
def arguments_with_fence(completion: Completion) -> Completion:
    """After the JSON of the arguments stands the end of a code fence."""

    def fenced(choice: Choice) -> Choice:
        calls = (replace(call, arguments=call.arguments + "\n```") for call in choice.calls)
        return replace(choice, calls=tuple(calls))

    return each_said(completion, fenced)
