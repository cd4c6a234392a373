"""`${VAR}` and `${VAR:-default}`: how a file speaks of a key without holding it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
REFERENCE = re.compile(r"\$\{(?P<name>" + NAME + r")(?::-(?P<default>[^${}]*))?\}")
WELL_FORMED = "write ${VAR} or ${VAR:-default}"

_KEY_PREFIXES = re.compile(
    r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{8,}"  # OpenAI and the many that follow it
    r"|\bBearer\s+[^\s$][^\s]{5,}"
    r"|\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}"  # JSON Web Token
    r"|\b(?:hf|gsk|ghp|gho|glpat)[_-][A-Za-z0-9_-]{12,}"
    r"|\b(?:xai|nvapi|fw|tgp|pplx|bce-v3)[-_/][A-Za-z0-9/_-]{16,}"
    r"|\bAIza[A-Za-z0-9_-]{20,}"
    r"|\bAKIA[A-Z0-9]{12,}",
    re.IGNORECASE,
)
_TOKENS = re.compile(r"[\s\"'=,;]+")
_PLAIN_TOKEN = re.compile(r"[A-Za-z0-9+/_=-]{28,}")
_RUN = re.compile(r"[A-Za-z0-9]{24,}")
_FEW = 4

SECRET_NAME = re.compile(
    r"(?:^|[-_.])(?:authorization|auth|api-?key|apikey|key|token|secret|password|passwd|cookie"
    r"|credentials?|signature|sig)$",
    re.IGNORECASE,
)
"""Names of headers and query parameters whose values are keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A text with its references replaced. Never shown: its text may hold a key."""

    text: str
    used: Mapping[str, str]
    """Variable to the value that came from the environment; defaults are not listed."""
    missing: tuple[str, ...]
    """Variables without a value and without a default; their references still stand in `text`."""

    def __repr__(self) -> str:
        return f"Expanded(used={sorted(self.used)}, missing={list(self.missing)})"


def references(text: str) -> tuple[str, ...]:
    """The names of the variables that a text refers to."""
    return tuple(match["name"] for match in REFERENCE.finditer(text))


def expand(text: str, environ: Mapping[str, str]) -> Expanded:
    """Replace references. As in a shell, an empty variable counts as unset where a default is given."""
    used: dict[str, str] = {}
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        found = environ.get(name, "")
        if found:
            # A default that stands in the file (`EMPTY`) is no secret, wherever it comes from.
            if found != default:
                used[name] = found
            return found
        if default is not None:
            return default
        missing.append(name)
        return match[0]

    return Expanded(text=REFERENCE.sub(value, text), used=used, missing=tuple(missing))


def flaw(text: str) -> str:
    """What is wrong with the references in a text; empty where nothing is."""
    rest = REFERENCE.sub("", text)
    if "${" in rest:
        return "is not a reference to a variable: after `${` comes a name, perhaps `:-default`, and `}`"
    return ""


def is_reference(text: str) -> bool:
    """The whole text is one reference."""
    return REFERENCE.fullmatch(text) is not None


def looks_like_key(text: str) -> bool:
    """Whether something in a text looks like a key that was pasted. The default of a reference counts."""
    bare = REFERENCE.sub(lambda match: f" {match['default'] or ''} ", text)
    return _KEY_PREFIXES.search(bare) is not None or any(map(_looks_random, _TOKENS.split(bare)))


def _looks_random(token: str) -> bool:
    """A long run of letters and digits in one word; names of models and files have separators."""
    if not _PLAIN_TOKEN.fullmatch(token):
        return False
    return any(
        sum(c.isdigit() for c in run) >= _FEW and sum(c.isalpha() for c in run) >= _FEW
        for run in _RUN.findall(token)
    )
