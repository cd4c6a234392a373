"""Where the data that ships beside the code lies."""

from __future__ import annotations

from pathlib import Path

from conformance.errors import HarnessError

_HERE = Path(__file__).parent


def suites_root() -> Path:
    """The folder of the packaged suite files; in a checkout (editable install) `suites/` beside it.

    Raises HarnessError where neither is there: the installation is incomplete.
    """
    for folder in (_HERE / "_suites", _HERE.parent / "suites"):
        if folder.is_dir():
            return folder
    raise HarnessError("the packaged suite files are missing: install llm-conformance again")
