"""What profiles state beside clauses: limits on times, and how much worse another build may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from conformance.contract.model import Profile
    from conformance.latency.limit import Limit
    from conformance.latency.margin import Margin


def stated(names: Sequence[str], file: Path | None) -> dict[str, list[Limit | Margin]]:
    """By profile. Raises UsageError for one that is not there, or states none."""
    if not names:
        return {}
    from conformance.latency.limit import read  # here: slow to import

    known, found = _known(file), {}
    for name in names:
        if not (times := _named(name, known).times):
            raise UsageError(f'profile {name} states no limits: times = ["ttft_p95 <= 200 ms"]')
        found[name] = [read(text) for text in times]
    return found


def margin(name: str, file: Path | None) -> float:
    """Percent of tasks. Raises UsageError for a profile that is not there, or states none."""
    found = _named(name, _known(file)).margin
    if found is None:
        raise UsageError(f"profile {name} states no margin: margin = 3")
    return found


def _known(file: Path | None) -> Mapping[str, Profile]:
    from conformance.contract.load import load_contract, load_profiles  # here: slow to import
    from conformance.latency.limit import read

    if file is not None and not file.is_file():
        raise UsageError(f"no such profiles file: {file}")
    return {**load_contract().profiles, **(load_profiles(file, limit=read) if file else {})}


def _named(name: str, known: Mapping[str, Profile]) -> Profile:
    if name not in known:
        raise UsageError(f"no profile is called {name!r}{did_you_mean(name, known)}")
    return known[name]


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
