"""Everything that judging needs, loaded once: checks, contract, signatures, suites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import conformance.checks
from conformance.checks.core import CHECKS, Schemas
from conformance.checks.signature import describe
from conformance.contract.load import load_contract, load_profiles
from conformance.contract.model import Contract
from conformance.data import suites_root
from conformance.errors import SourceError, UsageError
from conformance.latency import limit
from conformance.providers.capabilities import CAPABILITIES
from conformance.registry import import_all
from conformance.suite.load import from_source, load_suite
from conformance.suite.model import Suite
from conformance.suite.signatures import CheckSignature
from conformance.verdict.judge import Bench

PLUGINS = "conformance.plugins"
"""Entry-point group: modules that register checks, report formats and faults when imported."""


@dataclass(frozen=True)
class Toolbox:
    """The registered checks and the contract, ready for loading suites and for judging."""

    contract: Contract

    @cached_property
    def bench(self) -> Bench:
        """What judging a trial needs."""
        return Bench(checks=CHECKS, schemas=Schemas(dict(self.contract.schemas)))

    @cached_property
    def signatures(self) -> Mapping[str, CheckSignature]:
        """How each check is written in a suite."""
        return {name: CheckSignature(**describe(one)) for name, one in CHECKS.items()}

    def read_suite(self, path: Path, shown: str = "") -> Suite:
        """A suite from a file. Raises SourceError with file, line and column."""
        return load_suite(_text(path), shown or str(path), **self._vocabulary)

    def suite_from(self, source: Mapping[str, Any], path: str) -> Suite:
        """A suite from the data that a record keeps."""
        return from_source(source, path, **self._vocabulary)

    @property
    def _vocabulary(self) -> dict[str, Any]:
        return {
            "signatures": self.signatures,
            "clauses": self.contract.clauses,
            "capabilities": CAPABILITIES,
        }


def load_plugins() -> None:
    """Import our own checks, and the modules that installed packages name in the entry-point group."""
    import_all(conformance.checks)
    for point in entry_points(group=PLUGINS):
        point.load()


def toolbox(profiles: Path | None = None) -> Toolbox:
    """Load everything; `profiles` is a file with profiles of the user's own."""
    load_plugins()
    judged = judged_clauses()
    contract = load_contract(judged=judged)
    if profiles is not None:
        if not profiles.is_file():
            raise UsageError(f"no such profiles file: {profiles}")
        own = load_profiles(profiles, judged=judged, capabilities=CAPABILITIES, limit=limit.read)
        contract = replace(contract, profiles={**contract.profiles, **own})
    return Toolbox(contract=contract)


def judged_clauses() -> frozenset[str]:
    """Clauses that some check can judge: profiles may require no others."""
    return frozenset(clause for one in CHECKS.values() for clause in one.clauses) | _case_clauses()


def _case_clauses() -> frozenset[str]:
    """Clauses that the packaged suites name; read by pattern, because loading needs the contract."""
    import re

    found: set[str] = set()
    for path in packaged_suites():
        found.update(re.findall(r"\b[A-Z]{2,6}-\d{3}\b", path.read_text(encoding="utf-8")))
    return frozenset(found)


def packaged_suites() -> list[Path]:
    """The suite files that come with the package."""
    return sorted(suites_root().glob("*.yaml"))


def read_suites(tools: Toolbox, paths: Iterable[Path]) -> list[Suite]:
    """Suites from files and folders; a named file that is no suite is an error."""
    from conformance.suite.load import is_suite

    found: list[Suite] = []
    for path in paths:
        if path.is_dir():
            inside = sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")])
            found += [tools.read_suite(each) for each in inside if is_suite(_text(each))]
        elif path.is_file():
            found.append(tools.read_suite(path))
        else:
            raise UsageError(f"no such suite file or folder: {path}")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}:1:1", f"not UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
