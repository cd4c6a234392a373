"""`conformance explain`: whatever has a name, in full."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from conformance.contract.shims import load_shims
from conformance.errors import UsageError, did_you_mean
from conformance.faces.explain import contract, endpoints
from conformance.faces.explain.case import case
from conformance.faces.explain.finding import finding, newest, read_report
from conformance.faces.explain.part import Explanation, Part, shown
from conformance.faces.explain.persona import persona
from conformance.faces.explain.preset import preset
from conformance.faces.explain.world import World
from conformance.providers.capabilities import CAPABILITIES
from conformance.providers.preset import preset_names
from conformance.reference.field import field_faults
from conformance.reference.personas import persona_names
from conformance.runs.choose import Wish
from conformance.runs.toolbox import toolbox

_LOOKUPS: tuple[Callable[[str, World], Explanation], ...] = (
    contract.clause,
    contract.check,
    case,
    contract.profile,
    contract.fault,
    contract.field_fault,
    contract.capability,
    contract.shim,
    persona,
    preset,
)
"""All but providers, whose file is read only where nothing else has the name."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to explain."""
    add = parser.add_argument
    add(
        "name",
        metavar="NAME",
        help="a clause (STRM-011), finding (local-vllm/STRM-011), check, case (tools/round-trip), "
        "profile, fault, persona, capability, shim, preset or provider",
    )
    add("--code", action="store_true", help="of a shim: only its code, as a file")
    add("--run", type=Path, metavar="DIR", help="the run of a finding (default: the newest)")
    add("--reports-dir", type=Path, default=Path("reports"), metavar="DIR")
    add("--providers-file", type=Path, metavar="FILE")


def main(options: argparse.Namespace) -> int:
    """Print what is known about a name, whatever kinds of things it stands for."""
    if options.code:
        print(_code(options.name), end="")
        return 0
    world = World(tools=toolbox(), wish=Wish(file=options.providers_file, folder=Path.cwd()))
    found = False
    for part in _explained(options, world):
        found = True
        print(shown(part))
    if not found:
        hint = _hint(options.name, world) or "; names of all kinds: conformance list --help"
        raise UsageError(f"nothing is called {options.name!r}{hint}")
    return 0


def _code(name: str) -> str:
    known = load_shims()
    if name not in known:
        hint = did_you_mean(name, known) or "; there are: conformance list shims"
        raise UsageError(f"no shim is called {name!r}{hint}")
    return known[name].code


def _explained(options: argparse.Namespace, world: World) -> Iterator[Part]:
    provider, _, clause = options.name.rpartition("/")
    if provider and clause in world.tools.contract.clauses:
        yield from _finding(options, world, clause)
        return
    parts = [part for lookup in _LOOKUPS for part in lookup(options.name, world)]
    yield from parts
    if not parts or options.name in preset_names():
        yield from endpoints.provider(options.name, world)


def _finding(options: argparse.Namespace, world: World, clause: str) -> Iterator[Part]:
    run = options.run or newest(options.reports_dir)
    if run is None:
        yield Part("no run yet", f"{options.reports_dir / 'latest.txt'} names none; the clause:")
        yield from contract.clause(clause, world)
        return
    parts = list(finding(options.name, read_report(run)))
    yield from parts
    if len(parts) == 1:  # there is no such finding
        yield from contract.clause(clause, world)


def _hint(name: str, world: World) -> str:
    """The nearest name of any kind; of a finding's id only the clause can be misspelt."""
    provider, slash, clause = name.rpartition("/")
    clauses = [f"{provider}{slash}{each}" for each in world.tools.contract.clauses]
    upper = f"{provider}{slash}{clause.upper()}"
    return did_you_mean(name, [*clauses, *_known(world)]) or did_you_mean(upper, clauses)


def _known(world: World) -> Iterator[str]:
    tools = world.tools
    yield from tools.contract.clauses
    yield from tools.bench.checks
    yield from world.cases
    yield from tools.contract.profiles
    yield from world.faults
    yield from field_faults()
    yield from CAPABILITIES
    yield from tools.contract.shims
    yield from persona_names()
    yield from preset_names()
    yield from world.providers
