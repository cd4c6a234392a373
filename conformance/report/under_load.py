"""What answers were worth that came under load, as text. No exchange is shown: figures and messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.verdict.model import Finding
from conformance.verdict.under_load import Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that anybody wants to know of it, so that it can come from another machine."""

    lines: tuple[str, ...]
    document: Mapping[str, Any]
    wrong: bool
    undecided: bool


def told(found: Answers) -> Told:
    """For people, for programs, and for exit codes."""
    return Told(
        lines=tuple(lines(found)),
        document=document(found),
        wrong=found.wrong,
        undecided=found.undecided,
    )


def of_several(all_: Mapping[str, Told]) -> tuple[list[str], Mapping[str, Any]]:
    """Lines, each with whose it is, and a document; the only one, without a name, as it is."""
    said = [
        f"{name}: {line}".removeprefix(": ") for name, one in all_.items() for line in one.lines
    ]
    alone = all_.get("")
    return said, alone.document if alone else {name: one.document for name, one in all_.items()}


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
