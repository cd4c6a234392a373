"""Mutation testing of recorded answers: what is wrong in one neighbourhood only, is it noticed? No network.

conformance run --provider=reference
python benchmarks/mutants.py RECORD [--only WORDS] [--part K/N] [--everywhere] > mutants.jsonl
python benchmarks/mutants.py --table mutants.jsonl ...
python benchmarks/mutants.py --beside reference.jsonl real.jsonl

Each line: an operator, a place, and rows `[condition, exchanges, clauses of the first finding]`.
Of a server that breaks clauses anyway, a finding is one that its own answers do not have.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zlib import crc32

from mutant_answers import Said, read, written
from mutant_conditions import Condition, conditions
from mutant_operators import MEMBERS, TEXTS, WHOLE, Rewrite, member, paths, text

from conformance.plan.codec import from_json
from conformance.plan.model import Variant
from conformance.record.reader import read as read_record
from conformance.runs.toolbox import toolbox
from conformance.verdict.judge import Bench
from conformance.verdict.tally import Tally
from conformance.wire.exchange import Exchange, Trial, TrialKey

_IN_PLACES = frozenset({"deleted", "null", "unknown word", "one more"})
"""Operators that are tried of the first and of the last chunk alone as well."""
_TEXTS = ("content", "reasoning_content", "arguments", "name")
EVERYWHERE = "everywhere"


@dataclass(slots=True, kw_only=True)
class World:
    """A record, and how a trial of it is judged."""

    trials: list[Trial]
    variants: Mapping[str, Variant]
    bench: Bench
    exchanges: list[Exchange] = field(default_factory=list)
    trial_of: list[int] = field(default_factory=list)
    """Exchange to the number of its trial."""
    said: list[Said | None] = field(default_factory=list)
    _own: dict[TrialKey, frozenset[str]] = field(default_factory=dict)
    """What the answers as they were break."""

    def news(self, trial: Trial, before: Trial) -> list[str]:
        """The clauses that a trial breaks, and that it did not break as it was recorded."""
        if before.key not in self._own:
            self._own[before.key] = frozenset(self.findings(before))
        return [each for each in self.findings(trial) if each not in self._own[before.key]]

    def findings(self, trial: Trial) -> list[str]:
        """The clauses that a trial breaks, judged as in a run; faults of ours among them.

        Where a rate is asked for, every sample would be as wrong.
        """
        tally = Tally(self.variants, self.bench)
        tally.add(trial)
        counts = tally.providers.values()
        clauses = [each for one in counts for each in (one.clauses, *one.sampled.values())]
        broken = [name for each in clauses for name, count in each.items() if count.plain]
        return broken + [f"ERROR {each}" for one in counts for each in one.errors]


def load(path: Path) -> World:
    """The trials of a record of one provider."""
    tools = toolbox()
    recording = read_record(path)
    plan = from_json(recording.header["plan"], tools.suite_from)
    world = World(
        trials=list(recording.trials()),
        variants={each.id: each.variant for each in plan.cells},
        bench=tools.bench,
    )
    for number, trial in enumerate(world.trials):
        for exchange in trial.exchanges:
            world.exchanges.append(exchange)
            world.trial_of.append(number)
            world.said.append(read(exchange))
    return world


def rewrites(world: World) -> Iterator[tuple[str, str, Rewrite]]:
    """Operator, place and rewrite: all that can be wrong with what was said in the record."""
    for name, rewrite in WHOLE.items():
        yield name, "answer", rewrite
    for where in _TEXTS:
        for name, how in TEXTS.items():
            yield name, f"text {where}", text(where, how)
    places: dict[tuple[str, str], None] = {}
    for said in world.said:
        for kind, one in said.documents() if said is not None else ():
            places.update(dict.fromkeys((kind, path) for path in paths(one)))
    for kind, path in places:
        for name, how in MEMBERS.items():
            apart = "chunk" in kind and name in _IN_PLACES
            for which in ("all", "first", "last") if apart else ("all",):
                shown = name if which == "all" else f"{name} ({which})"
                yield shown, f"{kind}: {path}", member(kind, path, how, which)


class Mutant:
    """One rewrite, judged in one neighbourhood after the other; what was judged is kept."""

    def __init__(self, world: World, rewrite: Rewrite) -> None:
        self._world = world
        self._new: dict[int, Exchange] = {}
        self._known: dict[frozenset[int], list[str]] = {}
        for number, said in enumerate(world.said):
            wrong = rewrite(said) if said is not None else None
            if wrong is not None:
                self._new[number] = written(world.exchanges[number], wrong)
        self.touched = frozenset(self._new)

    def noticed(self, numbers: frozenset[int]) -> list[str]:
        """What the first trial that has a finding breaks, where just these exchanges are wrong."""
        by_trial: dict[int, list[int]] = {}
        for number in sorted(numbers):
            by_trial.setdefault(self._world.trial_of[number], []).append(number)
        groups = [frozenset(each) for each in by_trial.values()]
        before = (self._known[each] for each in groups if self._known.get(each))
        return next(before, []) or next(filter(None, map(self._judged, groups)), [])

    def _judged(self, numbers: frozenset[int]) -> list[str]:
        if numbers not in self._known:
            trial = self._world.trials[self._world.trial_of[min(numbers)]]
            wrong = {id(self._world.exchanges[number]): self._new[number] for number in numbers}
            exchanges = tuple(wrong.get(id(each), each) for each in trial.exchanges)
            wronged = replace(trial, exchanges=exchanges)
            self._known[numbers] = self._world.news(wronged, trial)
        return self._known[numbers]


def rows(mutant: Mutant, around: Iterable[Condition]) -> Iterator[tuple[str, int, list[str]]]:
    """Each neighbourhood that touches other exchanges than those before it.

    What is noticed nowhere is no breach that anybody judges: it has one row.
    """
    seen: set[frozenset[int]] = set()
    for one in around:
        numbers = mutant.touched & one.holds
        if numbers and numbers not in seen:
            seen.add(numbers)
            found = mutant.noticed(numbers)
            yield one.name, len(numbers), found
            if one.name == EVERYWHERE and not found:
                return


def measure(record: Path, only: str, part: int, parts: int, *, everywhere: bool) -> None:
    """Print a line for each mutant of the record."""
    world = load(record)
    around = conditions(world.exchanges)[: 1 if everywhere else None]
    every = [each for each in rewrites(world) if only in f"{each[0]} | {each[1]}"]
    random.Random(7).shuffle(every)
    every = [each for each in every if _among(each, part, parts)]
    for name, place, rewrite in every:
        mutant = Mutant(world, rewrite)
        if mutant.touched:
            found = list(rows(mutant, around))
            print(json.dumps({"operator": name, "place": place, "rows": found}), flush=True)


def _among(mutant: tuple[str, str, Rewrite], part: int, parts: int) -> bool:
    """Whether it is of this part: by its name, so that two records have the same ones."""
    return crc32(f"{mutant[0]} | {mutant[1]}".encode()) % parts == part


def beside(files: Sequence[Path]) -> None:
    """What is noticed of the first record and not of the second, though both have the place."""
    first, second = (
        {
            (one["operator"], one["place"]): one["rows"][0]
            for one in map(json.loads, path.read_text().splitlines())
        }
        for path in files
    )
    both = sorted(first.keys() & second.keys(), key=lambda each: each[::-1])
    noticed = [each for each in both if first[each][2]]
    lost = [each for each in noticed if not second[each][2]]
    for name, place in lost:
        _, count, clauses = first[name, place]
        print(
            f"{place}: {name} ({count} exchanges, {second[name, place][1]} there): {', '.join(clauses)}"
        )
    print(
        f"{len(noticed) - len(lost)} of {len(noticed)} that the first record shows are noticed in the second"
    )


def table(files: Iterable[Path]) -> None:
    """Of what is noticed everywhere: in how many neighbourhoods is it noticed, by place and condition?"""
    noticed: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    lines = (json.loads(line) for path in files for line in path.read_text().splitlines())
    for one in lines:
        if not one["rows"][0][2]:
            tried["(noticed nowhere)"] += 1
            continue
        for name, _, found in one["rows"][1:]:
            for key in (name, f"place {one['place'].partition(':')[0]}", "(all)"):
                tried[key] += 1
                noticed[key] += bool(found)
    for key in sorted(tried, key=lambda each: noticed[each] - tried[each]):
        print(
            f"{key:40} {noticed[key]:6} of {tried[key]:6}  {100 * noticed[key] / tried[key]:.0f} %"
        )


def main() -> None:
    """Measure a record, or print the table of what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", type=Path, nargs="+")
    parser.add_argument("--only", default="", help="words of operator and place")
    parser.add_argument("--part", default="0/1", help="K/N: every N-th mutant, from the K-th on")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--everywhere", action="store_true", help="in no smaller neighbourhood")
    parser.add_argument("--beside", action="store_true", help="compare what two records show")
    given: Any = parser.parse_args()
    part, _, parts = given.part.partition("/")
    if given.table:
        table(given.paths)
    elif given.beside:
        beside(given.paths)
    else:
        measure(given.paths[0], given.only, int(part), int(parts), everywhere=given.everywhere)


if __name__ == "__main__":
    main()
