"""The same bytes at other times: no clause is broken, and waiting clients notice."""

from __future__ import annotations

from itertools import chain

from conformance.reference.circumstances import busy, streamed
from conformance.reference.fault import SCRIPT, TIMES, fault
from conformance.reference.script import Pause, Script, Send

_CROWD = 8
_FROZEN = 2.0


@fault(
    "head-with-first-token", at=SCRIPT, level="may", of=streamed, registry=TIMES,
    sources=["Boise-State-Development/agentcore-public-stack#1133"],
    field=["headers-withheld-until-first-token"], changes=["ttfb"],
)  # fmt: skip
def head_with_first_token(script: Script) -> Script:
    """Status line and headers of a stream wait for its first token."""
    pauses = [number for number, act in enumerate(script) if isinstance(act, Pause)]
    if not pauses or not isinstance(script[0], Send):
        return script
    first = pauses[0]
    return (script[first], *script[:first], *script[first + 1 :])


@fault(
    "preempted-in-a-crowd", at=SCRIPT, level="may", of=streamed, when=busy(_CROWD), rate=0.5,
    registry=TIMES, sources=["docs: vllm-ascend, FAQs (Why does TPOT increase drastically as concurrency grows?)"],
    field=["tpot-jump-with-concurrency-preemption"], changes=["itl", "tpot", "stalls"],
)  # fmt: skip
def preempted_in_a_crowd(script: Script) -> Script:
    """While eight requests are being answered, half of the streams stand still in their middle."""
    half = len(script) // 2
    return tuple(chain(script[:half], (Pause(_FROZEN),), script[half:]))
