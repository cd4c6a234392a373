"""A bench of toy checks, and trials made by hand: what the judge does with them is its own rule."""

import json

from conformance.checks.core import Check, Problem, Schemas, check
from conformance.plan.model import Variant
from conformance.registry import Registry
from conformance.suite.model import (
    Branch,
    Case,
    CheckRef,
    Rate,
    RequestTemplate,
    Requirement,
    Samples,
    Step,
)
from conformance.verdict.judge import Bench
from conformance.wire.exchange import End, Ended, Exchange, Request, Trial, TrialKey
from conformance.wire.piece import Ns, Piece

TOYS: Registry[Check] = Registry("check")


@check(registry=TOYS)
def status(exchange, code: int):
    """The status is the given one."""
    seen = exchange.response.status if exchange.response else None
    if seen != code:
        yield Problem(message=f"status {seen}, wanted {code}")


@check(registry=TOYS, assumable=True)
def says(exchange, word: str):
    """The body holds a word."""
    if word.encode() not in (exchange.response.body if exchange.response else b""):
        yield Problem(message=f"does not say {word!r}")


@check(registry=TOYS, over=lambda exchange: exchange.document.value.get("items", []))
def items_are_positive(item):
    """Each item is positive: without items there is nothing to look at."""
    if item <= 0:
        yield Problem(message=f"{item} is not positive")


@check(registry=TOYS)
def broken(exchange):
    """A check with a bug."""
    raise RuntimeError("ours")
    yield


@check("STRM-001", registry=TOYS, always=True, over=lambda exchange: [exchange] if exchange.response else [])
def is_json(exchange):
    """An invariant."""
    if not exchange.document.ok:
        yield Problem(message="not JSON")


BENCH = Bench(checks=TOYS, schemas=Schemas({}))


def ref(name, **arguments):
    return CheckRef(name=name, arguments=arguments, where="x.yaml:1")


def needs(clause, *refs):
    return Requirement(clause=clause, checks=refs)


def step(id="main", *, always=(), assume=(), expect=(), outcome=(), control=False, fragments=()):
    request = RequestTemplate(
        method="POST", path="/chat/completions", headers={}, body={}, raw=None,
        fragments=fragments, hang_up_after=None,
    )
    return Step(
        id=id, request=request, control=control, always=always, assume=assume, expect=expect,
        outcome=outcome, capture={}, where="x.yaml:1",
    )


def branches(**named):
    return tuple(Branch(name=name, requirements=tuple(each)) for name, each in named.items())


def variant(*steps, id="tools/case", samples=(1, 1), rate=None):
    clauses = {
        each.clause
        for one in steps
        for each in (*one.always, *one.expect, *(r for b in one.outcome for r in b.requirements))
    }
    case = Case(
        id=id, title="t", about="", clauses=tuple(sorted(clauses)), needs=(), axes={},
        samples=Samples(least=samples[0], most=samples[1]),
        rate=Rate(at_least=rate[0], margin=rate[1], confidence=0.95) if rate else None,
        observe={}, steps=steps, varies=(), alone=False, destructive=False, retry=True, timeout=None,
        where="x.yaml:1",
    )
    return Variant(case=case, axes={})


def exchange(step="main", status=200, body=None, *, how=Ended.COMPLETE, attempt=1, detail="",
             path="/chat/completions"):
    payload = json.dumps({} if body is None else body).encode()
    raw = b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
        status, len(payload), payload,
    )
    received = () if status is None or how is Ended.UNREACHABLE else (Piece(at=Ns(2), data=raw),)
    return Exchange(
        step=step, attempt=attempt,
        request=Request(method="POST", url=f"http://h/v1{path}", headers=(), body=b"{}", at=Ns(1)),
        sent=(), received=received, end=End(how=how, at=Ns(3), detail=detail),
    )


def trial(*exchanges, arm="plain", sample=0, error="", case="tools/case", provider="b"):
    key = TrialKey(case=case, axes=(), provider=provider, arm=arm, sample=sample)
    return Trial(key=key, exchanges=exchanges, captured={}, error=error)
