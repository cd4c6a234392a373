"""The total of the usage is the sum of its parts, and counts that are null are 0.

For USAGE-001, USAGE-002.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend


class UsageTotal(Mend):
    """Of whole answers and of chunks. It makes code run; it does not make the counts right."""

    def answer(self, body: Json) -> Json:
        if isinstance(usage := body.get("usage"), dict) and "prompt_tokens" in usage:
            for name in ("prompt_tokens", "completion_tokens"):
                usage[name] = int(usage.get(name) or 0)
            usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        yield self.answer(chunk)
