"""Which tools to call, and with what: by the words of the prompt and of the tools."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from conformance.reference.ask import Ask, Message, PastCall, Tool
from conformance.reference.model.facts import Facts, attended
from conformance.reference.model.fill import PLACES, Filler
from conformance.reference.model.wordset import wordset
from conformance.reference.refusal import Refusal
from conformance.reference.schema.fits import fits
from conformance.reference.schema.instance import Maker
from conformance.reference.schema.walk import followed, types


class Wanted(NamedTuple):
    """A call the model wants to make: which tool, and JSON text for it."""

    name: str
    arguments: str


_SHORT = 3
"""Letters; what is shorter proves nothing by standing in a prompt."""
_MOST_CALLS = 16
_ENOUGH = 2
"""So many words of its description in a prompt make a tool fit, even when its name does not."""
_COMMON = wordset(
    "a an the of to in on for and or with by from at is are be it its this that what which who how "
    "get gets set find do does did make makes run call calls use uses using tool tools function "
    "functions fetch return returns give gives given tell me my you your please i we can could would "
    "should will one some any all now current currently today value values number numbers string "
    "name names text word words say list show new create created update specific certain user "
    "about as if not no only into between when where then first second item items data "
    "information info answer question reply exactly ok result results"
)
_KINDRED: Mapping[str, frozenset[str]] = {
    "weather": wordset("weather forecast rain raining rainy sunny umbrella snow snowing cold warm hot "
                         "wind windy temperature degrees climate"),
    "forecast": wordset("weather forecast rain tomorrow"),
    "temperature": wordset("temperature warm cold hot degrees weather"),
    "time": wordset("time clock hour o'clock"),
    "calculate": wordset("calculate compute calculator sum"),
    "calculator": wordset("calculate compute calculator sum"),
    "add": wordset("add plus sum +"),
    "subtract": wordset("subtract minus difference -"),
    "multiply": wordset("multiply times product * ×"),
    "divide": wordset("divide divided quotient / ÷"),
    "search": wordset("search look google find"),
    "email": wordset("email mail"),
    "stock": wordset("stock stocks share shares price"),
    "book": wordset("book reserve reservation booking"),
}  # fmt: skip
"""Words of a prompt that speak of a tool with that word in its name."""
_SUM_TOOLS = wordset("calculate calculator calc compute evaluate math arithmetic eval")
_CLAUSE = re.compile(
    r"[.?!;\n]+\s+|,?\s+(?:and|then|also|after that)\s+(?=(?:what|how|also|then|the|tell|get|find|is|"
    r"look|check|send|book|give|show|calculate|compute|search|who|where|when|call|use)\b)|,?\s+then\s+",
    re.IGNORECASE,
)
_IN_TURN = re.compile(
    r"\bfirst\b|\bthen\b|\bafter that\b|\bstep by step\b|\bone after (?:the other|another)\b",
    re.IGNORECASE,
)
_TOLD_TO = re.compile(r"\b(?:use|call) (?:the|this|that|your) (?:tool|function)\b", re.IGNORECASE)
_REFUSED = re.compile(
    r"\b(?:do not|don't|without|never|no)\b[^.]{0,30}\b(?:tools?|functions?|call(?:ing)?)\b",
    re.IGNORECASE,
)


def wanted(ask: Ask) -> tuple[Wanted, ...]:
    """The calls to make now, in order; none where the answer is to be text."""
    if ask.rule.mode == "none" or not ask.rule.names:
        return ()
    turn = _last_turn(ask.messages)
    prompt = Facts(attended(turn[0].text) if turn else "")
    open_tools = [tool for tool in ask.tools if tool.name in ask.rule.names]
    must = ask.rule.mode == "required"
    known = _results(turn)
    if must or not _REFUSED.search(prompt.text):
        plan = list(_plan(prompt, open_tools, known))
    else:
        plan = []
    left = _without(plan, [call for message in turn for call in message.calls])
    if must and not left:
        best = max(open_tools, key=lambda tool: _score(tool, prompt))
        left = plan[:1] or [_call(best, prompt, None, known)]
    one_at_a_time = not ask.parallel or (
        _IN_TURN.search(prompt.text) and len({each.name for each in left}) > 1
    )
    return tuple(left[: 1 if one_at_a_time else _MOST_CALLS])


def _last_turn(messages: Sequence[Message]) -> Sequence[Message]:
    """From the last user message on."""
    for place in range(len(messages) - 1, -1, -1):
        if messages[place].role == "user":
            return messages[place:]
    return messages


def _plan(prompt: Facts, tools: list[Tool], known: Mapping[str, Any]) -> Iterator[Wanted]:
    """All calls that the prompt asks for, whether made already or not."""
    clauses = [Facts(each) for each in _CLAUSE.split(prompt.text) if each and each.strip()]
    fitting = [tool for tool in tools if _is_meant(tool, prompt)]
    if not fitting and len(tools) == 1 and _TOLD_TO.search(prompt.text):
        fitting = tools
    fitting.sort(key=lambda tool: _first_mention(tool, prompt))
    for tool in fitting:
        about = [each for each in clauses if _is_meant(tool, each)] if len(fitting) > 1 else []
        text = Facts(" ".join(each.text for each in about)) if about else prompt
        for focus in _focuses(tool, text if text.names else prompt):
            yield _call(tool, text, focus, known)


def _without(plan: list[Wanted], made: list[PastCall]) -> list[Wanted]:
    """The plan less what was called: the same arguments first, else the next call of that tool."""
    left = list(plan)
    others: list[PastCall] = []
    for call in made:
        twin = next((each for each in left if each.name == call.name and _alike(each, call)), None)
        if twin is None:
            others.append(call)
        else:
            left.remove(twin)
    for call in others:
        next_one = next((each for each in left if each.name == call.name), None)
        if next_one is not None:
            left.remove(next_one)
    return left


def _alike(one: Wanted, call: PastCall) -> bool:
    try:
        return bool(json.loads(one.arguments) == json.loads(call.arguments))
    except (ValueError, RecursionError):
        return False


def _results(turn: Sequence[Message]) -> dict[str, Any]:
    """Values by name from the tool results of this turn."""
    known: dict[str, Any] = {}
    for message in turn:
        if message.role == "tool":
            found = Facts(attended(message.text)).json
            known.update(
                {k: v for each in found if isinstance(each, dict) for k, v in each.items()}
            )
    return known


def _is_meant(tool: Tool, prompt: Facts) -> bool:
    return _score(tool, prompt) >= _ENOUGH


def _score(tool: Tool, prompt: Facts) -> int:
    """How much a prompt speaks of a tool; from 2 on it is meant."""
    if re.search(rf"(?<![\w-]){re.escape(tool.name)}(?![\w-])", prompt.text) and (
        "_" in tool.name or "-" in tool.name or len(tool.name) > _SHORT
    ):
        return 100
    said = {_stem(word) for word in prompt.words if word not in _COMMON}
    said |= {sign for each in prompt.sums for sign in "+-*/×÷" if sign in each[1:]}
    named = _words(tool.name) - _COMMON
    spoken = {_stem(word) for word in named}
    for word in named:
        spoken |= {_stem(each) for each in _KINDRED.get(word, frozenset())}
    described = {_stem(word) for word in _words(tool.description) - _COMMON} - spoken
    score = 4 * len(said & spoken) + len(said & described)
    if named & _SUM_TOOLS and prompt.sums:
        score += 4
    return score


def _words(text: str) -> frozenset[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return frozenset(re.findall(r"[^\W_]+", spaced.lower()))


def _stem(word: str) -> str:
    for ending in ("ing", "es", "s", "ed"):
        if word.endswith(ending) and len(word) - len(ending) > _SHORT:
            return word.removesuffix(ending)
    return word


def _first_mention(tool: Tool, prompt: Facts) -> int:
    """Where in the prompt a tool is first spoken of."""
    place = prompt.text.find(tool.name)
    if place >= 0:
        return place
    words = _words(tool.name) - _COMMON
    spoken = words.union(*(_KINDRED.get(word, frozenset()) for word in words))
    found = [prompt.text.lower().find(word) for word in spoken]
    return min((each for each in found if each >= 0), default=len(prompt.text))


def _focuses(tool: Tool, prompt: Facts) -> Sequence[str | None]:
    """The things to call a tool for, one call each: cities, where it takes a single place."""
    properties = tool.parameters.get("properties", {})
    takers = [name for name in properties if set(name.lower().split("_")) & PLACES]
    required = set(tool.parameters.get("required", ())) or set(takers)
    if len([name for name in takers if name in required]) != 1 or len(prompt.names) < 1:
        return (None,)
    sub = followed(tool.parameters, properties[takers[0]])
    if isinstance(sub, dict) and "string" in types(sub):
        fitting = [name for name in prompt.names if fits(sub, name, tool.parameters)]
        return fitting[:_MOST_CALLS] or (None,)
    return (None,)


def _call(tool: Tool, prompt: Facts, focus: str | None, known: Mapping[str, Any]) -> Wanted:
    for value in prompt.json:
        if isinstance(value, dict) and value and fits(tool.parameters, value, tool.parameters):
            properties = tool.parameters.get("properties", {})
            if value.keys() <= properties.keys() or not properties:
                return Wanted(tool.name, _written(value))
    filler = Filler(prompt, focus=focus, known=known)
    return Wanted(tool.name, _written(_arguments(tool, filler)))


def _arguments(tool: Tool, filler: Filler) -> Any:
    if not tool.parameters.get("properties") and not tool.parameters.get("required"):
        return {}
    try:
        return Maker(tool.parameters, offer=filler.offer, eager=False).make()
    except Refusal:
        return Maker(tool.parameters, eager=False).make()


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
