"""Ends that go wrong where something else is asked for as well: a mode, tools, a cap, somebody who hangs up."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER, OTHER_WORDS, REFUSED
from conformance.reference.circumstances import (
    after_abandoned_amid,
    both_of,
    chat,
    streamed,
    texts,
    thinking,
    with_json,
    with_tools,
)
from conformance.reference.edit import at_event, each_chunk_choice, each_said, is_streamed, without
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.model.complete import CONTEXT
from conformance.reference.refusal import Refusal
from conformance.reference.script import Pause, Script, Send

_HOURS = 6 * 3600.0
_TAIL = "ep|>"


@fault(
    "stops-sleep-in-json-mode", at=ASK, level="must", of=both_of(streamed, with_json),
    sources=["SharpAI/SwiftLM#126"],
    primary=["CREQ-030"], cascades=["CREQ-031", "CREQ-033", "CREQ-045", "STRM-028", "CRESP-015", "CRESP-031"],
)  # fmt: skip
def stops_sleep_in_json_mode(ask: Ask) -> Ask:
    """In a stream of JSON mode nobody looks for stop strings."""
    return replace(ask, stop=())


def _stopped_beside_tools(request: HttpRequest) -> bool:
    return streamed(request) and with_tools(request) and bool(request.json.get("stop"))


@fault(
    "held-text-passes-the-parsers", at=REPLY, level="should", of=_stopped_beside_tools,
    sources=["smg-project/smg#2203"],
    primary=["CRESP-031"], cascades=["CRESP-026", "STOOL-*", "STRM-*", "TOOL-*", "RT-*"],
    amended="the tail of a mark is no mark: what a stream says more than the whole answer is CRESP-031",
)  # fmt: skip
def held_text_passes_the_parsers(reply: Reply) -> Reply:
    """What was held back for a stop string comes at the end of a call as text: the tail of its markup."""
    called = any("tool_calls" in one["delta"] for each in reply.chunks for one in each["choices"])
    place = next(
        (
            n
            for n, each in enumerate(reply.chunks)
            if any(c["finish_reason"] for c in each["choices"])
        ),
        None,
    )
    if not called or place is None:
        return reply
    finish = reply.chunks[place]
    said = [
        {**each, "delta": {"content": _TAIL}, "finish_reason": None} for each in finish["choices"]
    ]
    return replace(
        reply, chunks=(*reply.chunks[:place], {**finish, "choices": said}, *reply.chunks[place:])
    )


@fault(
    "last-word-lost-to-a-stop", at=COMPLETION, level="should", of=streamed,
    sources=["LostRuins/koboldcpp#1031"],
    primary=["CRESP-031"], cascades=OTHER_WORDS,
)  # fmt: skip
def last_word_lost_to_a_stop(completion: Completion) -> Completion:
    """In a stream the last token is held back where a stop string has it in its midst, and is never sent."""

    def shorter(choice: Choice) -> Choice:
        ends = choice.text and choice.finish == "stop" and not choice.stop
        if not ends or not any(choice.tokens[-1] in each for each in completion.ask.stop):
            return choice
        kept = choice.tokens[:-1]
        return replace(choice, tokens=kept, text="".join(kept))

    return each_said(completion, shorter)


@fault(
    "texts-stop-at-one-token", at=REQUEST, level="should", of=texts,
    sources=["InternLM/lmdeploy#1731"],
    primary=["CMPL-014"],
)  # fmt: skip
def texts_stop_at_one_token(request: HttpRequest) -> HttpRequest:
    """Of the stop strings of a text completion those of one token are known, and no others."""
    stops = request.json.get("stop")
    listed = [stops] if isinstance(stops, str) else stops
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        return request
    return request.edited(stop=[each for each in listed if tokens.count(each) == 1] or None)


@fault(
    "room-beyond-the-context-says-nothing", at=COMPLETION, level="should", of=chat,
    sources=["InternLM/lmdeploy#1589"],
    primary=["USAGE-005"],
    cascades=["USAGE-*", "CREQ-019", "CREQ-020", "CRESP-*", "STRM-*", "CREQ-*", "SO-*", "TOOL-*", "ERR-021"],
)  # fmt: skip
def room_beyond_the_context_says_nothing(completion: Completion) -> Completion:
    """Where prompt and cap are more than the context, an empty answer is said to be cut."""
    asked = completion.ask
    if asked.cap is None or asked.prompt_tokens + asked.cap <= CONTEXT:
        return completion

    def nothing(choice: Choice) -> Choice:
        return replace(
            choice,
            text="",
            tokens=(),
            calls=(),
            thought=(),
            likely=(),
            spent=0,
            finish="length",
            refusal=None,
        )

    return each_said(completion, nothing)


@fault(
    "thoughts-that-fill-the-cap-fail", at=COMPLETION, level="should", of=thinking,
    sources=["BerriAI/litellm#37710"],
    primary=["RSN-007"], cascades=REFUSED,
    amended="of an answer that the cap ends within its reasoning RSN-007 says what CRESP-016 says of any",
)  # fmt: skip
def thoughts_that_fill_the_cap_fail(completion: Completion) -> Completion:
    """Where the cap ends an answer within its reasoning, 500 comes."""
    if any(each.finish == "length" and not each.tokens for each in completion.choices):
        raise Refusal(
            "Unknown items in responses API response: []", status=500, kind="server_error"
        )
    return completion


@fault(
    "stalls-in-mid-answer", at=SCRIPT, level="must", of=streamed, rate=0.02, takes=["the end of the stream"],
    sources=["ggml-org/llama.cpp#27388"],
    primary=["CREQ-004"], cascades=[*LOST_STREAM, *NO_ANSWER, "STRM-*", "STOOL-*", "TRANS-*"],
    amended="who stops waiting has not seen the end, and so no missing one: a request is not answered, CREQ-004",
)  # fmt: skip
def stalls_in_mid_answer(script: Script) -> Script:
    """Now and then a stream says nothing any more from its middle on, and stays open."""
    sent = sum(isinstance(act, Send) for act in script)
    return at_event(script, sent // 2, Pause(_HOURS)) if is_streamed(script) else script


@fault(
    "one-hang-up-and-all-hang", at=SCRIPT, level="must", of=chat, when=after_abandoned_amid,
    takes=["the beginning of answers"], sources=["ggml-org/llama.cpp#27604"],
    primary=["STRM-031"], cascades=["*"],
)  # fmt: skip
def one_hang_up_and_all_hang(script: Script) -> Script:
    """Once a client hung up while others were being answered, nobody is answered any more."""
    return (Pause(_HOURS), *script)


@fault(
    "bare-finish-at-the-cap", at=REPLY, level="must", of=streamed,
    sources=["envoyproxy/ai-gateway#2107"],
    primary=["STRM-007"], cascades=["STRM-*", "CRESP-*", "STOOL-*"],
)  # fmt: skip
def bare_finish_at_the_cap(reply: Reply) -> Reply:
    """The chunk that tells of a reached cap has no `delta`; other ends have one."""

    def bare(choice: Json) -> Json:
        return without(choice, "delta") if choice["finish_reason"] == "length" else choice

    return each_chunk_choice(reply, bare)


def _beyond_the_context(request: HttpRequest) -> bool:
    held = request.json
    caps = [held.get(name) for name in ("max_tokens", "max_completion_tokens")]
    cap = next((each for each in caps if isinstance(each, int)), 0)
    return streamed(request) and tokens.count_json(held.get("messages", [])) + cap > CONTEXT


@fault(
    "streams-beyond-the-context-are-empty", at=REPLY, level="must", of=_beyond_the_context,
    sources=["vllm-project/vllm-ascend#12166", "vllm-project/vllm-ascend#15108"],
    primary=["SSE-010"], cascades=[*LOST_STREAM, *NO_ANSWER, "STRM-*", "STOOL-*", "ERR-*", "TRANS-*"],
)  # fmt: skip
def streams_beyond_the_context_are_empty(_reply: Reply) -> Reply:
    """A stream with more room asked for than the context has is status 200 and no byte of a body."""
    return Reply(stream=True, done=False)
