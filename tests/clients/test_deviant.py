"""Deviant answers over a real socket into the installed openai: what it makes of each, and what that costs."""

import gzip
import json
import sys

import pytest
from build import CALL, DROP, USAGE, edited, exchange
from build import HELLO as COMPLETION
from build_replies import MESSAGE, SPOKEN, USED, ended, replied, reply, state, text
from streams import HELLO, WEATHER, call, chunk, delta, event

from conformance.clients.compare import compare, predicted
from conformance.clients.model import How, Severity
from conformance.clients.playback import Player, play
from conformance.clients.tape import tape
from conformance.wire import coding
from conformance.wire.exchange import Ended, Trial, TrialKey

SSE = {"Content-Type": "text/event-stream"}
DONE = b"data: [DONE]\n\n"
ASKED = {"model": "m", "messages": [], "stream": True}
ERROR = {"message": "no", "type": "invalid_request_error", "param": "n", "code": "bad"}
MODEL = {"id": "m", "object": "model", "created": 1, "owned_by": "us"}
VECTOR = {"object": "embedding", "index": 0, "embedding": [0.5, 1.0]}
TEXT = {"id": "c", "object": "text_completion", "created": 1, "model": "m"}
TEXTS = [{"index": 0, "text": "Hi", "finish_reason": "stop", "logprobs": None}]
RESPONSE = {
    "id": "r1", "object": "response", "created_at": 1, "model": "m", "status": "completed",
    "output": [{
        "id": "m1", "type": "message", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": "hi", "annotations": []}],
    }],
    "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
}  # fmt: skip
FULL = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
COUNTS = USED | {"input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
ENDED = FULL | {"usage": COUNTS}
REPLY = [state("created", **FULL), state("in_progress", **FULL), *SPOKEN, ended(MESSAGE, **ENDED)]
CUT = ended(MESSAGE, kind="incomplete", incomplete_details={"reason": "max_output_tokens"}, **ENDED)


def whole(edits=None, /, **more):
    """A completion in one piece, with these members replaced."""
    return exchange(json.dumps(edited(COMPLETION, edits or {})).encode(), **more)


def said(value, /, **more):
    """Any JSON document."""
    return exchange(json.dumps(value).encode(), **more)


def stream(chunks, /, *, end_with=DONE, headers=SSE, **more):
    """Chunks as a stream; bytes stand for themselves."""
    body = [one if isinstance(one, bytes) else event(one) for one in chunks]
    return exchange([*body, end_with], headers=headers, asked=ASKED, **more)


def framed(chunks, /, **more):
    """The same with chunked framing."""
    return stream(chunks, headers=SSE | {"Transfer-Encoding": "chunked"}, **more)


def get(path, value, **more):
    return said(value, path=path, method="GET", asked=None, **more)


FINE = None
OK, EMPTY, RAISED, HUNG = How.PARSED, How.EMPTY, How.RAISED, How.HUNG
LOSS, CRASH, HANG, DIFFERS = Severity.SILENT, Severity.CRASH, Severity.HANG, Severity.DIFFERS
TYPED = (DIFFERS, "is not what its own types say")

ROWS = {
    # name: (exchange, how it ended for the application, the exception's class, the disagreement)
    "a completion": (whole(), OK, "", FINE),
    "a stream": (framed(HELLO), OK, "", FINE),
    "a stream of tool calls": (framed(WEATHER), OK, "", FINE),
    "a tool call": (whole({"choices.0.message.tool_calls": [CALL]}), OK, "", FINE),
    "a lone surrogate": (whole({"choices.0.message.content": "a\ud800" * 60}), OK, "", FINE),
    "compressed": (exchange(gzip.compress(json.dumps(COMPLETION).encode()), headers={"Content-Encoding": "gzip"}), OK, "", FINE),
    "kept without its framing": (exchange(json.dumps(COMPLETION).encode(), headers={"Content-Encoding": "gzip"}, framing=False, decoded=True), OK, "", FINE),
    "kept without its framing, and cut": (exchange(json.dumps(COMPLETION).encode(), framing=False, decoded=True, end=Ended.CLOSED), RAISED, "APIConnectionError", FINE),
    "an informational head before": (exchange(bare=b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + json.dumps(COMPLETION).encode()), OK, "", FINE),
    # completions in one piece
    "usage of texts": (whole({"usage": {name: str(one) for name, one in USAGE.items()}}), OK, "", FINE),
    "usage of words": (whole({"usage.total_tokens": "many"}), OK, "", TYPED),
    "no choices": (said({"id": "c", "object": "chat.completion"}), EMPTY, "", (LOSS, "becomes an empty answer")),
    "choices empty": (whole({"choices": []}), EMPTY, "", FINE),
    "an error with status 200": (said({"error": ERROR}), EMPTY, "", (LOSS, "an error is not noticed")),
    "a page of HTML": (exchange(b"<html>busy</html>", headers={"Content-Type": "text/html"}), EMPTY, "", (LOSS, "becomes an empty answer")),
    "JSON that is none": (exchange(b'{"id": '), RAISED, "JSONDecodeError", (CRASH, "it raises JSONDecodeError")),
    "arguments an object": (whole({"choices.0.message.tool_calls": [edited(CALL, {"function.arguments": {}})]}), OK, "", TYPED),
    "a finish reason of its own": (whole({"choices.0.finish_reason": "eos"}), OK, "", TYPED),
    "a stream that nobody asked for": (exchange(b"".join(map(event, HELLO)) + DONE, headers=SSE), EMPTY, "", (LOSS, "the answer is lost")),
    # streams
    "JSON in place of a stream": (whole(asked=ASKED), EMPTY, "", (LOSS, "the answer is lost")),
    "role in every chunk": (stream([delta(role="assistant", content=one) for one in "ab"] + HELLO[-1:]), OK, "", (LOSS, "the role is another")),
    "tool index null": (stream([delta(tool_calls=[{"index": None, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]), delta("tool_calls")]), RAISED, "TypeError", (CRASH, "it raises TypeError")),
    "two calls share index 0": (stream([call(id="c1", type="function", name="f", arguments="{}"), call(id="c2", type="function", name="g", arguments="{}"), delta("tool_calls")]), OK, "", (LOSS, "the list of tool calls is another")),
    "usage before the end": (stream([*HELLO[:-1], chunk(usage=USAGE), HELLO[-1]]), OK, "", (LOSS, "the usage is lost")),
    "usage last": (stream([*HELLO, chunk(usage=USAGE)]), OK, "", FINE),
    "choices null": (stream([*HELLO, chunk(choices=None, usage=USAGE)]), RAISED, "TypeError", (CRASH, "it raises TypeError")),
    "an event that is no JSON": (stream([*HELLO[:2], b"data: {\n\n", *HELLO[2:]]), RAISED, "JSONDecodeError", (CRASH, "it raises JSONDecodeError")),
    "a byte order mark": (stream([b"\xef\xbb\xbf" + event(delta(role="assistant", content="A")), *HELLO[1:]]), OK, "", (LOSS, "the role is lost")),
    "single newlines": (exchange(b"".join(map(event, HELLO)).replace(b"\n\n", b"\n"), headers=SSE, asked=ASKED), EMPTY, "", (LOSS, "the answer is lost")),
    "an error in the stream": (stream([*HELLO[:2], {"error": ERROR}]), RAISED, "APIError", FINE),
    "an error object in the stream": (stream([*HELLO[:2], {"object": "error", **ERROR}]), OK, "", (LOSS, "an error is not noticed")),
    "no [DONE]": (stream(HELLO, end_with=b""), OK, "", FINE),
    "cut within its framing": (framed(HELLO, end_with=b"", cut=9, end=Ended.CLOSED), RAISED, "APIConnectionError", FINE),
    "cut where nothing tells": (exchange([event(one) for one in HELLO[:2]], headers=SSE, asked=ASKED, framing=False), OK, "", (LOSS, "what was cut is taken for whole")),
    "reset": (framed(HELLO[:2], end_with=b"", cut=30, end=Ended.RESET), RAISED, "APIConnectionError", FINE),
    "silent after two chunks": (framed(HELLO[:2], end_with=b"", cut=5, end=Ended.TIMED_OUT), HUNG, "APITimeoutError", (HANG, "it hangs")),
    "kept open behind its end": (framed(HELLO, cut=5, end=Ended.TIMED_OUT), OK, "", FINE),
    # no answer at all
    "silent": (exchange(bare=b"", end=Ended.TIMED_OUT), HUNG, "APITimeoutError", (HANG, "it hangs")),
    "closed": (exchange(bare=b"", end=Ended.CLOSED), RAISED, "APIConnectionError", FINE),
    "not HTTP": (exchange(bare=b"SSH-2.0-OpenSSH\r\n", end=Ended.GARBLED), RAISED, "APIConnectionError", FINE),
    # errors
    **{
        f"status {status}": (said({"error": ERROR}, status=status), RAISED, name, FINE)
        for status, name in {
            400: "BadRequestError", 401: "AuthenticationError", 403: "PermissionDeniedError", 404: "NotFoundError",
            409: "ConflictError", 413: "APIStatusError", 422: "UnprocessableEntityError", 429: "RateLimitError",
            500: "InternalServerError", 503: "InternalServerError",
        }.items()
    },
    "an error in a list": (said([{"error": ERROR}], status=400), RAISED, "BadRequestError", (LOSS, "the error's `code` is lost")),
    "an error's code a number": (said({"error": ERROR | {"code": 400}}, status=400), RAISED, "BadRequestError", (DIFFERS, "the error's `code` is another")),
    "an error without its object": (said({"object": "error", **ERROR}, status=400), RAISED, "BadRequestError", FINE),
    "an error's detail": (said({"detail": "no"}, status=422), RAISED, "UnprocessableEntityError", FINE),
    "an error as HTML": (exchange(b"<html>", status=502), RAISED, "InternalServerError", FINE),
    # other calls
    "models": (get("/models", {"object": "list", "data": [MODEL]}), OK, "", FINE),
    "models in a bare array": (get("/models", [MODEL]), RAISED, "AttributeError", (CRASH, "it raises AttributeError")),
    "a model": (get("/models/m", MODEL), OK, "", FINE),
    "a text completion": (said({**TEXT, "choices": TEXTS}, path="/completions"), OK, "", FINE),
    "a stream of text completions": (stream([{**TEXT, "choices": TEXTS}], path="/completions"), OK, "", FINE),
    "embeddings": (said({"object": "list", "model": "m", "data": [VECTOR]}, path="/embeddings"), OK, "", FINE),
    "no embeddings": (said({"object": "list", "model": "m", "data": []}, path="/embeddings"), RAISED, "ValueError", (CRASH, "it raises ValueError")),
    "a response": (said(RESPONSE, path="/responses"), OK, "", FINE),
    "a response without output": (said(RESPONSE | {"output": None}, path="/responses"), EMPTY, "", TYPED),
    "a stream of a response": (replied(base=REPLY), OK, "", FINE),
    "a stream of a response with [DONE]": (replied(base=REPLY, done=DONE), OK, "", FINE),
    "a stream of a response that was cut": (replied((9, CUT), base=REPLY), OK, "", FINE),
    "a response that begins with its end": (reply(REPLY[-1]), RAISED, "RuntimeError", (CRASH, "it raises RuntimeError")),
    "a response that is queued first": (replied((0, [state("queued", **FULL), REPLY[0]]), base=REPLY), RAISED, "RuntimeError", (CRASH, "it raises RuntimeError")),
    "an item that was not added": (replied((2, None), base=REPLY), RAISED, "RuntimeError", (CRASH, "it raises RuntimeError")),
    "a part that was not added": (replied((3, None), base=REPLY), RAISED, "IndexError", (CRASH, "it raises IndexError")),
    "deltas without log probabilities": (replied((4, text("delta", delta="Hel", logprobs=DROP)), base=REPLY), OK, "", TYPED),
    "a response whose id changes": (replied((9, ended(MESSAGE, id="resp_2", **FULL)), base=REPLY), RAISED, "RuntimeError", (CRASH, "it raises RuntimeError")),
    "a first event without a type": (replied((0, {name: held for name, held in REPLY[0].items() if name != "type"}), base=REPLY), RAISED, "RuntimeError", (CRASH, "it raises RuntimeError")),
}  # fmt: skip

NOT_PLAYED = {
    "a redirect": whole(status=307, headers={"Location": "http://elsewhere.example/"}),
    "compressed twice": whole(headers={"Content-Encoding": "gzip, gzip"}),
    "compressed in a way that we do not undo": whole(headers={"Content-Encoding": "br"}),
    "a decompression bomb": exchange(gzip.compress(bytes(coding.MOST)), headers={"Content-Encoding": "gzip"}),
    "another call": whole(path="/moderations"),
    "another method": whole(method="GET"),
    "cut by us": whole(end=Ended.TOO_LARGE),
    "left by us": whole(end=Ended.CANCELLED),
    "never there": exchange(bare=b"", end=Ended.UNREACHABLE),
}


@pytest.fixture(scope="module")
def outcomes():
    """Every row in one process, as in a run: each is one trial."""
    trials = [
        Trial(key=TrialKey(case=name, axes=(), provider="p"), exchanges=(row[0],), captured={})
        for name, row in ROWS.items()
    ]
    client, found = play(trials, Player(python=sys.executable))
    assert client.name == "openai"
    return {each.exchange.partition("[p]")[0]: each for each in found}


@pytest.mark.parametrize("name", ROWS)
def test_the_client_makes_of_it(outcomes, name):
    _, how, raised, _ = ROWS[name]

    assert (outcomes[name].how, outcomes[name].raised) == (how, raised), outcomes[name]


@pytest.mark.parametrize("name", ROWS)
def test_what_it_costs(outcomes, name):
    said, _, _, expected = ROWS[name]
    found = compare(said, outcomes[name])

    if expected is None:
        assert found is None
    else:
        severity, words = expected
        assert found is not None
        assert found.severity is severity
        assert words in found.what


@pytest.mark.parametrize("name", ROWS)
def test_our_copy_of_its_accumulator_predicted_it(outcomes, name):
    assert predicted(ROWS[name][0], outcomes[name]) == ""


@pytest.mark.parametrize("name", NOT_PLAYED)
def test_nothing_is_shown_that_would_say_nothing(name):
    assert tape(NOT_PLAYED[name]) is None
