"""Which share of a run a case belongs to: by its id alone, so that everybody agrees without asking."""

from __future__ import annotations

import hashlib


def share(case: str, parts: int) -> int:
    """The share, from 0 to `parts` - 1, that asks this case.

    A case's axes, arms and providers stay together, and it moves for no other reason than `parts`:
    neither for what else is selected, nor for the machine (`hash` differs between processes).
    """
    return int.from_bytes(hashlib.sha256(case.encode()).digest(), "big") % parts
