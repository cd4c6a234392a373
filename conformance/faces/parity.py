"""How a compared pair is told: its page and its facts into a folder, its answer to the terminal."""

from __future__ import annotations

from pathlib import Path

from conformance.parity.model import Says
from conformance.parity.pair import Pair
from conformance.parity.turns import Side
from conformance.report.escape import visible
from conformance.report.html import page as as_page
from conformance.report.parity import STAGES, beside, markdown
from conformance.report.parity_json import document
from conformance.report.parity_pictures import pictures
from conformance.report.strict import dumps

CODES = {Says.SAME: 0, Says.SAME_COARSE: 0, Says.DIFFERENT: 1, Says.INCONCLUSIVE: 3}


def write(pair: Pair, folder: Path, *, page: Path | None = None, facts: Path | None = None) -> None:
    """The page and the facts into the run's folder, and wherever else they are wanted."""
    drawn = pictures(pair)
    data = dumps(document(pair))
    for path in (folder / "report.md", folder / "report.html", *([page] if page else [])):
        text, html = markdown(pair, path.stem), path.suffix == ".html"
        here = {beside(path.stem, name): svg for name, svg in drawn.items()}
        path.write_text(as_page(text, here) if html else text, encoding="utf-8")
        for name, svg in here.items() if not html else ():
            (path.parent / name).write_text(svg, encoding="utf-8")
    for path in (folder / "report.json", *([facts] if facts else [])):
        path.write_text(data, encoding="utf-8")


def tell(pair: Pair, folder: Path, *, page: Path | None = None, facts: Path | None = None) -> int:
    """Write, print, and give the exit code."""
    write(pair, folder, page=page, facts=facts)
    found = pair.audited.overall
    for each in found.decisions:
        ratio = f", {each.ratio.value:.2f} floors" if each.ratio and each.stage == "1" else ""
        print(visible(f"{STAGES[each.stage]}: {each.says}{ratio}: {each.why}"))
    other = "its own past" if pair.setup.alone else pair.names[Side.BASELINE]
    names = f"{pair.names[Side.CANDIDATE]} against {other}"
    print(visible(f"{names}: {found.answer}. {found.words}"))
    print(f"report: {folder / 'report.md'}")
    return CODES[found.answer]
