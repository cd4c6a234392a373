"""Code for an application beside the findings that it mends: named where they stand, shown once."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.report.escape import code, fenced, prose
from conformance.report.phrase import candidates, listed
from conformance.verdict.model import Finding, Run

SHOWN = 12
"""Shims whose code is printed."""
_ABOUT = (
    "Shims mend on the client's side what the endpoint does not do. They were proved with the openai "
    "SDK, not tried in this run, and change no answer above. Each stands in a file beside `mend.py` "
    "(`conformance explain mend --code > mend.py`), and is used as "
    "`OpenAI(http_client=mended(RoleOnce, UsageApart))`."
)


def offered(finding: Finding) -> str:
    """`role-once`: what it does; empty where there is none."""
    if not finding.shims:
        return ""
    first, *others = finding.shims
    also = f" Also {listed([_link(each.name) for each in others], 4)}." if others else ""
    return f"{_link(first.name)}: {prose(first.about)}{also}"


def shim_for(run: Run, finding: str) -> str:
    """The sentence for what stands in the way: that a shim exists, which makes no answer better."""
    for provider in run.providers:
        for one in provider.findings:
            if one.id == finding and one.shims:
                return f" A shim for the client exists: {_link(one.shims[0].name)}."
    return ""


def shims(run: Run) -> Iterator[str]:
    """The code of the shims that findings name, folded; those for most findings first."""
    found = [shim for each in candidates(run) for one in each.findings for shim in one.shims]
    if not found:
        return
    by_use = sorted(set(found), key=lambda each: (-found.count(each), each.name))
    yield "## Code for your application"
    yield _ABOUT
    for each in by_use[:SHOWN]:
        yield (
            f'<a id="shim-{each.name}"></a>**{code(each.name)}** {prose(each.about)}\n\n'
            f"<details><summary>{each.name}, the code</summary>\n\n"
            f"{fenced(each.code, 'python')}\n\n</details>"
        )
    if rest := by_use[SHOWN:]:
        names = listed([f'<a id="shim-{each.name}"></a>{code(each.name)}' for each in rest], 99)
        yield f"More (`conformance explain NAME --code`): {names}."


def _link(name: str) -> str:
    return f"[{code(name)}](#shim-{name})"
