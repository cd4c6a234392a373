"""Outcomes as lines of a record, kind `client`, and back.

They are facts that came after the capture, the last ones before the footer. What they mean is said
by `compare`, today's or tomorrow's: a record that is judged again needs no client.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from conformance.clients.model import Client, ClientOutcome, Got, How, Played, brief
from conformance.errors import RecordError

KIND = "client"
_BEGINS = b'{"kind":"client"'


def out(played: Played) -> Iterator[bytes]:
    """One line per outcome, and one for the reason if there is one."""
    client = played.client
    about = {"kind": KIND, "client": client.name, "version": client.version}
    for each in played.outcomes.values():
        yield _line({**about, **_outcome_out(each)})
    if played.reason:
        yield _line({**about, "reason": played.reason})


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode("ascii") + b"\n"


def read(record: Path) -> list[Played]:
    """What a record keeps, one entry per client; what was played last counts.

    Raises RecordError for a line that cannot be understood, unless it is a torn last one.
    """
    found: dict[Client, dict[str, ClientOutcome]] = {}
    reasons: dict[Client, str] = {}
    for line in _lines(record):
        try:
            data = json.loads(line)
            client = Client(name=data["client"], version=data["version"])
            outcomes = found.setdefault(client, {})
            if "reason" in data:
                reasons[client] = data["reason"]
            else:
                outcome = _outcome_in(data)
                outcomes[outcome.exchange] = outcome
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RecordError(f"{record}: a line of kind `client` is broken: {error}") from error
    return [
        Played(client=client, outcomes=outcomes, reason=reasons.get(client, ""))
        for client, outcomes in found.items()
    ]


def _lines(record: Path) -> list[bytes]:
    with record.open("rb") as file:
        lines = [line for line in file if line.startswith(_BEGINS)]
    return lines if not lines or lines[-1].endswith(b"\n") else lines[:-1]


def _outcome_out(outcome: ClientOutcome) -> dict[str, Any]:
    """What is empty is left out."""
    got = {name: value for name, value in asdict(outcome.got).items() if value}
    facts = {name: value for name, value in asdict(outcome).items() if value and name != "got"}
    return {**facts, "got": got}


def _outcome_in(data: Mapping[str, Any]) -> ClientOutcome:
    """Back from `_outcome_out`. Raises KeyError, TypeError or ValueError on any other shape."""
    return ClientOutcome(
        exchange=data["exchange"],
        how=How(data["how"]),
        raised=data.get("raised", ""),
        own=data.get("own", False),
        where=data.get("where", ""),
        words=data.get("words", ""),
        told=data.get("told"),
        got=_got(data["got"]),
    )


def from_client(exchange: str, said: Mapping[str, Any]) -> ClientOutcome:
    """What `replay` printed, with long texts cut down to their digests."""
    choices = [_choice(one) for one in said.get("choices", ())]
    items = [str(brief(one)) for one in said.get("items", ())]
    got = {**said, "choices": choices, "items": items}
    return _outcome_in({**said, "exchange": exchange, "got": got})


def _choice(one: Mapping[str, Any]) -> dict[str, Any]:
    calls = one.get("calls") or ()
    plain = {name: brief(value) for name, value in one.items() if name != "calls"}
    return plain | {"calls": [[brief(each["name"]), brief(each["arguments"])] for each in calls]}


def _got(data: Mapping[str, Any]) -> Got:
    return Got(
        type=data.get("type", ""),
        chunks=data.get("chunks", 0),
        choices=tuple(_frozen(one) for one in data.get("choices", ())),
        usage=data.get("usage"),
        items=tuple(data.get("items", ())),
        mistyped=tuple(data.get("mistyped", ())),
    )


def _frozen(choice: Mapping[str, Any]) -> dict[str, Any]:
    calls = tuple((name, arguments) for name, arguments in choice.get("calls") or ())
    return {**choice, "calls": calls}
