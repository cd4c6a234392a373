"""`conformance doctor`: at most five requests to a provider, and what to do about each answer."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from conformance.errors import UsageError
from conformance.faces.doctor.cost import cost
from conformance.faces.doctor.examine import Examination
from conformance.faces.doctor.line import on_the_line
from conformance.faces.doctor.remark import Remark, lines, worst
from conformance.providers.model import Provider
from conformance.report.phrase import counted
from conformance.runs.choose import Wish, choose, known_providers

WIDEST = 120


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whom to ask."""
    add = parser.add_argument
    add("provider", nargs="?", metavar="PROVIDER", help="a name from providers.toml, or all")
    add("--endpoint", metavar="URL", help="an endpoint without an entry")
    add("--endpoint-model", metavar="ID")
    add("--endpoint-key-env", metavar="VAR")
    add("--providers-file", type=Path, metavar="FILE")


def main(options: argparse.Namespace) -> int:
    """Ask and print; 0 all is well, 1 there is something to repair, 2 it cannot be reached."""
    wish = Wish(
        names=(options.provider,) if options.provider else (),
        endpoint=options.endpoint,
        endpoint_model=options.endpoint_model,
        endpoint_key_env=options.endpoint_key_env,
        file=options.providers_file,
        folder=Path.cwd(),
    )
    if not wish.names and not wish.endpoint:
        known = ", ".join(known_providers(wish))
        raise UsageError(f"whom to examine? A name ({known}), or --endpoint=URL")
    chosen = choose(wish)
    return max(_examine(one) for one in chosen.providers.values())


def _examine(provider: Provider) -> int:
    width = min(shutil.get_terminal_size().columns, WIDEST)
    said: list[Remark] = []
    with on_the_line(provider) as line:
        print(f"{provider.name}  {line.provider.base_url}  ({provider.where})")
        examination = Examination(line=line, environ=os.environ)
        for remark in examination.remarks():
            said.append(remark)
            print(*lines(remark, width), sep="\n", flush=True)
    if examination.obeyed:  # it was talked to
        print(*lines(cost(provider), width), sep="\n")
    prompt, completion = examination.prompt_tokens, examination.completion_tokens
    spent = f", {prompt} + {completion} tokens" if prompt or completion else ""
    print(f"  asked: {counted(line.asked, 'request')}{spent}")
    return worst(said)
