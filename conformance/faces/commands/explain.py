"""`conformance explain`: a clause, check, case, profile or fault in full."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator

from conformance.errors import UsageError, did_you_mean
from conformance.faces.toolbox import Toolbox, packaged_suites, read_suites, toolbox
from conformance.suite.model import Case

Explanation = Iterator[tuple[str, str]]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to explain."""
    parser.add_argument(
        "name",
        metavar="CLAUSE|CHECK|CASE|PROFILE|FAULT",
        help="STRM-011, tool_call, tools/round-trip, agent ...",
    )


def main(options: argparse.Namespace) -> int:
    """Print what is known about a name, whatever kind of thing it is."""
    tools = toolbox()
    cases = {
        case.id: case for suite in read_suites(tools, packaged_suites()) for case in suite.cases
    }
    wanted = (
        options.name.rpartition("/")[2]
        if options.name.rpartition("/")[2] in tools.contract.clauses
        else options.name
    )
    found = False
    for lookup in (_clause, _check, _case, _profile, _fault):
        for label, words in lookup(wanted, tools, cases):
            found = True
            print(
                textwrap.fill(
                    f"{label}: {words}" if label else words, 100, subsequent_indent="    "
                )
            )
    if not found:
        known = [*tools.contract.clauses, *tools.bench.checks, *cases, *tools.contract.profiles]
        raise UsageError(f"nothing is called {options.name!r}{did_you_mean(options.name, known)}")
    return 0


def _clause(name: str, tools: Toolbox, cases: dict[str, Case]) -> Explanation:
    if name not in tools.contract.clauses:
        return
    clause = tools.contract.clauses[name]
    yield (
        "",
        f"{clause.id} ({clause.level.value.upper()}, {tools.contract.sections[clause.section]})",
    )
    yield "when", clause.condition
    yield "requires", clause.text
    yield "source", clause.source
    if clause.consequence:
        yield "what breaks", clause.consequence
    if clause.remedy:
        yield "remedy", clause.remedy
    checks = [one.name for one in tools.bench.checks.values() if one.always and name in one.clauses]
    yield "judged on every exchange by", ", ".join(checks) or "-"
    yield (
        "judged in cases",
        ", ".join(case.id for case in cases.values() if name in case.clauses) or "-",
    )
    yield (
        "required by profiles",
        ", ".join(one.name for one in tools.contract.profiles.values() if name in one.clauses)
        or "-",
    )


def _check(name: str, tools: Toolbox, cases: dict[str, Case]) -> Explanation:
    if name not in tools.bench.checks:
        return
    one = tools.bench.checks[name]
    yield "", f"{one.name}: {one.about}"
    yield "clauses", ", ".join(one.clauses) or "those that the suite names"
    yield "runs", "on every exchange it fits" if one.always else "where a suite names it"
    yield "may stand in assume", "yes" if one.assumable else "no"
    if name in tools.signatures:
        yield "arguments", ", ".join(tools.signatures[name].parameters) or "-"


def _case(name: str, tools: Toolbox, cases: dict[str, Case]) -> Explanation:
    if name not in cases:
        return
    case = cases[name]
    yield "", f"{case.id}: {case.title}"
    if case.about:
        yield "about", case.about
    yield "where", case.where
    yield "clauses", ", ".join(case.clauses)
    yield "needs", ", ".join(case.needs) or "-"
    yield "axes", ", ".join(f"{axis}={list(values)}" for axis, values in case.axes.items()) or "-"
    yield "steps", ", ".join(step.id for step in case.steps)


def _profile(name: str, tools: Toolbox, cases: dict[str, Case]) -> Explanation:
    if name not in tools.contract.profiles:
        return
    one = tools.contract.profiles[name]
    yield "", f"{one.name}: {one.title}"
    yield "about", one.about
    yield "needs", ", ".join(one.capabilities)
    yield "requires", f"{len(one.clauses)} clauses: {', '.join(one.clauses)}"


def _fault(name: str, tools: Toolbox, cases: dict[str, Case]) -> Explanation:
    from conformance.reference.fault import FAULTS
    from conformance.reference.serve import load_faults

    load_faults()
    fault = FAULTS.get(name)
    if fault is None:
        return
    yield "", f"{fault.name}: {fault.title}"
    yield "area", f"{fault.area} ({fault.level})"
    yield "breaks", ", ".join(fault.primary)
    yield "may also break", ", ".join(fault.cascades) or "-"
    yield "seen at", ", ".join(fault.sources)
    yield "serve it", f"conformance serve --fault {fault.name}"
