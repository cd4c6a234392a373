"""Before faults are served together: does each still find what it rewrites, after the others?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.errors import UsageError
from conformance.reference.app import App, Settings
from conformance.reference.circumstances import always, anything
from conformance.reference.fault import Shown
from conformance.reference.incoming import HttpRequest

_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
_SHAPE = {
    "type": "json_schema",
    "json_schema": {"name": "place", "schema": _TOOL["function"]["parameters"]},  # type: ignore[index]  # a dict of mixed values
}
_WORDS = "Repeat these words and nothing else: apple pear plum"
_CITIES = "What is the weather in Oslo and in Rome?"
_ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    (_WORDS, {"logprobs": True, "top_logprobs": 2}),
    (_WORDS, {"logprobs": True, "n": 2, "stream_options": {"include_usage": True}}),
    (_CITIES, {"tools": [_TOOL]}),
    ("Give me Oslo as JSON.", {"response_format": _SHAPE}),
    ("Say Grüße.", {"temperature": 9}),
)


_LOOKED_UP = ("/models", "/models/reference-1", "/models/none", "/nowhere")
_ELSEWHERE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/completions", {"prompt": "Say OK."}),
    ("/embeddings", {"input": "a text"}),
    ("/responses", {"input": "Say OK."}),
)


def rehearse(faults: Sequence[Shown]) -> None:
    """Answer a few requests with all faults at once. Raises UsageError where they do not compose."""
    if len(faults) < 2:  # noqa: PLR2004
        return
    each_time = tuple(
        Shown(replace(each.fault, when=always, since=anything), 1.0) for each in faults
    )
    app = App(Settings(faults=each_time, strict=True), lambda: 0.0)
    try:
        for request in _requests():
            app.respond(request)
    except Exception as error:
        names = ", ".join(each.fault.name for each in faults)
        raise UsageError(
            f"the faults {names} do not compose in this order: one of them no longer finds what it "
            f"rewrites ({type(error).__name__}: {error}); try another order, or one at a time"
        ) from error


def _requests() -> list[HttpRequest]:
    found = [HttpRequest("GET", f"/v1{path}", {}) for path in _LOOKED_UP]
    found += [
        HttpRequest("POST", f"/v1{path}", {}, json.dumps({"model": "reference-1", **body}).encode())
        for path, body in _ELSEWHERE
    ]
    for prompt, members in _ASKED:
        for stream in (False, True):
            told = {
                name: value for name, value in members.items() if stream or name != "stream_options"
            }
            message = {"role": "user", "content": prompt}
            body = {"model": "reference-1", "messages": [message], "stream": stream, **told}
            data = json.dumps(body).encode()
            head = {"accept-encoding": "gzip"}
            found.append(HttpRequest("POST", "/v1/chat/completions", head, data))
    return found
