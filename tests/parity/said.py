"""Builders of answers, for the tests of this room."""

import math

from conformance.parity.model import Answer, Ask, Position, Ranked, Settings, StageName


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
