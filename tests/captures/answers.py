"""The recorded answers of real servers as exchanges."""

import base64
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conformance.checks.core import CHECKS, Scene, Schemas, apply
from conformance.contract.load import load_contract
from conformance.wire.exchange import End, Ended, Exchange, Request
from conformance.wire.piece import Ns, Piece

FOLDER = Path(__file__).parent
_ENDS = {"RemoteDisconnected": Ended.CLOSED, "ConnectionRefusedError": Ended.UNREACHABLE, "TimeoutError": Ended.TIMED_OUT}
_SECOND = 1_000_000_000


def answers() -> Iterator[tuple[str, str, Exchange]]:
    """Server, case and exchange, in order."""
    with lzma.open(FOLDER / "answers.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            yield one["server"], one["case"], _exchange(one)


def _exchange(one: dict[str, Any]) -> Exchange:
    asked = one["request"]
    sent = asked["raw"] if "raw" in asked else json.dumps(asked["body"]) if "body" in asked else ""
    # what was sent as no UTF-8 was written down with replacement characters
    body = sent.encode().replace("\ufffd".encode(), b"\xff")
    received = _received(one) if "status" in one else ()
    end = Ended.CANCELLED if one.get("hung_up") else _ENDS[one["error"].partition(":")[0]] if "error" in one else Ended.COMPLETE
    return Exchange(
        step="main", attempt=1,
        request=Request(
            method=asked["method"], url=f"http://{one['server']}.example{asked['path']}",
            headers=tuple(asked["headers"].items()), body=body, at=Ns(0),
        ),
        sent=(), received=received,
        end=End(how=end, at=received[-1].at if received else Ns(0), detail=one.get("error", "")),
    )  # fmt: skip


def _received(one: dict[str, Any]) -> tuple[Piece, ...]:
    headers = {name.lower(): value for name, value in one["headers"]}
    first, last = one["seconds"]
    if "chunks" in one:
        parts = [(at, text.encode()) for at, text in one["chunks"]]
    elif "base64" in one:
        parts = [(last, base64.b64decode(one["base64"]))]
    else:
        parts = [(last, one["body"].encode())]
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts = [(at, b"%x\r\n%b\r\n" % (len(data), data)) for at, data in parts if data]
        if not one.get("hung_up"):
            parts.append((last, b"0\r\n\r\n"))
    # paths of the machine were taken out of two bodies after they had been counted
    size = str(sum(len(data) for _, data in parts))
    told = [(name, size if name.lower() == "content-length" else value) for name, value in one["headers"]]
    lines = [f"{name}: {value}" for name, value in told]
    head = "\r\n".join([f"HTTP/1.1 {one['status']} {one['reason']}", *lines, "", ""]).encode()
    made = [(first, head), *parts]
    return tuple(Piece(at=Ns(int(at * _SECOND)), data=data) for at, data in made if data)


def judged() -> dict[str, dict[str, Any]]:
    """Server to `exchanges`, `judged` (looked at by more than HTTP's checks) and `found`: clause to exchanges, message and case."""
    scene = Scene(schemas=Schemas(dict(load_contract().schemas)))
    invariants = [one for one in CHECKS.values() if one.always]
    servers: dict[str, dict[str, Any]] = {}
    for server, case, exchange in answers():
        kept = servers.setdefault(server, {"exchanges": 0, "judged": 0, "unjudged": [], "found": {}})
        kept["exchanges"] += 1
        looked = set()
        broken: dict[str, str] = {}
        for one in invariants:
            result = apply(one, exchange, {}, scene)
            if result.witnesses:
                looked.add(one.clauses[0].rpartition("-")[0])
            for problem in result.problems[:1]:
                broken.setdefault(one.clauses[0], problem.message)
        if looked - {"TRANS", "AUTH"}:
            kept["judged"] += 1
        else:
            kept["unjudged"].append(case)
        for clause, message in sorted(broken.items()):
            known = kept["found"].setdefault(clause, {"exchanges": 0, "message": message, "case": case})
            known["exchanges"] += 1
    return servers
