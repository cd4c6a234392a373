"""Who is asked what, and how it comes: by the options of `conformance latency`, or by a load that is written down."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import UsageError
from conformance.providers.model import Provider
from conformance.runs.choose import ALL, Wish, choose

if TYPE_CHECKING:  # a first request leaves early: nothing is loaded before it that can wait
    from conformance.engine.instrument.session import Load
    from conformance.runs.timed import Question

STREAMS, SECONDS, MAX_TOKENS = 1, 10.0, 128
_LEAST_LEVELS = 2
PROMPT = "Write a long story about a lighthouse keeper."


def asked(options: argparse.Namespace, provider: Provider) -> tuple[Question, Load]:
    """Both. Raises UsageError and SourceError."""
    from conformance.engine.instrument.session import Load
    from conformance.engine.limits import bounds
    from conformance.runs.timed import Question

    if options.streams < 1 or options.seconds <= 0 or options.warm_up < 0:
        raise UsageError("--streams is at least 1, --seconds is more than 0, --warm-up is not less")
    if options.hang_up_after is not None and options.hang_up_after <= 0:
        raise UsageError("--hang-up-after is more than 0 seconds")
    load = Load(
        streams=options.streams,
        seconds=options.seconds,
        bounds=bounds(provider.limits),
        warm_up=options.warm_up,
        priority=not options.no_priority,
        hang_up_after=options.hang_up_after,
    )
    nonce = os.urandom(4).hex()
    if options.load:
        question, load = _written(options, load, nonce)
    else:
        words = "" if options.cached else nonce
        question = Question.of(options.prompt, options.max_tokens, words)
    _fits(load, options)
    if options.tokenizer:
        from conformance.runs.tokens import known  # here: a first request leaves early

        question = replace(question, tokenizer=known(options.tokenizer))
    return question, load


def _written(options: argparse.Namespace, load: Load, nonce: str) -> tuple[Question, Load]:
    """As a load says that is written down."""
    own = (options.streams, options.seconds, options.prompt, options.max_tokens, options.cached)
    if (
        own != (STREAMS, SECONDS, PROMPT, MAX_TOKENS, False)
        or options.warm_up
        or load.hang_up_after
    ):
        raise UsageError(
            "--load says it all: no --streams, --seconds, --warm-up, --hang-up-after, --prompt, "
            "--max-tokens or --cached"
        )
    from conformance.runs.loads import as_asked, scenario  # here: a first request leaves early

    question, load = as_asked(scenario(options.load), load, nonce)
    if load.rate is not None and (options.baseline or options.sweep or options.tx):
        raise UsageError("--load with a rate is for one provider: no --baseline, --sweep or --tx")
    return question, load


def _fits(load: Load, options: argparse.Namespace) -> None:
    """What is cut short on purpose is no answer to compare or to judge; goodput is of one provider."""
    if options.objective and options.baseline:
        raise UsageError("--objective is for one provider: with --baseline, use --limit")
    if load.hang_up_after is not None and (options.baseline or options.sweep or options.answers):
        raise UsageError("who hangs up has no whole answers: no --baseline, --sweep or --answers")


def chosen(options: argparse.Namespace) -> tuple[Provider, Provider | None]:
    """Whom to measure, and beside whom."""
    wish = Wish(
        names=(options.provider,) if options.provider else (),
        endpoint=options.endpoint,
        endpoint_model=options.endpoint_model,
        endpoint_key_env=options.endpoint_key_env,
        baseline=options.baseline,
        file=options.providers_file,
        folder=Path.cwd(),
    )
    if not wish.names and not wish.endpoint:
        raise UsageError("whom to measure? A name, or --endpoint=URL with --endpoint-model=ID")
    found = choose(wish)
    if found.baseline_record is not None:
        raise UsageError("--baseline: times are compared live, not with a record; give a name")
    first = next(iter(found.providers))
    if len(found.providers.keys() - {found.baseline}) > 1 or options.provider == ALL:
        raise UsageError("one provider at a time")
    return found.providers[first], found.providers.get(found.baseline or "")


def levels(options: argparse.Namespace) -> list[int]:
    """Of a sweep, in ascending order."""
    judging = (options.baseline, options.limit, options.objective, options.certify)
    if any(judging):
        raise UsageError("--sweep looks for the knee: no baseline, limit, objective or profile")
    texts = [each.strip() for each in options.sweep.split(",")]
    if not all(each.isdecimal() and int(each) for each in texts) or len(set(texts)) < _LEAST_LEVELS:
        raise UsageError(f"--sweep={options.sweep}: two numbers at least, such as 1,4,16,64")
    return sorted({int(each) for each in texts})
