"""A tokenizer of the user's, for endpoints whose usage leaves open which arrival brought how many tokens."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import UsageError

if TYPE_CHECKING:  # judging is slow to import
    from conformance.latency.tokens import Tokenizer

NAME = "tokenizer.json"


def known(path: Path) -> Path:
    """The file, of a model's folder as well; not read yet. Raises UsageError."""
    file = path / NAME if path.is_dir() else path
    if not file.is_file():
        raise UsageError(f"--tokenizer: no such file: {file} (a model's {NAME}, or its folder)")
    if importlib.util.find_spec("tokenizers") is None:
        raise UsageError(
            "--tokenizer needs the package tokenizers: pip install 'llm-conformance[latency]'"
        )
    return file


def tokenizer(file: Path) -> Tokenizer:
    """Counts tokens of a text, without those that begin or end one. Raises UsageError."""
    from tokenizers import Tokenizer as Read

    try:
        read = Read.from_file(str(file))
    except Exception as error:  # the package raises nothing narrower
        raise UsageError(f"--tokenizer: {file} is no tokenizer.json: {error}") from error
    return lambda text: len(read.encode(text, add_special_tokens=False).ids)
