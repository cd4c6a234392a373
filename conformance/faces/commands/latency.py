"""`conformance latency`: how fast a provider is, and how far that figure can be trusted."""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.errors import UsageError
from conformance.faces.asked import MAX_TOKENS, PROMPT, SECONDS, STREAMS, asked, chosen, levels
from conformance.faces.stated import placed, stated
from conformance.providers.model import Provider
from conformance.runs.choose import words

if TYPE_CHECKING:  # a first request leaves early: nothing is loaded before it that can wait
    from conformance.engine.instrument.session import Load
    from conformance.faces.times import Telling
    from conformance.latency.limit import Limit
    from conformance.latency.margin import Margin
    from conformance.latency.measured import Measured
    from conformance.report.under_load import Told
    from conformance.runs.answers import Jury
    from conformance.runs.timed import Question

KEPT, BROKEN, UNDECIDED = 0, 2, 3
CODES = {"kept": KEPT, "exceeded": 1, "undecided": UNDECIDED}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whom to ask what, how many at once, for how long."""
    add = parser.add_argument
    add("provider", nargs="?", metavar="PROVIDER", help="a name from providers.toml")
    add("--endpoint", metavar="URL", help="an endpoint without an entry")
    add("--endpoint-model", metavar="ID")
    add("--endpoint-key-env", metavar="VAR")
    add("--providers-file", type=Path, metavar="FILE")
    add("--baseline", metavar="NAME", help="measure that one as well, block by block in turn")
    add("--streams", type=int, default=STREAMS, metavar="N", help="requests at once (default: 1)")
    add("--sweep", metavar="N,N,...", help="one after the other so many at once: 1,4,16,64")
    add("--tx", action="append", metavar="SPEC", help="from several processes: 2*popen, ssh=HOST")
    add("--answers", action="store_true", help="judge what was answered under that load as well")
    add(
        "--seconds", type=float, default=SECONDS, metavar="S", help="no request is begun after that"
    )
    add(
        "--warm-up", type=float, default=0.0, metavar="S", help="seconds of the same load before it"
    )
    add(
        "--hang-up-after",
        type=float,
        metavar="S",
        help="give each request up after S seconds: how long does it go on?",
    )
    add("--load", metavar="NAME", help="one of `conformance list loads`, or FILE.yaml:NAME")
    add("--prompt", default=PROMPT, metavar="TEXT")
    add("--max-tokens", type=int, default=MAX_TOKENS, metavar="N", help="of each answer (128)")
    add("--tokenizer", type=Path, metavar="FILE", help="the model's tokenizer.json counts tokens")
    add("--cached", action="store_true", help="the same prompt each time; else each has its own")
    add(
        "--limit",
        action="append",
        default=[],
        metavar="LIMIT",
        help="fail where it is exceeded: 'ttft_p95<=200' (ms), or with a baseline 'ttft_p95<=1.2x'",
    )
    add(
        "--objective",
        action="append",
        default=[],
        metavar="METRIC=MS",
        help="what a good answer keeps to (ttft, tpot, e2e): goodput; may be given again",
    )
    add(
        "--certify",
        action="append",
        metavar="PROFILE",
        help="the limits on times that a profile states; may be given again",
    )
    add(
        "--certificate", type=Path, metavar="FILE", help="a run's certificate.json, for the answers"
    )
    add("--profiles-file", type=Path, metavar="FILE", help="profiles of your own")
    add("--no-priority", action="store_true", help="do not run before other processes")
    add("--json", type=Path, metavar="FILE", help="the same for programs")
    add(
        "--page", type=Path, metavar="FILE.md", help="the same with pictures, and beside it as HTML"
    )


def main(options: argparse.Namespace) -> int:
    """Measure, print, judge; 0 all limits are kept, 1 one is exceeded, 2 we broke, 3 one is undecided.

    Answers that are judged count as well: 1 where they are wrong, 3 where nothing can be said.
    """
    from conformance.engine.instrument.quiet import run

    if options.tx and (options.baseline or options.sweep):
        raise UsageError("--tx shares one load on one provider: no baseline, no sweep")
    if options.page and importlib.util.find_spec("matplotlib") is None:
        raise UsageError("--page draws with matplotlib: pip install 'llm-conformance[latency]'")
    profiles = stated(words(options.certify), options.profiles_file)
    limits, margins = _limits(options, profiles)
    provider, baseline = chosen(options)
    if margins and baseline is None:
        raise UsageError(f"{margins[0]}: of whom? --baseline=NAME")
    placed(options.certificate, provider.name, list(profiles))
    question, load = asked(options, provider)
    jury = _jury(options)
    worth = jury.told if jury else {}
    if options.sweep is not None:
        from conformance.runs.sweep import swept

        found = run(swept(provider, question, load, levels(options), jury=jury))
        code = _telling(options, worth=worth).sweep(found)
        return _with_answers(code, worth.values())
    how: dict[str, Any] = {"limits": limits, "profiles": profiles, "worth": worth}
    measured: tuple[Measured, ...]
    if baseline is None:
        one = _measured(provider, question, load, options, jury)
        answers, measured = _telling(options, **how).one(one), (one,)
    else:
        from conformance.runs.side_by_side import contested

        contest = run(contested(provider, baseline, question, load, margins, jury))
        answers = _telling(options, **how).two(contest)
        measured = contest.candidate, contest.baseline
    from conformance.latency.limit import together  # here: a first request leaves early

    if any(each.course.broken for each in measured):
        return BROKEN
    good = all(each.summary.good and not each.course.stopped for each in measured)
    code = CODES[together(answers.values())] or (KEPT if good else UNDECIDED)
    return _with_answers(code, worth.values())


def _with_answers(code: int, worth: Iterable[Told]) -> int:
    """What was answered counts as well: what is wrong as a limit that is exceeded."""
    told = list(worth)
    if code != BROKEN and any(each.wrong for each in told):
        return CODES["exceeded"]
    return code or (UNDECIDED if any(each.undecided for each in told) else KEPT)


def _telling(options: argparse.Namespace, **how: Any) -> Telling:
    from conformance.faces.times import Telling  # here: a first request leaves early

    return Telling(json=options.json, page=options.page, certificate=options.certificate, **how)


def _limits(
    options: argparse.Namespace, profiles: Mapping[str, Sequence[Limit | Margin]]
) -> tuple[list[Limit | Margin], list[Margin]]:
    """Those of the command line and of all profiles, and which of them need a baseline."""
    if not options.limit and not profiles:
        return [], []
    from conformance.latency.limit import read  # here: a first request leaves early
    from conformance.latency.margin import Margin

    limits = list(dict.fromkeys([*map(read, options.limit), *chain(*profiles.values())]))
    return limits, [each for each in limits if isinstance(each, Margin)]


def _jury(options: argparse.Namespace) -> Jury | None:
    if not options.answers:
        return None
    from conformance.runs.answers import Jury  # here: slow to import

    return Jury()


def _measured(
    provider: Provider,
    question: Question,
    load: Load,
    options: argparse.Namespace,
    jury: Jury | None,
) -> Measured:
    """By this process, or by several."""
    from conformance.engine.instrument.quiet import run

    wanted = None
    if options.objective:
        from conformance.latency.limit import objective

        wanted = objective(options.objective)
    if options.tx:
        from conformance.runs.gateways import shared

        return shared(provider, question, load, options.tx, wanted, jury)
    from conformance.runs.latency import measured

    return run(measured(provider, question, load, wanted, jury))
