"""Which fault breaks which version of a real client: the table of docs/clients.md.

python benchmarks/clients.py openai==1.109 openai==2.54 [--fault ID ...]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.clients.environment import environment
from conformance.clients.gather import gather
from conformance.clients.playback import Player
from conformance.engine.limits import Terms
from conformance.providers.load import builtin_providers
from conformance.providers.model import Auth, Provider
from conformance.record.reader import read
from conformance.reference.fault import FAULTS
from conformance.reference.serve import ServeOptions, load_faults
from conformance.reference.testing import running
from conformance.runs.choose import Chosen
from conformance.runs.clients import INSTALLED, played
from conformance.runs.performance import Performance, Settings, every_pair
from conformance.runs.toolbox import packaged_suites, read_suites, toolbox
from conformance.verdict.assemble import Wanted
from conformance.verdict.model import ClientResult

KEY = "reference-key"


def provider(url: str) -> Provider:
    """The reference server at that address."""
    known = builtin_providers()["reference"]
    limits = replace(known.limits, retries=0)
    auth = Auth(kind="bearer", key=f"${{NO_SUCH_VARIABLE:-{KEY}}}")
    return replace(known, base_url=url, launch=None, auth=auth, limits=limits)


def clients(fault: str, players: Sequence[Player]) -> tuple[ClientResult, ...]:
    """A whole run against the fault, played to each client."""
    tools = toolbox()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(ServeOptions(port=0, key=KEY, faults=(fault,))) as url,
    ):
        chosen = Chosen(providers={"reference": provider(url)}, baseline=None)
        settings = Settings(reports=Path(folder), terms=Terms(), formats=("json",), clients=False)
        performance = Performance(chosen, tools, settings, Wanted(named={}))
        suites = [performance.prepare(one) for one in read_suites(tools, packaged_suites())]
        performance.start(every_pair(suites, ["reference"]))
        performance.wait()
        run = performance.finish(complete=True)
        assert run is not None
        assert performance.folder is not None
        record = performance.folder / "record.jsonl"
        found = [played(record, each) for each in players]
        return gather(run, read(record).trials(), found).clients


def rows(fault: str, found: Sequence[ClientResult]) -> Iterator[str]:
    """One line per disagreement, with the exchanges at each client."""
    numbers: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(found):
        for each in one.disagreements:
            cells = numbers.setdefault((each.severity, each.what), [0] * len(found))
            cells[place] = each.exchanges
    named = f"`{fault}`: {', '.join(FAULTS[fault].primary)}"
    for (severity, what), cells in numbers.items() or [
        (("none", "as the wire meant"), [0] * len(found))
    ]:
        yield f"| {named} | {severity} | {what} | {' | '.join(str(each or '-') for each in cells)} |"
    for one in found:
        for other in one.unpredicted:
            print(
                f"{fault}: {one.name} {one.version}: {other.words} at {other.exchange}",
                file=sys.stderr,
            )


def main() -> None:
    """Print the table."""
    load_faults()
    parser = argparse.ArgumentParser()
    parser.add_argument("client", nargs="*", metavar="openai==VERSION")
    parser.add_argument("--fault", action="append", choices=sorted(FAULTS))
    options = parser.parse_args()
    players = [Player(python=sys.executable, packages=environment(each)) for each in options.client]
    for number, fault in enumerate(options.fault or sorted(FAULTS)):
        found = clients(fault, [*players, INSTALLED])
        if not number:
            print(
                f"| fault | severity | what an application gets | {' | '.join(one.version for one in found)} |"
            )
            print("|---|---|---|" + "---|" * len(found))
        for row in rows(fault, found):
            print(row, flush=True)


if __name__ == "__main__":
    main()
