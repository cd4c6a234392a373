"""`conformance list`: what there is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from tabulate import tabulate

from conformance.errors import UsageError

Rows = Iterator[tuple[str, ...]]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to list."""
    parser.add_argument(
        "what", choices=sorted(_LISTS), metavar="WHAT", help=", ".join(sorted(_LISTS))
    )
    parser.add_argument(
        "--coverage",
        action="store_true",
        help="with clauses: how many of each section and level are judged, and why the rest are not",
    )


def main(options: argparse.Namespace) -> int:
    """Print one table. Raises UsageError where --coverage makes no sense."""
    if options.coverage:
        if options.what != "clauses":
            raise UsageError("--coverage is of clauses: conformance list clauses --coverage")
        print(_coverage())
        return 0
    heads, rows = _LISTS[options.what]
    print(tabulate(rows(), headers=heads, tablefmt="plain", disable_numparse=True))
    return 0


def _providers() -> Rows:
    from conformance.runs.choose import Wish, known_providers

    for one in known_providers(Wish(folder=Path.cwd())).values():
        yield one.name, one.preset, one.base_url, one.model or "(found out)"


def _presets() -> Rows:
    from conformance.providers.preset import load_preset, preset_names

    for name in preset_names():
        one = load_preset(name)
        yield name, one.kind, str(len(one.sources)), one.newest or "-", one.about


def _suites() -> Rows:
    from conformance.runs.toolbox import packaged_suites, read_suites, toolbox

    for suite in read_suites(toolbox(), packaged_suites()):
        yield suite.id, str(len(suite.cases)), suite.title


def _cases() -> Rows:
    from conformance.runs.toolbox import packaged_suites, read_suites, toolbox

    for suite in read_suites(toolbox(), packaged_suites()):
        for case in suite.cases:
            yield case.id, ", ".join(case.clauses), case.title


def _checks() -> Rows:
    from conformance.checks.core import CHECKS
    from conformance.runs.toolbox import load_plugins

    load_plugins()
    for one in CHECKS.values():
        kind = "every exchange" if one.always else "assumable" if one.assumable else ""
        yield one.name, ", ".join(one.clauses), kind, one.about.partition("\n")[0]


def _clauses() -> Rows:
    from conformance.runs.coverage import coverage
    from conformance.runs.toolbox import toolbox

    tools = toolbox()
    ways = coverage(tools).ways
    for clause in tools.contract.clauses.values():
        by = ", ".join(ways[clause.id]) or "-"
        yield clause.id, clause.level.value, by, clause.text[:90]


def _coverage() -> str:
    from conformance.contract.model import Level
    from conformance.runs.coverage import coverage
    from conformance.runs.toolbox import toolbox

    found = coverage(toolbox())
    rows: dict[str, dict[Level, str]] = {}
    for one in found.shares():
        told = f"{one.judged}/{one.all}" + ("" if one.section else f"  {one.percent:.1f} %")
        rows.setdefault(one.section or "all", {})[one.level] = told
    heads = ("section", *(level.value for level in Level))
    table = [(name, *(row.get(level, "") for level in Level)) for name, row in rows.items()]
    open_ones = [
        (name, found.levels[name].value, found.reasons.get(name, "nobody has said why"))
        for name, ways in found.ways.items()
        if not ways
    ]
    return "\n\n".join(
        (
            tabulate(table, headers=heads, tablefmt="plain", disable_numparse=True),
            tabulate(open_ones, headers=("not judged", "level", "why"), tablefmt="plain"),
        )
    )


def _profiles() -> Rows:
    from conformance.runs.toolbox import toolbox

    for one in toolbox().contract.profiles.values():
        yield one.name, str(len(one.clauses)), ", ".join(one.capabilities), one.title


def _faults() -> Rows:
    from conformance.reference.fault import FAULTS, PARITY, TIMES
    from conformance.reference.serve import load_faults

    load_faults()
    for known, word in ((FAULTS, ""), (PARITY, "stage "), (TIMES, "")):
        for one in known.values():
            tells = one.primary or [f"{word}{each}" for each in one.changes]
            yield one.name, one.area, one.level, ", ".join(tells), one.title


def _personas() -> Rows:
    from conformance.reference.personas import load_persona, persona_names
    from conformance.reference.serve import load_faults

    load_faults()
    for one in map(load_persona, persona_names()):
        yield one.name, one.preset, str(len(one.faults)), one.date, one.product


def _field() -> Rows:
    from conformance.reference.field import field_faults, not_shown, shown_by
    from conformance.reference.serve import load_faults

    load_faults()
    for one in field_faults().values():
        silent = dict.fromkeys(not_shown(), "not shown")
        shown = ", ".join(shown_by(one.id)) or silent.get(one.id, "-")
        yield one.id, one.area, one.level, one.determinism, shown


def _shims() -> Rows:
    from conformance.contract.shims import load_shims

    for one in load_shims().values():
        yield one.name, ", ".join(one.clauses), one.about


def _loads() -> Rows:
    from conformance.runs.loads import shipped

    for name, one in shipped().items():
        yield name, one.manner, one.title


def _formats() -> Rows:
    from conformance.report.formats import REPORTS

    for name, one in REPORTS.items():
        yield name, one.filename


_LISTS = {
    "providers": (("name", "preset", "base url", "model"), _providers),
    "presets": (("preset", "kind", "statements", "as of", "about"), _presets),
    "suites": (("suite", "cases", "title"), _suites),
    "cases": (("case", "clauses", "title"), _cases),
    "checks": (("check", "clauses", "runs", "about"), _checks),
    "clauses": (("clause", "level", "judged", "text"), _clauses),
    "profiles": (("profile", "clauses", "needs", "title"), _profiles),
    "faults": (("fault", "area", "level", "breaks", "what happens"), _faults),
    "personas": (("simulation of", "preset", "faults", "as of", "product"), _personas),
    "field-faults": (("seen in the field", "area", "level", "shows in", "shown by"), _field),
    "shims": (("shim", "mends", "what it does"), _shims),
    "loads": (("load", "how requests come", "title"), _loads),
    "formats": (("format", "file"), _formats),
}
