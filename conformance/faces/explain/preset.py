"""A preset in full: where it is, how it is started, what differs, and who says so."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping

from tabulate import tabulate

from conformance.faces.explain.part import WIDTH, Explanation, Part
from conformance.faces.explain.world import World
from conformance.providers.fragments import FRAGMENTS
from conformance.providers.known import Fact, Preset, Said, Signs, Source, Start
from conformance.providers.preset import load_preset, own_auth, preset_names
from conformance.providers.preset_grammar import BOUNDS, DIALECT
from conformance.report.escape import visible

_PLACEHOLDER = re.compile(r"[A-Za-z0-9./:_{}-]+")
_INDENT = "    "


def preset(name: str, world: World) -> Explanation:
    """What is known about a kind of server, each statement with the number of its source."""
    if name not in preset_names():
        return
    one = load_preset(name)
    by = _Sources(one.sources)
    yield Part("", f"{name} (preset): {one.about}")
    yield Part("kind", f"{one.kind}; {_counted(one)}")
    yield Part("base_url", one.values.get("base_url", "-"))
    for base in one.bases:
        yield Part("found at", f"{base.url}: {base.about} {by[base.source]}")
    yield Part("key", _key(one))
    yield Part("known by", _signs(one.signs))
    yield from capabilities(one.values.get("capabilities", {}))
    for fragment, body in one.values.get("fragments", {}).items():
        yield Part(f"fragment {fragment}", f"{json.dumps(body)}: {FRAGMENTS[fragment]}")
    yield from _table("dialect", one.dialect, _meant, by)
    yield from _table("has another name", one.renamed, lambda *_: "", by)
    yield from _table("at most", one.bounds, lambda name, _: BOUNDS[name], by)
    for each in one.starts:
        label = f"start on {each.on} hardware: {each.title} {by[each.source]}"
        yield Part(visible(label), block=_command(each))
    for fact in one.facts:
        yield Part("known", f"{fact.text}{_on(fact)} {by[fact.source]}")
    yield from by.listed()


def capabilities(given: Mapping[str, bool]) -> Iterator[Part]:
    """What is offered, what is not, and what becomes of the rest."""
    for label, wanted in (("offers", True), ("does not offer", False)):
        names = [name for name, there in given.items() if there is wanted]
        yield Part(label, ", ".join(names) or "-")
    yield Part("of the rest", "it is tried")


def said_of(clause: str) -> Iterator[tuple[str, Fact]]:
    """What presets say that bears on a clause, with the name of each; what is inherited once."""
    seen = set()
    for name in preset_names():
        for fact in load_preset(name).facts:
            if clause in fact.clauses and fact not in seen:
                seen.add(fact)
                yield name, fact


def stated(name: str, word: str) -> str:
    """What a preset says of a clause, capability or parameter, in its words; empty where nothing."""
    for fact in load_preset(name).facts:
        if word in (*fact.clauses, *fact.capabilities, *fact.parameters):
            return fact.text
    return ""


class _Sources:
    """Sources by number, in the order in which they are first needed."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._numbers = {each: at for at, each in enumerate(dict.fromkeys(sources), 1)}

    def __getitem__(self, source: Source) -> str:
        return f"[{self._numbers[source]}]"

    def listed(self) -> Iterator[Part]:
        for each, number in self._numbers.items():
            words = f"{each.what}, {each.date} ({each.trust}) {each.url}"
            yield Part("", f"[{number}] {words.rstrip()}")


def _counted(one: Preset) -> str:
    if not one.sources:
        return "of our own making"
    return f"{len(one.sources)} statements, the newest of {one.newest}"


def _key(one: Preset) -> str:
    auth = own_auth(one.values)
    if "command" in auth:
        return f"printed by {' '.join(auth['command'])}"
    if "key" not in auth:
        return "none"
    where = f"as the {auth['kind']} {auth['name']}" if "name" in auth else "as a bearer"
    return f"{auth['key']}, {where}"


def _signs(signs: Signs) -> str:
    parts = (
        ("host", signs.hosts),
        ("owned_by", signs.owned_by),
        ("Server header", signs.servers),
        ("port (a hint only)", signs.ports),
    )
    words = [f"{what} {', '.join(map(str, found))}" for what, found in parts if found]
    return "; ".join(words) or 'nothing that is its own: an entry must name it (preset = "...")'


def _meant(name: str, said: Said) -> str:
    return DIALECT[name][str(said.value)]


def _table(
    label: str, found: Mapping[str, Said], meaning: Callable[[str, Said], str], by: _Sources
) -> Iterator[Part]:
    rows = [
        (name, str(said.value), f"{meaning(name, said)} {by[said.source]}".strip())
        for name, said in found.items()
    ]
    if rows:
        lines = tabulate(rows, tablefmt="plain", disable_numparse=True).splitlines()
        yield Part(label, block="\n".join(f"{_INDENT}{visible(line)}" for line in lines))


def _command(start: Start) -> str:
    """As a shell takes it, in lines; an option stays beside its value."""
    groups = [f"{name}={shlex.quote(value)}" for name, value in start.environment.items()]
    alone = False
    for word in shlex.split(start.command):
        quoted = word if _PLACEHOLDER.fullmatch(word) else shlex.quote(word)
        if alone and not word.startswith("-"):
            groups[-1] += f" {quoted}"
        else:
            groups.append(quoted)
        alone = word.startswith("-")
    return " \\\n".join(
        f"{_INDENT}{'  ' if at else ''}{line}" for at, line in enumerate(_lines(groups))
    )


def _lines(groups: Iterable[str]) -> Iterator[str]:
    line = ""
    for each in groups:
        if line and len(line) + len(each) > WIDTH - 2 * len(_INDENT):
            yield visible(line)
            line = ""
        line = f"{line} {each}".strip()
    yield visible(line)


def _on(fact: Fact) -> str:
    return f" ({', '.join(fact.clauses)})" if fact.clauses else ""
