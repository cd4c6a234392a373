"""`conformance serve`: the reference server."""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen, what to get wrong, how slow to be."""
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=8077, help="0 takes a free one")
    add("--key", default="", help="ask for this key (default: any is accepted)")
    add(
        "--fault",
        action="append",
        default=[],
        metavar="ID[,ID...]",
        help="misbehave; see `conformance list faults`",
    )
    add(
        "--persona",
        default="",
        metavar="NAME",
        help="be a product as documented (a simulation); see `conformance list personas`",
    )
    add("--first-token", type=float, default=0.0, metavar="SECONDS")
    add("--per-token", type=float, default=0.001, metavar="SECONDS")
    add(
        "--slow-share",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="this share of requests is slower ...",
    )
    add("--slow-factor", type=float, default=1.0, metavar="FACTOR", help="... by this factor")
    add("--seed", type=int, default=0)
    add(
        "--age",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long the server has been up already, for faults that come with age",
    )
    add("--log", type=Path, metavar="FILE", help="two JSON lines per request")
    add("--model", default="reference-1")
    add(
        "--plugin",
        action="append",
        default=[],
        metavar="MODULE",
        help="import this first: it may register faults",
    )


def main(options: argparse.Namespace) -> int:
    """Serve until stopped."""
    from conformance.reference.serve import ServeOptions, run

    faults = tuple(name for value in options.fault for name in value.split(",") if name)
    return run(
        ServeOptions(
            host=options.host,
            port=options.port,
            key=options.key or None,
            faults=faults,
            persona=options.persona,
            first_token=options.first_token,
            per_token=options.per_token,
            slow_share=options.slow_share,
            slow_factor=options.slow_factor,
            seed=options.seed,
            age=options.age,
            log=options.log,
            model=options.model,
            plugins=tuple(options.plugin),
        )
    )
