"""The server says no: the standard error object, as an exception inside the server."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):  # noqa: N818 - what it is called everywhere in this server
    """A request that is answered with an error. `param` names the field, as OpenAI writes it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.param = param
        self.kind = kind

    @property
    def document(self) -> dict[str, Any]:
        """The body: `{"error": {message, type, param, code}}`, all four keys always there."""
        return {
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        }


def crash(words: str = "Internal Server Error") -> Refusal:
    """What a server says that fell over a request: 500 with an error object."""
    return Refusal(words, status=500, kind="server_error", code="internal")


def shown(value: object, limit: int = 60) -> str:
    """A value of the client's for a message: on one line, bounded."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
