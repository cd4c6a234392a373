"""The whole engine against scripted servers: cases, a sampler and a sink in memory."""

import asyncio
import json
import threading

from scripted import answer, provider, quick, serving

from conformance.engine.run import Engine
from conformance.errors import HarnessError
from conformance.plan.model import Ask, Cell, Decision, Plan, Variant
from conformance.suite.model import Case, RequestTemplate, Samples, Step
from conformance.wire.exchange import End, Ended, Exchange, Request
from conformance.wire.piece import Piece

MESSAGES = [{"role": "user", "content": "Say OK."}]


def completion(content="OK", **message):
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content, **message},
        "finish_reason": "stop",
    }
    return answer(
        json.dumps(
            {
                "id": "c1",
                "object": "chat.completion",
                "model": "m",
                "created": 1,
                "choices": [choice],
            }
        ).encode()
    )


def step(name="main", body=None, capture=None, **request):
    template = RequestTemplate(
        **{
            "method": "POST",
            "path": "/chat/completions",
            "headers": {},
            "raw": None,
            "fragments": (),
            "hang_up_after": None,
            **request,
        },
        body={"model": {"$var": "provider.model"}, "messages": MESSAGES} if body is None else body,
    )
    return Step(
        id=name,
        request=template,
        control=False,
        always=(),
        assume=(),
        expect=(),
        outcome=(),
        capture=capture or {},
        where="",
    )


def case(name="chat/one", *steps, **changes):
    values = {"alone": False, "destructive": False, "retry": True, "timeout": None, **changes}
    return Case(
        id=name,
        title=name,
        about="",
        clauses=(),
        needs=(),
        axes={},
        samples=Samples(least=1, most=1),
        rate=None,
        observe={},
        steps=steps or (step(),),
        varies=(),
        where="",
        **values,
    )


class Sampler:
    """Wants `rounds` times `each` samples per provider; fails on cases whose name says so."""

    def __init__(self, rounds=1, each=1):
        self.rounds, self.each = rounds, each
        self.threads = set()

    def start(self, cell):
        return self._decision(cell, 0)

    def next(self, cell, state, trials):
        assert len(trials) == self.each * len(cell.providers)
        if "unjudgeable" in cell.id:
            raise ZeroDivisionError("no check like this")
        return self._decision(cell, state + 1)

    def _decision(self, cell, number):
        self.threads.add(threading.get_ident())
        wanted = range(number * self.each, (number + 1) * self.each) if number < self.rounds else ()
        asks = tuple(
            Ask(variant=cell.variant, provider=name, sample=sample)
            for name in cell.providers
            for sample in wanted
        )
        return Decision(state=number, asks=asks, rule=f"round {number}")


class Sink:
    """Keeps everything in order."""

    def __init__(self):
        self.events, self.trials, self.exchanges, self.facts = [], [], [], {}
        self.threads = set()
        self.broken = False

    def exchange(self, key, exchange):
        self.threads.add(threading.get_ident())
        self.exchanges.append(exchange)
        self.events.append(("exchange", key.cell, exchange.step))

    def trial(self, trial):
        if self.broken:
            raise HarnessError("the disk is full")
        self.trials.append(trial)
        self.events.append(("trial", trial.key.cell))

    def decision(self, cell, decision):
        self.events.append(("decision", cell.id, len(decision.asks)))

    def done(self, cell):
        self.events.append(("done", cell.id))

    def provider(self, name, facts):
        self.facts[name] = dict(facts)

    def trial_of(self, name):
        return next(trial for trial in self.trials if trial.key.case == name)


def plan(cases, providers, seed=0):
    cells = tuple(
        Cell(variant=Variant(case=each, axes={}), providers=tuple(one.name for one in providers))
        for each in cases
    )
    return Plan(
        suites=(),
        providers={one.name: one for one in providers},
        cells=cells,
        not_asked=(),
        baseline=None,
        seed=seed,
        effort="normal",
        digest="",
    )


async def capture(server, *cases, sampler=None, sink=None, extra=(), engine=None, **changes):
    """Run cases against a server; returns the sink. `engine`: further arguments of the engine."""
    sink = sink or Sink()
    own = {"limits": quick(), **changes}
    wanted = plan(cases or [case()], [provider(server.url, **own), *extra])
    environ = {"KEY": "topsecretkey"}
    made = Engine(
        wanted, sampler=sampler or Sampler(), sink=sink, environ=environ, **(engine or {})
    )
    async with made as running:
        await running.run(wanted.cells)
    return sink


def captured(script, *cases, **how):
    async def main():
        async with serving(script) as server:
            return await capture(server, *cases, **how), server

    return asyncio.run(main())


def heard(raw=b"", how=Ended.COMPLETE):
    """An exchange that was answered with these bytes."""
    request = Request(method="POST", url="http://x/v1/chat/completions", headers=(), body=b"", at=0)
    return Exchange(
        step="main",
        attempt=1,
        request=request,
        sent=(),
        received=(Piece(at=0, data=raw),) if raw else (),
        end=End(how=how, at=0, detail="why"),
    )
