"""A turn of an audit as a request of the engine, and under which key its answer is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.parity.body import CHAT, TEXTS, chat_body, sampling, text_body
from conformance.parity.candidates import Prompt
from conformance.parity.heard import answer
from conformance.parity.items.model import Item
from conformance.parity.model import Answer, Settings, StageName
from conformance.parity.turns import Side, Turn
from conformance.plan.adhoc import STEP, ad_hoc_ask
from conformance.plan.model import Ask
from conformance.providers.model import Provider
from conformance.wire.exchange import Trial, TrialKey

CASE = "parity/{}"
QUIET = "thinking-off"
"""The fragment with which an endpoint answers at once; without one it is asked as it is."""
AS = "as"
"""The axis that says whose turn it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Writes the requests of an audit."""

    providers: Mapping[Side, Provider]
    prompts: Mapping[str, Prompt]
    items: Mapping[str, Item]

    def ask(self, turn: Turn) -> Ask:
        """The request of a turn, in the endpoint's own words where it needs any."""
        provider = self.providers[turn.side]
        chat = provider.offers("chat") or turn.ask.stage is StageName.TASKS
        return ad_hoc_ask(
            CASE.format(turn.ask.stage),
            provider.name,
            self._body(turn, provider, chat=chat),
            path=CHAT if chat else TEXTS,
            axes=_axes(turn),
            sample=turn.ask.order,
        )

    def _body(self, turn: Turn, provider: Provider, *, chat: bool) -> dict[str, Any]:
        ask = turn.ask
        if ask.stage is StageName.TASKS:  # as an application asks: it may think
            return {**sampling(ask.settings), **self.items[ask.prompt].body()}
        if chat:
            quiet = provider.fragments.get(QUIET, {})
            return {**chat_body(ask, self.prompts[ask.prompt]), **quiet}
        return text_body(ask, self.prompts[ask.prompt])

    def key(self, turn: Turn) -> TrialKey:
        """Under which the answer stands in a record."""
        return TrialKey(
            case=CASE.format(turn.ask.stage),
            axes=tuple(_axes(turn).items()),
            provider=self.providers[turn.side].name,
            sample=turn.ask.order,
        )


def heard(turn: Turn, trial: Trial) -> Answer | None:
    """The answer to a turn; None where it was never asked, for a budget or an end."""
    exchange = trial.last(STEP)
    if trial.withheld or (exchange is None and not trial.error):
        return None
    if trial.error:
        return Answer(ask=turn.ask, trouble=trial.error)
    return answer(turn.ask, exchange)


def _axes(turn: Turn) -> dict[str, str]:
    asked = {AS: str(turn.side), "prompt": turn.ask.prompt, "how": how(turn.ask.settings)}
    return {**asked, "salt": turn.ask.salt} if turn.ask.salt else asked


def how(asked: Settings) -> str:
    """The settings of an ask, as its key has them."""
    words = [f"{asked.max_tokens}", f"t{asked.temperature:g}", f"p{asked.top_p:g}"]
    words += [f"k{asked.top_k}"] if asked.top_k is not None else []
    words += [f"l{asked.top_logprobs}"] if asked.top_logprobs is not None else []
    words += [f"{name}={value:g}" for name, value in asked.neutral]
    return "-".join(words)
