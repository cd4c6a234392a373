"""All that has a name, loaded once and only as far as it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from conformance.providers.model import Provider
from conformance.reference.fault import FAULTS, PARITY, TIMES, Fault
from conformance.reference.serve import load_faults
from conformance.runs.choose import Wish, known_providers
from conformance.runs.toolbox import Toolbox, packaged_suites, read_suites
from conformance.suite.model import Case


@dataclass(frozen=True)
class World:
    """What explanations are made from."""

    tools: Toolbox
    wish: Wish
    """Where the providers file is."""

    @cached_property
    def cases(self) -> Mapping[str, Case]:
        """Cases of the packaged suites, by id."""
        suites = read_suites(self.tools, packaged_suites())
        return {case.id: case for suite in suites for case in suite.cases}

    @cached_property
    def faults(self) -> Mapping[str, Fault]:
        """Faults of the reference server, by name."""
        load_faults()
        return {**FAULTS, **PARITY, **TIMES}

    @cached_property
    def providers(self) -> Mapping[str, Provider]:
        """Those of the file over the built-in ones. Raises SourceError where the file is wrong."""
        return known_providers(self.wish)
