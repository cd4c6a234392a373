"""Exchanges and trials as JSON data and back, exactly. The public format, version 1.

The shapes are described in `record.schema.json`. Bytes are written as text where they are UTF-8,
else as `{"base64": ...}`; a request body that stands at the end of what was sent is written as
`{"sent": LENGTH}`, so that long prompts are kept once.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.wire.exchange import (
    Cut,
    End,
    Ended,
    Exchange,
    Redaction,
    Request,
    Trial,
    TrialKey,
)
from conformance.wire.piece import Headers, Ns, Piece, Stamp

VERSION = 1
"""Of the format. A reader refuses newer ones and ignores kinds of lines that it does not know."""

_WITH_STAMP = 3


def line(data: Mapping[str, Any]) -> bytes:
    """One line of a record: compact, strict JSON, ending with a line feed.

    Raises ValueError for numbers that are not JSON (NaN) and TypeError for values that are not.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate, received as \ud800: written that way again
        return json.dumps(data, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def key_out(key: TrialKey) -> dict[str, Any]:
    """The fields that name a trial."""
    return {
        "case": key.case,
        "axes": key.axes,
        "provider": key.provider,
        "arm": key.arm,
        "sample": key.sample,
    }


def key_in(data: Mapping[str, Any]) -> TrialKey:
    """Back from `key_out`, after JSON made lists of tuples."""
    return TrialKey(
        case=data["case"],
        axes=tuple((name, value) for name, value in data["axes"]),
        provider=data["provider"],
        arm=data["arm"],
        sample=data["sample"],
    )


def exchange_out(key: TrialKey, exchange: Exchange) -> dict[str, Any]:
    """One exchange with the trial that it belongs to."""
    request = exchange.request
    return {
        "kind": "exchange",
        **key_out(key),
        "step": exchange.step,
        "attempt": exchange.attempt,
        "connection": exchange.connection,
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": request.headers,
            "body": _body_out(request.body, exchange.sent),
            "at": request.at,
            **({} if request.begun is None else {"begun": request.begun}),
        },
        "sent": [_piece_out(each) for each in exchange.sent],
        "received": [_piece_out(each) for each in exchange.received],
        "end": {
            "how": exchange.end.how.value,
            "at": exchange.end.at,
            "detail": exchange.end.detail,
            **_cut_out(exchange.end.cut),
        },
        "decoded": exchange.decoded,
        "redactions": [
            {"side": each.side, "offset": each.offset, "length": each.length, "key": each.key}
            for each in exchange.redactions
        ],
    }


def exchange_in(data: Mapping[str, Any]) -> Exchange:
    """Back from `exchange_out`. Raises KeyError, TypeError or ValueError on any other shape."""
    request, end = data["request"], data["end"]
    sent = tuple(_piece_in(each) for each in data["sent"])
    return Exchange(
        step=data["step"],
        attempt=data["attempt"],
        connection=data["connection"],
        request=Request(
            method=request["method"],
            url=request["url"],
            headers=_headers_in(request["headers"]),
            body=_body_in(request["body"], sent),
            at=Ns(request["at"]),
            begun=None if request.get("begun") is None else Ns(request["begun"]),
        ),
        sent=sent,
        received=tuple(_piece_in(each) for each in data["received"]),
        end=End(
            how=Ended(end["how"]),
            at=Ns(end["at"]),
            detail=end["detail"],
            cut=_cut_in(end.get("cut")),
        ),
        decoded=data["decoded"],
        redactions=tuple(
            Redaction(
                side=each["side"], offset=each["offset"], length=each["length"], key=each["key"]
            )
            for each in data["redactions"]
        ),
    )


def trial_out(trial: Trial) -> dict[str, Any]:
    """The end of a trial; its exchanges stand in lines of their own before it."""
    return {
        "kind": "trial",
        **key_out(trial.key),
        "captured": _values_out(trial.captured),
        "error": trial.error,
        "exchanges": len(trial.exchanges),
        **({"withheld": trial.withheld} if trial.withheld else {}),
    }


def trial_in(data: Mapping[str, Any], exchanges: Sequence[Exchange]) -> Trial:
    """Back from `trial_out`. Raises ValueError where exchanges are missing."""
    if data["exchanges"] != len(exchanges):
        raise ValueError(f"the trial has {data['exchanges']} exchanges, found {len(exchanges)}")
    captured = data["captured"]
    return Trial(
        key=key_in(data),
        exchanges=tuple(exchanges),
        captured=json.loads(captured) if isinstance(captured, str) else captured,
        error=data["error"],
        withheld=data.get("withheld", ""),
    )


def _values_out(values: Mapping[str, Any]) -> dict[str, Any] | str:
    """Captured values as they are; as JSON text where an endpoint sent what is no JSON (NaN)."""
    plain = dict(values)
    try:
        json.dumps(plain, allow_nan=False)
    except ValueError:
        return json.dumps(plain)
    return plain


def _bytes_out(data: bytes) -> str | dict[str, str]:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def _bytes_in(data: str | Mapping[str, str]) -> bytes:
    if isinstance(data, str):
        return data.encode("utf-8")
    return base64.b64decode(data["base64"], validate=True)


def _body_out(body: bytes, sent: Sequence[Piece]) -> str | dict[str, Any]:
    if body and b"".join(piece.data for piece in sent).endswith(body):
        return {"sent": len(body)}
    return _bytes_out(body)


def _body_in(data: str | Mapping[str, Any], sent: Sequence[Piece]) -> bytes:
    if isinstance(data, str) or "sent" not in data:
        return _bytes_in(data)
    joined = b"".join(piece.data for piece in sent)
    length = data["sent"]
    if not 0 < length <= len(joined):
        raise ValueError(f"the request's body is said to be the last {length} bytes sent")
    return joined[-length:]


def _piece_out(piece: Piece) -> list[Any]:
    if piece.stamp is Stamp.USER:
        return [piece.at, _bytes_out(piece.data)]
    return [piece.at, _bytes_out(piece.data), piece.stamp.value]


def _piece_in(data: Sequence[Any]) -> Piece:
    stamp = Stamp(data[2]) if len(data) == _WITH_STAMP else Stamp.USER
    return Piece(at=Ns(data[0]), data=_bytes_in(data[1]), stamp=stamp)


def _cut_out(cut: Cut | None) -> dict[str, Any]:
    return {"cut": {"size": cut.size, "sha256": cut.sha256}} if cut else {}


def _cut_in(data: Mapping[str, Any] | None) -> Cut | None:
    return Cut(size=data["size"], sha256=data["sha256"]) if data else None


def _headers_in(data: Sequence[Sequence[str]]) -> Headers:
    return tuple((name, value) for name, value in data)
