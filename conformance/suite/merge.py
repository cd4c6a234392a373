"""Requests merged: suite, then case, then step, by top-level key of body and headers.

Not JSON Merge Patch: there `null` takes a key away, and sending an explicit `null` is something
that suites test. `{$omit: true}` takes a key away here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.suite.model import RequestTemplate
from conformance.suite.source import At

OMIT = {"$omit": True}
BODILESS = ("GET", "HEAD", "DELETE", "OPTIONS")
"""Methods that are sent without the body that suite or case have in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A `request` (or `vary`) as written, and where."""

    at: At
    data: Mapping[str, Any]


def merge(patches: Sequence[Patch]) -> RequestTemplate:
    """The request that the patches mean, later ones winning. Its path is empty where none says it."""
    body: dict[str, Any] = {}
    headers: dict[str, Any] = {}
    flat: dict[str, Any] = {}
    for patch in patches:
        data = patch.data
        body |= data.get("body", {})
        headers |= data.get("headers", {})
        flat |= {key: value for key, value in data.items() if key not in ("body", "headers")}
        if "body" in data:
            flat.pop("raw", None)  # whoever writes a body means it, whatever raw text was there
        if "says" in data:
            flat.pop("with", None)  # whoever says what is wanted needs no help to get it
    method = flat.get("method", "POST")
    raw = flat.get("raw")
    wanted = any("body" in patch.data for patch in patches)
    bare = raw is not None or method in BODILESS or not wanted
    return RequestTemplate(
        method=method,
        path=flat.get("path", ""),
        headers=headers,
        body=None if bare else {key: value for key, value in body.items() if value != OMIT},
        raw=raw,
        encoding=flat.get("encoding", "utf-8"),
        fragments=tuple(flat.get("with", ())),
        words=tuple(flat.get("says", ())),
        hang_up_after=flat.get("hang_up_after"),
    )
