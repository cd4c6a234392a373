"""`conformance run`: the engine without pytest."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from conformance.errors import ConformanceError, HarnessError
from conformance.faces.estimating import table
from conformance.faces.options import OPTIONS
from conformance.faces.show import show
from conformance.faces.ticking import live
from conformance.plan.build import every_variant
from conformance.runs.bar import CONFORMS, Bar
from conformance.runs.choose import Wish, choose, words
from conformance.runs.output import kept
from conformance.runs.performance import Performance, every_pair
from conformance.runs.settings import settings
from conformance.runs.toolbox import packaged_suites, read_suites, toolbox


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of pytest's face, as far as they make sense here."""
    add = parser.add_argument
    add("providers", nargs="*", metavar="PROVIDER", help="names from providers.toml, or all")
    add(
        "--suite",
        action="append",
        metavar="PATH",
        help="suite files or folders (default: the packaged ones)",
    )
    add("--case", action="append", metavar="TEXT", help="only cases whose id contains this")
    add("-q", "--quiet", action="store_true", help="no progress while it runs")
    for name, attributes in OPTIONS:
        add(f"--{name}", **attributes)


def main(options: argparse.Namespace) -> int:
    """Run everything selected, print the summary, return the run's exit code."""
    chosen = choose(
        Wish(
            names=words([*options.providers, *(options.provider or ())]),
            baseline=options.baseline,
            endpoint=options.endpoint,
            endpoint_model=options.endpoint_model,
            endpoint_key_env=options.endpoint_key_env,
            file=Path(options.providers_file) if options.providers_file else None,
            folder=Path.cwd(),
        )
    )
    tools = toolbox(Path(options.profiles_file) if options.profiles_file else None)
    bar = Bar.from_words(
        profiles=words(options.certify),
        fail_on=options.fail_on,
        undecided=options.undecided,
        contract=tools.contract,
        providers=chosen.providers,
    )
    performance = Performance(
        chosen,
        tools,
        settings(
            lambda name: getattr(options, name.replace("-", "_")), folder=Path(), origin=Path()
        ),
        bar.wanted,
    )
    paths = [Path(each) for each in options.suite or packaged_suites()]
    suites = [performance.prepare(suite) for suite in read_suites(tools, paths)]
    named = options.case or ()
    tried = every_variant(suites)
    pairs = every_pair(
        (each for each in tried if performance.asks(each) or each.case.id in named),
        chosen.providers,
    )
    if named:
        pairs = {pair for pair in pairs if any(text in pair[0] for text in named)}
    for line in chosen.left_out:
        print(line, file=sys.stderr)
    if options.estimate:
        print(table(performance.estimate(pairs)))
        return CONFORMS
    performance.start(pairs)
    complete = False
    try:
        with live(performance.meters, quiet=options.quiet):
            performance.wait()
        complete = True
    finally:
        try:
            performance.finish(complete=complete)
        except (ConformanceError, OSError) as error:  # the disk is full, to name the usual one
            _show(performance)
            raise HarnessError(kept(error, performance.folder)) from error
    assert performance.run is not None  # it was started
    _show(performance)
    return bar.code(performance.run)


def _show(performance: Performance) -> None:
    """The summary, as far as there is one."""
    if performance.run is not None:
        color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        show(performance.run, performance.folder, color=color)
