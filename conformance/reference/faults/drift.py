"""The same model in another place: what it says is not what the model said, and every schema holds."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.circumstances import busy, chat, streamed, whole
from conformance.reference.edit import both, each_said
from conformance.reference.fault import ASK, COMPLETION, REPLY, fault
from conformance.reference.model import tokens

_SPOKEN = (
    "CRESP-*", "STRM-*", "USAGE-*", "SO-*", "LOGP-*", "CREQ-*", "RT-*", "STAT-*", "TRANS-*", "RSN-*", "TOOL-*",
    "ERR-033",
)  # fmt: skip
"""What may fail where the content is not what the model said."""
_DEFAULT_CAP = 512
_PASSAGE = 20
_CONTEXT_CODE = "context_length_exceeded"


def _saying(choice: Choice, pieces: tuple[str, ...], finish: str) -> Choice:
    spent = len(choice.thought) + len(pieces)
    return replace(choice, text="".join(pieces), tokens=pieces, spent=spent, finish=finish)


@fault(
    "nothing-but-exclamation-marks", at=COMPLETION, level="must", of=chat,
    sources=["vllm-project/vllm-ascend#374", "sgl-project/sglang#25144"],
    field=["all-token-zero-exclamation-output", "npu-nan-without-env"],
    primary=["CRESP-015"], cascades=[*_SPOKEN, "ERR-*"],
)  # fmt: skip
def nothing_but_exclamation_marks(completion: Completion) -> Completion:
    """Every token is the first of the vocabulary, an exclamation mark, up to the cap."""

    def shouted(one: Choice) -> Choice:
        room = (completion.ask.cap or _DEFAULT_CAP) - len(one.thought)
        return _saying(one, ("!",) * room, "length") if one.text and room > 0 else one

    return each_said(completion, shouted)


@fault(
    "token-outside-the-vocabulary", at=COMPLETION, level="must", of=chat, rate=0.2,
    sources=["vllm-project/vllm-ascend#13394", "vllm-project/vllm#33638", "vllm-project/vllm#27121"], field=["oov-token-sampled-corrupts-rest", "fp8-kv-cache-garble"],
    primary=["CRESP-027"], cascades=[*_SPOKEN, "SSE-015"],
    amended="a stream cannot tell a lost character from a split one: SSE-015",
)  # fmt: skip
def token_outside_the_vocabulary(completion: Completion) -> Completion:
    """A token that is none comes in mid-answer, and from there on any words."""

    def corrupted(one: Choice) -> Choice:
        half = len(one.tokens) // 2
        noise = (" of", " the", " and") * len(one.tokens)
        pieces = (*one.tokens[:half], "\ufffd", *noise)[: len(one.tokens)]
        return _saying(one, pieces, one.finish) if one.text else one

    return each_said(completion, corrupted)


@fault(
    "greedy-differs-when-busy", at=ASK, level="should", of=chat, when=busy(2),
    sources=["vllm-project/vllm#53257", "vllm-project/vllm#23138", "vllm-project/vllm#47069", "vllm-project/vllm#5898"],
    field=["concurrent-greedy-divergence"],
    primary=["CREQ-024"], cascades=["CRESP-031", "STAT-001", "LOGP-013", "CREQ-038", "CREQ-027"],
)  # fmt: skip
def greedy_differs_when_busy(ask: Ask) -> Ask:
    """While another request is in flight, answers at temperature 0 differ."""
    return ask if ask.temperature else replace(ask, temperature=1.0)


@fault(
    "end-marker-in-content", at=COMPLETION, level="should", of=chat,
    sources=["ModelTC/LightLLM#130"], field=["eos-text-in-content"],
    primary=["CRESP-026"], cascades=["STOOL-015", *_SPOKEN],
    amended="the mark stands in streamed content beside tools as well: STOOL-015",
)  # fmt: skip
def end_marker_in_content(completion: Completion) -> Completion:
    """An answer that ends by itself ends with the model's own mark for that, as text."""

    def marked(one: Choice) -> Choice:
        ends = one.text and one.finish == "stop" and not one.stop
        pieces = (*one.tokens, *tokens.split("<|im_end|>"))
        cap = completion.ask.cap
        fits = cap is None or len(one.thought) + len(pieces) <= cap
        return _saying(one, pieces, one.finish) if ends and fits else one

    return each_said(completion, marked)


