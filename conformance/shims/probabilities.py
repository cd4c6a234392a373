"""Alternatives of a token are as many as were asked for, the likeliest first.

For LOGP-004, LOGP-005, LOGP-006.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, choices


class Probabilities(Mend):
    """Looks at whole answers and at chunks."""

    most = 0

    def ask(self, body: Json) -> Json:
        self.most = body.get("top_logprobs") or 0
        return body

    def answer(self, body: Json) -> Json:
        for choice in choices(body):
            for entry in (choice.get("logprobs") or {}).get("content") or []:
                known = [each for each in entry.get("top_logprobs") or [] if "logprob" in each]
                known.sort(key=lambda each: -each["logprob"])
                entry["top_logprobs"] = known[: self.most]
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        yield self.answer(chunk)
