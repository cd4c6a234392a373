"""A response as a script of acts; a fault rewrites it. No sockets here.

    Send(b"HTTP/1.1 200 OK...") ; Pause(0.02) ; Send(b"data: ...") ; HangUp("reset")

Any bytes at any time can be said this way, so that any fault of the field can be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Send:
    """Write these bytes, in one piece."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Say nothing for a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the connection: politely, or with a reset."""

    how: Literal["close", "reset"] = "close"


Act = Send | Pause | HangUp
Script = tuple[Act, ...]
