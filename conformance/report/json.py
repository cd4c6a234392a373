"""`report.json`: everything that reports show, in a shape that `report.schema.json` publishes.

Keys stand in a fixed order, lists are sorted by id, and nothing but run id and times differs
between two runs that saw the same. Pure ASCII, so that no terminal is steered by it.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from conformance.report.capabilities import by_parameter, does
from conformance.report.core import report
from conformance.report.curl import curl
from conformance.report.keywords import keywords_data
from conformance.report.strict import dumps
from conformance.report.tool_calls import tool_calls_data
from conformance.verdict.comparison import Comparison, LostCapability
from conformance.verdict.model import (
    Certificate,
    ClientResult,
    Finding,
    ProviderResult,
    Run,
)
from conformance.verdict.outcome import CaseVerdict, Evidence, Interval

SCHEMA_VERSION = 1


@report("json", suffix=".json")
def report_json(run: Run) -> str:
    """The Run as JSON text."""
    return dumps(document(run))


def document(run: Run) -> dict[str, Any]:
    """The Run as plain data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "created": run.info.finished,
        "run": run_data(run),
        "providers": [_provider(each) for each in sorted(run.providers, key=lambda one: one.name)],
        "comparisons": [
            _comparison(each)
            for each in sorted(run.comparisons, key=lambda one: (one.baseline, one.candidate))
        ],
        "clauses": {
            name: {"level": level, "text": text, "source": source}
            for name, (level, text, source) in sorted(run.clause_texts.items())
        },
        "clients": [
            clients_data(each)
            for each in sorted(run.clients, key=lambda one: (one.name, one.version))
        ],
        "extra": run.extra,
    }


def run_data(run: Run) -> dict[str, Any]:
    """Which run this was."""
    info = run.info
    return {
        "id": info.id,
        "started": info.started,
        "finished": info.finished,
        "harness_version": info.harness_version,
        "suites_digest": info.suites_digest,
        "contract_version": info.contract_version,
        "seed": info.seed,
        "effort": info.effort,
        "complete": info.complete,
    }


def certificate_data(one: Certificate) -> dict[str, Any]:
    """One certificate."""
    return {
        "profile": one.profile,
        "title": one.title,
        "baseline": one.baseline,
        "answer": one.answer.value,
        "answer_without_known_deviations": one.without_known.value,
        "asked": one.asked,
        "covered": one.covered,
        "required": one.required,
        "reasons": sorted({each.finding for each in one.reasons if each.finding}),
        "grounds": [
            {
                "clause": each.clause,
                "kind": each.kind,
                "text": each.text,
                "finding": each.finding,
                "known": each.known,
            }
            for each in sorted(one.reasons, key=lambda each: (each.clause, each.kind))
        ],
        "changes": [
            {"name": each.name, "text": each.text, "cases": sorted(each.cases)}
            for each in sorted(one.changes, key=lambda each: each.name)
        ],
        "shared": sorted(one.shared),
        "weak": sorted(one.weak),
        "times": [{"limit": each, "answer": "left open"} for each in one.times],
    }


def lost_data(rows: Sequence[LostCapability]) -> list[dict[str, Any]]:
    """Capabilities that one side honours and the other does not."""
    return [
        {
            "case": each.case,
            "title": each.title,
            "baseline": each.baseline,
            "candidate": each.candidate,
            "text": each.text,
            "change": each.change,
        }
        for each in sorted(rows, key=lambda each: each.case)
    ]


def clients_data(one: ClientResult) -> dict[str, Any]:
    """What one client library made of the answers."""
    return {
        "name": one.name,
        "version": one.version,
        "reason": one.reason,
        "outcomes": {
            name: dict(sorted(each.items())) for name, each in sorted(one.outcomes.items())
        },
        "disagreements": [asdict(each) for each in one.disagreements],
        "unpredicted": [asdict(each) for each in one.unpredicted],
    }


