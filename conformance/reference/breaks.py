"""Clauses that fall together: where nothing is left to judge, and where one repeats another."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NO_ANSWER = (
    "CRESP-*", "CREQ-*", "SO-*", "TOOL-*", "RT-*", "RSN-*", "USAGE-*", "LOGP-*", "STAT-*", "AUTH-001", "AUTH-009", "ERR-033",
    "MODELS-008", "TRANS-003", "TRANS-004", "TRANS-010", "TRANS-012", "TRANS-016", "TRANS-017", "TRANS-020",
    "TRANS-018", "TRANS-024", "STRM-031", "ERR-021", "RESP-*", "RSTRM-*",
)  # fmt: skip
"""What is asked of the answer to a valid request cannot hold where no answer comes that can be read.

AUTH-001, TRANS-018 and ERR-021 came in after a first run: whoever refuses a prompt that is too long must be
able to serve the next one, and that one is valid; so is one with its scheme in another case. RSN-* came
in with the suite that asks for it.
"""
LOST_STREAM = (
    "SSE-010", "SSE-012", "SSE-013", "STRM-008", "STRM-010", "STRM-017", "STRM-019", "STRM-025", "STRM-026",
    "STOOL-007", "STOOL-012", "STOOL-014", "CRESP-031", "USAGE-013", "SO-018", "TRANS-020", "ERR-029",
)  # fmt: skip
"""What cannot hold any more where the end of a stream does not arrive, or not as events."""
REFUSED = (*NO_ANSWER, *LOST_STREAM, "STRM-*", "STOOL-*", "SSE-*", "ERR-*", "AUTH-*", "TRANS-*")
"""What may fail where a valid chat request gets a refusal."""
OTHER_WORDS = (
    "CRESP-*", "CREQ-*", "SO-*", "STRM-*", "LOGP-*", "RT-*", "RSN-*", "STAT-*", "TRANS-*", "USAGE-*", "ERR-*",
)  # fmt: skip
"""What may fail where a text is not what the model said."""
UNTOLD = (
    "STRM-025", "STRM-029", "CRESP-011", "CRESP-015", "CRESP-016", "CRESP-017", "CRESP-029",
    "CRESP-031", "STOOL-012", "TOOL-001", "TOOL-025",
)  # fmt: skip
"""What cannot hold where a stream does not say how it ended."""
TOOLS_REFUSED = (
    "TOOL-*", "STOOL-*", "SO-*", "CREQ-047", "CREQ-049", "CREQ-050", "CREQ-051", "ERR-033", "RT-*",
)  # fmt: skip
"""What may fail where a tool is refused for its parameters."""
REPEATED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "CREQ-012": ("CREQ-011",),
        "CRESP-028": ("CRESP-013",),
        "RSN-003": ("CRESP-031",),
        "RSN-004": ("USAGE-001", "USAGE-003", "USAGE-005", "STRM-020"),
        "RSN-005": ("CREQ-010", "RT-013"),
        "RSN-006": ("CREQ-011",),
        "RSN-007": ("CRESP-016",),
        "RSN-012": ("TOOL-020", "TOOL-021"),
        "RSN-013": ("CREQ-025",),
        "RSN-014": ("ERR-001", "ERR-007", "ERR-008"),
        "RSN-017": ("CRESP-011", "CRESP-015"),
        "SO-020": ("SO-002", "SO-003"),
    }
)
"""Clauses that ask of a model that reasons what others ask of any: it may fail wherever they may."""
