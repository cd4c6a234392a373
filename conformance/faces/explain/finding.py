"""A finding of a run: what was asked for, what was seen, what breaks, and how to see it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.errors import UsageError, did_you_mean
from conformance.faces.explain.part import Explanation, Part
from conformance.report.back import evidence
from conformance.report.json import SCHEMA_VERSION
from conformance.report.phrase import listed
from conformance.report.trace import trace

REPORT = "report.json"
_CASES = 6


def newest(reports: Path) -> Path | None:
    """The folder of the newest run; None where there was none."""
    pointer = reports / "latest.txt"
    if not pointer.is_file():
        return None
    return reports / pointer.read_text(encoding="utf-8").strip()


def read_report(run: Path) -> Mapping[str, Any]:
    """The report of a run, by its folder or the file. Raises UsageError where it is none."""
    file = run / REPORT if run.is_dir() else run
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"no report of a run: {file}: {error.strerror}; from its record: "
            f"conformance judge {run} --report-as=json --output={run}"
        ) from error
    except ValueError as error:
        raise UsageError(f"{file} is not JSON: {error}") from error
    if not isinstance(found, dict) or "providers" not in found:
        raise UsageError(f"{file} is no report of a run")
    if found.get("schema_version") != SCHEMA_VERSION:
        raise UsageError(f"{file} was written by another version: judge its record again")
    return found


def finding(name: str, report: Mapping[str, Any]) -> Explanation:
    """The finding of that id; where the run has none, what it has of the provider and the clause."""
    for provider in report["providers"]:
        for one in provider["findings"]:
            if one["id"] == name:
                yield from _found(one, provider, report)
                return
    yield Part(f"in run {report['run']['id']}", _absent(name, report))


def _found(
    one: Mapping[str, Any], provider: Mapping[str, Any], report: Mapping[str, Any]
) -> Explanation:
    clause = report["clauses"].get(one["clause"], {})
    seen = f"in {one['exchanges_failed']} of {one['exchanges_checked']} exchanges"
    yield Part("", f"{one['id']}: {one['level'].upper()}, {one['outcome']} {seen}")
    yield Part("run", f"{report['run']['id']}, model {provider['model']}")
    yield Part("requires", clause.get("text", "-"))
    yield Part("source", clause.get("source", "-"))
    for message in one["messages"] or [one["message"]]:
        yield Part("seen", message)
    yield Part("in cases", listed(one["cases"], _CASES) or "-")
    yield Part("what breaks", one["consequence"] or "-")
    yield Part("remedy", one["remedy"] or "-")
    for name in one.get("shims", ()):
        yield Part("a shim for the client", f"{name}: conformance explain {name}")
    if one["known_deviation"]:
        yield Part("known deviation", one["known_deviation"])
    if one["shared_with_baseline"]:
        yield Part("shared", "the baseline shows it in the same cases, so it does not count")
    yield from _shown(one, provider)
    yield Part("ask again", block=one["reproduce"])


def _shown(one: Mapping[str, Any], provider: Mapping[str, Any]) -> Iterator[Part]:
    for number, name in enumerate(one["evidence"]):
        if number:
            yield Part("also", name)
            continue
        data = provider["evidence"][name]
        yield Part(f"on the wire, {name}", block=trace(evidence(name, data)))
        yield Part("the same with curl", block=data["curl"])


def _absent(name: str, report: Mapping[str, Any]) -> str:
    asked, _, clause = name.rpartition("/")
    providers = {one["name"]: one for one in report["providers"]}
    if asked not in providers:
        return f"{asked!r} was not asked{did_you_mean(asked, providers)}; it asked {', '.join(providers)}"
    tally = providers[asked]["clauses"].get(clause, {})
    checked = tally.get("exchanges_checked", 0)
    ids = [one["id"] for one in providers[asked]["findings"]]
    other = f"; its findings: {', '.join(ids)}" if ids else "; it has no findings"
    held = (
        f"{checked} exchanges were looked at, and it held in all"
        if checked
        else "nothing showed it"
    )
    return f"no such finding: {held}{other}"
