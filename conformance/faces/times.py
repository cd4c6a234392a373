"""What was measured, told: on the terminal, to programs, as a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.latency.audit import Audit
from conformance.latency.contest import Contest
from conformance.latency.limit import Answer, Limit, judge, of_margin
from conformance.latency.margin import Margin
from conformance.latency.measured import Measured
from conformance.latency.summary import Summary
from conformance.latency.sweep import Level, knee

if TYPE_CHECKING:  # what draws is slow to import
    from conformance.report.times_page import Page
    from conformance.verdict.under_load import Answers as Worth

KEPT, UNDECIDED = 0, 3
Answers = dict[Limit | Margin, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Where to, beside the terminal."""

    json: Path | None
    page: Path | None

    def one(
        self, found: Measured, limits: Sequence[Limit | Margin], worth: Worth | None = None
    ) -> Answers:
        """Of one provider, and what its answers were worth; which limits are kept."""
        from conformance.report.latency import document, lines

        print(f"{found.provider}, model {found.model}, {found.streams} at once")
        print(*lines(found.summary, found.audit), sep="\n")
        answers, said = _limits(limits, found.summary, found.audit)
        print(*said, sep="\n", end="\n" if said else "")
        whole = document(found.summary, found.audit)
        if worth is not None:
            from conformance.report import under_load  # here: slow to import

            print(*under_load.lines(worth), sep="\n")
            whole["answers"] = under_load.document(worth)
        self._write(whole)
        if self.page:
            from conformance.report.times_page import of_one

            _pages(of_one(found, said), self.page)
        return answers

    def two(self, found: Contest, limits: Sequence[Limit | Margin]) -> Answers:
        """Of two providers; which limits are kept."""
        from conformance.report.contest import document, lines

        print(*lines(found), sep="\n")
        mine = found.candidate
        answers, said = _limits(limits, mine.summary, mine.audit)
        print(*said, sep="\n", end="\n" if said else "")
        self._write(document(found))
        if self.page:
            from conformance.report.times_page import of_two

            _pages(of_two(found, said), self.page)
        return answers | {one.margin: of_margin(one.judged) for one in found.findings if one.margin}

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
        return KEPT if bend.decided else UNDECIDED

    def _write(self, found: object) -> None:
        if self.json is not None:
            self.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _limits(
    limits: Sequence[Limit | Margin], summary: Summary, audit: Audit
) -> tuple[Answers, list[str]]:
    """Which of those that need no baseline are kept, also in words."""
    answers: Answers = {}
    said = []
    for limit in limits:
        if isinstance(limit, Limit):
            answers[limit], words = judge(limit, summary, audit)
            said.append(f"{limit}: {answers[limit]} ({words})")
    return answers, said


def _pages(made: Page, file: Path) -> None:
    """The Markdown where it is wished, HTML and pictures beside it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(made.markdown(file.stem), encoding="utf-8")
    file.with_suffix(".html").write_text(made.html(), encoding="utf-8")
    for name, png in made.pictures.items():
        file.with_name(f"{file.stem}-{name}.png").write_bytes(png)
    print(f"page: {file}, {file.with_suffix('.html')}")
