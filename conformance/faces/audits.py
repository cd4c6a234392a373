"""pytest with `--parity`: each stage of an audit is an item, and so is its answer."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.data import suites_root
from conformance.errors import ConformanceError, UsageError
from conformance.faces.audit_items import ANSWER, PAST, Asked, AuditFile, AuditItem
from conformance.faces.commands.compare import need_extra
from conformance.faces.invocation import SUFFIXES, shown, wish
from conformance.faces.parity import write
from conformance.parity.model import Says, StageName
from conformance.parity.setup import TAIL, USUAL
from conformance.runs.choose import choose
from conformance.runs.parity.comparing import compare
from conformance.runs.parity.preparing import Wanted
from conformance.runs.settings import settings
from conformance.suite.parity import ParitySuite, Question, is_parity_suite, load_parity_suite

STAGES = (*USUAL, TAIL, StageName.TASKS)
_OURS = "suites/parity.yaml"
_OPEN: Any = ("inconclusive", "?", "INCONCLUSIVE")


def enter(config: pytest.Config) -> None:
    """Collect audits in place of suites. Raises pytest.UsageError (exit 4)."""
    try:
        need_extra()
        config.pluginmanager.register(Audits(config), "conformance-audits")
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from error


class Audits:
    """One pytest run with `--parity`."""

    def __init__(self, config: pytest.Config) -> None:
        if config.getoption("dist", "no") != "no" or hasattr(config, "workerinput"):
            raise UsageError("an audit asks one thing after another: leave -n out")
        asked = wish(config)
        self.config, self.baseline = config, asked.baseline
        self._wish, self._chosen = asked, choose(asked)
        self.names = [each for each in self._chosen.providers if each != asked.baseline]
        how = settings(
            lambda name: config.getoption("conformance_" + name.replace("-", "_")),
            folder=config.invocation_params.dir,
            origin=config.rootpath,
        )
        self._reports, self._terms = how.reports, how.terms
        self._strict = config.getoption("conformance_undecided") == "fail"
        self._asked: dict[tuple[Path, str], Asked | ConformanceError] = {}
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args[:] = [_OURS]
        config.args[:] = [_packaged(each, config.invocation_params.dir) for each in config.args]

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> AuditFile | None:
        """A file of an audit, by its mark."""
        if file_path.suffix not in SUFFIXES:
            return None
        text = file_path.read_text(encoding="utf-8", errors="replace")
        if not is_parity_suite(text):
            return None
        try:
            suite = load_parity_suite(text, str(file_path), STAGES)
        except ConformanceError as error:
            raise pytest.Collector.CollectError(str(error)) from error
        ours = file_path == _packaged_file()
        nodeid = _OURS if ours else shown(file_path, self.config.rootpath)
        found: AuditFile = AuditFile.from_parent(parent, path=file_path, nodeid=nodeid)
        found.audits, found.suite = self, suite
        return found

    def questions(self, suite: ParitySuite) -> tuple[Question, ...]:
        """One endpoint alone is asked whether it is what it was."""
        return (*suite.questions, ANSWER) if self.baseline else (PAST,)

    def asked(self, item: AuditItem) -> Asked:
        """The first item of a file and a provider asks for all of them."""
        key = (item.path, item.provider)
        if key not in self._asked:
            try:
                pair, folder = compare(self._wanted(item))
                write(pair, folder)
                self._asked[key] = Asked(pair, folder)
            except ConformanceError as error:
                self._asked[key] = error
        found = self._asked[key]
        if isinstance(found, ConformanceError):
            raise found
        return found

    def _wanted(self, item: AuditItem) -> Wanted:
        suite, beside = item.parent.suite, item.path.parent
        selected = {
            each.question.stage
            for each in item.session.items
            if isinstance(each, AuditItem)
            and (each.path, each.provider) == (item.path, item.provider)
        }
        every = tuple(each.stage for each in suite.questions)
        stages = tuple(each for each in every if each in selected) or every
        wanted = Wanted(
            baseline=self.baseline or item.provider,
            candidate=item.provider if self.baseline else "",
            providers_file=self._wish.file,
            providers=self._chosen.providers,
            prompts=beside / suite.prompts if suite.prompts else None,
            items=tuple(_beside(each, beside) for each in suite.items),
            stages=stages,
            reports=self._reports,
            terms=self._terms,
        )
        margin = wanted.margin if suite.margin is None else suite.margin / 100
        return replace(wanted, margin=margin, baseline_file=self._kept(item.provider))

    def _kept(self, provider: str) -> Path | None:
        """Where it stays what the baseline said, for the next candidate and the next night."""
        if self._chosen.baseline_record:
            return None
        return self._reports / f"parity-{self.baseline or provider}.jsonl"

    def counts(self, question: Question, says: Says) -> bool:
        """An undecided answer fails the run where that was asked for."""
        undecided = says is Says.INCONCLUSIVE and question in (ANSWER, PAST)
        return says is Says.DIFFERENT or (undecided and self._strict)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Undecided is a word of its own."""
        report = yield
        if isinstance(item, AuditItem) and call.when == "call" and report.skipped:
            report.conformance = "inconclusive"  # type: ignore[attr-defined]  # extras are JSON
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> Any:
        """As other undecided items are told."""
        return _OPEN if getattr(report, "conformance", "") == "inconclusive" else None

    def pytest_report_header(self) -> str:
        """Who is compared with whom."""
        other = self.baseline or "its own past"
        head = f"conformance: is it the same model? {', '.join(self.names)} against {other}"
        return "\n".join((head, *self._chosen.left_out))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Each answer in a sentence, and its page."""
        for (_, name), one in self._asked.items():
            if isinstance(one, Asked):
                found = one.pair.audited.overall
                terminalreporter.write_line(f"{name}: {found.answer}. {found.words}")
                terminalreporter.write_line(f"report: {one.folder / 'report.md'}")
                if _changed(one):
                    terminalreporter.write_line(
                        f"{self._kept(name)} holds what it was: delete it to begin anew"
                    )


def _changed(one: Asked) -> bool:
    """Whether what is kept is of another model."""
    return any(
        each.stage is StageName.DRIFT and each.says is Says.DIFFERENT
        for each in one.pair.audited.overall.decisions
    )


def _packaged_file() -> Path:
    return suites_root() / "parity" / "parity.yaml"


def _packaged(argument: str, folder: Path) -> str:
    """`suites/parity.yaml` means ours where there is no such file here."""
    path, colons, rest = argument.partition("::")
    ours = path == _OURS and not (folder / path).exists()
    return f"{_packaged_file()}{colons}{rest}" if ours else argument


def _beside(file: str, folder: Path) -> str:
    """A file of tasks from the folder of the suite; what stands before its colon stays."""
    form, colon, path = file.rpartition(":")
    return f"{form}{colon}{folder / path}"
