"""The options of a run, for both faces: names and help stand here once. Imports nothing of ours.

The pytest plugin reads this table in every pytest run of its users, so it is data only.
"""

from __future__ import annotations

from typing import Any

OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "provider",
        {
            "action": "append",
            "metavar": "NAME[,NAME...|all]",
            "help": "run the suites against these entries of providers.toml",
        },
    ),
    (
        "baseline",
        {
            "metavar": "NAME|PATH[::NAME]",
            "help": "compare every other provider with this one, live or from an earlier record.jsonl",
        },
    ),
    (
        "certify",
        {
            "action": "append",
            "metavar": "PROFILE[,PROFILE...]",
            "help": "the certificates that decide the run (default: every profile that the provider "
            "offers, as information)",
        },
    ),
    ("endpoint", {"metavar": "URL", "help": "an endpoint without a providers.toml entry"}),
    (
        "endpoint-model",
        {"metavar": "ID", "help": "its model (found out where the server has exactly one)"},
    ),
    ("endpoint-key-env", {"metavar": "VAR", "help": "the environment variable that holds its key"}),
    (
        "profiles-file",
        {
            "metavar": "FILE",
            "help": "profiles of your own, as conformance/contract/profiles.toml has them",
        },
    ),
    (
        "providers-file",
        {
            "metavar": "FILE",
            "help": "default: providers.toml in this folder, its parents, or the user's configuration",
        },
    ),
    (
        "wait",
        {
            "type": float,
            "metavar": "SECONDS",
            "default": 0.0,
            "help": "wait that long for an endpoint that does not answer yet",
        },
    ),
    (
        "concurrency",
        {
            "type": int,
            "metavar": "N",
            "help": "requests on the wire at once per provider (default: the provider's limit)",
        },
    ),
    (
        "max-rate",
        {
            "type": float,
            "metavar": "R",
            "help": "requests per second per provider (default: the provider's limit)",
        },
    ),
    (
        "budget",
        {
            "type": float,
            "metavar": "USD",
            "help": "send nothing that could cost more than this in all; needs `prices`",
        },
    ),
    (
        "max-tokens-total",
        {
            "type": int,
            "metavar": "N",
            "help": "send nothing that could take more tokens than this in all",
        },
    ),
    (
        "estimate",
        {
            "action": "store_true",
            "help": "print requests, tokens and price of the run by suite, and send nothing",
        },
    ),
    (
        "effort",
        {
            "choices": ["quick", "normal", "thorough"],
            "default": "normal",
            "help": "quick: at most 80 requests, for a first look; thorough: all cases, several times each",
        },
    ),
    ("samples", {"type": int, "metavar": "N", "help": "run every case exactly that often"}),
    (
        "fail-on",
        {
            "choices": ["must", "should", "may"],
            "default": "must",
            "help": "which level fails the run when no profile is asked for",
        },
    ),
    (
        "undecided",
        {
            "choices": ["fail", "warn"],
            "help": "what an inconclusive certificate does (default: fail for --certify, warn otherwise)",
        },
    ),
    (
        "report-as",
        {
            "action": "append",
            "metavar": "FORMAT[,FORMAT...]",
            "help": "report formats (default: markdown,html,json,certificate,badge)",
        },
    ),
    (
        "no-clients",
        {
            "action": "store_true",
            "help": "don't play what came to the installed openai library once all is asked; "
            "`conformance clients` does it later, from the record",
        },
    ),
    (
        "reports-dir",
        {"metavar": "DIR", "default": "reports", "help": "where runs are kept (default: reports)"},
    ),
    (
        "resume-run",
        {
            "nargs": "?",
            "const": "",
            "metavar": "ID",
            "help": "go on with an interrupted run (default: the newest); nothing finished is asked twice",
        },
    ),
)

ONLY_PYTEST: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "parity",
        {
            "action": "store_true",
            "help": "ask whether it is the model that --baseline serves, in place of the suites; "
            "without a baseline: whether it still is what it was (docs/parity.md)",
        },
    ),
)
"""What is a verb of its own on the command line."""
