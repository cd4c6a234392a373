"""Words that prove where they come from: whoever reads one knows that this harness minted it.

Twelve hexadecimal digits and four of their checksum. A model that copies one badly, or makes one
up, hits the checksum once in 65,536 tries; so one that stands in an answer whose request does not
hold it was another request's.
"""

from __future__ import annotations

import re
import zlib

_FORM = re.compile(r"(?<![0-9a-zA-Z])([0-9a-f]{12})([0-9a-f]{4})(?![0-9a-zA-Z])")


def minted(digest: str) -> str:
    """The word made of the first twelve digits of a hexadecimal digest."""
    return digest[:12] + _checksum(digest[:12])


def found(text: str) -> list[str]:
    """The words of ours in a text, in order."""
    return [match[0] for match in _FORM.finditer(text) if _checksum(match[1]) == match[2]]


def _checksum(digits: str) -> str:
    return f"{zlib.crc32(digits.encode()) & 0xFFFF:04x}"
