"""What is wrong with an answer, in words that follow its name. Never shows what may be a key."""

from __future__ import annotations

import os
import re

from conformance.errors import did_you_mean
from conformance.providers.preset import load_preset, preset_names
from conformance.providers.references import NAME, expand, looks_like_key
from conformance.providers.url import url_flaw

_USUAL = re.compile(r"[A-Z_][A-Z0-9_]*")


def url(text: str) -> str:
    """Of a base URL; it may refer to variables."""
    expanded = expand(text, os.environ)
    if expanded.missing:
        return f"refers to {expanded.missing[0]}, which is not set"
    return url_flaw(expanded.text, launched=False)


def url_or_preset(text: str) -> str:
    """Of a base URL, or of the name of a preset that knows one."""
    if text in preset_names():
        return url(str(load_preset(text).values.get("base_url")))
    problem = url(text)
    if not problem or "://" in text:
        return problem
    known = ", ".join(preset_names())
    return f"{problem}, and is no preset{did_you_mean(text, preset_names())}; presets: {known}"


def preset(text: str) -> str:
    """Of a preset's name; none is as well."""
    if not text or text in preset_names():
        return ""
    return f"is no preset{did_you_mean(text, preset_names())}; see `conformance list presets`"


def variable(text: str) -> str:
    """Of the name of a variable: whoever pastes the key itself must not find it in a file."""
    named = re.fullmatch(NAME, text) and not looks_like_key(text)
    if not text or (named and (text in os.environ or _USUAL.fullmatch(text))):
        return ""
    return (
        "is not the name of a variable that is set. A key is never written here: "
        "export MY_API_KEY=... in your shell, and give MY_API_KEY"
    )


def offered_model(text: str) -> str:
    """Of a model's id that the endpoint says, which goes into the file."""
    if "${" in text:
        return "would be read as a reference to a variable"
    return "looks like a key" if looks_like_key(text) else ""
