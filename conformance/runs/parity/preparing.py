"""From what the user wrote to all that an audit is told before it begins."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.engine.limits import Terms
from conformance.errors import UsageError, did_you_mean
from conformance.parity.candidates import Prompt, fresh_prompts, long_prompts, probes, short_prompts
from conformance.parity.choice import drawn, drawn_long
from conformance.parity.model import StageName
from conformance.parity.nights import MOST_TEXTS, number_again
from conformance.parity.setup import USUAL, Extent, Setup
from conformance.parity.turns import Side
from conformance.plan.codec import from_json
from conformance.providers.model import Provider
from conformance.record.reader import read
from conformance.runs.choose import Wish, known_providers
from conformance.runs.parity.header import no_suite
from conformance.runs.parity.items import read_rows
from conformance.runs.parity.kept import Kept, read_kept
from conformance.runs.parity.prompts import FRESH, read_own

_SEEDS = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user wrote."""

    baseline: str
    """A name, or `PATH[::NAME]` of what it said before."""
    candidate: str
    """Empty: the baseline is held against its own past."""
    providers_file: Path | None = None
    providers: Mapping[str, Provider] = field(default_factory=dict)
    """Beside those of the file: an endpoint without an entry."""
    prompts: Path | None = None
    items: tuple[str, ...] = ()
    """Files of tasks that take the place of ours: `[bfcl:|k2vv:]FILE`."""
    stages: tuple[str, ...] = tuple(USUAL)
    seed: int | None = None
    baseline_file: Path | None = None
    go_on: bool = False
    margin: float = 0.03
    profile: str = ""
    """Whose margin that is."""
    reports: Path = Path("reports")
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is known before anything is asked."""

    providers: Mapping[Side, Provider]
    setup: Setup
    own: tuple[Prompt, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    """The user's tasks."""
    kept: Kept | None = None
    silent: frozenset[Side] = frozenset()
    """Sides that are not asked: all that they said is kept."""


def prepare(wanted: Wanted) -> Prepared:
    """Everything read and chosen. Raises UsageError with the remedy."""
    written = known_providers(Wish(file=wanted.providers_file, folder=Path.cwd()))
    known = {**written, **wanted.providers}
    path, _, name = wanted.baseline.partition("::")
    if not wanted.candidate and wanted.baseline_file is None:
        raise UsageError(
            "one endpoint alone is held against its past: --baseline-file=FILE keeps it"
        )
    candidate = _named(known, wanted.candidate or wanted.baseline)
    if wanted.baseline in known or not Path(path).is_file():
        baseline = _named(known, wanted.baseline)
        kept = _kept_file(wanted, baseline)
        silent = frozenset[Side]()
    else:
        kept = read_kept(Path(path), name or None)
        baseline, silent = _recorded(Path(path), kept), frozenset({Side.BASELINE})
    replica = (
        {}
        if silent or not baseline.floor_from
        else {Side.REPLICA: _named(known, baseline.floor_from)}
    )
    own = read_own(wanted.prompts) if wanted.prompts else ()
    seed = secrets.randbelow(_SEEDS) if wanted.seed is None else wanted.seed
    sides = {Side.BASELINE: baseline, Side.CANDIDATE: candidate, **replica}
    return Prepared(
        providers=sides,
        setup=replace(
            _setup(wanted, seed, own, baseline, kept, alone=bool(silent)),
            probes=_probes((baseline, candidate)),
        ),
        own=own,
        rows=read_rows(wanted.items),
        kept=kept,
        silent=silent,
    )


def _setup(
    wanted: Wanted,
    seed: int,
    own: tuple[Prompt, ...],
    baseline: Provider,
    kept: Kept | None,
    *,
    alone: bool,
) -> Setup:
    """`alone`: only what is kept of the baseline can be compared."""
    ours = tuple(one.id for one in short_prompts())
    mine = tuple(one.id for one in own)
    answered = kept.prompts if kept and alone else (*mine, *ours)
    chosen = tuple(each for each in (*mine, *ours) if each in set(answered))
    past = kept if kept and not alone else None
    return Setup(
        seed=seed,
        stages=frozenset(wanted.stages if wanted.candidate else (StageName.DRIFT,)),
        candidates=chosen,
        own=tuple(each for each in mine if each in chosen),
        fresh=() if alone else tuple(one.id for one in fresh_prompts(seed, FRESH)),
        long=_long(kept, seed, alone=alone),
        replica=bool(baseline.floor_from) and not alone,
        recorded=alone,
        floor=baseline.noise_floor,
        margin=wanted.margin,
        profile=wanted.profile,
        go_on=wanted.go_on,
        nights=_nights(past, chosen, seed) if past else (),
        pooled=_pooled(past, chosen) if past else (),
        text_nights=_text_nights(past, chosen, seed) if past else (),
        since=kept.since if kept else "",
    )


def _long(kept: Kept | None, seed: int, *, alone: bool) -> tuple[str, ...]:
    """Of those that nobody has answered a few by the seed; `alone`: none of them."""
    known = kept.long if kept else ()
    ours = tuple(one.id for one in long_prompts())
    asked = tuple(each for each in ours if each in known) if alone else ours
    return drawn_long(asked, seed, Extent().greedy, known)


def _probes(pair: Sequence[Provider]) -> tuple[str, ...]:
    """How tools are rendered is asked where both take any."""
    tools = all(one.offers("tools") for one in pair)
    return tuple(probe.id for probe, _ in probes() if tools or not probe.tools)


def _nights(kept: Kept, chosen: tuple[str, ...], seed: int) -> tuple[tuple[str, ...], ...]:
    """The nights that were, and tonight's draw of what is kept; prompts of another audit's left out."""
    listed = [each for each in kept.listed if each in set(chosen)]
    if not listed:
        return ()
    return (*_of(kept.nights, chosen), drawn(listed, seed + 2, number_again(len(listed))))


def _pooled(kept: Kept, chosen: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((each, many) for each, many in kept.pooled if each in set(chosen))


def _text_nights(kept: Kept, chosen: tuple[str, ...], seed: int) -> tuple[tuple[str, ...], ...]:
    """The same of prompts with many short answers, whose texts are asked again."""
    pooled = [each for each, _ in _pooled(kept, chosen)]
    if not pooled:
        return ()
    return (*_of(kept.text_nights, chosen), drawn(pooled, seed + 3, MOST_TEXTS))


def _of(nights: tuple[tuple[str, ...], ...], chosen: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Without prompts that this audit doesn't know."""
    known = set(chosen)
    return (tuple(each for each in night if each in known) for night in nights)


def _kept_file(wanted: Wanted, baseline: Provider) -> Kept | None:
    """What stands in the baseline file; nothing where it is not there yet.

    Raises UsageError where it was said by another model than the entry asks for now.
    """
    path = wanted.baseline_file
    if path is None or not path.exists():
        return None
    kept = read_kept(path, wanted.baseline)
    if kept.model and baseline.model and kept.model != baseline.model:
        raise UsageError(
            f"{path} keeps what {baseline.name!r} said as model {kept.model!r}, and its entry "
            f"({baseline.where}) asks for {baseline.model!r} now\n"
            "  keep it in another --baseline-file=FILE, or delete this one to begin anew"
        )
    return kept


def _recorded(path: Path, kept: Kept) -> Provider:
    return from_json(read(path).header["plan"], no_suite).providers[kept.name]


def _named(known: Mapping[str, Provider], name: str) -> Provider:
    if name not in known:
        listed = ", ".join(sorted(known))
        raise UsageError(
            f"no provider is called {name!r}{did_you_mean(name, known)}; known: {listed}"
        )
    return known[name]
