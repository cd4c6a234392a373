"""What stands in the way of a better answer: every reason once, with the profiles that it keeps back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.report.escape import code, hostile, prose
from conformance.report.phrase import listed
from conformance.report.shims import shim_for
from conformance.verdict.model import ProviderResult, Reason, Run

KINDS = {
    "failed": "breaks",
    "lost": "loses",
    "ignored": "does not honor",
    "not offered": "does not offer",
    "undecided": "undecided:",
}
"""Kind of reason to the words before what it is about."""
_LINES = 15
_NAMES = 12

Key = tuple[str, str]
"""Kind of a reason, and what it is about."""


def in_the_way(run: Run, provider: ProviderResult) -> Iterator[str]:
    """What speaks against the provider first, then what is open, by what keeps it open."""
    profiles: dict[Key, list[str]] = {}
    reasons: dict[Key, Reason] = {}
    for one in provider.certificates:
        for reason in one.reasons:
            key = (reason.kind, reason.clause)
            reasons.setdefault(key, reason)
            profiles.setdefault(key, []).append(one.profile)
    if not reasons:
        return
    order = list(KINDS)
    keys = sorted(
        reasons,
        key=lambda key: (
            order.index(key[0]) if key[0] in order else len(order),
            -len(profiles[key]),
            key,
        ),
    )
    groups = _alike(keys, reasons)
    lines = [_line(run, group, reasons, profiles) for group in groups[:_LINES]]
    if len(groups) > _LINES:
        lines.append(f"- and {len(groups) - _LINES} more, in `report.json`")
    yield f"What stands in the way at {code(provider.name)}:"
    yield "\n".join(lines)


def reason_words(run: Run, reason: Reason) -> str:
    """The clause's own words as prose, what was seen as hostile text."""
    words = run.clause_texts.get(reason.clause, ("", "", ""))[1]
    if not words or not reason.text.startswith(words):
        return hostile(reason.text)
    seen = reason.text[len(words) :].strip().removeprefix("- ")
    return f"{prose(words)} - {hostile(seen)}" if seen else prose(words)


def _alike(keys: Sequence[Key], reasons: dict[Key, Reason]) -> list[list[Key]]:
    """Those that are open for the same cause together; everything else by itself."""
    groups: dict[object, list[Key]] = {}
    for key in keys:
        groups.setdefault(reasons[key].why or key, []).append(key)
    return list(groups.values())


def _line(
    run: Run, group: Sequence[Key], reasons: dict[Key, Reason], profiles: dict[Key, list[str]]
) -> str:
    kind, first = group[0]
    needed = list(dict.fromkeys(profile for key in group for profile in profiles[key]))
    if len(group) == 1:
        about, words = code(first), reason_words(run, reasons[group[0]])
    else:
        about = listed([code(clause) for _, clause in group], _NAMES)
        words = hostile(reasons[group[0]].why)
    shim = shim_for(run, reasons[group[0]].finding)
    return f"- **{hostile(kind)}** {about} ({listed(needed, 10)}): {words}{shim}"
