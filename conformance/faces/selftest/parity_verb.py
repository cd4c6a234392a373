"""`conformance selftest parity`: how often an audit errs, and how often it finds what there is."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tabulate import tabulate

from conformance.errors import UsageError
from conformance.faces.selftest.parity import One, audits, candidates, kept, line_of
from conformance.faces.selftest.parity_how import SAME, WRONG, how
from conformance.parity.model import Says
from conformance.reference.fault import PARITY
from conformance.reference.serve import load_faults
from conformance.stats.rates import rate_bounds

_HEADS = ("endpoint", "what it is", "different", "95 %", "target", "same", "layer", "tokens")
_PAGE = """\
# Self-test: what an audit of output parity finds

Whole audits (stages 0 to 3) of the reference server's model that samples against itself with one parity fault,
in one process and without sockets. Each audit has a seed of its own: other prompts, other numerics, other answers.
Sizes of differences in weights are those measured on one model of 135M parameters.
`parity-cache` is the same model behind a cache, and must not be called different.
`parity-drift`, `parity-redeployed` and `parity-decay` change the baseline, which is kept and asked again on up to three more nights.
`parity-prefix-cache` is asked with prompts that begin alike, `parity-calls-worse` with 600 tasks that want a call and a margin of 1 %: there *different* is what stage 4 says, that it is worse.
A target is missed where the bounds lie on its wrong side: then this command ends with 1.
Bounds hold at every number of audits (beta-binomial mixture), so one may go on with them. Tokens: the median of what the candidate was asked.
Made by `conformance selftest parity --audits=N --kept=FILE --page=docs/parity-selftest.md`; with its file, what was
interrupted goes on.

"""


def parity(
    wanted: Sequence[str], number: int, *, file: Path | None = None, written: Path | None = None
) -> int:
    """Audit, print the table. 1 where a stated target is missed for sure, 0 otherwise."""
    load_faults()
    if unknown := [each for each in wanted if each not in candidates()]:
        raise UsageError(f"no parity fault is audited that is called {unknown[0]!r}")
    names = tuple(wanted) or candidates()
    before = kept(file) if file else []
    if file:
        file.write_text("".join(map(line_of, before)), encoding="utf-8")  # less half a line
    found = [one for one in before if one.candidate in names]
    for one in audits(names, number, found):
        found.append(one)
        if file:
            with file.open("a", encoding="utf-8") as out:
                out.write(line_of(one))
        if sys.stderr.isatty():
            print(f"\r{len(found)} audits", end="", file=sys.stderr, flush=True)
    rows = [_row(name, [one for one in found if one.candidate == name]) for name in names]
    print(tabulate(rows, headers=_HEADS, tablefmt="plain", disable_numparse=True))
    if written:
        table = tabulate(rows, headers=_HEADS, tablefmt="github", disable_numparse=True)
        written.write_text(f"{_PAGE}{table}\n", encoding="utf-8")
    missed = [name for name in names if _missed(name, found)]
    if missed:
        print(f"targets missed: {', '.join(missed)}")
    return int(bool(missed))


def _missed(name: str, found: Sequence[One]) -> bool:
    """Certainly on the wrong side of its target: found too rarely, or the same called different."""
    said = [one.says == Says.DIFFERENT for one in found if one.candidate == name]
    bounds, target = rate_bounds(sum(said), len(said) - sum(said)), how(name).target
    return bounds.high < target if target else bounds.low > WRONG


def _row(name: str, found: Sequence[One]) -> tuple[str, ...]:
    different = [one for one in found if one.says == Says.DIFFERENT]
    same = sum(one.says in (Says.SAME, Says.SAME_COARSE) for one in found)
    bounds = rate_bounds(len(different), len(found) - len(different))
    return (
        name,
        "the reference again" if name == SAME else PARITY[name].title,
        f"{len(different)}/{len(found)}",
        f"{bounds.low:.0%} to {bounds.high:.0%}",
        f"at least {how(name).target:.0%}" if how(name).target else f"at most {WRONG:.0%}",
        f"{same}/{len(found)}",
        _counted([one.layer for one in different]),
        f"{median(one.tokens for one in found):.0f}" if found else "-",
    )


def _counted(words: Sequence[str]) -> str:
    return ", ".join(f"{word} ({n})" for word, n in Counter(words).most_common()) or "-"
