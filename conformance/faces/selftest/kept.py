"""What a self-test found, fault by fault, in a file: what was interrupted goes on from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.faces.selftest.examine import Examined, Notice
from conformance.faces.selftest.hear import Heard, alarms, missed
from conformance.reference.fault import FAULTS


def read_kept(path: Path) -> Mapping[str, Examined]:
    """Fault to the last that was found of it; of faults that are gone nothing.

    Raises UsageError for a file of another kind.
    """
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    try:
        rows = map(json.loads, lines)
        found = [_read(row) for row in rows if row["fault"] in FAULTS]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: not what a self-test keeps, or of another version") from error
    return {one.fault: one for one in found}


def keep(path: Path, one: Examined) -> None:
    """Add what was found of one fault."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(one), default=sorted) + "\n")


def _read(row: dict[str, Any]) -> Examined:
    """What was heard, held against what is written down for the fault by now."""
    told, notice = row["heard"], row["notice"]
    heard = Heard(
        clauses={name: frozenset(cases) for name, cases in told["clauses"].items()},
        errors=tuple(told["errors"]),
        requests=told["requests"],
        changed=frozenset(told["changed"]),
    )
    fault = FAULTS.find(row["fault"])
    return Examined(
        fault=fault.name,
        reached=row["reached"],
        heard=heard,
        missed=missed(fault, heard),
        alarms=alarms(fault, heard.clauses),
        notice=notice and Notice(**{**notice, "cells": tuple(notice["cells"])}),
        trips=tuple(row["trips"]),
        seconds=row["seconds"],
        processor=row["processor"],
    )
