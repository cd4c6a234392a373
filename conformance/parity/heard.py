"""What came back to an ask, as an answer. Whatever is odd makes it no witness, and says why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.parity import thoughts
from conformance.parity.items.hear import foremost, said
from conformance.parity.model import Answer, Ask, Build, Position, Ranked, StageName
from conformance.wire.completion import Answer as Completion
from conformance.wire.exchange import Exchange

_REFUSED = 400
_LONGEST = 200  # characters of a name that an endpoint gives itself
_SECOND = 1e9  # nanoseconds
_BYTES = range(256)
_UNREADABLE = "\ufffd"  # what stands for a part of a character
_LEAST = -1000.0  # some servers write minus infinity as a number of their own


def answer(ask: Ask, exchange: Exchange | None) -> Answer:
    """The answer to one ask. Never raises."""
    trouble = _unanswered(exchange)
    if trouble or exchange is None:
        return Answer(ask=ask, trouble=trouble)
    completion = exchange.answer
    if completion is None or not completion.choices:
        return Answer(ask=ask, trouble="no completion came")
    return replace(read(ask, completion), at=exchange.request.at / _SECOND)


def _unanswered(exchange: Exchange | None) -> str:
    if exchange is None:
        return "not asked"
    if exchange.response is None:
        return f"no answer ({exchange.end.how.value})"
    status = exchange.response.status
    return f"status {status}" if status >= _REFUSED else ""


def read(ask: Ask, completion: Completion) -> Answer:
    """The first choice, as far as it can be read."""
    place = foremost(completion)
    choice = completion.choices[place]
    usage = completion.usage if isinstance(completion.usage, Mapping) else {}
    does = said(completion) if ask.stage is StageName.TASKS else None
    text = _text(completion, place)
    positions = _positions(choice.logprobs, ask.settings.top_logprobs)
    thought = thoughts.thoughts(choice.reasoning, text, positions)
    found = Answer(
        ask=ask,
        text=thoughts.written(thought, text) if ask.stage is StageName.LONG else text,
        positions=positions,
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        finish=choice.finish_reason if isinstance(choice.finish_reason, str) else None,
        build=_build(completion),
        calls=tuple((each.name, each.arguments) for each in does.calls) if does else (),
        refused=does.refused if does else False,
        thoughts=thought,
        unseen=not thought and thoughts.counted(usage),
    )
    return replace(found, trouble=_no_witness(found, choice.refusal))


def _build(completion: Completion) -> Build:
    router = completion.body.get("provider") if isinstance(completion.body, Mapping) else None
    said = (completion.model, completion.system_fingerprint, router)
    return Build(*(each[:_LONGEST] if isinstance(each, str) else "" for each in said))


def _text(completion: Completion, place: int) -> str:
    """Of a chat completion, or of a text completion, which has no message."""
    content = completion.choices[place].content
    if content is None and isinstance(completion.body, Mapping):
        first = completion.body["choices"][place]
        content = first.get("text") if isinstance(first, Mapping) else None
    return content if isinstance(content, str) else ""


def _no_witness(found: Answer, refusal: Any) -> str:
    """A first token of thoughts is the same whatever the model: it would make all alike."""
    stage = found.ask.stage
    if stage in thoughts.WHATEVER:
        return ""
    if found.thoughts and stage is not StageName.LONG:
        return thoughts.ALOUD
    if refusal:
        return "it refused"
    return thoughts.HIDDEN if stage is StageName.LONG and thoughts.hidden(found) else ""


def _positions(logprobs: Any, width: int | None) -> tuple[Position, ...]:
    """Of chat's list of objects, or of text completions' three lists."""
    if width is None or not isinstance(logprobs, Mapping):
        return ()
    content = logprobs.get("content")
    if isinstance(content, Sequence) and not isinstance(content, str):
        found = [_chat_position(each, width) for each in content]
    else:
        found = _text_positions(logprobs, width)
    return tuple(each for each in found if each is not None)


def _chat_position(entry: Any, width: int) -> Position | None:
    token = _ranked(entry)
    if token is None:
        return None
    listed = entry.get("top_logprobs")
    top = map(_ranked, listed) if isinstance(listed, Sequence) else ()
    return Position(token.token, token.logprob, _best(top, width))


def _text_positions(logprobs: Mapping[str, Any], width: int) -> list[Position | None]:
    parts = [logprobs.get(name) for name in ("tokens", "token_logprobs", "top_logprobs")]
    if not all(isinstance(each, list) for each in parts):
        return []
    return [
        _text_position(token, logprob, top, width)
        for token, logprob, top in zip(*parts, strict=False)
    ]


def _text_position(token: Any, logprob: Any, top: Any, width: int) -> Position | None:
    one = _ranked({"token": token, "logprob": logprob})
    if one is None or not isinstance(top, Mapping):
        return None
    listed = (_ranked({"token": each, "logprob": value}) for each, value in top.items())
    return Position(one.token, one.logprob, _best(listed, width))


def _ranked(entry: Any) -> Ranked | None:
    """A token by its bytes; where they are not given, by how it is written.

    Nothing (no bytes) where it is a part of a character and the server doesn't say which.
    """
    if not isinstance(entry, Mapping):
        return None
    token, logprob = entry.get("token"), entry.get("logprob")
    if not isinstance(token, str) or not isinstance(logprob, int | float) or math.isnan(logprob):
        return None
    return Ranked(_bytes(entry.get("bytes"), token), min(0.0, max(float(logprob), _LEAST)))


def _is_byte(each: Any) -> bool:
    return isinstance(each, int) and each in _BYTES


def _bytes(given: Any, token: str) -> bytes:
    if isinstance(given, list) and given and all(map(_is_byte, given)):
        return bytes(given)
    return b"" if _UNREADABLE in token else token.encode("utf-8", "replace")


def _best(entries: Iterable[Ranked | None], width: int) -> tuple[Ranked, ...]:
    """Best first, one less than were asked for.

    The token that came stands in the list however unlikely it was, with some servers beside the
    best ones and with some in place of the last of them: one less are the best with all of them.
    Tokens without a name are one.
    """
    known = [each for each in entries if each is not None]
    named = {each.token: each for each in known if each.token}.values()
    listed = sorted((*named, *(each for each in known if not each.token)), key=_likeliest)
    found: dict[bytes, float] = {}
    for each in listed[: max(1, width - 1)]:  # before parts of characters become one
        again = not each.token and each.token in found
        found[each.token] = _either(found[b""], each.logprob) if again else each.logprob
    return tuple(sorted((Ranked(token, log) for token, log in found.items()), key=_likeliest))


def _likeliest(each: Ranked) -> tuple[float, bytes]:
    return -each.logprob, each.token


def _either(one: float, other: float) -> float:
    return min(0.0, math.log(math.exp(one) + math.exp(other) or math.exp(_LEAST / 2)))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
