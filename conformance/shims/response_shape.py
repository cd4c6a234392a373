"""A response has a list of output, and its messages lists of content, so that `output_text` does not raise.

For RESP-005, RESP-009, RESP-010.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend


class ResponseShape(Mend):
    """Looks at whole responses, and at those that events of a stream carry."""

    def answer(self, body: Json) -> Json:
        if body.get("object") != "response":
            return body
        body["output"] = body.get("output") or []
        for item in body["output"]:
            if item.get("type") == "message":
                item["content"] = item.get("content") or []
                for part in item["content"]:
                    part["annotations"] = part.get("annotations") or []
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        if isinstance(chunk.get("response"), dict):
            chunk["response"] = self.answer(chunk["response"])
        yield chunk
