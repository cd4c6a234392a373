"""What a prompt orders to be said word for word."""

from __future__ import annotations

import re

from conformance.reference.model.numbers import as_number

_MOST_TIMES = 5000
_SHORT = 2
"""Words that may stand alone, without punctuation or much of an order."""

_NOUN = (
    r"(?:words?|texts?|strings?|phrases?|sentences?|lines?|tokens?|characters?|letters?|symbols?|"
    r"emojis?|message|numbers?|digits?|code|value|name|output|reply|response|answer|expression)"
)
_FILL = (
    rf"(?:(?:with|only|exactly|just|back|verbatim|simply|out|after me|to me|nothing but|(?:and )?nothing else|"
    rf"by saying|in full|using|please|literally)\b|(?:the|this|these|a|an|one|my|following|exact|same|single|"
    rf"literal|two|three|four|five)(?=\s+(?:following|exact|same|single|literal|one|two|three|four|five|{_NOUN})\b(?!-)|\s*:)|"
    rf"(?:following|exact|same|single|literal)|{_NOUN}(?=\s*[:\"'`“«]|\s+\S))"
)
_SAY = re.compile(
    rf"\b(?P<verb>say|repeat|echo|print|output|reply|respond|answer|return|write|type|send)\b"
    rf"(?P<fill>(?:\s+{_FILL},?)*)(?P<colon>\s*:)?\s*(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_QUOTE = re.compile(
    r'"((?:[^"\\]|\\.)*)"|`([^`]+)`|“([^”]*)”|«([^»]*)»|「([^」]*)」|\'((?:[^\'\\]|\\.|(?<=\w)\'(?=\w))+)\'',
    re.DOTALL,
)
_FREE = re.compile(
    r"(?:to|in|as|if|like|from|about|according|whether|or|and|when|again|briefly|me|your|my|its)\b|"
    r"an?\b|some\b|something\b|anything\b|what\b|how\b|why\b|(?:the )?(?:question|numbers|alphabet|prompt|task)\b",
    re.IGNORECASE,
)
_END = re.compile(
    r"\s+on (?:a|its own) (?:new |separate )?line\b|"
    r"[.!?](?=\s|$)|\n|,? and (?:nothing else|then|stop)\b|,? nothing else\b|, then\b|"
    r" (?:only|exactly)?\s*\(|\s+\w+ times\b|\s+(?:twice|only)\b",
    re.IGNORECASE,
)
_TIMES = re.compile(r"\b(\d{1,4}|[a-z]+) times\b|\b(twice)\b", re.IGNORECASE)
_ABOUT_THE_ANSWER = re.compile(
    rf"(?:the |a |an |your |valid )*(?:{_NOUN}|result|word|letter|json|sum|solution|city|question|prompt|task)\b(?! )",
    re.IGNORECASE,
)
"""`Reply with only the number`: says what kind of answer, not which."""
_ALWAYS = re.compile(
    r"\b(?:always|only|every|exactly|whatever|no matter|regardless|any)\b", re.IGNORECASE
)


def exactly(text: str, *, standing: bool = False) -> str | None:
    """What a text orders to be said word for word; None where it orders nothing of the kind.

    A standing order (a system message) must be plain: `Always answer with BLUE.`, not `Answer briefly.`
    """
    for match in _SAY.finditer(text):
        if standing and not (match["colon"] or (match["fill"] and _ALWAYS.search(text))):
            continue
        said = _ordered(match)
        if said is not None:
            return said
    return None


def _ordered(match: re.Match[str]) -> str | None:
    rest, colon = match["rest"], bool(match["colon"])
    quote = _QUOTE.match(rest)
    if quote:
        inner = next(filter(None, quote.groups()), "")
        said = inner.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
        return _times(said, rest[quote.end() : quote.end() + 24])
    weak = not colon and (not match["fill"] or match["fill"].strip().lower() == "with")
    if colon:
        said = rest.strip()
        if said.endswith("?"):
            return None
        if len(said.split()) <= _SHORT:
            said = said.removesuffix(".")
        return said
    end = _END.search(rest)
    said = (rest[: end.start()] if end else rest).strip().strip(",")
    if (
        not said
        or _FREE.match(said)
        or _ABOUT_THE_ANSWER.fullmatch(said)
        or (end and rest[end.start()] == "?")
    ):
        return None
    if (
        weak
        and match["verb"].lower() not in ("say", "repeat", "echo")
        and len(said.split()) > _SHORT
    ):
        return None
    return _times(said, rest[end.start() if end else 0 :][:24])


def _times(said: str, around: str) -> str:
    match = _TIMES.search(around)
    if not match:
        return said
    times = 2 if match[2] else as_number(match[1])
    if times is None:
        return said
    return " ".join([said] * min(times, _MOST_TIMES))
