"""The words that suites may use: checks, clauses and capabilities, given by whoever loads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from conformance.contract.model import Clause
from conformance.suite.signatures import CheckSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What exists outside of suite files."""

    signatures: Mapping[str, CheckSignature]
    clauses: Mapping[str, Clause]
    capabilities: Collection[str]
