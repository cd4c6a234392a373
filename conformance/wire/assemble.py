"""Chunks to a completion: as the openai SDK accumulates them, and as they were meant.

Both are kept because an application sees the first and a report explains with the second; where
they differ the stream corrupts silently.
"""

from __future__ import annotations

from conformance.wire.accumulate import Assembly, sdk
from conformance.wire.completion import Answer, Choice, ToolCall, whole
from conformance.wire.meant import meant

__all__ = ["Answer", "Assembly", "Choice", "ToolCall", "meant", "sdk", "whole"]
