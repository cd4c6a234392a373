"""From the stages' decisions to one answer, and what it means for a swap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.parity.model import Decision, Layer, Says, StageName

_IDENTITY = (
    StageName.RENDERING,
    StageName.LOGPROBS,
    StageName.SAMPLED,
    StageName.SAMPLER,
    StageName.LONG,
)
# A difference further up explains those below it: a prompt that is rendered otherwise is answered
# otherwise by the same weights, and a sampler shows in every text. Logprobs alone see weights only.
_FIRST = (
    (StageName.RENDERING, Layer.RENDERING),
    (StageName.LOGPROBS, Layer.FLEET),
    (StageName.LOGPROBS, Layer.WEIGHTS),
    (StageName.SAMPLER, Layer.SAMPLER),
    (StageName.SAMPLED, Layer.SAMPLER),
    (StageName.LONG, Layer.SAMPLER),
    (StageName.LONG, Layer.LENGTH),
)

_CHANGED = (
    "Not decided: the baseline itself is another model than when its answers were kept, and nothing "
    "is held against the candidate. Begin a new baseline file."
)

_AND_MOVED = " And the baseline itself was changed after that was found, or is a mix of builds."


@dataclass(frozen=True, slots=True, kw_only=True)
class Overall:
    """The answer of an audit. `good_enough` is None where no stage 4 has decided."""

    answer: Says
    layer: Layer | None
    detail: str
    good_enough: bool | None
    level: float  # the chance of a wrong `different`, by the union bound
    tokens: int
    words: str
    decisions: tuple[Decision, ...]
    defaults: str = ""  # by which samplers differ until both are told to do nothing


def overall(decisions: Sequence[Decision], *, alone: bool = False, profile: str = "") -> Overall:
    """Different if any stage of identity says so; same only if logprobs and the rest do.

    Stage 4 never makes a model another one, nor the same: it says whether it is good enough.
    `alone`: an endpoint against its own past. `profile`: for which it is to be good enough. Of a
    pair whose baseline was changed since it was kept, nothing is held against the candidate; of one
    whose baseline was changed during the audit, what was found before that.
    """
    if alone:
        return _over_time(decisions)
    moved = [
        each for each in decisions if each.stage is StageName.DRIFT and each.says is Says.DIFFERENT
    ]
    since_kept = any(not each.detail for each in moved)
    by = {each.stage: each for each in decisions if each.stage in _IDENTITY}
    different = [
        each
        for each in decisions
        if each.stage in _IDENTITY and each.says is Says.DIFFERENT and not since_kept
    ]
    changed = bool(moved) and not different
    layer, detail = _layer(different)
    if different and {each.stage for each in different} == {StageName.SAMPLED} and _same_lists(by):
        layer = Layer.SAMPLER  # what raw logprobs don't show, and text does
    answer = (
        Says.DIFFERENT if different else Says.INCONCLUSIVE if changed else _unless_different(by)
    )
    defaults = "; ".join(dict.fromkeys(each.defaults for each in decisions if each.defaults))
    if layer is Layer.SAMPLER:  # one that does not do as it is asked: that may be all there is
        defaults = ""
    enough = _enough([each for each in decisions if each.stage is StageName.TASKS])
    told = _words(answer, layer, detail) + _worth(answer, profile, enough)
    return Overall(
        answer=answer,
        layer=layer,
        detail=detail,
        good_enough=enough,
        level=sum(each.level for each in decisions if each.stage in _IDENTITY),
        tokens=sum(each.tokens for each in decisions if each.stage is not StageName.DRIFT),
        words=_moved(decisions)
        if changed
        else told + _notices(by) + _advice(defaults) + (_AND_MOVED if moved else ""),
        decisions=tuple(decisions),
        defaults=defaults,
    )


def _moved(decisions: Sequence[Decision]) -> str:
    """Whether it was changed since it was kept, or (it says when) while it was asked."""
    when = [each.detail for each in decisions if each.stage is StageName.DRIFT and each.detail]
    if not when:
        return _CHANGED
    return (
        f"Not decided: the baseline itself was changed {when[-1]}, or is a mix of builds, and "
        "nothing is held against the candidate. Ask again when it is at rest."
    )


def _notices(by: dict[StageName, Decision]) -> str:
    """Why the two were not asked alike, if they weren't."""
    rendering = by.get(StageName.RENDERING)
    told = rendering.notices if rendering else ()
    return "".join(f" But {each}." for each in told)


