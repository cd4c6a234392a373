"""What certificates said against what is right. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.faces.certificates.ask import Given
from conformance.faces.certificates.expected import Expected
from conformance.verdict.model import Answer

_YES = frozenset({Answer.DROP_IN, Answer.DROP_IN_WITH_CHANGES})


@dataclass(frozen=True, slots=True)
class Compared:
    """One question with both answers."""

    expected: Expected
    given: Given

    @property
    def right(self) -> bool:
        """The certificate gave the right answer."""
        return self.given.answer is self.expected.answer

    @property
    def false_drop_in(self) -> bool:
        """Somebody would move who may not, or not as he is: the worst that a certificate can do."""
        return _promise(self.given.answer) > _promise(self.expected.answer)


def _promise(answer: Answer) -> int:
    """How much whoever reads an answer takes to be safe."""
    return 2 if answer is Answer.DROP_IN else int(answer in _YES)


def compared(expected: Iterable[Expected], given: Iterable[Given]) -> tuple[Compared, ...]:
    """Each question that was asked, in the order of the right answers."""
    found = {one.name: one for one in given}
    return tuple(Compared(one, found[one.name]) for one in expected if one.name in found)


def matrix(all_of_them: Sequence[Compared]) -> Mapping[Answer, Counter[Answer]]:
    """Right answer to how often each answer was given."""
    return {
        right: Counter(one.given.answer for one in all_of_them if one.expected.answer is right)
        for right in Answer
    }
