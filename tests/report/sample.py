"""Runs to report on: small, made by hand, and one in which everything an endpoint says is hostile."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.checks.core import Problem
from conformance.contract.model import Level
from conformance.verdict.call_counts import CallCounts, Share
from conformance.verdict.comparison import Comparison, FactThatDiffers, LostCapability
from conformance.verdict.model import (
    Answer,
    AreaTally,
    Capability,
    Certificate,
    Change,
    ClauseTally,
    ClientDisagreement,
    ClientResult,
    Finding,
    Mishap,
    ProviderResult,
    Reason,
    Run,
    RunInfo,
    Unpredicted,
    Usage,
)
from conformance.verdict.outcome import CaseVerdict, Evidence, Interval, Outcome

HOSTILE = (
    "<script>alert(1)</script> | `rm -rf` **b** [x](http://evil.example) \x1b]0;own\x07\x1b[2J"
    " \x00\x9b \ud800 \u202egnp.exe\u2066 <!-- </details> \n# heading\n| a | b |\n```\n~~~ $x$"
)
"""What an endpoint may put into any field."""

CHUNK = b'data: {"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"}}]}\n\n'
BODY = json.dumps({"model": "m", "stream": True, "messages": []}).encode()
CLAUSES = {
    "STRM-011": (
        "must",
        "`delta.role` stands only in the first chunk of each choice, like `<think>` in `a|b`.",
        "openai SDK's accumulator",
    ),
    "TOOL-004": ("must", "`type` == `function`.", "OpenAPI"),
    "USAGE-004": ("should", "`completion_tokens` <= `max_tokens`.", "OpenAPI"),
}

NONE = Share(count=0, rate=0.0, interval=Interval(low=0.0, high=0.25))
CALLS = CallCounts(
    calls=20,
    invalid_json=NONE,
    unknown_name=Share(count=2, rate=0.1, interval=Interval(low=0.01, high=0.375)),
    schema_mismatch=NONE,
)
"""Two of twenty calls under a name that nobody offered."""

SECTIONS = {"CREQ": "POST /chat/completions", "STRM": "Chat completion chunks"}
"""As `Contract.sections`, in its order."""


def evidence(**changes) -> Evidence:
    """A stream that says the role twice."""
    one = Evidence(
        exchange="chat/stream[b]#0/ask.1",
        method="POST",
        url="http://127.0.0.1:8000/v1/chat/completions",
        headers=(
            ("Host", "127.0.0.1:8000"),
            ("Authorization", "Bearer " + "*" * 20),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(BODY))),
        ),
        body=BODY,
        status=200,
        response_headers=(("content-type", "text/event-stream"),),
        pieces=((41_200_000, CHUNK), (52_000_000, CHUNK + b"data: [DO"), (60_500_000, b"NE]\n\n")),
        omitted=0,
        ended="complete",
        end_at=60_700_000,
        problems=(Problem(message="the role is said twice", at="event 1"),),
    )
    return replace(one, **changes)


def finding(clause: str = "STRM-011", provider: str = "b", **changes) -> Finding:
    """A MUST clause broken in 12 of 40 exchanges."""
    one = Finding(
        id=f"{provider}/{clause}",
        provider=provider,
        clause=clause,
        level=Level.MUST,
        outcome=Outcome.FAILED,
        known_deviation="",
        cases=("chat/stream",),
        cells=("chat/stream[b]",),
        exchanges_checked=40,
        exchanges_failed=12,
        rate=0.3,
        interval=Interval(low=0.174, high=0.451),
        message="the role is said twice",
        messages=("the role is said twice", "the role is said three times"),
        consequence="The SDK builds the role `assistantassistant`.",
        remedy="Send the role once.",
        evidence=(evidence(exchange=f"chat/stream[{provider}]#0/ask.1"),),
        reproduce=f"pytest 'suites/chat.yaml::stream[{provider}]' --provider={provider}",
    )
    return replace(one, **changes)


def case(cell: str = "chat/basic", provider: str = "b", **changes) -> CaseVerdict:
    """A case that passed."""
    one = CaseVerdict(
        case=cell.partition("[")[0],
        cell=cell,
        title=f"about {cell}",
        provider=provider,
        level=Level.MUST,
        outcome=Outcome.PASSED,
        clauses={"CRESP-001": Outcome.PASSED},
        message="",
        samples=1,
        passed=1,
        exchanges=(f"{cell}#0/ask.1",),
        seconds=0.25,
    )
    return replace(one, **changes)


def certificate(profile: str = "agent", provider: str = "b", **changes) -> Certificate:
    """Not a drop-in, because of STRM-011."""
    one = Certificate(
        profile=profile,
        title=profile.capitalize(),
        provider=provider,
        baseline=None,
        answer=Answer.NOT_DROP_IN,
        asked=True,
        covered=38,
        required=52,
        reasons=(
            Reason(
                clause="STRM-011",
                kind="failed",
                text=CLAUSES["STRM-011"][1],
                finding=f"{provider}/STRM-011",
            ),
        ),
        changes=(),
        without_known=Answer.NOT_DROP_IN,
    )
    return replace(one, **changes)


def capability(name: str = "sampling/seed", **changes) -> Capability:
    """Honoured in every variant, with a control."""
    one = Capability(
        case=name,
        title="Same seed, same answer",
        parameter="seed",
        branches={"stream-false": "honoured", "stream-true": "honoured"},
        control="two answers that differ",
    )
    return replace(one, **changes)


def provider(name: str = "b", **changes) -> ProviderResult:
    """One of each thing that a provider can have."""
    cases = (
        case(provider=name),
        case("chat/stream", name, outcome=Outcome.FAILED, clauses={"STRM-011": Outcome.FAILED}),
        case("tools/call", name, outcome=Outcome.INCONCLUSIVE, weak=True, message="no call came"),
        case("sampling/seed", name, outcome=Outcome.INCONCLUSIVE, message="3 of 5 samples"),
        case("emb/basic", name, outcome=Outcome.NOT_APPLICABLE, message="embeddings: not offered"),
        case("chat/big", name, outcome=Outcome.ERROR, message="name not found"),
    )
    one = ProviderResult(
        name=name,
        preset="vllm",
        base_url="http://127.0.0.1:8000/v1",
        model="m",
        served_model="m-0711",
        server="uvicorn",
        system_fingerprints=("fp_1",),
        certificates=(
            certificate(provider=name),
            certificate("chat", name, answer=Answer.DROP_IN, reasons=(), covered=52),
        ),
        capabilities=(capability(),),
        findings=(finding(provider=name),),
        cases=cases,
        clauses={
            "STRM-011": ClauseTally(
                clause="STRM-011", witnesses=90, exchanges_checked=40, exchanges_failed=12
            )
        },
        totals={outcome.value: sum(c.outcome is outcome for c in cases) for outcome in Outcome},
        areas={"STRM": AreaTally(held=20, failed=1, undecided=0)},
        tool_calls={"streamed": CALLS},
        usage=Usage(
            requests=123, retried=2, prompt_tokens=1000, completion_tokens=500, cost=0.0125
        ),
        stale_deviations=("chat/* (fixed long ago)",),
        errors=(Mishap(reason="check x failed: KeyError: 'y'", cells=("chat/big",)),),
    )
    return replace(one, **changes)


def info(**changes) -> RunInfo:
    """Of a finished run."""
    one = RunInfo(
        id="20261125-030000-abc123",
        started="2026-11-25T03:00:00.000Z",
        finished="2026-11-25T03:02:00.000Z",
        harness_version="0.1.0",
        suites_digest="f" * 64,
        contract_version="2026-11-23",
        seed=7,
        effort="normal",
        complete=True,
    )
    return replace(one, **changes)


def run(*providers: ProviderResult, **changes) -> Run:
    """A run of one provider, or of those given."""
    one = Run(info=info(), providers=providers or (provider(),), clause_texts=CLAUSES, sections=SECTIONS)
    return replace(one, **changes)


def client(version: str = "3.57.0", provider: str = "b", **changes) -> ClientResult:
    """A client whose accumulator breaks on the role that is said twice."""
    one = ClientResult(
        name="openai",
        version=version,
        outcomes={provider: {"parsed": 20, "raised": 4, "not applicable": 1}},
        disagreements=(disagreement(provider=provider),),
    )
    return replace(one, **changes)


def disagreement(**changes) -> ClientDisagreement:
    """What STRM-011 does to an application."""
    one = ClientDisagreement(
        provider="b",
        severity="silent loss",
        what="the role is another",
        meant="assistant",
        got="assistantassistant",
        exchanges=12,
        evidence=("chat/stream[b]#0/ask.1",),
        findings=("b/STRM-011",),
    )
    return replace(one, **changes)


def compared() -> Run:
    """`b` against the baseline `a`: one capability lost, one clause newly broken, one shared."""
    shared = finding("USAGE-004", level=Level.SHOULD, shared_with_baseline=True)
    here = provider(
        certificates=against_a(),
        capabilities=(capability(branches={"stream-false": "ignored", "stream-true": "rejected"}),),
        findings=(finding(), shared),
    )
    there = provider("a", findings=(finding("USAGE-004", "a", level=Level.SHOULD),), certificates=())
    return run(there, here, comparisons=(comparison(),))


def against_a() -> tuple[Certificate, ...]:
    """One that a lost capability stands in the way of, and one with a change."""
    seed = Reason(clause="sampling/seed", kind="lost", text="Seed: ignored by b, honoured by a")
    change = Change(name="thinking-off", text="send think=False to b", cases=("rsn/off",))
    changed = Answer.DROP_IN_WITH_CHANGES
    return (
        certificate(baseline="a", reasons=(*certificate().reasons, seed), shared=("USAGE-004",)),
        certificate("reasoning", baseline="a", answer=changed, reasons=(), changes=(change,)),
    )


def lost(**changes) -> LostCapability:
    """A seed that is ignored here."""
    one = LostCapability(
        case="sampling/seed",
        title="Same seed, same answer",
        baseline="honoured",
        candidate="ignored",
        text="answers differ",
        change="Record answers where they must be repeated.",
    )
    return replace(one, **changes)


def comparison(**changes) -> Comparison:
    """`b` against `a`: something lost, something changed, and a fact that differs."""
    differs = FactThatDiffers(
        case="usage/present",
        title="An answer says what it used",
        fact="prompt_tokens",
        baseline="10",
        candidate="",
    )
    image = lost(case="chat/image", title="Images", baseline="seen", candidate="counted", text="")
    one = Comparison(
        baseline="a",
        candidate="b",
        capabilities_lost=(lost(),),
        capabilities_won=(),
        capabilities_changed=(image,),
        facts_that_differ=(differs,),
        new_failures=("b/STRM-011",),
        shared_failures=("b/USAGE-004",),
        compared=5,
        cells=6,
        not_comparable=("chat/odd",),
    )
    return replace(one, **changes)


def hostile() -> Run:
    """Everything that comes from an endpoint, in every field that carries it, is HOSTILE."""
    bad = hostile_evidence()
    told = disagreement(what=HOSTILE, meant=HOSTILE, got=HOSTILE, evidence=(bad.exchange,))
    unpredicted = Unpredicted(exchange=bad.exchange, words=HOSTILE)
    return run(
        hostile_provider(bad),
        clients=(
            client(disagreements=(told,) * 20, reason=HOSTILE, unpredicted=(unpredicted,)),
            client(version=HOSTILE, disagreements=(told,)),
        ),
        comparisons=(hostile_comparison(),),
    )


def hostile_evidence() -> Evidence:
    """Bytes of an endpoint, and what was found in them."""
    said = HOSTILE.encode("utf-8", "surrogatepass")
    return evidence(
        exchange=f"chat/stream#{HOSTILE}",
        url=f"http://127.0.0.1/{HOSTILE}",
        headers=(("X-Said", "caf\xe9 \x1b[1m"),),
        body=said,
        response_headers=((HOSTILE, HOSTILE),) * 30,
        pieces=((1_000_000, said * 400),),
        ended=HOSTILE,
        problems=(Problem(message=HOSTILE * 20, at=HOSTILE),) * 5,
    )


def hostile_provider(bad: Evidence) -> ProviderResult:
    """A provider whose every word is hostile."""
    odd = finding(message=HOSTILE, messages=(HOSTILE * 50,) * 5, evidence=(bad,), clients=(HOSTILE,))
    undecided = f"{CLAUSES['STRM-011'][1]} - {HOSTILE}"
    reasons = (
        Reason(clause="STRM-011", kind="undecided", text=undecided),
        Reason(clause="seed", kind="lost", text=HOSTILE),
    )
    change = Change(name="x", text=HOSTILE, cases=(HOSTILE,))
    return provider(
        served_model=HOSTILE,
        server=HOSTILE,
        system_fingerprints=(HOSTILE,),
        findings=(odd, finding("TOOL-004", known_deviation=HOSTILE, message=HOSTILE)),
        certificates=(certificate(reasons=reasons, changes=(change,)),),
        capabilities=(capability(branches={"": HOSTILE}, control=HOSTILE),),
        cases=tuple(case(f"c/{each.value}", outcome=each, message=HOSTILE) for each in Outcome),
        errors=(Mishap(reason=HOSTILE, cells=(HOSTILE,)),),
        stale_deviations=(HOSTILE,),
    )


def hostile_comparison() -> Comparison:
    """What two providers do, in their own words."""
    changed = lost(
        case=HOSTILE, title=HOSTILE, baseline=HOSTILE, candidate=HOSTILE, text="", change=HOSTILE
    )
    differs = FactThatDiffers(
        case=HOSTILE, title=HOSTILE, fact=HOSTILE, baseline=HOSTILE, candidate=HOSTILE
    )
    return comparison(
        capabilities_lost=(lost(case="c", title="t", candidate=HOSTILE, text=HOSTILE, change=""),),
        capabilities_changed=(changed,),
        facts_that_differ=(differs,),
        new_failures=("b/STRM-011", "b/GONE-001"),
        shared_failures=(),
        compared=1,
        cells=1,
        not_comparable=(),
    )