def _advice(defaults: str) -> str:
    if not defaults:
        return ""
    return (
        f" Their samplers have other defaults ({defaults}), so an application that leaves them "
        "gets other text: send top_k, min_p and penalties to whichever takes them."
    )


def _over_time(decisions: Sequence[Decision]) -> Overall:
    found = next((each for each in decisions if each.stage is StageName.DRIFT), None)
    says = found.says if found else Says.INCONCLUSIVE
    words = {
        Says.SAME: "The model that it was: what is asked again is answered as on the first night.",
        Says.DIFFERENT: "Another model than it was: it was changed without a word.",
    }.get(says, f"Not decided: {found.why if found else 'it was not asked'}.")
    return Overall(
        answer=says,
        layer=found.layer if found else None,
        detail=found.detail if found else "",
        good_enough=None,
        level=found.level if found else 0.0,
        tokens=found.tokens if found else 0,
        words=words,
        decisions=tuple(decisions),
    )


def _unless_different(by: dict[StageName, Decision]) -> Says:
    """Rendering must be the same; then logprobs decide, or else short answers at their margin.

    Logprobs don't show the sampler: short answers must have been compared, all that were planned.
    """
    rendering, logprobs, sampled = (by.get(each) for each in _IDENTITY[:3])
    if rendering is None or rendering.says is not Says.SAME:
        return Says.INCONCLUSIVE
    seen = sampled is not None and not sampled.notices
    if seen and logprobs is not None and logprobs.says is Says.SAME:
        return Says.SAME
    if logprobs is None and sampled is not None and sampled.says is Says.SAME_COARSE:
        return Says.SAME_COARSE
    return Says.INCONCLUSIVE


def _layer(different: Sequence[Decision]) -> tuple[Layer | None, str]:
    for stage, layer in _FIRST:
        for each in different:
            if (each.stage, each.layer) == (stage, layer):
                return layer, each.detail
    return (different[0].layer, different[0].detail) if different else (None, "")


def _same_lists(by: dict[StageName, Decision]) -> bool:
    return StageName.LOGPROBS in by and by[StageName.LOGPROBS].says is Says.SAME


def _enough(tasks: Sequence[Decision]) -> bool | None:
    if any(each.says is Says.DIFFERENT for each in tasks):
        return False
    return True if tasks and all(each.says is Says.SAME for each in tasks) else None


def _words(answer: Says, layer: Layer | None, detail: str) -> str:
    """What the answer means for a swap, for a person who reads nothing else."""
    return {
        Says.SAME: "The same model within numerics: a swap changes nothing that its first tokens show.",
        Says.SAME_COARSE: "No difference as large as fp8 weights or a temperature off by 0.1; smaller ones, such as int8 weights, can't be told from text.",
        Says.INCONCLUSIVE: "Not decided: nothing different was found, and that is no proof of the same.",
        Says.DIFFERENT: f"Not the same: {layer or 'in which layer is not known'}{f' ({detail})' if detail else ''}.",
    }[answer]


def _worth(answer: Says, profile: str, enough: bool | None) -> str:  # noqa: FBT001 - three answers
    """Where it was asked of a profile, its answer; else only what a difference leaves open."""
    if enough is None:
        return f" Whether it is good enough for {profile} is not decided." if profile else ""
    if enough and answer is not Says.DIFFERENT:
        return f" Good enough for {profile}." if profile else ""
    if enough:
        return f" Another build, good enough for {profile or 'these tasks'}."
    return f" Worse than {profile} allows." if profile else " Worse at these tasks."
