"""Suites against a server that is right in another way: the proxy of tests/different, in a process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from conformance.faces.selftest.ask import ask, everything, reference
from conformance.providers.model import Provider
from conformance.verdict.model import ProviderResult

PROXY = Path(__file__).parent.parent / "different" / "proxy.py"
_FOUND_OUT = ("completions", "embeddings", "responses")
"""Declared of the reference server; here the run has to find out whether they are there."""


@dataclass(frozen=True)
class Different:
    """A variant, as the proxy tells of it."""

    name: str
    why: tuple[str, ...]
    suites: frozenset[str]
    group: int


@cache
def variants() -> tuple[Different, ...]:
    """All there are."""
    told = subprocess.run([sys.executable, PROXY, "--list"], capture_output=True, check=True)
    return tuple(
        Different(each["name"], tuple(each["why"]), frozenset(each["suites"]), each["group"])
        for each in json.loads(told.stdout)
    )


def groups() -> tuple[str, ...]:
    """Servers that differ in many things at once."""
    return tuple(f"group-{each}" for each in sorted({each.group for each in variants()}))


@contextmanager
def different(names: str, seed: int = 0) -> Iterator[Provider]:
    """The reference server behind these variants, meanwhile."""
    with reference(seed=seed) as behind:
        address = behind.base_url.removeprefix("http://").removesuffix("/v1")
        command = [sys.executable, str(PROXY), "--upstream", address, "--variant", names]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            try:
                yield replace(
                    behind,
                    base_url=f"http://127.0.0.1:{port}/v1",
                    capabilities={
                        name: held
                        for name, held in behind.capabilities.items()
                        if name not in _FOUND_OUT
                    },
                )
            finally:
                process.terminate()


def asked(
    folder: Path, names: str, chosen: Callable[[str], bool] = everything, seed: int = 0
) -> ProviderResult:
    """What the suites say of it."""
    with different(names, seed) as provider:
        return ask(folder, [provider], chosen=chosen).providers[0]


def wrong(result: ProviderResult) -> list[str]:
    """Everything that is held against it, one line each; nothing, if all is well."""
    return [
        *(
            f"{each.clause} ({each.level}) {each.message} in {', '.join(each.cells[:3])}"
            for each in result.findings
        ),
        *(f"{each.reason}: {', '.join(each.cells[:3])}" for each in result.errors),
        *(f"failed: {each.case}" for each in result.cases if each.outcome == "failed"),
    ]
