"""Vectors are asked for as numbers, and decoded where they come in base64 all the same.

For EMB-005, EMB-006.
"""

from __future__ import annotations

import base64
import struct

from conformance.shims.mend import Json, Mend


class EmbeddingFloats(Mend):
    """The SDK asks for base64 where the application names no format."""

    def ask(self, body: Json) -> Json:
        if "input" in body and "encoding_format" in body:
            body["encoding_format"] = "float"
        return body

    def answer(self, body: Json) -> Json:
        for each in body.get("data") or []:
            if isinstance(vector := each.get("embedding"), str):
                data = base64.b64decode(vector)
                each["embedding"] = list(struct.unpack(f"<{len(data) // 4}f", data))
        return body
