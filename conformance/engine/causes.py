"""Why a connection did not come about, or broke, in words: the same for every transport."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl

_NUMBERS = re.compile(r"\[Errno (-?\d+)\]")
_SPELLED = {
    "WRONG_VERSION_NUMBER": "the answer is not TLS; is the URL to begin with http:// ?",
    "UNEXPECTED_EOF_WHILE_READING": "the connection was closed in the middle of it",
}


def unconnected(cause: object) -> str:
    """Why there is no connection."""
    match cause:
        case socket.gaierror():
            return f"name not found: {cause.strerror or cause}"
        case ssl.SSLCertVerificationError():
            return f"certificate: {cause.verify_message or cause}"
        case ssl.SSLError():
            reason = cause.reason or str(cause)
            return f"TLS failed: {_SPELLED.get(reason, reason.lower().replace('_', ' '))}"
        case UnicodeError():
            return "name not found: not the name of a host"
        case OSError():
            return broken(cause)
    return str(cause)


def broken(cause: object) -> str:
    """A failure of the socket layer in words, the same for one address as for several."""
    if isinstance(cause, ssl.SSLError):
        return f"TLS failed: {cause.reason or cause}"
    if not isinstance(cause, OSError):
        return str(cause)
    numbers = {int(each) for each in _NUMBERS.findall(str(cause))}  # `Multiple exceptions: ...`
    number = numbers.pop() if len(numbers) == 1 else cause.errno
    if number == errno.ECONNREFUSED:
        return "connection refused"
    return os.strerror(number) if number else str(cause) or type(cause).__name__
