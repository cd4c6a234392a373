"""`conformance latency`: how fast a provider is, and how far that figure can be trusted."""

from __future__ import annotations

import argparse
import json
import uuid
from pathlib import Path

from conformance.errors import UsageError
from conformance.runs.choose import Wish, choose

KEPT, EXCEEDED, UNDECIDED = 0, 1, 3
PROMPT = "Write a long story about a lighthouse keeper."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whom to ask what, how many at once, for how long."""
    add = parser.add_argument
    add("provider", nargs="?", metavar="PROVIDER", help="a name from providers.toml")
    add("--endpoint", metavar="URL", help="an endpoint without an entry")
    add("--endpoint-model", metavar="ID")
    add("--endpoint-key-env", metavar="VAR")
    add("--providers-file", type=Path, metavar="FILE")
    add("--streams", type=int, default=1, metavar="N", help="requests at once (default: 1)")
    add("--seconds", type=float, default=10.0, metavar="S", help="no request is begun after that")
    add("--prompt", default=PROMPT, metavar="TEXT")
    add("--max-tokens", type=int, default=128, metavar="N", help="of each answer (default: 128)")
    add("--cached", action="store_true", help="the same prompt each time; else each has its own")
    add(
        "--limit",
        action="append",
        default=[],
        metavar="METRIC_QUANTILE=MS",
        help="fail where it is exceeded, such as ttft_p95=200; may be given again",
    )
    add(
        "--objective",
        action="append",
        default=[],
        metavar="METRIC=MS",
        help="what a good answer keeps to (ttft, tpot, e2e): goodput; may be given again",
    )
    add("--no-priority", action="store_true", help="do not run before other processes")
    add("--json", type=Path, metavar="FILE", help="the same for programs")


def main(options: argparse.Namespace) -> int:
    """Measure, print, judge; 0 all limits are kept, 1 one is exceeded, 3 one is undecided."""
    from conformance.engine.instrument.quiet import run
    from conformance.engine.instrument.session import Load
    from conformance.engine.limits import bounds
    from conformance.latency.limit import Answer, judge, objective, read
    from conformance.report.latency import document, lines
    from conformance.runs.latency import Question, measured

    if options.streams < 1 or options.seconds <= 0:
        raise UsageError("--streams is at least 1, and --seconds is more than 0")
    limits = [read(text) for text in options.limit]
    wanted = objective(options.objective)
    wish = Wish(
        names=(options.provider,) if options.provider else (),
        endpoint=options.endpoint,
        endpoint_model=options.endpoint_model,
        endpoint_key_env=options.endpoint_key_env,
        file=options.providers_file,
        folder=Path.cwd(),
    )
    if not wish.names and not wish.endpoint:
        raise UsageError("whom to measure? A name, or --endpoint=URL with --endpoint-model=ID")
    providers = list(choose(wish).providers.values())
    if len(providers) != 1:
        raise UsageError("one provider at a time")
    load = Load(
        streams=options.streams,
        seconds=options.seconds,
        bounds=bounds(providers[0].limits),
        priority=not options.no_priority,
    )
    question = Question(
        prompt=options.prompt,
        max_tokens=options.max_tokens,
        nonce="" if options.cached else uuid.uuid4().hex[:8],
    )
    found = run(measured(providers[0], question, load, wanted))
    print(f"{found.provider}, model {found.model}, {load.streams} at once")
    print(*lines(found.summary, found.audit), sep="\n")
    answers = []
    for limit in limits:
        answer, said = judge(limit, found.summary, found.audit)
        answers.append(answer)
        print(f"{limit}: {answer} ({said})")
    if options.json:
        text = json.dumps(document(found.summary, found.audit), indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")
    if Answer.EXCEEDED in answers:
        return EXCEEDED
    nothing = not found.summary.good
    return UNDECIDED if Answer.UNDECIDED in answers or nothing else KEPT
