"""How a check is written in a suite. Values only: the checks themselves stay out of this room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSignature:
    """What the loader must know about one check."""

    name: str
    about: str
    """One or more sentences for editors and for `conformance list checks`."""
    parameters: Mapping[str, Mapping[str, Any]]
    """Parameter name to the JSON Schema (draft-07) of its argument, in order; injected ones are
    left out."""
    required: tuple[str, ...] = ()
    """Parameters without a default."""
    positional: str | None = None
    """The parameter that is meant where one bare value is given (`status: 200`): the first, unless
    others are required as well."""
    steps: tuple[str, ...] = ()
    """Parameters whose argument is the id of another step of the case."""
    clauses: tuple[str, ...] = ()
    """What a problem breaks where the suite names no clause."""
    assumable: bool = False
    """May stand in `assume`: what it looks at is the model's to choose, not promised."""
