"""A report format: one function from a Run to text, registered by name.

    @report("markdown", suffix=".md")
    def markdown(run: Run) -> str: ...

That is all there is to a format, in this package or in a module of a plugin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conformance.registry import Registry
from conformance.verdict.model import Run

Render = Callable[[Run], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to tell a run."""

    name: str
    suffix: str
    stem: str
    render: Render
    """Pure: the same Run gives the same text."""

    @property
    def filename(self) -> str:
        """In the run's folder."""
        return self.stem + self.suffix


REPORTS: Registry[Format] = Registry("report format")


def report(
    name: str,
    *,
    suffix: str,
    stem: str = "report",
    registry: Registry[Format] = REPORTS,
) -> Callable[[Render], Render]:
    """Register a format; its text goes into the file `stem + suffix`.

    Raises ValueError where the name is taken, or where two formats would write the same file.
    """

    def register(render: Render) -> Render:
        one = Format(name=name, suffix=suffix, stem=stem, render=render)
        for other in registry.values():
            if other.filename == one.filename and other.name != name:
                raise ValueError(
                    f"report formats {other.name!r} and {name!r} both write {one.filename}"
                )
        registry.add(name, one)
        return render

    return register
