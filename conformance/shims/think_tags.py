"""What stands between `<think>` and `</think>` moves from the content to `reasoning_content`.

For CRESP-026, CRESP-028, RSN-001, RSN-002, RSN-009, RSN-018.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, choices, said

THOUGHT = re.compile(r"\s*(?:<think>(.*?)(?:</think>\s*|\Z))?", re.DOTALL)
TAG = len("</think>")


class ThinkTags(Mend):
    """For one choice (`n=1`), whose reasoning comes first."""

    text, told = "", (0, 0)

    def answer(self, body: Json) -> Json:
        for choice in choices(body):
            if isinstance(text := said(choice).get("content"), str):
                thought, rest = parted(text)
                said(choice).update(
                    {"reasoning_content": thought, "content": rest} if thought else {}
                )
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        for choice in choices(chunk):
            self.text += said(choice).get("content") or ""
            begun = self.text.rfind("<", -TAG)  # may become a tag: held back
            held = begun if begun >= 0 and not choice.get("finish_reason") else None
            thought, rest = parted(self.text[:held])
            new = thought[self.told[0] :], rest[self.told[1] :]
            self.told = len(thought), len(rest)
            delta = choice["delta"] = choice.get("delta") or {}
            if new[1] or delta.get("content"):
                delta["content"] = new[1]
            if new[0]:
                delta["reasoning_content"] = new[0]
        yield chunk


def parted(text: str) -> tuple[str, str]:
    """Reasoning and answer."""
    found = THOUGHT.match(text)
    return (found[1] or "", text[found.end() :]) if found else ("", text)
