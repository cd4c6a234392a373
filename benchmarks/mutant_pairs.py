"""Faults that show only where two features of a request meet, drawn at random: which share is noticed? No network.

conformance run --provider=reference
python benchmarks/mutant_pairs.py RECORD --seed 1 --count 600 [--kinds seen|unseen] > pairs.jsonl
python benchmarks/mutant_pairs.py RECORD --again pairs.jsonl > after.jsonl
python benchmarks/mutant_pairs.py --table pairs.jsonl ...

A mutant is an endpoint, two features, and a damage of `mutant_effects.py`, or of `mutant_kinds.py` with `--kinds`. It is wrong in every exchange with both
features that the damage can touch, and nowhere else. `--again` judges the mutants of a file in another record.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from mutant_answers import Said
from mutant_conditions import REQUESTS
from mutant_effects import EFFECTS
from mutant_kinds import KINDS, unseen
from mutant_operators import Rewrite
from mutants import Mutant, World, load

from conformance.wire.exchange import Exchange

ENDPOINTS = ("chat", "text", "response")
EVERY = EFFECTS | KINDS
FAMILIES = {
    "": list(EFFECTS),
    "seen": [each for each in KINDS if not unseen(each)],
    "unseen": [each for each in KINDS if unseen(each)],
}
"""What is drawn from: the damages of before, or either half of the newer kinds."""


class Drawn(NamedTuple):
    """A fault that was drawn."""

    endpoint: str
    first: str
    second: str
    effect: str


def features(exchange: Exchange) -> set[str]:
    """What the request asks for, streamed or whole among it."""
    body = exchange.request.json
    if not isinstance(body, dict):
        return set()
    way = "streamed" if body.get("stream") is True else "whole"
    return {way} | {name for name, has in REQUESTS.items() if has(body)}


def meetings(world: World) -> dict[tuple[str, str, str], frozenset[int]]:
    """Endpoint and two features, to the served exchanges that have them."""
    found: dict[tuple[str, str, str], set[int]] = {}
    for number, (exchange, said) in enumerate(zip(world.exchanges, world.said, strict=True)):
        if said is None or said.kind not in ENDPOINTS or said.status >= 400:
            continue
        for first, second in combinations(sorted(features(exchange)), 2):
            found.setdefault((said.kind, first, second), set()).add(number)
    return {key: frozenset(held) for key, held in found.items()}


def within(rewrite: Rewrite, world: World, numbers: frozenset[int]) -> Rewrite:
    """The same rewrite, of these exchanges' answers alone."""
    held = {id(world.said[number]) for number in numbers}

    def only(said: Said) -> Said | None:
        return rewrite(said) if id(said) in held else None

    return only


def draw(world: World, seed: int, count: int, kinds: str = "") -> Iterator[Drawn]:
    """So many mutants: two features that meet, each pair as likely, then a damage that touches an answer of theirs."""
    chance = random.Random(seed)
    met = meetings(world)
    places = sorted(met)
    seen: set[Drawn] = set()
    while len(seen) < count:
        place = chance.choice(places)
        effects = list(FAMILIES[kinds])
        chance.shuffle(effects)
        for effect in effects:
            one = Drawn(*place, effect)
            said = (world.said[number] for number in met[place])
            if one not in seen and any(EVERY[effect](each) for each in said if each):
                seen.add(one)
                yield one
                break


def judge(world: World, mutants: Iterable[Drawn]) -> Iterator[dict[str, Any]]:
    """Each mutant, how many exchanges it touches, and what the first trial with a finding breaks."""
    met = meetings(world)
    for one in mutants:
        numbers = met.get(one[:3], frozenset())
        mutant = Mutant(world, within(EVERY[one.effect], world, numbers))
        found = mutant.noticed(mutant.touched) if mutant.touched else []
        yield {"mutant": list(one), "touched": len(mutant.touched), "clauses": found}


def table(files: Iterable[Path]) -> None:
    """The share noticed: of all, by family and effect of the damage, by endpoint, and by feature."""
    noticed: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    lines = (json.loads(line) for path in files for line in path.read_text().splitlines())
    for each in lines:
        one = Drawn(*each["mutant"])
        family = one.effect.partition(":")[0]
        names = ("(all)", f"family {family}", one.effect, f"endpoint {one.endpoint}")
        for name in (*names, one.first, one.second):
            tried[name] += 1
            noticed[name] += bool(each["clauses"])
    for name in sorted(tried, key=lambda each: noticed[each] - tried[each]):
        share = 100 * noticed[name] / tried[name]
        print(f"{name:50} {noticed[name]:5} of {tried[name]:5}  {share:.0f} %")


def main() -> None:
    """Draw and judge, judge again, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--again", type=Path, help="judge the mutants of this file")
    parser.add_argument(
        "--kinds", choices=sorted(FAMILIES), default="", help="of the newer damages"
    )
    parser.add_argument("--table", action="store_true")
    given: Any = parser.parse_args()
    if given.table:
        table(given.paths)
        return
    world = load(given.paths[0])
    if given.again:
        lines = map(json.loads, given.again.read_text().splitlines())
        mutants: Iterable[Drawn] = [Drawn(*each["mutant"]) for each in lines]
    else:
        mutants = list(draw(world, given.seed, given.count, given.kinds))
    for each in judge(world, mutants):
        print(json.dumps(each), flush=True)


if __name__ == "__main__":
    main()
