"""What was measured, told: on the terminal, to programs, as a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.latency.contest import Contest
from conformance.latency.limit import Answer, Limit, judge, of_margin, together
from conformance.latency.margin import Margin
from conformance.latency.measured import Measured
from conformance.latency.sweep import Level, knee

if TYPE_CHECKING:  # what draws is slow to import
    from conformance.report.times_page import Page
    from conformance.report.under_load import Told

KEPT, BROKEN, UNDECIDED = 0, 2, 3
Answers = dict[Limit | Margin, Answer]
Kept = dict[Limit | Margin, tuple[Answer, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Where to, beside the terminal, and what has to be kept."""

    json: Path | None
    page: Path | None
    certificate: Path | None = None
    """Of a run: gets the answers for limits of profiles."""
    limits: Sequence[Limit | Margin] = ()
    profiles: Mapping[str, Sequence[Limit | Margin]] = field(default_factory=dict)
    """Limits of each, all of which are among the limits."""
    worth: Mapping[str, Told] = field(default_factory=dict)
    """What answers were worth, by the name of whose they are; filled by the time of telling."""

    def one(self, found: Measured) -> Answers:
        """Of one provider; which limits are kept."""
        from conformance.report.latency import document, lines

        print(f"{found.provider}, model {found.model}, {found.streams} at once")
        print(*lines(found), sep="\n")
        kept = _judged(self.limits, found)
        said = _said(kept)
        print(*said, sep="\n", end="\n" if said else "")
        whole = document(found)
        self._certified(whole, found.provider, kept)
        if self.page:
            from conformance.report.times_page import of_one

            _pages(of_one(found, said), self.page)
        return {limit: answer for limit, (answer, _) in kept.items()}

    def two(self, found: Contest) -> Answers:
        """Of two providers; which limits are kept."""
        from conformance.report.contest import document, lines

        print(*lines(found), sep="\n")
        kept = _judged(self.limits, found.candidate)
        said = _said(kept)
        print(*said, sep="\n", end="\n" if said else "")
        for one in found.findings:
            if one.margin:
                kept[one.margin] = of_margin(one.judged), one.judged.words or str(one.judged.answer)
        self._certified(document(found), found.candidate.provider, kept)
        if self.page:
            from conformance.report.times_page import of_two

            _pages(of_two(found, said), self.page)
        return {limit: answer for limit, (answer, _) in kept.items()}

    def _certified(self, whole: dict[str, Any], provider: str, kept: Kept) -> None:
        """The answer for each profile, with those for its limits; then everything is written."""
        whole["profiles"] = [
            {
                "profile": name,
                "answer": together(kept[each][0] for each in own),
                "limits": [
                    {"limit": str(each), "answer": kept[each][0], "said": kept[each][1]}
                    for each in own
                ],
            }
            for name, own in self.profiles.items()
        ]
        for name, own in self.profiles.items():
            print(f"profile {name}: {together(kept[each][0] for each in own)}")
            print(*(f"  {each}: {kept[each][0]} ({kept[each][1]})" for each in own), sep="\n")
        self._write(whole)
        if self.certificate is not None:
            from conformance.report.times_certificate import filled  # here: slow to import

            answers = {
                name: {str(each): (str(kept[each][0]), kept[each][1]) for each in own}
                for name, own in self.profiles.items()
            }
            text = self.certificate.read_text(encoding="utf-8")
            self.certificate.write_text(filled(text, provider, answers), encoding="utf-8")

    def sweep(self, levels: Sequence[Level]) -> int:
        """Of one provider at several levels; the exit code: 3 where the knee is undecided."""
        from conformance.report.sweep import document, lines

        found, bend = levels[0].found, knee(levels)
        print(f"{found.provider}, model {found.model}")
        print(*lines(levels, bend), sep="\n")
        self._write(document(levels, bend))
        if self.page:
            from conformance.report.times_page import of_sweep

            _pages(of_sweep(levels, bend), self.page)
        if any(each.found.course.broken for each in levels):
            return BROKEN
        return KEPT if bend.decided else UNDECIDED

    def _write(self, found: dict[str, Any]) -> None:
        """For programs; what answers were worth, for people as well."""
        if self.worth:
            from conformance.report.under_load import of_several  # here: slow to import

            said, found["answers"] = of_several(self.worth)
            print(*said, sep="\n")
        if self.json is not None:
            self.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _judged(limits: Sequence[Limit | Margin], found: Measured) -> Kept:
    """Which of those that need no baseline are kept, and why that is so."""
    return {
        limit: judge(limit, found.summary, found.audit)
        for limit in limits
        if isinstance(limit, Limit)
    }


def _said(kept: Kept) -> list[str]:
    return [f"{limit}: {answer} ({words})" for limit, (answer, words) in kept.items()]


def _pages(made: Page, file: Path) -> None:
    """The Markdown where it is wished, HTML and pictures beside it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(made.markdown(file.stem), encoding="utf-8")
    file.with_suffix(".html").write_text(made.html(), encoding="utf-8")
    for name, drawn in made.pictures.items():
        file.with_name(f"{file.stem}-{name}.png").write_bytes(drawn.png)
        file.with_name(f"{file.stem}-{name}.svg").write_bytes(drawn.svg)
    print(f"page: {file}, {file.with_suffix('.html')}")
