"""Small pieces of sentences that all reports share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from conformance.verdict.comparison import FactThatDiffers, LostCapability
from conformance.verdict.losses import NOT_COMPARED
from conformance.verdict.model import (
    Certificate,
    Finding,
    Mishap,
    ProviderResult,
    Run,
)
from conformance.verdict.outcome import CaseVerdict, Interval, Outcome


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 case`, `2 cases`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listed(words: Sequence[str], limit: int = 6) -> str:
    """`a, b and 3 more`; everything where there is no more than `limit`."""
    if len(words) > limit:
        return f"{', '.join(words[: limit - 1])} and {len(words) - limit + 1} more"
    if len(words) < 2:  # noqa: PLR2004  # "and" needs two
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def size(number: int) -> str:
    """`312 bytes`, `1.2 kB`, `3.4 MB`; decimal units."""
    if number < 1000:  # noqa: PLR2004  # SI
        return counted(number, "byte")
    return f"{number / 1e3:.1f} kB" if number < 999_950 else f"{number / 1e6:.1f} MB"  # noqa: PLR2004  # would round to 1000.0 kB


def percent(rate: float) -> str:
    """`30.0 %`; never `0.0 %` or `100.0 %` for what is neither."""
    shown = f"{100 * rate:.1f}"
    if shown == "0.0" and rate > 0:
        return "< 0.1 %"
    if shown == "100.0" and rate < 1:
        return "> 99.9 %"
    return f"{shown} %"


def frequency(finding: Finding) -> str:
    """`in 12 of 40 exchanges (30.0 %, interval 17.4 to 45.1 %)`, as far as it is known."""
    words = f"in {finding.exchanges_failed} of {counted(finding.exchanges_checked, 'exchange')}"
    if finding.rate is None or finding.exchanges_failed == finding.exchanges_checked:
        return words
    inside = [percent(finding.rate)]
    if finding.interval:
        inside.append(f"interval {interval(finding.interval)}")
    return f"{words} ({', '.join(inside)})"


def interval(bounds: Interval) -> str:
    """`17.4 to 45.1 %`."""
    return f"{100 * bounds.low:.1f} to {100 * bounds.high:.1f} %"


def required_by(finding: Finding, provider: ProviderResult) -> tuple[str, ...]:
    """Profiles whose certificate fails because of this finding; asked ones alone where any was asked."""
    asked = [one for one in provider.certificates if one.asked] or list(provider.certificates)
    return tuple(
        one.profile for one in asked if any(each.finding == finding.id for each in one.reasons)
    )


def alike(cases: Iterable[CaseVerdict]) -> dict[tuple[str, str], list[CaseVerdict]]:
    """Provider and first line of the message to the cases that have it, the most frequent first."""
    groups: dict[tuple[str, str], list[CaseVerdict]] = {}
    for case in cases:
        groups.setdefault((case.provider, case.message.partition("\n")[0]), []).append(case)
    return dict(sorted(groups.items(), key=lambda pair: -len(pair[1])))


def variants(rows: Sequence[LostCapability]) -> list[tuple[LostCapability, str]]:
    """One row of each case that does the same in several variants, with its title and all of them."""
    groups: dict[tuple[str, str, str], list[LostCapability]] = {}
    for row in rows:
        case = row.case.partition("[")[0]
        groups.setdefault((case, row.baseline, row.candidate), []).append(row)
    return [(each[0], _titled(each)) for each in groups.values()]


def differing(rows: Sequence[FactThatDiffers]) -> list[tuple[FactThatDiffers, str]]:
    """The same of facts."""
    groups: dict[tuple[str, str, str, str], list[FactThatDiffers]] = {}
    for row in rows:
        case = row.case.partition("[")[0]
        groups.setdefault((case, row.fact, row.baseline, row.candidate), []).append(row)
    return [(each[0], _titled(each)) for each in groups.values()]


def _titled(rows: Sequence[LostCapability] | Sequence[FactThatDiffers]) -> str:
    axes = [row.case.partition("[")[2].removesuffix("]") for row in rows]
    return f"{rows[0].title} ({listed(axes, 4)})" if any(axes) else rows[0].title


def held_back(provider: ProviderResult) -> tuple[str, ...]:
    """How much a limit of the run kept from being asked, by limit: `199 of 222 cases not asked: ...`."""
    groups = Counter(case.message.rpartition("\n")[2] for case in provider.withheld)
    every = counted(len(provider.cases), "case")
    return tuple(f"{number} of {every} {why}" for why, number in groups.most_common())


def befell(mishap: Mishap) -> str:
    """`could not be reached: connection refused (215 cases)`."""
    return f"{mishap.reason} ({counted(len(mishap.cells), 'case')})"


def nothing_decided(one: Certificate) -> bool:
    """Not one required clause: which ones they are says nothing."""
    return not one.covered and all(each.kind == "undecided" for each in one.reasons)


def one_cause(one: Certificate) -> str:
    """What keeps all of it open, where that says more than the name of what is open."""
    causes = {each.why for each in one.reasons}
    named = len(one.reasons) == 1 and one.reasons[0].clause != NOT_COMPARED
    return "" if named or len(causes) != 1 else causes.pop()


def not_reached(case: CaseVerdict) -> bool:
    """It was to be asked, and no trial of it came to its end."""
    return case.outcome is Outcome.ERROR and not case.samples


def candidates(run: Run) -> tuple[ProviderResult, ...]:
    """The providers that are judged: all but the baselines, unless there is nobody else."""
    baselines = {each.baseline for each in run.comparisons}
    chosen = tuple(each for each in run.providers if each.name not in baselines)
    return chosen or run.providers
