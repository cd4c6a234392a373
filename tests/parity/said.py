"""Builders of answers, for the tests of this room."""

import json
import math

from conformance.parity.model import Answer, Ask, Position, Ranked, Settings, StageName
from conformance.wire.exchange import End, Ended, Exchange, Request
from conformance.wire.piece import Ns, Piece


def ask(prompt="p", order=0, stage=StageName.LOGPROBS, **settings):
    return Ask(stage=stage, prompt=prompt, order=order, settings=Settings(**settings))


def ranked(**chances):
    """A list from tokens and chances, best first."""
    return tuple(Ranked(token.encode(), math.log(p)) for token, p in sorted(chances.items(), key=lambda each: -each[1]))


def listed(top, prompt="p", order=0, **settings):
    """An answer of one token, the best of its list."""
    return Answer(
        ask=ask(prompt, order, **settings), text=top[0].token.decode(),
        positions=(Position(top[0].token, top[0].logprob, tuple(top)),), completion_tokens=1,
    )


def text(said, prompt="p", order=0, **about):
    return Answer(ask=ask(prompt, order, StageName.SAMPLED), text=said, completion_tokens=1, **about)


def counted(prompt, tokens, order=0, **about):
    return Answer(ask=ask(prompt, order, StageName.RENDERING), text="x", prompt_tokens=tokens, **about)


def run(stage, reply):
    """A stage to its end against `reply(ask) -> Answer`; the last step and all that was said."""
    seen = []
    step = stage.next(seen)
    while step.asks:
        seen += [reply(each) for each in step.asks]
        step = stage.next(seen)
    return step.decision, seen


def exchange(data, status=200, how=Ended.COMPLETE):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    head = f"HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    received = (Piece(at=Ns(1), data=head + body),) if how is Ended.COMPLETE else ()
    request = Request(method="POST", url="http://h/v1/chat/completions", headers=(), body=b"{}", at=Ns(0))
    return Exchange(step="main", attempt=1, request=request, sent=(), received=received, end=End(how=how, at=Ns(2), detail=""))


def driven(parts, reply):
    """Parts of an audit to their end against `reply(turn) -> Answer`; what they give, and every turn asked."""
    asked, told = [], None
    while True:
        try:
            turns = parts.send(told) if told is not None else next(parts)
        except StopIteration as end:
            return end.value, asked
        asked += turns
        told = {each: reply(each) for each in turns}
