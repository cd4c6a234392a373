"""The command line: one module per verb, imported only when it is used.

Exit codes: 0 conforms, 1 does not, 2 our error or interrupted, 3 undecided, 4 wrong use.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

from conformance import __version__
from conformance.errors import ConformanceError, UsageError, did_you_mean

VERBS = {
    "run": "run the suites against providers (the same as pytest --provider, without pytest)",
    "judge": "judge a record again: the same verdict, offline",
    "report": "one report of several records: shards of a CI matrix, several days",
    "compare": "is it the same model behind both endpoints? Weights, template, sampler",
    "clients": "a record, played to real client libraries: what applications would get",
    "serve": "the reference server, with faults on demand",
    "selftest": "every fault of the reference server against the suites: what is noticed, what is missed",
    "init": "write an entry of providers.toml, by asking you and the endpoint",
    "doctor": "can a provider be reached, does the key work, what is offered?",
    "latency": "how fast a provider is, and how far that can be trusted",
    "list": "what there is: providers, presets, suites, cases, checks, clauses, profiles, shims, faults, ...",
    "explain": "a finding, clause, check, case, profile, fault, preset or provider in full",
}
EXAMPLES = {
    "run": "conformance run local-vllm --certify=agent",
    "judge": "conformance judge reports/20261129-101500-3f2a1c --certify=agent",
    "report": "conformance report reports/20261129-101500-3f2a1c reports/20261129-103000-77aa01",
    "compare": "conformance compare deepseek our-vllm\n"
    "  conformance compare deepseek our-vllm --baseline-file=deepseek.jsonl --stages=0,1,2",
    "clients": "conformance clients reports/20261129-101500-3f2a1c\n"
    "  conformance clients reports/20261129-101500-3f2a1c --client=openai --client=openai==2.54",
    "serve": "conformance serve --port=8077 --fault=role-in-every-chunk",
    "selftest": "conformance selftest --effort=quick\n"
    "  conformance selftest parity --audits=20 --kept=audits.jsonl --page=docs/parity-selftest.md\n"
    "  conformance selftest --kept=kept.jsonl --write --page=docs/selftest.md",
    "init": "conformance init\n"
    "  conformance init my-server --base-url=http://127.0.0.1:8000/v1 --key-env=MY_API_KEY",
    "doctor": "conformance doctor local-vllm\n"
    "  conformance doctor --endpoint=http://127.0.0.1:8000/v1 --endpoint-model=my-model",
    "latency": "conformance latency local-vllm --streams=16 --limit=ttft_p95=200",
    "list": "conformance list providers",
    "explain": "conformance explain local-vllm/STRM-011\n  conformance explain tools/choice-required",
}
"""Shown at the end of each verb's help."""
BROKEN, MISUSE, INTERRUPTED = 2, 4, 2
UNREAD = 141
"""128 + SIGPIPE: as shells say it of a program whose output was closed."""


class _Parser(argparse.ArgumentParser):
    """argparse leaves with 2 on wrong use; here that means 4. No option is guessed from its beginning."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **{**more, "allow_abbrev": False})

    def error(self, message: str) -> None:  # type: ignore[override]  # argparse says NoReturn; exit() is
        self.print_usage(sys.stderr)
        self.exit(MISUSE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run one verb, and turn what users did wrong into one line and exit code 4."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser(given)
    options = parser.parse_args(given)
    try:
        return _flushed(int(options.main(options)))
    except UsageError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return MISUSE
    except ConformanceError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return BROKEN
    except BrokenPipeError:  # whoever read our output wants no more of it
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # what is left has a place to go
        return UNREAD
    except KeyboardInterrupt:
        print("conformance: interrupted", file=sys.stderr)
        return INTERRUPTED


def _flushed(code: int) -> int:
    """The code, once everything printed has gone out; only then it is known that somebody took it."""
    sys.stdout.flush()
    return code


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="conformance", description="Prove whether one LLM endpoint can replace another."
    )
    parser.add_argument("--version", action="version", version=f"llm-conformance {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)
    wanted = next((word for word in given if not word.startswith("-")), None)
    if wanted is not None and wanted not in VERBS:
        parser.error(
            f"no command is called {wanted!r}{did_you_mean(wanted, VERBS)}; there are: {', '.join(VERBS)}"
        )
    for name, words in VERBS.items():
        verb = verbs.add_parser(
            name,
            help=words,
            description=words,
            epilog=f"example:\n  {EXAMPLES[name]}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == wanted:
            module = importlib.import_module(f"conformance.faces.commands.{name}")
            module.arguments(verb)
            verb.set_defaults(main=module.main)
    return parser
