"""The ground that all shims stand on: it mends what passes between the openai SDK and a server.

    from mend import mended
    client = OpenAI(base_url=..., http_client=mended(UsageApart, RoleOnce))

Without any shim it mends the framing of events: a byte order mark, events without data, events
that are parted by one newline only.

For SSE-001, SSE-003, SSE-005, SSE-008, SSE-013.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import httpx  # SDK 3 takes clients of it as well; where only httpx2 is there: import httpx2 as httpx

Json = dict[str, Any]
_BODY_HEADERS = ("content-length", "content-encoding", "transfer-encoding")


class Mend:
    """A shim. Each exchange has an instance of its own, which may remember what it saw."""

    def ask(self, body: Json) -> Json:
        """What is sent in place of the body."""
        return body

    def answer(self, body: Json) -> Json:
        """What is read in place of a whole answer with success."""
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        """What is read in place of an event of a stream."""
        yield chunk

    def end(self) -> Iterator[Json]:
        """What is read after the last event."""
        yield from ()

    def whole(self, status: int, text: str) -> tuple[int, str]:
        """What is read in place of any answer that is no stream: errors too."""
        body = _json(text) if status < 300 else None  # noqa: PLR2004
        return status, json.dumps(self.answer(body)) if isinstance(body, dict) else text


def mended(*mends: type[Mend]) -> httpx.Client:
    """For `OpenAI(http_client=...)`."""
    return httpx.Client(transport=Mending(*mends), follow_redirects=True)


def mended_async(*mends: type[Mend]) -> httpx.AsyncClient:
    """For `AsyncOpenAI(http_client=...)`."""
    return httpx.AsyncClient(transport=AsyncMending(*mends), follow_redirects=True)


class Mending(httpx.HTTPTransport):
    """Sends over the network; shims see what goes out and what comes in, in the order given."""

    def __init__(self, *mends: type[Mend]) -> None:
        super().__init__()
        self._mends = mends

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        passing = _Passing(self._mends, request)
        response = super().handle_request(passing.request)
        if passing.streams(response):
            return passing.response(response, stream=_Stream(passing, response))
        response.read()
        return passing.whole(response)


class AsyncMending(httpx.AsyncHTTPTransport):
    """The same for `AsyncOpenAI`."""

    def __init__(self, *mends: type[Mend]) -> None:
        super().__init__()
        self._mends = mends

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        passing = _Passing(self._mends, request)
        response = await super().handle_async_request(passing.request)
        if passing.streams(response):
            return passing.response(response, stream=_AsyncStream(passing, response))
        await response.aread()
        return passing.whole(response)


class _Passing:
    """One request and its answer on their way through the shims."""

    def __init__(self, mends: Iterable[type[Mend]], request: httpx.Request) -> None:
        self._mends = [each() for each in mends]
        self._rest, self._event, self._data, self._done = b"", b"", b"", False
        kind = request.headers.get("content-type", "")
        body = _json(request.content) if kind.startswith("application/json") else None  # no uploads
        self.request = request
        if isinstance(body, dict) and self._mends:
            for each in self._mends:
                body = each.ask(body)
            headers = [pair for pair in request.headers.items() if pair[0] != "content-length"]
            self.request = httpx.Request(
                request.method, request.url, headers=headers, content=json.dumps(body).encode()
            )
            self.request.extensions = request.extensions

    def streams(self, response: httpx.Response) -> bool:
        kind = response.headers.get("content-type", "")
        return response.status_code < 300 and kind.startswith("text/event-stream")  # noqa: PLR2004

    def whole(self, response: httpx.Response) -> httpx.Response:
        status, text = response.status_code, response.text
        for each in self._mends:
            status, text = each.whole(status, text)
        response.status_code = status
        return self.response(response, content=text.encode())

    def response(self, response: httpx.Response, **body: Any) -> httpx.Response:
        headers = [pair for pair in response.headers.multi_items() if pair[0] not in _BODY_HEADERS]
        extensions = response.extensions
        return httpx.Response(response.status_code, headers=headers, extensions=extensions, **body)

    def feed(self, data: bytes) -> bytes:
        """The mended form of what came; of an event that is not whole yet, nothing."""
        *lines, self._rest = re.split(
            rb"\r\n|[\r\n]", (self._rest + data).removeprefix(b"\xef\xbb\xbf")
        )
        return b"".join(self._line(line) for line in lines)

    def rest(self) -> bytes:
        """What is left when the stream has ended."""
        last = self._line(self._rest) + self._line(b"")
        return last + (b"" if self._done else self._end())

    def _line(self, line: bytes) -> bytes:
        name, _, value = line.partition(b":")
        if name == b"event":
            self._event = value.strip()
        if name == b"data":
            self._data += value.strip()
        if not self._data:
            self._event = self._event if line else b""
            return b""
        if line and self._data != b"[DONE]" and _json(self._data) is None:
            return b""  # the event goes on in the next line
        data, self._data = self._data, b""
        if data == b"[DONE]":
            self._done = True
            return self._end() + b"data: [DONE]\n\n"
        chunk = _json(data)
        return self._through([chunk]) if isinstance(chunk, dict) else b"data: %s\n\n" % data

    def _through(self, chunks: Iterable[Json], first: int = 0) -> bytes:
        for each in self._mends[first:]:
            chunks = [made for chunk in chunks for made in each.chunk(chunk)]
        event, self._event = self._event, b""
        named = b"event: %s\n" % event if event else b""
        return b"".join(named + b"data: %s\n\n" % json.dumps(each).encode() for each in chunks)

    def _end(self) -> bytes:
        return b"".join(self._through(one.end(), at) for at, one in enumerate(self._mends, 1))


class _Stream(httpx.SyncByteStream):
    def __init__(self, passing: _Passing, response: httpx.Response) -> None:
        self._passing, self._response = passing, response

    def __iter__(self) -> Iterator[bytes]:
        yield from map(self._passing.feed, self._response.iter_bytes())
        yield self._passing.rest()

    def close(self) -> None:
        self._response.close()


class _AsyncStream(httpx.AsyncByteStream):
    def __init__(self, passing: _Passing, response: httpx.Response) -> None:
        self._passing, self._response = passing, response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._response.aiter_bytes():
            yield self._passing.feed(data)
        yield self._passing.rest()

    async def aclose(self) -> None:
        await self._response.aclose()


def choices(body: Json) -> list[Json]:
    """Those of an answer or a chunk; none where it is something else."""
    return [each for each in body.get("choices") or [] if isinstance(each, dict)]


def said(choice: Json) -> Json:
    """Its message or delta."""
    return choice.get("message") or choice.get("delta") or {}


def calls(choice: Json) -> list[Json]:
    """The tool calls of its message or delta."""
    return said(choice).get("tool_calls") or []


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
