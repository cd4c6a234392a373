"""The confusion matrix as text, plain or as the page in docs/."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tabulate import tabulate

from conformance.faces.certificates.confusion import Compared, matrix
from conformance.reference.personas import load_persona
from conformance.verdict.model import Answer

_HEAD = """\
# Certificates against what is right

Does a certificate give the answer that somebody would give who knows both products? An application works
on A, and might move to B. For each of the pairs below the right answer and its reason were written down
before the harness was first asked (`conformance/faces/certificates/pairs.toml`); both are then served, B is
asked at `--effort=normal` beside A as its live baseline, and the certificate is compared.

A and B are **simulations**: the reference server with the habits that a product's own documents, its code or
reports from the field give it (`conformance list personas`, `conformance explain NAME`). What nobody wrote
down of a product the simulation does as the contract says, so a right answer here is one about what is
documented, not about the product. For that, ask the product.

Made by `conformance selftest certificates --page docs/certificates.md`.
"""
_WORST = 3
"""Reasons that are told of a wrong answer."""


def closing(rows: Sequence[Compared]) -> str:
    """In a line."""
    right = sum(one.right for one in rows)
    false = sum(one.false_drop_in for one in rows)
    amended = sum(bool(one.expected.amended) for one in rows)
    return (
        f"{len(rows)} questions: {right} answered rightly, {len(rows) - right} wrongly; "
        f"{false} false drop-ins; {amended} right answers amended"
    )


def confusion(rows: Sequence[Compared], form: str) -> str:
    """Right answers in lines, given ones in columns."""
    found = matrix(rows)
    table = [(right, *(found[right][given] or "" for given in Answer)) for right in Answer]
    heads = ("right answer", *(f"said: {given}" for given in Answer))
    return tabulate(table, headers=heads, tablefmt=form)


def wrong(rows: Sequence[Compared]) -> Iterator[str]:
    """Each wrong answer with what the certificate had against a better one."""
    for one in rows:
        if not one.right:
            alarm = "FALSE DROP-IN: " if one.false_drop_in else ""
            yield f"{alarm}{one.expected.name}: {one.given.answer}, should be {one.expected.answer}"
            yield from (f"  {each}" for each in one.given.reasons[:_WORST])
            yield from (f"  change: {each}" for each in one.given.changes)


def page(rows: Sequence[Compared]) -> str:
    """As markdown."""
    parts = [_HEAD, f"{closing(rows)}.", confusion(rows, "github")]
    lines = "\n".join(f"- {each.strip()}" for each in wrong(rows))
    parts += ["## Wrong answers", lines or "None."]
    parts += ["## The products", tabulate(_products(rows), headers=_PRODUCTS, tablefmt="github")]
    parts += ["## The pairs", tabulate(map(_pair, rows), headers=_PAIRS, tablefmt="github")]
    return "\n\n".join(parts) + "\n"


_PRODUCTS = ("simulation of", "as of", "habits")
_PAIRS = ("application on", "candidate", "profile", "right answer", "said", "why")


def _products(rows: Sequence[Compared]) -> Iterator[tuple[str, ...]]:
    names = {name for one in rows for name in one.expected.pair} - {"reference"}
    for one in map(load_persona, sorted(names)):
        yield f"{one.name}: {one.product}", one.date, ", ".join(one.faults)


def _pair(one: Compared) -> tuple[str, ...]:
    expected, given = one.expected, one.given
    amended = f" (amended: {expected.amended})" if expected.amended else ""
    said = given.answer if one.right else f"**{given.answer}**"
    return (*expected.pair, expected.profile, expected.answer, said, expected.why + amended)
