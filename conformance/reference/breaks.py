"""Clauses that fall together, for faults after which there is nothing left to judge."""

from __future__ import annotations

NO_ANSWER = (
    "CRESP-*", "CREQ-*", "SO-*", "TOOL-*", "RT-*", "USAGE-*", "LOGP-*", "STAT-*", "AUTH-001", "AUTH-009", "ERR-033",
    "MODELS-008", "TRANS-003", "TRANS-004", "TRANS-010", "TRANS-012", "TRANS-016", "TRANS-017", "TRANS-020",
    "TRANS-018", "TRANS-024", "STRM-031", "ERR-021", "RESP-*", "RSTRM-*",
)  # fmt: skip
"""What is asked of the answer to a valid request cannot hold where no answer comes that can be read.

AUTH-001, TRANS-018 and ERR-021 came in after a first run: whoever refuses a prompt that is too long must be
able to serve the next one, and that one is valid; so is one with its scheme in another case.
"""
LOST_STREAM = (
    "SSE-010", "SSE-012", "SSE-013", "STRM-008", "STRM-010", "STRM-017", "STRM-019", "STRM-025", "STRM-026",
    "STOOL-007", "STOOL-012", "STOOL-014", "CRESP-031", "USAGE-013", "SO-018", "TRANS-020", "ERR-029",
)  # fmt: skip
"""What cannot hold any more where the end of a stream does not arrive, or not as events."""
