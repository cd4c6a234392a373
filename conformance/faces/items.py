"""Suite files and their cases as pytest collects them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import ConformanceError
from conformance.faces.invocation import shown
from conformance.plan.build import every_variant
from conformance.plan.model import Variant
from conformance.report.junit import properties
from conformance.verdict.cases import strongest
from conformance.verdict.findings import selecting
from conformance.verdict.outcome import CaseVerdict, Outcome

if TYPE_CHECKING:
    from conformance.faces.stage import Stage
    from conformance.suite.model import Suite


NO_FINDING = "an error of the run, no finding"


class NotConforming(Exception):  # noqa: N818  # not an error of ours; its text is all that a reader needs
    """The endpoint failed a case."""


class SuiteFile(pytest.File):
    """One suite file."""

    stage: Stage

    def collect(self) -> Iterator[CaseItem]:
        """One item per case, combination of axes, and provider."""
        for variant in filter(self.stage.asks, every_variant([self.stage.suite(self.path)])):
            for provider in self.stage.names:
                name = item_name(variant, provider)
                # Given as text, pytest reads the bracket as it reads --lf's own file.
                yield CaseItem.from_parent(
                    self,
                    name=name,
                    nodeid=f"{self.nodeid}::{name}",
                    variant=variant,
                    provider=provider,
                )


def item_name(variant: Variant, provider: str) -> str:
    """`round-trip[local-vllm-stream-true]`: what follows `::` in the node id."""
    axes = "".join(f"-{name}-{value}" for name, value in variant.printed)
    return f"{variant.case.id.partition('/')[2]}[{provider}{axes}]"


def locator(
    suites: Mapping[Path, Suite], rootdir: Path, providers: Iterable[str]
) -> Callable[[str, str], str | None]:
    """A function from a cell and a provider to the node id that asks it; a user's test is its own."""
    found = {
        (variant.cell, provider): f"{shown(path, rootdir)}::{item_name(variant, provider)}"
        for path, suite in suites.items()
        for variant in every_variant([suite])
        for provider in providers
    }
    return lambda cell, provider: cell if "::" in cell else found.get((cell, provider))


class CaseItem(pytest.Item):
    """One case at one provider. It waits for its own result; the engine runs all of them at once."""

    parent: SuiteFile

    def __init__(self, *, variant: Variant, provider: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.variant = variant
        self.provider = provider
        self.verdict: CaseVerdict | None = None
        clauses = self.parent.stage.tools.contract.clauses
        self.add_marker(strongest(variant.case.clauses, clauses).value)
        self.keywords.update(dict.fromkeys(variant.case.clauses, True))

    def setup(self) -> None:
        """Wait here, so that a fault of ours is pytest's *error* and never a failed case."""
        try:
            self.verdict = self.parent.stage.result(self)
        except ConformanceError as error:
            pytest.fail(f"{NO_FINDING}: {error}", pytrace=False)
        if self.verdict.outcome is Outcome.ERROR:
            words = self.verdict.message or "could not be asked"
            pytest.fail(f"{NO_FINDING}: {words}", pytrace=False)

    def runtest(self) -> None:
        """Say what was found."""
        verdict = self.verdict
        assert verdict is not None  # setup ran
        self.user_properties.extend(properties(verdict))
        match verdict.outcome:
            case Outcome.FAILED if verdict.known:
                pytest.xfail(f"known deviation: {verdict.known}")
            case Outcome.FAILED:
                raise NotConforming(verdict.message)
            case Outcome.INCONCLUSIVE | Outcome.NOT_APPLICABLE:
                pytest.skip(f"{verdict.outcome.value}: {verdict.message}")
            case _:
                pass

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The message alone: the traceback would be ours."""
        if isinstance(excinfo.value, NotConforming):
            provider = self.parent.stage.chosen.providers[self.provider]
            again = f"again: pytest '{self.nodeid}' {selecting(provider)}"
            return f"{self.variant.case.title}\n{excinfo.value}\n{again}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The line of the case in its suite file."""
        line = self.variant.case.where.rpartition(":")[2]
        return self.path, int(line) - 1 if line.isdigit() else None, self.name


def selection(items: Sequence[pytest.Item]) -> set[tuple[str, str]]:
    """Cell and provider of each case among them."""
    return {(item.variant.cell, item.provider) for item in items if isinstance(item, CaseItem)}
