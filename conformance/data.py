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


def suite_folder(path: str, start: Path) -> Path:
    """Where a suite file lies; packaged ones are shown as `suites/NAME`, wherever they are."""
    here = start / path
    packaged = suites_root() / Path(path).name
    return (here if here.is_file() or not packaged.is_file() else packaged).parent
