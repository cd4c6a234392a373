"""Servers that are right in another way, in full: all suites against every variant of tests/different.

python benchmarks/different.py [NAME ...]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "self"))
from different_asked import asked, groups, variants, wrong


def main(names: Sequence[str]) -> int:
    """Print a line for each variant, and all that is held against it; 1 where anything is."""
    bad = 0
    for name in names or [*(each.name for each in variants()), *groups()]:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            result = asked(Path(folder), name)
        lines = wrong(result)
        bad += bool(lines)
        counts = ", ".join(f"{count} {what}" for what, count in result.totals.items() if count)
        answers = [
            f"{each.profile} {each.answer}"
            for each in result.certificates
            if each.answer != "drop-in"
        ]
        print(
            f"{name}: {len(lines)} wrong; {result.usage.requests} requests, {counts}; {time.monotonic() - began:.0f} s"
        )
        print(
            *(f"    {line}" for line in (*lines, *answers)),
            sep="\n",
            end="\n" if lines or answers else "",
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
