"""What is asked, and how it comes: by the options of `conformance latency`, or by a load that is written down."""

from __future__ import annotations

import argparse
import uuid
from typing import TYPE_CHECKING

from conformance.errors import UsageError
from conformance.providers.model import Provider

if TYPE_CHECKING:  # a first request leaves early: nothing is loaded before it that can wait
    from conformance.engine.instrument.session import Load
    from conformance.runs.timed import Question

STREAMS, SECONDS, MAX_TOKENS = 1, 10.0, 128
PROMPT = "Write a long story about a lighthouse keeper."


def asked(options: argparse.Namespace, provider: Provider) -> tuple[Question, Load]:
    """Both. Raises UsageError and SourceError."""
    from conformance.engine.instrument.session import Load
    from conformance.engine.limits import bounds
    from conformance.runs.timed import Question

    if options.streams < 1 or options.seconds <= 0 or options.warm_up < 0:
        raise UsageError("--streams is at least 1, --seconds is more than 0, --warm-up is not less")
    load = Load(
        streams=options.streams,
        seconds=options.seconds,
        bounds=bounds(provider.limits),
        warm_up=options.warm_up,
        priority=not options.no_priority,
    )
    nonce = uuid.uuid4().hex[:8]
    if not options.load:
        words = "" if options.cached else nonce
        return Question.of(options.prompt, options.max_tokens, words), load
    own = (options.streams, options.seconds, options.prompt, options.max_tokens, options.cached)
    if own != (STREAMS, SECONDS, PROMPT, MAX_TOKENS, False) or options.warm_up:
        raise UsageError(
            "--load says it all: no --streams, --seconds, --warm-up, --prompt, --max-tokens or --cached"
        )
    from conformance.runs.loads import as_asked, scenario  # here: a first request leaves early

    question, load = as_asked(scenario(options.load), load, nonce)
    if load.rate is not None and (options.baseline or options.sweep or options.tx):
        raise UsageError("--load with a rate is for one provider: no --baseline, --sweep or --tx")
    return question, load
