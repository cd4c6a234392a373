"""Clauses, checks, profiles, faults and capabilities in full."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import indent

from conformance.contract.model import Clause, Shim
from conformance.contract.shims import GROUND
from conformance.faces.explain.part import Explanation, Part
from conformance.faces.explain.preset import said_of
from conformance.faces.explain.world import World
from conformance.providers.capabilities import MEANINGS
from conformance.reference.fault import PARITY, TIMES
from conformance.reference.field import field_faults, not_shown, shown_by
from conformance.reference.model.sampler import SAMPLER


def clause(name: str, world: World) -> Explanation:
    """What it requires, why, and who judges it."""
    contract, cases = world.tools.contract, world.cases
    one = contract.clauses.get(name)
    if one is None:
        return
    yield Part("", f"{one.id} ({one.level.value.upper()}, {contract.sections[one.section]})")
    yield Part("when", one.condition)
    yield Part("requires", one.text)
    yield Part("source", one.source)
    if one.consequence:
        yield Part("what breaks", one.consequence)
    if one.remedy:
        yield Part("remedy", one.remedy)
    yield from _mended(one)
    checks = world.tools.bench.checks.values()
    always = [each.name for each in checks if each.always and name in each.clauses]
    yield Part("judged on every exchange by", _listed(always))
    yield Part(
        "judged in cases", _listed(each.id for each in cases.values() if name in each.clauses)
    )
    profiles = contract.profiles.values()
    yield Part(
        "required by profiles", _listed(each.name for each in profiles if name in each.clauses)
    )
    for preset, fact in said_of(name):
        yield Part(f"known of {preset}", f"{fact.text} ({fact.source.what}, {fact.source.date})")


def check(name: str, world: World) -> Explanation:
    """What it looks at, and how a suite writes it."""
    one = world.tools.bench.checks.get(name)
    if one is None:
        return
    yield Part("", f"{one.name}: {one.about}")
    yield Part("clauses", ", ".join(one.clauses) or "those that the suite names")
    yield Part("runs", "on every exchange it fits" if one.always else "where a suite names it")
    yield Part("may stand in assume", "yes" if one.assumable else "no")
    if name in world.tools.signatures:
        yield Part("arguments", _listed(world.tools.signatures[name].parameters))


def profile(name: str, world: World) -> Explanation:
    """What one kind of application needs."""
    one = world.tools.contract.profiles.get(name)
    if one is None:
        return
    yield Part("", f"{one.name}: {one.title}")
    yield Part("about", one.about)
    yield Part("needs", _listed(one.capabilities))
    yield Part("requires", f"{len(one.clauses)} clauses: {', '.join(one.clauses)}")


def fault(name: str, world: World) -> Explanation:
    """What the reference server does wrong on demand."""
    one = world.faults.get(name)
    if one is None:
        return
    yield Part("", f"{one.name}: {one.title}")
    yield Part("area", f"{one.area} ({one.level})")
    yield Part("breaks", ", ".join(one.primary) or "no clause: the contract leaves it open")
    label, command = _tellers(one.name)
    yield Part(label, _listed(one.changes))
    if command:
        yield Part("noticed by", command)
    yield Part("shows in", one.determinism)
    yield Part("may also break", _listed(one.cascades))
    yield Part("seen at", _listed(one.sources))
    yield Part("stands for", _listed(one.field))
    model = f"--model=reference{SAMPLER} " if name in PARITY else ""
    yield Part("serve it", f"conformance serve {model}--fault {one.name}")


def _tellers(name: str) -> tuple[str, str]:
    """What `changes` names, and the command that notices it; the suites notice the usual ones."""
    if name in PARITY:
        return "stages that may tell", f"conformance selftest parity --fault={name}"
    if name in TIMES:
        return "figures that may tell", "conformance latency"
    return "changes", ""


def field_fault(name: str, world: World) -> Explanation:
    """What was seen in the field, and which fault of ours shows it."""
    one = field_faults().get(name)
    if one is None or name in world.faults:
        return
    yield Part("", f"{one.id} (seen in the field: {one.area}, {one.level}, {one.determinism})")
    yield Part("servers", _listed(one.servers))
    yield Part("sources", _listed(one.sources))
    yield Part("asked", one.request)
    yield Part("wanted", one.conformant)
    yield Part("seen", one.faulty)
    yield Part("what breaks", one.user_impact)
    yield Part(
        "shown by",
        _listed(shown_by(name)) if shown_by(name) else not_shown().get(name, "-"),
    )
    yield Part("serve it", f"conformance serve --fault {one.id}")


def capability(name: str, world: World) -> Explanation:
    """What the word means, and what is not asked where it is false."""
    if name not in MEANINGS:
        return
    yield Part("", f"{name} (capability): {MEANINGS[name]}")
    needing = [each.id for each in world.cases.values() if name in each.needs]
    yield Part("needed by cases", _listed(needing))
    profiles = world.tools.contract.profiles.values()
    yield Part(
        "needed by profiles", _listed(each.name for each in profiles if name in each.capabilities)
    )
    key = f'"{name}"' if "." in name else name
    yield Part("not offered", f"capabilities = {{ {key} = false }} in providers.toml")


def shim(name: str, world: World) -> Explanation:
    """What it mends, and the code."""
    one = world.tools.contract.shims.get(name)
    if one is None:
        return
    yield Part("", f"{one.name} (shim): {one.about}")
    yield Part("mends", ", ".join(one.clauses))
    if name != GROUND:
        yield Part("stands on", f"{GROUND}.py: conformance explain {GROUND} --code > {GROUND}.py")
    yield Part("as a file", f"conformance explain {name} --code > {_file(one)}")
    yield _code(one)


def _mended(one: Clause) -> Explanation:
    for each in one.shims:
        yield Part("a shim for the client", f"{each.name}: {each.about}")
    for each in one.shims[:1]:
        yield _code(each)


def _code(one: Shim) -> Part:
    return Part(_file(one), block=indent(one.code.rstrip(), "    "))


def _file(one: Shim) -> str:
    return f"{one.name.replace('-', '_')}.py"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "-"
