"""From a request to a completion: what is said or called, where it stops, what it costs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from conformance.reference.answer import Call, Choice, Completion
from conformance.reference.ask import Ask, Message, PastCall
from conformance.reference.model import calls, sampling, say, shape, think, tokens
from conformance.reference.model.facts import Facts, attended
from conformance.reference.model.voice import Voice

CONTEXT = 32_768
"""Tokens of prompt and answer together."""
_RAMBLING = 200
"""Tokens after which an answer of one token alone comes to its end."""
_FILLER = " more"
"""One token."""

_REFUSE = re.compile(r"\brefuse\b", re.IGNORECASE)
_SORRY = "I cannot help with that."
_JSON_ASKED = re.compile(r"\b(?:in|as|only|valid|a|return|respond with) JSON\b")


def complete(ask: Ask, *, name: str, created: int) -> Completion:
    """Answer a request. `name` is unique per response and mints the ids; equal names, equal ids.

    Raises Refusal where the schema asked for cannot be satisfied.
    """
    wanted = calls.wanted(ask)
    cap = CONTEXT - ask.prompt_tokens
    cap = cap if ask.cap is None else min(ask.cap, cap)
    thought = think.thought(ask)
    choices = []
    for index in range(ask.n):
        if len(thought) >= cap:
            choices.append(_cut(thought[:cap], index))
            continue
        left = cap - len(thought)
        one = _call(wanted, index, name, left) if wanted else _say(ask, index, name, left)
        choices.append(replace(one, thought=thought, spent=len(thought) + one.spent))
    return Completion(id=f"chatcmpl-{name}", created=created, ask=ask, choices=tuple(choices))


def _cut(thought: tuple[str, ...], index: int) -> Choice:
    """The cap came before the answer: nothing is said yet."""
    return Choice(
        index=index,
        text="",
        tokens=(),
        calls=(),
        finish="length",
        spent=len(thought),
        thought=thought,
    )


def _call(wanted: tuple[calls.Wanted, ...], index: int, name: str, cap: int) -> Choice:
    """Tool calls; where the cap cuts the arguments short, the finish says `length`."""
    made: list[Call] = []
    spent = 0
    for place, each in enumerate(wanted):
        pieces = tokens.split(each.arguments)
        kept = pieces[: cap - spent]
        spent += len(kept)
        call_id = f"call_{name[:20]}{index:02d}{place:02d}"
        made.append(Call(id=call_id, name=each.name, arguments="".join(kept)))
        if len(kept) < len(pieces):
            return Choice(
                index=index, text=None, tokens=(), calls=tuple(made), finish="length", spent=spent
            )
        if spent == cap:
            break
    finish = "tool_calls" if len(made) == len(wanted) else "length"
    return Choice(index=index, text=None, tokens=(), calls=tuple(made), finish=finish, spent=spent)


def _say(ask: Ask, index: int, name: str, cap: int) -> Choice:
    seed = f"{name}:{index}" if ask.seed is None else f"{ask.seed}:{index}"
    voice = Voice(temperature=ask.temperature, top_p=ask.top_p, top_k=ask.top_k, seed=seed)
    declined = _declines(ask)
    text = _SORRY if declined else _biased(ask, _text(ask, voice), cap)
    text, stop = before_stop(_long_enough(ask, text), ask.stop)
    pieces = tokens.split(text)
    finish = "length" if len(pieces) > cap else "stop"
    kept = pieces[:cap]
    said = "".join(kept)
    return Choice(
        index=index,
        text=None if declined else said,
        refusal=said if declined else None,
        tokens=kept,
        calls=(),
        finish=finish,
        spent=len(kept),
        stop=stop if finish == "stop" else "",
    )


def _biased(ask: Ask, text: str, cap: int) -> str:
    """A text as biases on tokens would have it; what has to be JSON stays as it is."""
    if not ask.logit_bias or ask.shape.kind != "text":
        return text
    token = sampling.forced(ask.logit_bias)
    if token:
        return token * (min(cap, _RAMBLING) + 1)
    return "".join(sampling.allowed(tokens.split(text), ask.logit_bias))


def _long_enough(ask: Ask, text: str) -> str:
    """A text with as many tokens as the request asks for at least; what has to be JSON stays as it is."""
    missing = ask.min_tokens - tokens.count(text)
    if missing <= 0 or ask.shape.kind != "text":
        return text
    return text + _FILLER * missing


def _declines(ask: Ask) -> bool:
    """Whoever asks for JSON of a shape and to be refused is refused, so that refusals can be seen."""
    said = [each.text for each in ask.messages if each.role == "user"]
    return ask.shape.kind == "json_schema" and bool(said) and bool(_REFUSE.search(said[-1]))


def before_stop(text: str, stops: tuple[str, ...]) -> tuple[str, str]:
    """The text up to the first stop string, and which one that was."""
    places = [(place, stop) for stop in stops if (place := text.find(stop)) >= 0]
    if not places:
        return text, ""
    place, stop = min(places)
    return text[:place], stop


def _text(ask: Ask, voice: Voice) -> str:
    messages = list(ask.messages)
    last = next((n for n in range(len(messages) - 1, -1, -1) if messages[n].role == "user"), None)
    asked = messages[last if last is not None else -1]
    facts = Facts(attended(asked.text))
    if ask.shape.kind == "json_schema" and ask.shape.schema is not None:
        seen = Facts(" ".join((facts.text, *asked.pictures))) if asked.pictures else facts
        return shape.conforming(ask.shape.schema, seen)
    said = _plain(messages, last, facts, voice)
    if ask.shape.kind == "json_object" or _JSON_ASKED.search(facts.text):
        return shape.any_object(facts, said)
    return sampling.penalized(
        said,
        frequency=ask.frequency_penalty + 3 * (ask.repetition_penalty - 1),
        presence=ask.presence_penalty,
    )


def _plain(messages: list[Message], last: int | None, facts: Facts, voice: Voice) -> str:
    results = [each for each in messages[last or 0 :] if each.role == "tool"]
    if results:
        return _reported(results, {call.id: call for each in messages for call in each.calls})
    orders = tuple(attended(each.text) for each in messages if each.role in ("system", "developer"))
    before = tuple(attended(each.text) for each in messages[: last or 0])
    pictures = tuple(name for each in messages for name in each.pictures)
    return say.answer(say.Prompt(facts, before, voice, pictures), orders)


def _reported(results: list[Message], made: Mapping[str, PastCall]) -> str:
    """The final answer after tool calls: what each tool said; of several, and of what."""
    told = []
    for each in results:
        of = _about(made.get(each.answers)) if len(results) > 1 else ""
        said = _told(each.text)
        told.append(f"The tool says{of}: {said}" if said else f"The tool gave no result{of}.")
    return " ".join(told)


def _about(call: PastCall | None) -> str:
    """The texts that a tool was called with, in words."""
    try:
        held = json.loads(call.arguments) if call else None
    except (ValueError, RecursionError):
        return ""
    texts = (
        [each for each in held.values() if isinstance(each, str)] if isinstance(held, dict) else []
    )
    return f" of {', '.join(texts)}" if texts else ""


def _told(text: str) -> str:
    """A tool's result in words: the members of an object one by one, anything else as it stands."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()
    if not isinstance(value, dict):
        return text.strip()
    members = (f"{key} is {_member(each)}" for key, each in value.items())
    return ", ".join(members) + "." if value else ""


def _member(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
