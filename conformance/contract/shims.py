"""Read the shims that ship with the package, as texts: nothing of ours runs them.

The docstring of a shim says what it mends, and its last line for which clauses: `For STRM-010, STRM-011.`
"""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib.resources import files

from conformance.contract.model import Shim

GROUND = "mend"
"""The shim that the others stand on."""
_HERE = "from conformance.shims."
_LINTED = re.compile(r"  # noqa: [A-Z0-9]+( - .*)?$", re.MULTILINE)
"""What only our own linter reads."""
_FOR = re.compile(r"^For ((?:[A-Z]+-\d{3}, )*[A-Z]+-\d{3})\.$", re.MULTILINE)


@cache
def load_shims() -> dict[str, Shim]:
    """All of them by name, read once per process. Raises ValueError for one that names no clause."""
    room = sorted(files("conformance.shims").iterdir(), key=lambda path: path.name)
    names = (path.name for path in room if path.name.endswith(".py") and path.name[0] != "_")
    found = (_shim(name.removesuffix(".py")) for name in names)
    return {each.name: each for each in found}


def shims_of(clause: str) -> tuple[Shim, ...]:
    """Those that mend the clause; the one that mends the fewest others comes first."""
    mending = (each for each in load_shims().values() if clause in each.clauses)
    return tuple(sorted(mending, key=lambda each: (len(each.clauses), each.name)))


def _shim(module: str) -> Shim:
    code = (files("conformance.shims") / f"{module}.py").read_text(encoding="utf-8")
    words = ast.get_docstring(ast.parse(code)) or ""
    named = _FOR.search(words)
    if named is None:
        raise ValueError(f"the shim {module} does not say which clauses it is for")
    return Shim(
        name=module.replace("_", "-"),
        about=" ".join(words.partition("\n\n")[0].split()),
        clauses=tuple(named[1].split(", ")),
        code=_LINTED.sub("", code.replace(_HERE, "from ")),
    )
