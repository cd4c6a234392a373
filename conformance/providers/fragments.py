"""The names of body fragments that presets know, so that a suite's `with` means the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FRAGMENTS: Mapping[str, str] = MappingProxyType(
    {
        "thinking-off": "the model answers without reasoning first",
        "thinking-on": "the model reasons before it answers",
        "effort-low": "it reasons briefly (and does reason)",
        "effort-high": "it reasons at length",
        "reasoning-apart": "reasoning comes beside the answer, not inside it",
        "one-upstream": "a gateway sticks to one upstream, and refuses what that cannot do",
    }
)
"""Each name with what its body brings about. An entry of providers.toml may have others."""
