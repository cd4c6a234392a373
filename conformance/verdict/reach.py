"""Which cells speak of an application: those whose requests are such as it sends.

A server that answers badly to one who lists models says nothing about a chat that never does. So what
was found broken in a case that needs a feature which a profile does not have does not count there,
unless the clause is about that very feature: by its section, or because no case names it that does
not need the feature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from conformance.contract.model import Profile
from conformance.verdict.outcome import CaseVerdict

FEATURES = frozenset(
    {"stream", "tools", "json_schema", "reasoning", "vision", "audio", "models", "completions",
     "embeddings", "responses"}
)  # fmt: skip
"""What an application does or does not do; other capabilities say how well."""
_SECTIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "SSE": frozenset({"stream"}),
        "STRM": frozenset({"stream"}),
        "RSTRM": frozenset({"stream", "responses"}),
        "STOOL": frozenset({"stream", "tools"}),
        "TOOL": frozenset({"tools"}),
        "RT": frozenset({"tools"}),
        "SO": frozenset({"json_schema"}),
        "RSN": frozenset({"reasoning"}),
        "MODELS": frozenset({"models"}),
        "CMPL": frozenset({"completions"}),
        "EMB": frozenset({"embeddings"}),
        "RESP": frozenset({"responses"}),
    }
)


class Reach:
    """What one profile's application touches, in the cases of one provider."""

    def __init__(self, profile: Profile, cases: Sequence[CaseVerdict]) -> None:
        about = (
            _by_section(clause) for clause in profile.clauses
        )  # who asks for TOOL-020 has tools
        self._has = frozenset(profile.capabilities).union(*about)
        self._cases = cases
        self._needs = {case.cell: FEATURES.intersection(case.needs) for case in cases}

    def cells(self, clause: str, cells: Iterable[str]) -> set[str]:
        """Those of the cells in which a clause is broken for this application."""
        found = set(cells)
        if not found:
            return found
        known = self._has | self._about(clause)
        return {cell for cell in found if self._needs.get(cell, frozenset()) <= known}

    def _about(self, clause: str) -> frozenset[str]:
        naming = [self._needs[case.cell] for case in self._cases if clause in case.clauses]
        return _by_section(clause) | (frozenset.intersection(*naming) if naming else frozenset())


def _by_section(clause: str) -> frozenset[str]:
    return _SECTIONS.get(clause.rpartition("-")[0], frozenset())
