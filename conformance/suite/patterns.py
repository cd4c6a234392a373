"""How names in suites are written."""

from __future__ import annotations

# `(?!\n)`: Python's `$` also matches before a last line break
CLAUSE = r"^[A-Z]+-[0-9]{3}(?!\n)$"
NAME = r"^[a-z0-9]+(-[a-z0-9]+)*(?!\n)$"
WORD = r"^[a-z][a-z0-9_]*(?!\n)$"
QUERY = (
    r"""^\$(\.[A-Za-z_][A-Za-z0-9_]*|\[(0|-?[1-9][0-9]*)\]|\['[^'\\]+'\]|\["[^"\\]+"\])*(?!\n)$"""
)
