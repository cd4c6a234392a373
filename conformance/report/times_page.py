"""Times as a page: Markdown with pictures beside it, and one HTML file that holds them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.latency.contest import Contest, Finding
from conformance.latency.measured import Measured
from conformance.latency.sweep import Knee, Level
from conformance.report import contest, latency, pictures, sweep
from conformance.report.escape import code, hostile
from conformance.report.html import page
from conformance.report.matrix import table

_SPREADS = ("ttft", "itl")
_TITLES = {
    "ttft": "How the time to the first token is spread",
    "itl": "How the time between tokens is spread",
    "timeline": "What the first streams did when",
    "throughput": "Throughput over requests at once",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A text, and pictures by the end of their files' names."""

    blocks: Sequence[str]
    pictures: Mapping[str, pictures.Drawn]

    def markdown(self, stem: str) -> str:
        """With pictures in files beside it: `STEM-NAME.png`, and the same as `.svg`."""
        return self._text({name: f"{stem}-{name}.png" for name in self.pictures})

    def html(self) -> str:
        """With pictures inside: nothing is loaded from anywhere."""
        places = {name: f"{name}.svg" for name in self.pictures}
        text = page(self._text(places))
        for name, drawn in self.pictures.items():  # no Markdown links to SVG as data
            data = b64encode(drawn.svg).decode("ascii")
            text = text.replace(f'src="{places[name]}"', f'src="data:image/svg+xml;base64,{data}"')
        return text

    def _text(self, places: Mapping[str, str]) -> str:
        shown = [
            part
            for name, place in places.items()
            for part in (f"## {_TITLES[name]}", f"![{_TITLES[name]}]({place})")
        ]
        return "\n\n".join([*self.blocks, *shown]) + "\n"


def of_one(found: Measured, said: Sequence[str] = ()) -> Page:
    """One provider. `said`: what was decided about limits."""
    return _page(
        [
            f"# Times of {code(found.provider)}",
            f"Model {code(found.model)}, {found.streams} at once.",
            *_limits(said),
            "## Figures",
            table(["ms", *latency.SHOWN], _rows(found)),
            *_about(found.provider, latency.about(found)),
        ],
        {found.provider: found.readings},
    )


def of_two(found: Contest, said: Sequence[str] = ()) -> Page:
    """Candidate beside baseline."""
    mine, yours = found.candidate, found.baseline
    names = (mine.provider, yours.provider)
    if names[0] == names[1]:
        names = (f"{names[0]} (candidate)", f"{names[1]} (baseline)")
    return _page(
        [
            f"# Times of {code(mine.provider)} beside {code(yours.provider)}",
            f"{code(mine.model)} beside {code(yours.model)}, {_extent(found)}.",
            *_limits(said),
            "## The answer",
            table(["ms", "candidate", "baseline", "ratio", "answer"], map(_row, found.findings)),
            *(
                block
                for half in (mine, yours)
                for block in _about(half.provider, contest.about(half))
            ),
        ],
        dict(zip(names, (mine.readings, yours.readings), strict=True)),
    )


def of_sweep(levels: Sequence[Level], bend: Knee) -> Page:
    """One provider at several numbers of requests at once."""
    found = levels[0].found
    remarks = list(sweep.remarks(levels))
    drawn = pictures.throughput(levels, bend)
    return Page(
        blocks=[
            f"# Throughput of {code(found.provider)}",
            f"Model {code(found.model)}. Knee: {hostile(bend.said)}.",
            "## Figures",
            table(sweep.HEADS, map(sweep.cells, levels)),
            *_limits(remarks),
        ],
        pictures={} if drawn is None else {"throughput": drawn},
    )


def _page(blocks: Sequence[str], sides: pictures.Sides) -> Page:
    drawn = {
        **{name: pictures.spread(sides, name, latency.TITLES[name]) for name in _SPREADS},
        "timeline": pictures.timeline(sides),
    }
    return Page(
        blocks=blocks,
        pictures={name: each for name, each in drawn.items() if each is not None},
    )


def _extent(found: Contest) -> str:
    return f"{found.streams} at once, {found.pairs} pairs of blocks in {found.seconds:.1f} s"


def _limits(said: Sequence[str]) -> Iterator[str]:
    if said:
        yield "\n".join(f"- {hostile(each)}" for each in said)


def _rows(found: Measured) -> Iterator[list[str]]:
    for metric, title in latency.TITLES.items():
        known = found.summary.metrics.get(metric)
        if known is not None:
            bars = found.audit.bars.get(metric, {})
            yield [title, *(latency.cell(known.quantiles[n], bars.get(n)) for n in latency.SHOWN)]


def _row(each: Finding) -> list[str]:
    words = f" ({each.judged.words})" if each.judged.words else ""
    limit = f" ({each.margin})" if each.margin else ""
    return [
        contest.title(each.figure),
        *contest.cells(each),
        hostile(f"{each.judged.answer}{limit}{words}"),
    ]


def _about(name: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"## {code(name)}: what was asked, and the instrument"
    yield "\n".join(f"- {hostile(line)}" for line in lines)
