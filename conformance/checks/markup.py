"""Markup of chat templates and tool calls that a parser should have taken out of a text.

Detection goes by form, not by model: special tokens in any of their brackets, tags of calls and of
their arguments, think tags, ends of turns, addresses of channels. What the prompt itself holds or
asks to be spoken of is no leak, and neither is what stands in a code span, nor markup of results
where the request brings results: the template has written it into the prompt, and a model that
copies it shows a weakness of its own. The same goes for a sentence that tells of a pair of tags,
as templates do where they explain how to call: no parser promises to take prose out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.checks.bare_calls import bare_call, offered_names

_FORMS = (
    # `<|python_tag|>`, and tokens with one bar, `<|tool_call>` and `<tool_call|>`
    # and what is left of the quotes of a model that has some of its own, `<|"|`
    r"<\|[^<>|\s][^<>|\n]{0,60}\|>|<\|[a-z_]{3,30}>|<[a-z_]{3,30}\|>|<\|\\?[\"'`]\|",
    # `<｜tool▁calls▁begin｜>`, `</｜DSML｜invoke>`: nothing else begins with these two characters
    r"</?｜[^<>\n]{0,60}>?",
    # `<tool_call>`, `<minimax:tool_call>`, `<start_function_call>`, `<TOOLCALL>`, `<function_calls>`
    (r"</?(?:[\w-]{1,20}[:_])?(?:tool_?calls?|tool_responses?|function_calls?|tools?_sections?|TOOL_?CALLS?)"
    r"(?:_\w{1,20})?(?:\s[^<>\n]{0,80})?>"),
    # `<function=get_weather>`, `<parameter=city>`, `<invoke name="get_weather">`, `<arg_key>`
    (r"<(?:function|parameter)=[\w.:-]{1,64}>|<(?:[\w-]{1,20}:)?invoke\s+name=[^<>\n]{1,80}>"
    r"|</(?:[\w-]{1,20}:)?(?:function|parameter|invoke)>|</?arg_(?:key|value)>|<tool_sep>"),
    r"</?(?:[\w-]{1,20}:)?(?:think|thinking|thought|reasoning)>",
    r"<(?:start|end)_of_turn>|<(?:eos|bos|pad|unk)>|</s>\s*$|\[/?INST\]|<<SYS>>|\]~!?b[\[\]]|\[e~\[",
    # `[TOOL_CALLS]`, `[unused11]`; arguments and lists that only a call has in front of a bracket
    (r"\[/?(?:TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|TOOL_CONTENT|SYSTEM_PROMPT|CALL_ID|THINK)\]"
    r"|\[unused\d{1,3}\]|\[ARGS\](?=\s*\{)|\bfunctools(?=\[\{)"),
    # what is left of channels where special tokens are skipped and not parsed
    r"\bto=functions\.[\w-]{1,64}|assistant(?:final|commentary|analysis)",
)  # fmt: skip
_MARK = re.compile("|".join(_FORMS))
_OF_ITS_OWN = re.compile(r"<(function|parameter|invoke)[-_.:][\w.:-]*>")
"""A tag that a model makes up; it may close it as it likes: `<function-binder>...</function>`."""
_TOLD_OF = re.compile(r"(?<=\w )<([\w:-]{1,40})></\1>(?= \w)")
"""An empty pair within a sentence: `Use the <tool_call></tool_call> tags`."""
_SIGNS = ("<", "[", "to=functions.", "assistant")
"""Without any of these there is no mark: most texts are done with that."""
_RESULT = re.compile(r"tool_response|TOOL_RESULTS|TOOL_CONTENT")
"""Marks that templates put around results, and no model around calls."""
_CODE = re.compile(r"```.*?(?:```|$)|`[^`\n]*`", re.DOTALL)
_WORD = re.compile(r"[A-Za-z][A-Za-z▁]*[_▁-][A-Za-z_▁-]+|[A-Za-z]{2,}")
_SPOKEN_OF = re.compile(
    r"\bmark-?up\b|\bspecial tokens?\b|\bchat[- ]templates?\b|\btool[- ]call(?:ing|s)? (?:format|syntax|tokens?)\b"
    r"|\b(?:raw|literal) (?:format|tokens?|tags?)\b|\b(?:XML|think|thinking) tags?\b",
    re.IGNORECASE,
)
_MOST = 3
"""Different marks that are told of one text."""
_LONGEST = 200_000
"""Characters of a text that are searched."""


def leaked(text: str, asked: dict[str, Any]) -> list[str]:
    """The first few different marks that leaked into a text, as they stand there.

    A call written as plain text with nothing around it, of a tool that was offered, is one as well.
    """
    if not text:
        return []
    found = [mark for mark in _marks(text) if mark not in _told_of(text, asked)]
    if found:
        given = list(strings(asked))
        copied = _brings_results(asked)
        found = [
            mark
            for mark in found
            if not _quoted(mark, given) and not (copied and _RESULT.search(mark))
        ]
        if found and _SPOKEN_OF.search(_question(asked)):
            return []
    return found or bare_call(text, asked)


def _told_of(text: str, asked: dict[str, Any]) -> set[str]:
    """Tags that a sentence tells of, where none of them opens a call of a tool that was offered."""
    named = "|".join(map(re.escape, offered_names(asked))) or "(?!)"
    told = {
        name
        for name in _TOLD_OF.findall(text[:_LONGEST])
        if not re.search(rf"<{re.escape(name)}>[^<]*\b(?:{named})\b", text)
    }
    return {f"<{name}>" for name in told} | {f"</{name}>" for name in told}


def unmarked(text: str) -> str:
    """A text without its marks, for those who look for something else in it."""
    return _MARK.sub(" ", text[:_LONGEST])


def _marks(text: str) -> list[str]:
    if not any(sign in text for sign in _SIGNS):
        return []
    seen: dict[str, None] = {}
    searched = _CODE.sub(" ", text[:_LONGEST])
    own = {f"</{name}>" for name in _OF_ITS_OWN.findall(searched)}
    for match in _MARK.finditer(searched):
        if match[0] in own:
            continue
        seen[match[0].strip()] = None
        if len(seen) == _MOST:
            break
    return list(seen)


def _quoted(mark: str, given: list[str]) -> bool:
    """The prompt holds the mark, another one of its pair, or its name where that is no plain word."""
    word = _WORD.search(mark)
    name = word[0] if word else mark
    ways = [mark, f"<{name}", f"</{name}", f"[{name}]", f"|{name}|", f"｜{name}｜"]
    if not name.isalpha():
        ways.append(name)
    return any(way in each for each in given for way in ways)


def _messages(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The conversation, as chat or as /responses has it."""
    held = asked.get("messages", asked.get("input"))
    if isinstance(held, str):
        return [{"role": "user", "content": held}]
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []


def _brings_results(asked: dict[str, Any]) -> bool:
    said = _messages(asked)
    return any(
        each.get("role") == "tool" or each.get("type") == "function_call_output" for each in said
    )


def _question(asked: dict[str, Any]) -> str:
    """What the user said last."""
    said = [each.get("content") for each in _messages(asked) if each.get("role") == "user"]
    return " ".join(strings(said[-1:]))


def strings(value: Any) -> Iterator[str]:
    """All strings in a JSON value, but for the names of members."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
