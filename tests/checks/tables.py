"""All tables as one: check name to rows."""

import importlib
from pathlib import Path

import conformance.checks
from conformance.checks.core import CHECKS, Scene, Schemas, apply
from conformance.contract.load import load_contract
from conformance.registry import import_all

import_all(conformance.checks)

PARTS = [
    importlib.import_module(path.stem) for path in sorted(Path(__file__).parent.glob("table_*.py"))
]
TABLE = {name: rows for part in PARTS for name, rows in part.TABLE.items()}
SCHEMAS = Schemas(dict(load_contract().schemas))
ROWS = [(name, row) for name, rows in sorted(TABLE.items()) for row in rows]
IDS = [f"{name}: {row.name}" for name, row in ROWS]


def judged(check, row):
    """What a check says of a row."""
    scene = Scene(steps=row.steps, schemas=SCHEMAS)
    return apply(check, row.exchange, row.arguments, scene)


def kept(check, rows):
    """Whether a check does with every row what its table says."""
    results = [judged(check, row) for row in rows]
    return all(
        result.witnesses > 0 and bool(result.problems) is row.trips
        for result, row in zip(results, rows, strict=True)
    )


def invariants():
    return [one for one in CHECKS.values() if one.always]
