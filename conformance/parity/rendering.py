"""Stage 0: how many tokens a prompt has at both endpoints, and which layer of rendering differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.parity.model import (
    Answer,
    Ask,
    Decision,
    Layer,
    Says,
    Settings,
    StageName,
    Step,
)

_A_BOS = 1  # one token more or less everywhere: a BOS that is counted or not


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a prompt is made of, as far as renderings treat it differently."""

    id: str
    turns: int = 1  # messages of user and assistant
    system: bool = False  # whether it brings a system message of its own
    tools: bool = False
    plain: bool = True  # ASCII words only


@dataclass(frozen=True, slots=True)
class Rendering:
    """The stage: the probes, and `usage.prompt_tokens` that the baseline said for each."""

    probes: tuple[Probe, ...]
    known: Mapping[str, int]

    def next(self, seen: Sequence[Answer]) -> Step:
        asked = {each.ask.order for each in seen}
        asks = tuple(
            Ask(stage=StageName.RENDERING, prompt=probe.id, order=order, settings=Settings())
            for order, probe in enumerate(self.probes)
            if order not in asked
        )
        return Step(asks, self.judge(seen))

    def judge(self, seen: Sequence[Answer]) -> Decision:
        """Exact, no statistics: any difference but one BOS is another rendering."""
        counted = {
            each.ask.prompt: each.prompt_tokens
            for each in seen
            if not each.trouble and each.prompt_tokens is not None
        }
        deltas = {
            probe: counted[probe.id] - self.known[probe.id]
            for probe in self.probes
            if probe.id in counted and probe.id in self.known
        }
        says, detail, why = _read(deltas, len(self.probes))
        return Decision(
            stage=StageName.RENDERING,
            says=says,
            why=why,
            layer=Layer.RENDERING if says is Says.DIFFERENT else None,
            detail=detail,
            requests=len(seen),
            tokens=sum(each.tokens for each in seen),
            missed=_UNSEEN if says is not Says.DIFFERENT else (),
            troubled=len(seen) - len(counted),
            remarks=tuple(f"{probe.id}: {delta:+d}" for probe, delta in deltas.items() if delta),
        )


_UNSEEN = (
    "a text replaced by one of equal length",
    "a hidden prompt that the server doesn't count",
)


def _read(deltas: Mapping[Probe, int], probes: int) -> tuple[Says, str, str]:
    if not any(deltas.values()):
        if len(deltas) < probes:
            return (
                Says.INCONCLUSIVE,
                "",
                f"prompt tokens are known for {len(deltas)} of {probes} prompts",
            )
        return Says.SAME, "", f"{len(deltas)} prompts have as many tokens at both endpoints"
    if len(deltas) == probes and {abs(each) for each in deltas.values()} == {_A_BOS}:
        why = "every prompt has one token more or less: a BOS counted by one endpoint only, or sent twice"
        return Says.INCONCLUSIVE, "BOS", why
    detail = _detail(deltas)
    return Says.DIFFERENT, detail, f"prompts are not rendered alike: {detail}"


def _detail(deltas: Mapping[Probe, int]) -> str:
    """Which part of rendering explains the prompts that differ."""
    differ = {probe for probe, delta in deltas.items() if delta}
    if len(differ) == len(deltas) and len(set(deltas.values())) == 1:
        return "a constant number of tokens: system prompt or header of the template"
    if all(probe.tools for probe in differ):
        return "only with tools: how tools are rendered"
    if all(probe.system for probe in differ):
        return "only with a system message: how it is rendered"
    bare = {probe: delta for probe, delta in deltas.items() if not probe.system}
    if differ == set(bare) and len(set(bare.values())) == 1:
        return "a constant number of tokens, but not where a system message is sent: a default system prompt"
    sent = {delta for probe, delta in deltas.items() if probe.system}
    if len(set(bare.values())) == 1 and len(sent) == 1:
        return "a constant number of tokens, another where a system message is sent: a system prompt in place of the template's own"
    if all(not probe.plain for probe in differ):
        return "only beyond ASCII: the tokenizer"
    if _grows_with_turns(deltas):
        return "grows with the turns: the chat template"
    return "grows with the text: the tokenizer"


def _grows_with_turns(deltas: Mapping[Probe, int]) -> bool:
    """Whether delta = constant + turns * step, with a step, fits every plain prompt."""
    plain = [(each.turns, delta) for each, delta in deltas.items() if each.plain and not each.tools]
    by_turns = {turns: {delta for other, delta in plain if other == turns} for turns, _ in plain}
    if len(by_turns) < 2 or any(len(each) > 1 for each in by_turns.values()):  # noqa: PLR2004 - a line needs two points
        return False
    (one, first), *rest = sorted((turns, next(iter(each))) for turns, each in by_turns.items())
    steps = {(delta - first) / (turns - one) for turns, delta in rest}
    return len(steps) == 1 and steps != {0.0}
