"""One tape, one call of the client: what came back, or how it failed."""

from __future__ import annotations

from typing import Any

from .seen import Got, completion, count, typed, usage
from .server import HEADER

SILENCE = 1.0
"""Seconds until a client gives up where the endpoint had fallen silent; nothing more would come."""
PATIENCE = 120.0
"""Seconds for everything else: never reached unless this machine stands still."""
WORDS = 300

Options = dict[str, Any]
"""Of every call."""


def play(client: Any, tape: dict[str, Any]) -> Got:
    """One answer, and what became of it."""
    got: Got = {"number": tape["number"], "how": "parsed", "chunks": 0, "mistyped": []}
    options = {
        "extra_headers": {HEADER: str(tape["number"]), "connection": "close"},
        "timeout": SILENCE if tape["end"] == "hold" else PATIENCE,
    }
    try:
        calls = {**_WHOLE, **_STREAMED} if tape["stream"] else _WHOLE
        calls[tape["kind"]](client, options, got)
    except BaseException as error:  # noqa: BLE001  # also what a Rust extension panics with
        _tell(error, got, held=tape["end"] == "hold")
    return got


def _tell(error: BaseException, got: Got, *, held: bool) -> None:
    import openai

    hung = held and "Timeout" in type(error).__name__  # 2.x lets httpx's own through
    got |= {
        "how": "hung" if hung else "raised",
        "raised": type(error).__name__,
        "own": isinstance(error, openai.OpenAIError),
        "where": got.pop("doing", "reading"),
        "words": str(error)[:WORDS],
        "told": {name: getattr(error, name, None) for name in ("code", "type", "param")},
    }


def _chat(client: Any, options: Options, got: Got) -> None:
    completion(client.chat.completions.create(model="m", messages=[], **options), got)


def _chat_stream(client: Any, options: Options, got: Got) -> None:
    from openai.lib.streaming.chat import ChatCompletionStreamState

    state: Any = ChatCompletionStreamState()
    broken: Exception | None = None
    for chunk in client.chat.completions.create(model="m", messages=[], stream=True, **options):
        count(chunk, got)
        if broken:
            continue
        try:
            if chunk.object == "chat.completion.chunk":  # its `stream()` passes over all others
                for _ in state.handle_chunk(chunk):
                    pass
        except Exception as error:  # noqa: BLE001  # told below, if reading does not end worse
            broken = error
    if not got["chunks"]:
        got["how"] = "empty"
        return
    got["doing"] = "accumulating"
    if broken:
        raise broken
    snapshot = state.current_completion_snapshot
    del got["doing"]
    completion(snapshot, got, check=False)


def _completions(client: Any, options: Options, got: Got) -> None:
    completion(client.completions.create(model="m", prompt="", **options), got)


def _completions_stream(client: Any, options: Options, got: Got) -> None:
    """The client has no accumulator for these: what every application does itself."""
    said: dict[int, dict[str, Any]] = {}
    for chunk in client.completions.create(model="m", prompt="", stream=True, **options):
        count(chunk, got)
        for place, choice in enumerate(getattr(chunk, "choices", None) or ()):
            index = choice.index if isinstance(choice.index, int) else place
            known = said.setdefault(index, {"text": "", "finish": None})
            known["text"] += choice.text or ""
            known["finish"] = choice.finish_reason or known["finish"]
        got["usage"] = usage(chunk) or got.get("usage")
    got["choices"] = [said[index] for index in sorted(said)]
    got["how"] = "parsed" if said else "empty"


def _models(client: Any, options: Options, got: Got) -> None:
    page = client.models.list(**options)
    typed(page, got)
    got["items"] = [getattr(one, "id", None) for one in page]


def _model(client: Any, options: Options, got: Got) -> None:
    entry = client.models.retrieve("m", **options)
    typed(entry, got)
    got["items"] = [getattr(entry, "id", None)]
    if got["items"] == [None]:
        got["how"] = "empty"


def _embeddings(client: Any, options: Options, got: Got) -> None:
    answer = client.embeddings.create(model="m", input="", **options)
    got["type"] = type(answer).__name__
    got["usage"] = usage(answer)
    got["items"] = [len(one.embedding) for one in getattr(answer, "data", None) or ()]
    got["how"] = "parsed" if got["items"] else "empty"


def _responses(client: Any, options: Options, got: Got) -> None:
    answer = client.responses.create(model="m", input="", **options)
    typed(answer, got)
    _response(answer, got)


def _responses_stream(client: Any, options: Options, got: Got) -> None:
    from openai import NOT_GIVEN
    from openai.lib.streaming.responses import ResponseStreamState

    nothing: Any = NOT_GIVEN  # which of its words for that is the right one depends on its version
    state: Any = ResponseStreamState(input_tools=nothing, text_format=nothing)
    last: Any = None
    broken: Exception | None = None
    for event in client.responses.create(model="m", input="", stream=True, **options):
        count(event, got)
        last = getattr(event, "response", None) or last
        if broken:
            continue
        try:
            state.handle_event(event)  # as its `responses.stream()` does with each
        except Exception as error:  # noqa: BLE001  # told below, if reading does not end worse
            broken = error
    if broken:
        got["doing"] = "accumulating"
        raise broken
    _response(last, got)


def _response(answer: Any, got: Got) -> None:
    output = getattr(answer, "output", None)
    got["how"] = "parsed" if output else "empty"
    if output:
        got["choices"] = [{"text": answer.output_text, "finish": answer.status}]


_WHOLE = {
    "chat": _chat,
    "completions": _completions,
    "models": _models,
    "model": _model,
    "embeddings": _embeddings,
    "responses": _responses,
}
_STREAMED = {
    "chat": _chat_stream,
    "completions": _completions_stream,
    "responses": _responses_stream,
}
