"""An entry of providers.toml as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.report.escape import oneline

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is known of a provider so far."""

    name: str
    base_url: str
    preset: str = ""
    model: str = ""
    key_env: str = ""
    capabilities: Mapping[str, bool] = field(default_factory=dict)
    """Only what differs from the preset."""
    found: tuple[str, ...] = ()
    """Lines for the comment above it. May hold what an endpoint said."""

    @property
    def text(self) -> str:
        """The table with its comment, in lines that end with a line feed."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        for line in self.found:
            yield f"# {oneline(line, _LONGEST)}"
        yield f"[providers.{_key(self.name)}]"
        for name, value in (
            ("preset", self.preset),
            ("base_url", self.base_url),
            ("model", self.model),
            ("api_key", f"${{{self.key_env}}}" if self.key_env else ""),
        ):
            if value:
                yield f"{name} = {_value(value)}"
        if self.capabilities:
            inside = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in self.capabilities.items())
            yield f"capabilities = {{ {inside} }}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    """A basic string or a boolean. JSON's escapes are TOML's, which wants one more: DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
