"""What answers were worth that came under load, as text. No exchange is shown: figures and messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.verdict.model import Finding
from conformance.verdict.under_load import Answers


def lines(found: Answers) -> Iterator[str]:
    """Beside the figures."""
    yield f"answers: {found.count} judged, {len(found.findings)} findings"
    for one in found.findings:
        known = f" (known: {one.known_deviation})" if one.known_deviation else ""
        yield (
            f"  {one.clause} ({one.level}) in {one.exchanges_failed} of {one.exchanges_checked}: "
            f"{one.message}{known}"
        )
    yield (
        f"words of other requests: {found.words} "
        f"({found.repeated} of {found.asked} answers repeat their own)"
    )
    yield f"one token afterwards: {'served' if found.alive else found.probe}"
    for why in found.faults:
        yield f"error of this harness: {why}"


def document(found: Answers) -> dict[str, Any]:
    """The same for programs."""
    return {
        "count": found.count,
        "findings": [_finding(one) for one in found.findings],
        "cross_talk": {"outcome": found.words, "repeated": found.repeated, "asked": found.asked},
        "probe": {"served": found.alive, "said": found.probe},
        "errors": list(found.faults),
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "clause": one.clause,
        "level": one.level,
        "failed": one.exchanges_failed,
        "checked": one.exchanges_checked,
        "messages": list(one.messages),
        "consequence": one.consequence,
        "remedy": one.remedy,
        "known_deviation": one.known_deviation,
    }
