"""Files of audits and their stages as pytest collects them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import ConformanceError
from conformance.faces.items import NO_FINDING, NotConforming
from conformance.parity.model import Decision, Says, StageName
from conformance.parity.pair import Pair
from conformance.parity.setup import TAIL
from conformance.suite.parity import ParitySuite, Question

if TYPE_CHECKING:
    from conformance.faces.audits import Audits

ANSWER = Question(name="answer", stage="", title="What the stages come to", line=1)
PAST = Question(name="past", stage=StageName.DRIFT, title="It is the model that it was", line=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A pair that was compared, and where its page lies."""

    pair: Pair
    folder: Path


class AuditFile(pytest.File):
    """One audit."""

    audits: Audits
    suite: ParitySuite

    def collect(self) -> Iterator[AuditItem]:
        """An item for each stage and each provider."""
        for provider in self.audits.names:
            for question in self.audits.questions(self.suite):
                name = f"{question.name}[{provider}]"
                yield AuditItem.from_parent(
                    self,
                    name=name,
                    nodeid=f"{self.nodeid}::{name}",
                    question=question,
                    provider=provider,
                )


class AuditItem(pytest.Item):
    """One stage: its answer is the item's."""

    parent: AuditFile

    def __init__(self, *, question: Question, provider: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.question, self.provider = question, provider
        self.found: Asked | None = None

    def setup(self) -> None:
        """Ask here, so that a fault of ours is pytest's *error*."""
        try:
            self.found = self.parent.audits.asked(self)
        except ConformanceError as error:
            raise pytest.fail.Exception(f"{NO_FINDING}: {error}", pytrace=False) from None

    def runtest(self) -> None:
        """Different fails; same passes; the rest proves nothing, and says why."""
        assert self.found is not None  # setup ran
        says, why = self._said(self.found.pair)
        self.user_properties.append(("parity", str(says)))
        if self.parent.audits.counts(self.question, says):
            raise NotConforming(f"{says}: {why}")
        if says is Says.INCONCLUSIVE:
            pytest.skip(f"{says}: {why}")

    def _said(self, pair: Pair) -> tuple[Says, str]:
        found = pair.audited.overall
        if self.question is ANSWER:
            return found.answer, found.words
        mine = [each for each in found.decisions if _is_of(each, self.question.stage)]
        if not mine:
            why = (
                "not asked: an earlier stage had decided"
                if found.answer is Says.DIFFERENT
                else "not asked"
            )
            return Says.INCONCLUSIVE, why
        worst = next((each for each in mine if each.says is Says.DIFFERENT), mine[0])
        layer = (
            f" ({worst.layer}{': ' + worst.detail if worst.detail else ''})" if worst.layer else ""
        )
        return worst.says, worst.why + layer

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The message alone: the traceback would be ours."""
        if isinstance(excinfo.value, NotConforming) and self.found:
            page = self.found.folder / "report.md"
            return f"{self.question.title}\n{excinfo.value}\nreport: {page}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The line of the stage in its file."""
        return self.path, self.question.line - 1, self.name


def _is_of(each: Decision, stage: str) -> bool:
    """The tail is a part of stage 2b with a plan of its own."""
    return each.stage == (StageName.SAMPLER if stage == TAIL else stage)
