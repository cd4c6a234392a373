"""What an endpoint offers beside plain chat, read from one answer each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.faces.doctor import answers
from conformance.faces.doctor.refused import Asked, own_words, refused
from conformance.faces.doctor.remark import Mark, Remark
from conformance.report.escape import oneline
from conformance.wire.exchange import Exchange
from conformance.wire.spent import spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one answer shows."""

    remarks: tuple[Remark, ...]
    offered: Mapping[str, bool] = field(default_factory=dict)
    """True: it showed. False: it was refused. What was ignored in silence is neither: that is worth
    asking again."""
    obeyed: answers.Obeyed | None = None


def streamed(exchange: Exchange, asked: Asked) -> Found:
    """Whether the answer came in pieces."""
    if trouble := refused(exchange, asked):
        return _not_offered("stream", trouble, "then no case with a stream is asked")
    if not exchange.streamed or not exchange.chunks:
        words = "a stream was asked for, and a whole answer came"
        fix = f"what streams breaks here; to leave it out of runs: {_declare('stream')}"
        return Found(remarks=(Remark(Mark.WRONG, "stream", words, fix),))
    usage = "usage at its end" if spent(exchange) else "no usage at its end"
    words = f"{len(exchange.chunks)} chunks, {usage}"
    return Found(remarks=(Remark(Mark.FINE, "stream", words),), offered={"stream": True})


def tools(exchange: Exchange, asked: Asked) -> Found:
    """Whether a call came that `tool_choice: required` promises."""
    if trouble := refused(exchange, asked):
        return _not_offered(
            "tools",
            trouble,
            f"or start the server with its tool parser ({_how(asked)})",
        )
    call = answers.called(exchange)
    if call is None:
        words = (
            f"tool_choice 'required' gave no call: {oneline(answers.said(exchange) or '', 60)!r}"
        )
        fix = f"start the server with its tool parser ({_how(asked)}); if it has none: " + _declare(
            "tools"
        )
        return Found(remarks=(Remark(Mark.WRONG, "tools", words, fix),))
    return Found(
        remarks=(Remark(Mark.FINE, "tools", "tool_choice 'required' gives a call"),),
        offered={"tools": True, "tool_choice.required": True},
        obeyed=call,
    )


def shaped(exchange: Exchange, asked: Asked) -> Found:
    """Whether a JSON Schema binds the answer, and whether logprobs stand beside it."""
    if trouble := refused(exchange, asked):
        return _refused_shape(own_words(exchange), trouble, asked)
    seen = {"json_schema": answers.shaped(exchange), "logprobs": answers.has_logprobs(exchange)}
    words = {
        "json_schema": ("it binds the answer", "it is taken, and the answer does not fit it"),
        "logprobs": ("they come beside the text", "asked for, and not there"),
    }
    remarks = tuple(
        _optional(name, words[name][0 if there else 1], asked, there=there)
        for name, there in seen.items()
    )
    return Found(remarks=remarks, offered={name: True for name, there in seen.items() if there})


def _refused_shape(said: str, trouble: Remark, asked: Asked) -> Found:
    """One of two was refused: which, the refusal mostly says."""
    low = said.lower()
    meant = [
        name
        for name, signs in (("logprobs", ("logprobs",)), ("json_schema", ("format", "schema")))
        if any(sign in low for sign in signs)
    ]
    if len(meant) != 1:
        words = f"json_schema and logprobs in one request are refused: {trouble.words}"
        return Found(remarks=(Remark(Mark.NOTE, "formats", words, "a run asks for each alone"),))
    name = meant[0]
    return Found(
        remarks=(_optional(name, trouble.words, asked, there=False),), offered={name: False}
    )


def _optional(name: str, words: str, asked: Asked, *, there: bool) -> Remark:
    """Nothing to repair where it is lacking, unless the entry promises it."""
    if there:
        return Remark(Mark.FINE, name, words)
    if asked.provider.capabilities.get(name):
        fix = f"the entry (or its preset) promises it: {_declare(name)}"
        return Remark(Mark.WRONG, name, words, fix)
    return Remark(Mark.NOTE, name, words)


def _not_offered(name: str, trouble: Remark, more: str) -> Found:
    fix = f"if it is not offered: {_declare(name)}, {more}"
    return Found(
        remarks=(Remark(Mark.WRONG, name, trouble.words, fix),),
        offered={name: False} if trouble.name == "chat" else {},
    )


def _how(asked: Asked) -> str:
    return f"conformance explain {asked.provider.preset or 'PRESET'}"


def _declare(name: str) -> str:
    key = f'"{name}"' if "." in name else name
    return f"capabilities = {{ {key} = false }} in the entry"
