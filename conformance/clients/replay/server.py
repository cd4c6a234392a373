"""A loopback server that says what was recorded, and nothing of its own."""

from __future__ import annotations

import base64
import re
import socket
import socketserver
import struct
import sys
import threading
from typing import Any

HEADER = "x-conformance-tape"
"""Names the tape that a request asks for."""
RESET_AFTER = 0.05
"""A reset may overtake bytes that were not read yet; so long they get."""
_AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Closing does not wait for what was not sent: it resets."""
_NUMBER = re.compile(rf"(?im)^{HEADER}: *(\d+)".encode())
_LENGTH = re.compile(rb"(?im)^content-length: *(\d+)")


class Playback(socketserver.ThreadingTCPServer):
    """Answers each request with the tape that its header names, then ends as the tape did."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.tapes: dict[str, dict[str, Any]] = {}

    @property
    def url(self) -> str:
        """The base URL for a client."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Connection(socketserver.BaseRequestHandler):
    server: Playback
    request: socket.socket

    def handle(self) -> None:
        head = self._read_request()
        if head is None:
            return
        number = _NUMBER.search(head)
        if number is None:
            raise RuntimeError("a request without the number of its tape")
        tape = self.server.tapes[number[1].decode()]
        try:
            self.request.sendall(base64.b64decode(tape["bytes"]))
            if tape["end"] == "hold":
                self.request.recv(1)  # until the client hangs up
        except OSError:
            return  # the client hung up first: its good right
        if tape["end"] == "reset":
            threading.Event().wait(RESET_AFTER)
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self.request.close()

    def _read_request(self) -> bytes | None:
        """The head of a request; its body is read and dropped, or closing would reset."""
        seen = b""
        while b"\r\n\r\n" not in seen:
            more = self.request.recv(65536)
            if not more:
                return None
            seen += more
        head, _, body = seen.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        missing = (int(length[1]) if length else 0) - len(body)
        while missing > 0:
            missing -= len(self.request.recv(65536)) or missing
        return head
