"""The capability matrix: what each provider does with each parameter of a request.

honoured   a control in the same trial shows that the effect is not there without it
rejected   refused with a clear error
ignored    served, and nothing changed
accepted   served; there is no effect that could be seen from outside
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from conformance.contract.parameters import PARAMETERS
from conformance.report.escape import code
from conformance.report.matrix import HONOURED, NOTHING, matrix, table, told
from conformance.report.phrase import listed
from conformance.verdict.model import Capability, ProviderResult, Run

_NOT_OFFERED = "not offered"
"""Of cases that need something else, too: beside others they say nothing of the parameter."""
_SILENT = frozenset({"undecided", _NOT_OFFERED})
"""What says nothing of anybody."""
_EVERY = len(PARAMETERS)


def by_parameter(provider: ProviderResult) -> Mapping[str, Sequence[Capability]]:
    """What is known of each parameter, those of the contract first and in its order."""
    found: dict[str, list[Capability]] = {}
    for each in provider.capabilities:
        for name in filter(None, each.parameter.split(", ")):
            found.setdefault(name, []).append(each)
    known = {name: found.pop(name) for name in PARAMETERS if name in found}
    return {**known, **dict(sorted(found.items()))}


def does(capabilities: Sequence[Capability]) -> dict[str, str]:
    """Case and axes, as far as they tell anything apart, to what is done there."""
    done: dict[str, str] = {}
    for each in capabilities:
        name = each.case.rpartition("/")[2] if len(capabilities) > 1 else ""
        alike = len(set(each.branches.values())) == 1
        for axes, word in each.branches.items():
            done[" ".join(filter(None, (name, "" if alike else axes)))] = word
    return done


def capabilities(run: Run) -> Iterator[str]:
    """The matrix as a section of the Markdown report, baselines to the left."""
    bases = {each.baseline for each in run.comparisons}
    providers = sorted(run.providers, key=lambda each: each.name not in bases)
    words = {
        word
        for provider in providers
        for each in provider.capabilities
        for word in each.branches.values()
    }
    if not words - _SILENT:
        return
    yield "## Capabilities"
    yield (
        f"A parameter is *{HONOURED}* only where a control in the same trial shows that the "
        "effect is not there without it; what was seen then is told. *Rejected* with a clear error is portable too; "
        "*ignored* is not: nothing tells the application. *Accepted* says that the request was "
        "served, and nothing of an effect, because none can be seen from outside."
    )
    found = {provider.name: by_parameter(provider) for provider in providers}
    rows = list(dict.fromkeys(name for mine in found.values() for name in mine))
    if rows:
        order = {name: place for place, name in enumerate(PARAMETERS)}
        rows.sort(key=lambda name: (order.get(name, _EVERY), name))
        yield _table(providers, rows, found)
        if missing := [code(name) for name in PARAMETERS if name not in rows]:
            yield f"No case of this run asked for {listed(missing, _EVERY)}."
    if others := matrix(providers):
        yield "Where the contract leaves other choices:"
        yield others


def _table(
    providers: Sequence[ProviderResult],
    rows: Sequence[str],
    found: Mapping[str, Mapping[str, Sequence[Capability]]],
) -> str:
    return table(
        ["Parameter", *(code(provider.name) for provider in providers)],
        [
            [code(name), *(_cell(found[provider.name].get(name, ())) for provider in providers)]
            for name in rows
        ],
    )


def _cell(known: Sequence[Capability]) -> str:
    if not known:
        return NOTHING
    telling = [each for each in known if set(each.branches.values()) != {_NOT_OFFERED}] or known
    alone_first = sorted(
        telling, key=lambda each: "," in each.parameter
    )  # its own effect, not another's
    control = next((each.control for each in alone_first if each.control), "")
    return told(does(telling), control)
