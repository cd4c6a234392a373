"""Suite files to values, strictly: whatever cannot be meant is refused, with file, line and column.

text -> source.py (YAML) -> shape.py (JSON Schema) -> draft.py (steps, merged requests)
     -> sense.py, directives.py, rules.py (what a schema cannot say) -> values
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from conformance.contract.model import Clause
from conformance.errors import SourceError
from conformance.suite.axes import rows_make_sense
from conformance.suite.axis_sense import AXIS_SENSE
from conformance.suite.build import build
from conformance.suite.directives import directives_make_sense
from conformance.suite.draft import CaseDraft, drafts
from conformance.suite.model import Suite
from conformance.suite.rules import RULES
from conformance.suite.schema import VERSION
from conformance.suite.sense import SENSE, known_needs, unique_cases
from conformance.suite.shape import misshapen
from conformance.suite.signatures import CheckSignature
from conformance.suite.source import Complaint, Document, read
from conformance.suite.vocabulary import Vocabulary

_MARK = re.compile(r"""^(["']?)conformance\1[ \t]*:|\A\s*\{\s*"conformance"\s*:""", re.MULTILINE)
_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def is_suite(text: str) -> bool:
    """Whether a file says that it is a suite (key `conformance` at the margin). Reads no YAML."""
    return _MARK.search(text) is not None


def load_suite(
    text: str,
    path: str,
    *,
    signatures: Mapping[str, CheckSignature],
    clauses: Mapping[str, Clause],
    capabilities: Collection[str],
) -> Suite:
    """The suite in the text of a file; `path` is for its id and for messages.

    Raises SourceError with every complaint (ten at most), the first in the file leading.
    """
    words = Vocabulary(signatures=signatures, clauses=clauses, capabilities=capabilities)
    return _load(read(text, path), words)


def from_source(
    source: Mapping[str, Any],
    path: str,
    *,
    signatures: Mapping[str, CheckSignature],
    clauses: Mapping[str, Clause],
    capabilities: Collection[str],
) -> Suite:
    """The suite in the plain data that an earlier record keeps, validated just the same.

    There are no lines then: places are `path: cases[2].expect`.
    """
    words = Vocabulary(signatures=signatures, clauses=clauses, capabilities=capabilities)
    return _load(Document(path=path, data=source), words)


def _load(document: Document, words: Vocabulary) -> Suite:
    stem = PurePath(document.path).stem
    if not _STEM.fullmatch(stem):
        raise SourceError(
            document.path,
            f"the file's name {stem!r} cannot stand in ids",
            "rename it with letters, digits and . _ -",
        )
    if not isinstance(document.data, Mapping) or "conformance" not in document.data:
        raise SourceError(
            document.place(()),
            "not a suite: the key `conformance` is missing",
            f"begin suite files with `conformance: {VERSION}`",
        )
    document.refuse(misshapen(document.data, words.signatures))
    cases = drafts(document, words.signatures)
    document.refuse(_complaints(document, cases, words))
    return build(document, cases, stem)


def _complaints(
    document: Document, cases: list[CaseDraft], words: Vocabulary
) -> Iterator[Complaint]:
    yield from known_needs(document.data.get("needs", ()), (), words)
    yield from unique_cases(cases)
    yield from rows_make_sense(document.data)
    for case in cases:
        for look in (*SENSE, *AXIS_SENSE, directives_make_sense, *RULES):
            yield from look(case, words)
