"""Evidence read back out of `report.json`, so that it can be shown without the record."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from conformance.checks.core import Problem
from conformance.verdict.outcome import Evidence


def evidence(name: str, data: Mapping[str, Any]) -> Evidence:
    """The exchange as `report/json.py` wrote it; only the key's variable is not kept there."""
    request, response = data["request"], data["response"]
    return Evidence(
        exchange=name,
        method=request["method"],
        url=request["url"],
        headers=_headers(request["headers"]),
        body=_bytes(request["body"]),
        status=response["status"],
        response_headers=_headers(response["headers"]),
        pieces=tuple((_nanoseconds(each["ms"]), _bytes(each)) for each in response["pieces"]),
        omitted=response["omitted"],
        ended=data["ended"],
        end_at=_nanoseconds(data["end_ms"]),
        problems=tuple(Problem(**each) for each in data["problems"]),
    )


def _headers(pairs: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs)


def _bytes(data: Mapping[str, str]) -> bytes:
    return data["text"].encode("utf-8") if "text" in data else base64.b64decode(data["base64"])


def _nanoseconds(milliseconds: float) -> int:
    return round(milliseconds * 1e6)
