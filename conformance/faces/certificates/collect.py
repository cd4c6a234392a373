"""All pairs, each in a process of its own; what was answered is kept, so that an interrupted run goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from hashlib import sha256
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

import conformance
from conformance.faces.certificates.ask import Given, ask_pair, suites
from conformance.faces.certificates.expected import PROFILES, Expected
from conformance.plan.build import digest
from conformance.verdict.model import Answer

Progress = Callable[[str], None]
"""Hears of each pair as soon as it is done with."""


def collect(wanted: Sequence[Expected], progress: Progress, kept: Path | None) -> list[Given]:
    """What certificates say to each question; those that `kept` has are not asked again."""
    state = _state()
    found = list(_read(kept, state))
    names = {one.name for one in found}
    open_ones: dict[tuple[str, str], list[str]] = {}
    for one in wanted:
        if one.name not in names:
            open_ones.setdefault(one.pair, []).append(one.profile)
    for number, answers in enumerate(_asked(open_ones), 1):
        found += answers
        _keep(kept, state, answers)
        progress(f"{number}/{len(open_ones)} {answers[0].application} -> {answers[0].candidate}")
    return found


def _asked(pairs: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[list[Given]]:
    """As many at once as there are processors, in the order in which they end."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(ask_pair, *pair, profiles) for pair, profiles in pairs.items()]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _state() -> str:
    """What answers depend on: the suites and all of the package's own files."""
    held = sha256(digest(suites()).encode())
    root = Path(str(files(conformance)))
    for path in sorted(
        (*root.rglob("*.py"), *root.rglob("*.toml"), *root.rglob("*.json"), PROFILES)
    ):
        held.update(path.read_bytes())
    return held.hexdigest()[:16]


def _read(kept: Path | None, state: str) -> Iterator[Given]:
    """Answers of this very state; others are of no use any more."""
    if kept is None or not kept.is_file():
        return
    for line in kept.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.pop("state") == state:
            lists = {name: tuple(row[name]) for name in ("reasons", "changes")}
            yield Given(**{**row, **lists, "answer": Answer(row["answer"])})


def _keep(kept: Path | None, state: str, answers: Sequence[Given]) -> None:
    if kept is None:
        return
    with kept.open("a", encoding="utf-8") as file:
        for one in answers:
            file.write(json.dumps({"state": state, **asdict(one)}) + "\n")
