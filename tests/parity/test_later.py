"""Stage 2b where a server doesn't name parts of characters: what is counted as one is never sampled."""

import math

from said import driven, ranked

from conformance.parity.border import Border
from conformance.parity.later import honoured
from conformance.parity.model import Answer, Decision, Position, Ranked, Says, StageName
from conformance.parity.offers import Offers
from conformance.parity.setup import Setup

TOKENS = {f"w{n}": 0.06 for n in range(12)}
OFFERED = Offers(width=20, decision=Decision(stage=StageName.SEMANTICS, says=Says.INCONCLUSIVE, why=""))
NAMES = tuple(f"p{n}" for n in range(8))


def answer(ask):
    """An honest sampler: greedy answers are the best named token; half of the prompts have a nameless rest."""
    top = ranked(**TOKENS)
    if ask.prompt in NAMES[:4]:
        top = (Ranked(b"", math.log(0.2)), *top)
    said = top[-1].token.decode() if ask.settings.temperature == 1.0 and ask.settings.top_p == 1.0 else "w0"
    return Answer(ask=ask, text=said, positions=(Position(said.encode(), top[-1].logprob, top),), completion_tokens=1)


def test_prompts_with_nameless_tokens_try_no_parameter():
    parts = honoured(Setup(seed=1, stages=frozenset({"2b"}), candidates=NAMES), OFFERED, Border(NAMES, NAMES), None)
    decision, turns = driven(parts, lambda turn: answer(turn.ask))
    asked = [each.ask for each in turns]

    assert decision.says is not Says.DIFFERENT
    assert {each.prompt for each in asked if each.stage is StageName.SAMPLER} == set(NAMES[4:])
