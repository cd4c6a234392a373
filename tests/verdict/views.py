"""Small values for tests of the verdict: a provider, a clause, a case that came to something."""

from conformance.contract.model import Clause, Level, Profile
from conformance.providers.model import Provider
from conformance.verdict.outcome import CaseVerdict, Outcome
from conformance.verdict.tally import ClauseCount
from conformance.verdict.view import View

LEVELS = {"STRM-001": "must", "STRM-011": "must", "TOOL-020": "must", "ERR-005": "should", "ERR-029": "must"}
CLAUSES = {
    name: Clause(
        id=name, section=name.partition("-")[0], level=Level(level), condition="", text=f"{name} holds",
        source="", freedom="wire", consequence=f"without {name} things break", remedy="mend it",
    )
    for name, level in LEVELS.items()
}


def provider(name="b", **more):
    return Provider(name=name, base_url="http://127.0.0.1:1/v1", where="providers.toml:1", **more)


def profile(*clauses, **more):
    return Profile(
        name="agent", title="Agents", about="", capabilities=more.pop("capabilities", ("chat",)),
        clauses=clauses, **more,
    )


def case(case="tools/required", outcome=Outcome.PASSED, clauses=("TOOL-020",), axes="", at="b", **more):
    more.setdefault("refused", more.get("branch") == "rejected")
    each = more.pop("by_clause", dict.fromkeys(clauses, outcome))
    return CaseVerdict(
        case=case, cell=f"{case}[{axes}]" if axes else case, title="a title", provider=at,
        level=Level.MUST, outcome=outcome, clauses=each, message=more.pop("message", ""), **more,
    )


def count(witnesses=1, failing=(), adapted=()):
    cells = set(failing)
    return ClauseCount(
        witnesses=witnesses, checked=max(witnesses, len(cells)), failed=len(cells),
        plain=cells, adapted=set(adapted), cases={cell.partition("[")[0] for cell in cells},
    )


def view(cases=(), counts=None, who=None):
    return View(provider=who or provider(), cases=list(cases), counts=counts or {})
