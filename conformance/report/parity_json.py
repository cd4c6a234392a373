"""A compared pair as JSON data: the same facts as on its page, and the paths of the tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from conformance.parity.builds import groups
from conformance.parity.model import Ranked
from conformance.parity.pair import Pair
from conformance.parity.pools import farthest, shares

VERSION = 1


def document(pair: Pair) -> dict[str, Any]:
    """For `strict.dumps`: a value without a bound is no number of JSON's."""
    found, setup = pair.audited.overall, pair.setup
    return {
        "parity": VERSION,
        "run": pair.run,
        "started": pair.started,
        "finished": pair.finished,
        "names": dict(pair.names),
        "models": dict(pair.models),
        "builds": _builds(pair),
        "listed": {side: asdict(each) for side, each in pair.listed.items()},
        "since": pair.setup.since,
        "answer": found.answer,
        "layer": found.layer,
        "detail": found.detail,
        "defaults": found.defaults,
        "good_enough": found.good_enough,
        "words": found.words,
        "level": found.level,
        "tokens": found.tokens,
        "seed": setup.seed,
        "remarks": list(pair.remarks),
        "skipped": list(pair.audited.skipped),
        "floor": _floor(pair),
        "by_build_and_hour": _by_build_and_hour(pair),
        "stages": [asdict(each) for each in found.decisions],
        "first_tokens": [
            {
                "prompt": each.prompt,
                "text": pair.texts.get(each.prompt, ""),
                "floors": each.ratio,
                "baseline": _list(each.known),
                "candidate": _list(each.said),
            }
            for each in pair.audited.apart
        ],
        "short_answers": [
            {
                "prompt": prompt,
                "text": pair.texts.get(prompt, ""),
                "baseline": _counted(pair.audited.pool[prompt]),
                "candidate": _counted(pair.audited.said[prompt]),
            }
            for prompt in farthest(pair.audited.pool, pair.audited.said)
        ],
        "prompt_tokens": {
            probe: {"baseline": known, "candidate": said}
            for probe, (known, said) in pair.audited.rendered.items()
        },
        "spent": {side: asdict(one) for side, one in pair.spent.items()},
    }


def _builds(pair: Pair) -> Mapping[str, Any]:
    return {
        side: [{**build._asdict(), "answers": many} for build, many in each.items()]
        for side, each in pair.builds.items()
    }


def _by_build_and_hour(pair: Pair) -> Sequence[Mapping[str, Any]]:
    return [
        {
            **each.build._asdict(),
            "hour": each.hour,
            "prompts": each.prompts,
            "floors": asdict(each.ratio),
        }
        for each in groups(pair.audited.apart, pair.started)
    ]


def _floor(pair: Pair) -> Mapping[str, Any] | None:
    found = pair.audited.floor
    if found is None:
        return None
    own = pair.audited.own_floor
    return {
        "sigma": found.sigma,
        "source": found.source.name.lower(),
        "assumed": found.assumed,
        "own": own and own._asdict(),
    }


def _counted(texts: Sequence[str]) -> list[list[Any]]:
    """Each string with how often it came, the most frequent first."""
    times = Counter(texts)
    return [[text, times[text]] for text in shares(texts)]


def _list(ranked: Sequence[Ranked]) -> list[list[Any]]:
    return [[each.token.decode("utf-8", "replace"), each.logprob] for each in ranked]
