"""`conformance list`: what there is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from tabulate import tabulate

Rows = Iterator[tuple[str, ...]]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to list."""
    parser.add_argument(
        "what", choices=sorted(_LISTS), metavar="WHAT", help=", ".join(sorted(_LISTS))
    )


def main(options: argparse.Namespace) -> int:
    """Print one table."""
    heads, rows = _LISTS[options.what]
    print(tabulate(rows(), headers=heads, tablefmt="plain", disable_numparse=True))
    return 0


def _providers() -> Rows:
    from conformance.runs.choose import Wish, known_providers

    for one in known_providers(Wish(folder=Path.cwd())).values():
        yield one.name, one.preset, one.base_url, one.model or "(found out)"


def _presets() -> Rows:
    from conformance.providers.load import presets

    yield from presets().items()


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
    from conformance.runs.toolbox import packaged_suites, read_suites, toolbox

    tools = toolbox()
    always = {name for one in tools.bench.checks.values() if one.always for name in one.clauses}
    cases = {
        name
        for suite in read_suites(tools, packaged_suites())
        for case in suite.cases
        for name in case.clauses
    }
    for clause in tools.contract.clauses.values():
        by = [word for word, where in (("always", always), ("cases", cases)) if clause.id in where]
        yield clause.id, clause.level.value, ", ".join(by) or "-", clause.text[:90]


def _profiles() -> Rows:
    from conformance.runs.toolbox import toolbox

    for one in toolbox().contract.profiles.values():
        yield one.name, str(len(one.clauses)), ", ".join(one.capabilities), one.title


def _faults() -> Rows:
    from conformance.reference.fault import FAULTS
    from conformance.reference.serve import load_faults

    load_faults()
    for one in FAULTS.values():
        yield one.name, one.area, one.level, ", ".join(one.primary), one.title


def _formats() -> Rows:
    import conformance.report
    from conformance.registry import import_all
    from conformance.report.core import REPORTS

    import_all(conformance.report)
    for name, one in REPORTS.items():
        yield name, one.filename


_LISTS = {
    "providers": (("name", "preset", "base url", "model"), _providers),
    "presets": (("name", "about"), _presets),
    "suites": (("suite", "cases", "title"), _suites),
    "cases": (("case", "clauses", "title"), _cases),
    "checks": (("check", "clauses", "runs", "about"), _checks),
    "clauses": (("clause", "level", "judged", "text"), _clauses),
    "profiles": (("profile", "clauses", "needs", "title"), _profiles),
    "faults": (("fault", "area", "level", "breaks", "what happens"), _faults),
    "formats": (("format", "file"), _formats),
}