def _provider(one: ProviderResult) -> dict[str, Any]:
    usage = one.usage
    seen = {each.exchange: each for finding in one.findings for each in finding.evidence}
    return {
        "name": one.name,
        "preset": one.preset,
        "base_url": one.base_url,
        "model": one.model,
        "served_model": one.served_model,
        "server": one.server,
        "system_fingerprints": sorted(one.system_fingerprints),
        "certificates": [
            certificate_data(each) for each in sorted(one.certificates, key=lambda one: one.profile)
        ],
        "capabilities": {
            each.case: {
                "title": each.title,
                "parameter": each.parameter,
                "branches": dict(sorted(each.branches.items())),
                "control": each.control,
            }
            for each in sorted(one.capabilities, key=lambda one: one.case)
        },
        "keywords": keywords_data(one),
        "parameters": {name: does(each) for name, each in by_parameter(one).items()},
        "findings": [_finding(each) for each in sorted(one.findings, key=lambda one: one.id)],
        "cases": [_case(each) for each in sorted(one.cases, key=lambda one: one.cell)],
        "clauses": {
            name: {
                "witnesses": each.witnesses,
                "exchanges_checked": each.exchanges_checked,
                "exchanges_failed": each.exchanges_failed,
            }
            for name, each in sorted(one.clauses.items())
        },
        "areas": {
            name: {"held": each.held, "failed": each.failed, "undecided": each.undecided}
            for name, each in sorted(one.areas.items())
        },
        "tool_calls": tool_calls_data(one),
        "totals": dict(sorted(one.totals.items())),
        "latency": None,
        "usage": {
            "requests": usage.requests,
            "retried": usage.retried,
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "cost": usage.cost,
        },
        "stale_deviations": sorted(one.stale_deviations),
        "errors": [
            {"reason": each.reason, "cases": list(each.cells)}
            for each in sorted(one.errors, key=lambda each: each.reason)
        ],
        "evidence": {name: _evidence(each) for name, each in sorted(seen.items())},
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "id": one.id,
        "clause": one.clause,
        "level": one.level.value,
        "outcome": one.outcome.value,
        "known_deviation": one.known_deviation,
        "shared_with_baseline": one.shared_with_baseline,
        "cases": sorted(one.cases),
        "cells": sorted(one.cells),
        "exchanges_checked": one.exchanges_checked,
        "exchanges_failed": one.exchanges_failed,
        "rate": one.rate,
        "interval": _interval(one.interval),
        "message": one.message,
        "messages": list(one.messages),
        "consequence": one.consequence,
        "remedy": one.remedy,
        "shims": [each.name for each in one.shims],
        "evidence": sorted({each.exchange for each in one.evidence}),
        "reproduce": one.reproduce,
        "clients": list(one.clients),
    }


def _case(one: CaseVerdict) -> dict[str, Any]:
    return {
        "id": one.cell,
        "case": one.case,
        "title": one.title,
        "level": one.level.value,
        "outcome": one.outcome.value,
        "clauses": {name: outcome.value for name, outcome in sorted(one.clauses.items())},
        "message": one.message,
        "branch": one.branch,
        "varies": list(one.varies),
        "control": one.control,
        "adapted": one.adapted,
        "changes": sorted(one.changes),
        "weak": one.weak,
        "samples": one.samples,
        "passed": one.passed,
        "interval": _interval(one.interval),
        "known_deviation": one.known,
        "exchanges": sorted(one.exchanges),
        "seconds": one.seconds,
        "facts": {name: list(values) for name, values in sorted(one.facts.items())},
    }


def _evidence(one: Evidence) -> dict[str, Any]:
    return {
        "request": {
            "method": one.method,
            "url": one.url,
            "headers": [list(pair) for pair in one.headers],
            "body": _bytes(one.body),
        },
        "response": {
            "status": one.status,
            "headers": [list(pair) for pair in one.response_headers],
            "pieces": [{"ms": at / 1e6, **_bytes(data)} for at, data in one.pieces],
            "omitted": one.omitted,
        },
        "ended": one.ended,
        "end_ms": one.end_at / 1e6,
        "problems": [{"message": each.message, "at": each.at} for each in one.problems],
        "curl": curl(one),
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "baseline": one.baseline,
        "candidate": one.candidate,
        "parity": None,
        "latency": None,
        "capabilities_lost": lost_data(one.capabilities_lost),
        "capabilities_won": lost_data(one.capabilities_won),
        "capabilities_changed": lost_data(one.capabilities_changed),
        "facts_that_differ": [asdict(each) for each in one.facts_that_differ],
        "new_failures": sorted(one.new_failures),
        "shared_failures": sorted(one.shared_failures),
        "compared": one.compared,
        "cases": one.cells,
        "not_comparable": sorted(one.not_comparable),
    }


def _bytes(data: bytes) -> dict[str, str]:
    """As text where the bytes are UTF-8, else in base64."""
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def _interval(one: Interval | None) -> list[float] | None:
    return [one.low, one.high] if one else None
