"""Limits on times that profiles state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from conformance.latency.limit import Limit
    from conformance.latency.margin import Margin


def stated(names: Sequence[str], file: Path | None) -> dict[str, list[Limit | Margin]]:
    """By profile. Raises UsageError for one that is not there, or states none."""
    if not names:
        return {}
    from conformance.contract.load import load_contract, load_profiles  # here: slow to import
    from conformance.latency.limit import read

    if file is not None and not file.is_file():
        raise UsageError(f"no such profiles file: {file}")
    known = {**load_contract().profiles, **(load_profiles(file, limit=read) if file else {})}
    found = {}
    for name in names:
        if name not in known:
            raise UsageError(f"no profile is called {name!r}{did_you_mean(name, known)}")
        if not known[name].times:
            raise UsageError(f'profile {name} states no limits: times = ["ttft_p95 <= 200 ms"]')
        found[name] = [read(text) for text in known[name].times]
    return found


def placed(certificate: Path | None, provider: str, names: Sequence[str]) -> None:
    """Answers will have a place. Raises UsageError, before anything is measured."""
    if certificate is None:
        return
    if not names:
        raise UsageError("--certificate: of which profiles? --certify=PROFILE")
    if not certificate.is_file():
        raise UsageError(f"--certificate: no such file: {certificate}")
    from conformance.report.times_certificate import check  # here: slow to import

    check(certificate.read_text(encoding="utf-8"), provider, names)
