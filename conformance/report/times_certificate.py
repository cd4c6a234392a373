"""Answers for limits on times, put where a run has left them open: into its `certificate.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.errors import UsageError
from conformance.latency.limit import read
from conformance.report.strict import dumps

Answered = Mapping[str, tuple[str, str]]
"""By limit, as it is printed: the answer, and why."""


def filled(text: str, provider: str, profiles: Mapping[str, Answered]) -> str:
    """The same certificates with answers. Raises UsageError where there is no place for them."""
    data = _read(text)
    for name, answers in profiles.items():
        for place in _places(data, provider, name):
            known = answers.get(str(read(place["limit"])))
            if known is not None:
                place["answer"], place["said"] = known
    return dumps(data)


def check(text: str, provider: str, profiles: Iterable[str]) -> None:
    """Is there a place for each? Raises UsageError, before anything is measured."""
    data = _read(text)
    for name in profiles:
        _places(data, provider, name)


def _read(text: str) -> Any:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--certificate: no JSON: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("providers"), list):
        raise UsageError("--certificate: that is no certificate.json of a run")
    return data


def _places(data: Any, provider: str, profile: str) -> list[dict[str, Any]]:
    """The limits of one profile at one provider."""
    known = {one["name"]: one["certificates"] for one in data["providers"]}
    if provider not in known:
        raise UsageError(
            f"--certificate: it is not about {provider!r}, but about {', '.join(known)}"
        )
    found: list[dict[str, Any]] = [
        place
        for one in known[provider]
        if one["profile"] == profile
        for place in one.get("times", ())
    ]
    if not found:
        raise UsageError(
            f"--certificate: no limits on times of profile {profile!r} are left open there: "
            f"run the suites with the same --profiles-file and --certify={profile}"
        )
    return found
