from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running

Reply = Callable[[dict[str, Any]], Any]
"""From the body of a request to the answer: a JSON value, or `(status, JSON value)`."""


@contextmanager
def answering(reply: Reply) -> Iterator[str]:
    """A server of what no fault shows; gives its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made = reply(asked)
            status, body = made if isinstance(made, tuple) else (200, made)
            streams = asked.get("stream") and isinstance(body, list)
            events = "".join(f"data: {json.dumps(each)}\n\n" for each in body) + "data: [DONE]\n\n"
            data = (events if streams else json.dumps(body)).encode()
            self.send_response(status)
            kind = "text/event-stream" if streams else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[[str | Reply], str]]:
    """The base URL of the reference server with a fault, or of what answers as given."""
    with ExitStack() as stack:

        def started(fault: str | Reply) -> str:
            if callable(fault):
                return stack.enter_context(answering(fault))
            key = "sk-right" if fault.startswith("wrong-key") else None
            options = ServeOptions(per_token=0, faults=(fault,) if fault else (), key=key)
            return stack.enter_context(running(options))

        yield started