@fault(
    "passage-sent-twice", at=REPLY, level="should", of=streamed, rate=0.5, takes=["the text of deltas"],
    sources=["docs: Ascend/MindIE-LLM, commits 2f44e9a and 1f3672e (output repeated after recomputing)"],
    field=["dsv32-answer-repeated"],
    primary=["CRESP-031"], cascades=[*_SPOKEN, "SSE-*"],
)  # fmt: skip
def passage_sent_twice(reply: Reply) -> Reply:
    """A request that is computed again streams its last tokens once more."""
    said = [one for one in reply.chunks if any(_text(choice) for choice in one["choices"])]
    again = said[: len(said) // 2 + 1][-_PASSAGE:]
    if not again:
        return reply
    place = reply.chunks.index(again[-1]) + 1
    return replace(reply, chunks=(*reply.chunks[:place], *again, *reply.chunks[place:]))


def _text(choice: Json) -> str:
    return str(choice["delta"].get("content") or "")


@fault(
    "last-letters-doubled", at=REPLY, level="should", of=streamed, rate=0.5, takes=["the text of deltas"],
    sources=["vllm-project/vllm-ascend#12030"], field=["stream-word-last-char-duplicated"],
    primary=["CRESP-031"], cascades=[*_SPOKEN, "SSE-*"],
)  # fmt: skip
def last_letters_doubled(reply: Reply) -> Reply:
    """Each third delta of a streamed text repeats its last letter."""
    count = 0

    def doubled(choice: Json) -> Json:
        nonlocal count
        text = _text(choice)
        count += bool(text)
        stutters = text and count % 3 == 0 and text[-1].isalpha()
        delta = {**choice["delta"], "content": text + text[-1]} if stutters else choice["delta"]
        return {**choice, "delta": delta}

    chunks = ({**one, "choices": [*map(doubled, one["choices"])]} for one in reply.chunks)
    return replace(reply, chunks=tuple(chunks))


@fault(
    "full-context-says-nothing", at=REPLY, level="should", of=whole,
    sources=["docs: can1357/oh-my-pi, packages/ai/src/providers/openai-completions.ts (emptyLengthFinishIsContextError)"],
    field=["empty-content-on-context-full"],
    primary=["ERR-021"], cascades=["ERR-007", "ERR-008", "CRESP-*", "USAGE-*", "TRANS-018"],
)  # fmt: skip
def full_context_says_nothing(reply: Reply) -> Reply:
    """A prompt that is longer than the context is answered with an empty content, cut by its length."""
    held = reply.document if isinstance(reply.document, dict) else {}
    if (held.get("error") or {}).get("code") != _CONTEXT_CODE:
        return reply
    message = {"role": "assistant", "content": "", "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "length"}
    usage = {"prompt_tokens": 32_768, "completion_tokens": 0, "total_tokens": 32_768}
    return Reply(document={
        "id": "chatcmpl-full", "object": "chat.completion", "created": 1_800_000_000, "model": "reference-1",
        "choices": [choice], "usage": usage,
    })  # fmt: skip


@fault(
    "another-model-now-and-then", at=REPLY, level="should", of=chat, rate=0.3,
    sources=["docs: can1357/oh-my-pi, packages/ai/CHANGELOG.md (18.2.0 upstreamModel)"],
    field=["model-substituted-silently"],
    primary=["STAT-007", "USAGE-012"], cascades=["USAGE-*", "CREQ-005", "CREQ-007", *_SPOKEN],
)  # fmt: skip
def another_model_now_and_then(reply: Reply) -> Reply:
    """Some requests go to another model under the same name: it counts prompts in its own tokens."""

    def counted(held: Json) -> Json:
        usage = held.get("usage")
        if not usage:
            return held
        more = usage["prompt_tokens"] // 5 + 1
        dearer = {name: usage[name] + more for name in ("prompt_tokens", "total_tokens")}
        return {**held, "usage": {**usage, **dearer}}

    return both(reply, counted)
