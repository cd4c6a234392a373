"""The examination: at most five requests, each only where the one before makes it worth while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.engine.routes import proxy_for
from conformance.errors import did_you_mean
from conformance.faces.doctor import answers
from conformance.faces.doctor.elsewhere import found_at
from conformance.faces.doctor.keys import accepted
from conformance.faces.doctor.line import Line
from conformance.faces.doctor.offers import shaped, streamed, tools
from conformance.faces.doctor.refused import Asked, refused
from conformance.faces.doctor.remark import Mark, Remark
from conformance.faces.doctor.unanswered import place, shown_proxy, unanswered
from conformance.providers.model import Provider
from conformance.report.escape import oneline
from conformance.wire.exchange import Exchange
from conformance.wire.spent import spent

MOST = 5
"""Requests, probes of another base URL included."""
_SHOWN = 5
_LONGEST = 80


@dataclass(slots=True, kw_only=True)
class Examination:
    """Asks, and remembers what it found; `remarks` is to be used once."""

    line: Line
    environ: Mapping[str, str]
    listed: tuple[Mapping[str, Any], ...] = ()
    """Entries of the list of models."""
    server: str = ""
    """The `Server` header."""
    model: str = ""
    """The one that was asked; empty where it is not known which."""
    offered: dict[str, bool] = field(default_factory=dict)
    """Capabilities that showed, and those that were refused."""
    elsewhere: str = ""
    """The base URL that would have been right, where the path was wrong and a probe found it."""
    obeyed: list[answers.Obeyed] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def provider(self) -> Provider:
        """Who is asked."""
        return self.line.provider

    @property
    def ids(self) -> Sequence[str]:
        """The models listed."""
        return [str(each["id"]) for each in self.listed]

    def remarks(self) -> Iterator[Remark]:
        """Everything worth saying, in order; ends where going on makes no sense."""
        proxy = proxy_for(self.provider.base_url)
        if proxy:
            words = f"asked through {shown_proxy(proxy)}, which the environment names"
            yield Remark(Mark.NOTE, "proxy", words)
        models = self.line.get("/models")
        if models.response is None:
            yield unanswered(models, self.provider)
            return
        self.server = oneline(models.response.header("server") or "", _LONGEST)
        trouble = refused(models, self._asked)
        if trouble is None:
            self.listed = answers.models(models)
        elif trouble.name not in {"path", "model", "chat"}:  # the same for every path
            yield trouble
            return
        self.model = self.provider.model or (self.ids[0] if len(self.listed) == 1 else "")
        if not self.model:
            yield from self._which_model(trouble)
            return
        yield from self._talk(models, trouble)

    @property
    def _asked(self) -> Asked:
        return Asked(
            provider=self.provider, model=self.model, listed=self.ids, environ=self.environ
        )

    def _which_model(self, trouble: Remark | None) -> Iterator[Remark]:
        if trouble is not None:
            yield self._elsewhere(trouble)
            return
        shown = ", ".join(oneline(each, _LONGEST) for each in self.ids[:_SHOWN])
        more = f" and {len(self.ids) - _SHOWN} more" if len(self.ids) > _SHOWN else ""
        found = f"it offers {len(self.ids)}: {shown}{more}" if self.ids else "it lists none"
        fix = 'write `model = "..."` into the entry in providers.toml, or give --endpoint-model'
        yield Remark(Mark.WRONG, "model", f"which one is meant? {found}", fix)

    def _elsewhere(self, trouble: Remark) -> Remark:
        """A wrong path, with the right one where a probe finds it."""
        if trouble.name == "path":
            self.elsewhere, asked = found_at(self.provider, MOST - self.line.asked)
            self.line.asked += asked
        if not self.elsewhere:
            return trouble
        fix = f'base_url = "{self.elsewhere}": there it is'
        return Remark(trouble.mark, trouble.name, trouble.words, fix)

    def _talk(self, models: Exchange, trouble: Remark | None) -> Iterator[Remark]:
        exchange = self._chat(answers.CHAT)
        if exchange.response is None:
            yield unanswered(exchange, self.provider)
            return
        wrong = refused(exchange, self._asked) or self._no_completion(exchange)
        if wrong is not None:
            yield wrong if trouble is None else self._elsewhere(wrong)  # /models is in its place
            return
        yield self._reached(models)
        yield Remark(Mark.FINE, "key", accepted(self.provider, self.environ))
        yield self._model_note(trouble)
        self.obeyed.append(answers.obeyed(exchange))
        prompt, completion = spent(exchange) or (0, 0)
        seconds = (exchange.end.at - exchange.request.at) / 1e9
        counted = f", {prompt} + {completion} tokens" if prompt else ", usage is not reported"
        shown = oneline(answers.said(exchange) or "", 60)
        yield Remark(Mark.FINE, "chat", f"{shown!r} in {seconds:.2f} s{counted}")
        yield from self._offers()
        yield self._strength()

    def _chat(self, body: Mapping[str, Any]) -> Exchange:
        exchange = self.line.chat(self.model, body)
        prompt, completion = spent(exchange) or (0, 0)
        self.prompt_tokens += prompt
        self.completion_tokens += completion
        return exchange

    def _no_completion(self, exchange: Exchange) -> Remark | None:
        if answers.said(exchange) is not None:
            return None
        body = exchange.response.body if exchange.response else b""
        shown = oneline(body[:200].decode("utf-8", "replace"), _LONGEST)
        fix = "is base_url that of a chat completions API?"
        return Remark(Mark.WRONG, "chat", f"200 without a completion: {shown!r}", fix)

    def _reached(self, models: Exchange) -> Remark:
        milliseconds = (models.end.at - models.request.at) / 1e6
        server = f" ({self.server})" if self.server else ""
        return Remark(
            Mark.FINE, "reach", f"{place(self.provider)} answers{server} in {milliseconds:.0f} ms"
        )

    def _model_note(self, trouble: Remark | None) -> Remark:
        shown = oneline(self.model, _LONGEST)
        if trouble is not None or not self.ids:
            why = trouble.words if trouble else "the list is empty or is none"
            return Remark(Mark.NOTE, "model", f"{shown}; GET /models tells nothing ({why})")
        if self.model not in self.ids:
            words = (
                f"{shown} is served, though it is not listed{did_you_mean(self.model, self.ids)}"
            )
            return Remark(Mark.NOTE, "model", words)
        of = "the only one" if len(self.ids) == 1 else f"one of {len(self.ids)}"
        return Remark(Mark.FINE, "model", f"{shown} ({of})")

    def _offers(self) -> Iterator[Remark]:
        for needs, body, read in (
            (("stream",), answers.STREAM, streamed),
            (("tools", "tool_choice.required"), answers.TOOLS, tools),
            (("json_schema", "logprobs"), answers.SHAPED, shaped),
        ):
            if not all(map(self.provider.offers, needs)):
                continue
            exchange = self._chat(body)
            if exchange.response is None:
                yield unanswered(exchange, self.provider)
                return
            found = read(exchange, self._asked)
            self.offered |= found.offered
            yield from found.remarks
            if found.obeyed is not None:
                self.obeyed.append(found.obeyed)

    def _strength(self) -> Remark:
        words = "; ".join(each.words for each in self.obeyed)
        known = [each.yes for each in self.obeyed if each.yes is not None]
        if not known:
            return Remark(Mark.NOTE, "strength", f"not to be told: {words}")
        if all(known):
            return Remark(Mark.FINE, "strength", "the model does what it is told")
        return Remark(
            Mark.NOTE,
            "strength",
            "a weak model: many cases will be inconclusive, because they need one that follows; "
            f"what the server itself does is judged all the same ({words})",
        )
