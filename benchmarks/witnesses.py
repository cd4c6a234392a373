"""Which clauses are judged, and where they were witnessed: writes docs/witnesses.md from records.

python benchmarks/witnesses.py DATE reference=RECORD [NAME=RECORD ...]
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from conformance.contract.model import Clause
from conformance.runs.coverage import ALWAYS, CASES, coverage
from conformance.runs.judging import judge_record
from conformance.runs.toolbox import Toolbox, toolbox

PAGE = Path(__file__).parent.parent / "docs" / "witnesses.md"
REFERENCE = "reference"
WHY_NOT = {
    "ERR-010": "a key that may not do what is asked",
    "ERR-012": "a conflict (409)",
    "ERR-014": "a limit of rate or quota",
    "ERR-016": "another status from 400 on",
    "ERR-018": "a server that sends `x-should-retry`",
    "ERR-022": "a filter of contents",
    "CREQ-008": "a model that takes sound or files",
    "CRESP-019": "a filter of contents",
    "CRESP-032": "a server that tells of `metadata` or `moderation`",
    "STRM-021": "usage in running chunks, which is asked for by an option of some servers",
    "STRM-032": "a filter of contents",
    "STOOL-016": "a streamed call with long arguments, which so small a model does not make",
    "ERR-017": "a server that is full, which no single client can bring about",
    "CRESP-024": "a model that speaks; the reference server has none",
    "ERR-015": "a server that fails by itself (llama.cpp did, with 500)",
    "ERR-019": "a status from 500 on that is no fault (llama.cpp sent 501)",
    "RSN-013": "a thorough run",
    "RSN-016": "a thorough run",
    "EMB-014": "an embedding model whose input is limited, in a thorough run",
    "RESP-011": "a model that refuses",
    "RESP-032": "a thorough run",
    "RSTRM-015": "a server that fails in the middle of a response",
    "RSTRM-018": "a response with annotations",
    "TOOL-023": "custom tools, which all of them refuse (the refusal is judged, CREQ-054)",
}
"""What a clause would need to be witnessed, where no run of ours brings it about."""

Counts = Mapping[str, Mapping[str, int]]
"""Server to clause to subjects."""


def judged(tools: Toolbox) -> tuple[set[str], set[str]]:
    """The clauses of invariants, and those of cases."""
    ways = coverage(tools).ways
    return (
        {name for name, how in ways.items() if ALWAYS in how},
        {name for name, how in ways.items() if CASES in how},
    )


def witnesses(record: Path, tools: Toolbox) -> dict[str, int]:
    """Clause to subjects in a record of one provider."""
    (result,) = judge_record(record, tools).run.providers
    return {name: one.witnesses for name, one in result.clauses.items()}


def page(date: str, clauses: Mapping[str, Clause], tools: Toolbox, counts: Counts) -> str:
    """The whole page."""
    always, cases = judged(tools)
    names = [name for name in clauses if name in always | cases]
    seen = {name: [one.get(name, 0) for one in counts.values()] for name in names}
    others = [one for server, one in counts.items() if server != REFERENCE]
    real = [name for name in names if any(one.get(name) for one in others)]
    ours = [name for name in names if any(seen[name]) and name not in real]
    none = [name for name in names if not any(seen[name])]
    rows = "\n".join(
        f"| {name} | {clauses[name].level.value} | {_how(name in always, name in cases)} | "
        + " | ".join(map(str, seen[name])) + " |"
        for name in names
    )  # fmt: skip
    missing = "\n".join(
        f"  - {name}: {WHY_NOT.get(name, 'its situation did not arise')}" for name in none
    )
    return f"""# Which clauses are judged, and where they were witnessed

A check that never had anything to look at has not been tried. For each clause that the packaged suites and checks judge: how many subjects it had in one run, on the reference server and on others (seen on {date}; [what was found there](real-servers.md)).
`python benchmarks/witnesses.py` writes this page from the records of those runs.

{len(names)} of {len(clauses)} clauses are judged: {len(always)} on every exchange they fit, {len(cases)} in cases (some in both ways).

- {len(real)} were witnessed beyond the reference server: on a real server, or on DeepSeek's adapter;
- {len(ours)} only on the reference server: {", ".join(ours)};
- {len(none)} on none in an ordinary run; their tables and the faults of the self-test show them. They would need:
{missing}

| clause | level | judged | {" | ".join(counts)} |
|---|---|---|{"---|" * len(counts)}
{rows}
"""


def _how(always: bool, cases: bool) -> str:  # noqa: FBT001 - two facts of one clause
    return "always and cases" if always and cases else "always" if always else "cases"


def main() -> None:
    date, *records = sys.argv[1:]
    tools = toolbox()
    counts = {}
    for each in records:
        name, _, record = each.partition("=")
        counts[name] = witnesses(Path(record), tools)
    PAGE.write_text(page(date, tools.contract.clauses, tools, counts), encoding="utf-8")


if __name__ == "__main__":
    main()
