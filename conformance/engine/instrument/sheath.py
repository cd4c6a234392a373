"""TLS above a socket that we read ourselves: ciphertext in, plain text out, nothing waits.

The stamp of a plain text is that of the read which completed its record.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable

_RECORD = 65_536

Send = Callable[[bytes], Awaitable[None]]
Receive = Callable[[], Awaitable[bytes]]


class Sheath:
    """One TLS session, between memory and memory."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.ended = False
        """The peer has said that nothing more comes."""

    async def handshake(self, send: Send, receive: Receive) -> None:
        """Until both sides agree. Raises ssl.SSLError, or what the socket raises."""
        while True:
            try:
                self._session.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._flush(send)
                data = await receive()
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            except ssl.SSLError:
                await self._flush(send)  # the alert that says why
                raise
        await self._flush(send)

    async def _flush(self, send: Send) -> None:
        if out := self.output():
            await send(out)

    def wrap(self, data: bytes) -> bytes:
        """Ciphertext of some plain text."""
        self._session.write(data)
        return self.output()

    def unwrap(self, data: bytes) -> bytes:
        """Plain text that some ciphertext completes; often none. Raises ssl.SSLError.

        What TLS itself has to say to it (the answer to a KeyUpdate, an alert) is `output` then.
        """
        self._incoming.write(data)
        parts: list[bytes] = []
        try:
            while part := self._session.read(_RECORD):
                parts.append(part)
            self.ended = True
        except ssl.SSLWantReadError:
            pass  # the rest of the record is still on its way
        except ssl.SSLZeroReturnError:
            self.ended = True
        return b"".join(parts)

    def output(self) -> bytes:
        """Ciphertext that waits to be sent."""
        return self._outgoing.read()
