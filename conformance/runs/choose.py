"""Which providers a command means: names, `all`, an ad-hoc endpoint, a baseline."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import SecretError, UsageError, did_you_mean
from conformance.providers.load import (
    ad_hoc,
    builtin_providers,
    find_providers_file,
    load_providers,
)
from conformance.providers.model import Provider
from conformance.providers.secrets import resolve

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The providers of a run."""

    providers: Mapping[str, Provider]
    """Live ones, the live baseline included."""
    baseline: str | None = None
    """Name of the baseline, live or recorded."""
    baseline_record: Path | None = None
    left_out: tuple[str, ...] = ()
    """With `all`: providers that cannot be asked, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user wrote."""

    names: tuple[str, ...] = ()
    baseline: str | None = None
    endpoint: str | None = None
    endpoint_model: str | None = None
    endpoint_key_env: str | None = None
    file: Path | None = None
    folder: Path = Path()
    rootdir: Path | None = None


def words(values: Iterable[str] | None) -> tuple[str, ...]:
    """Comma-separated and repeated values, in order, each once."""
    parts = (part.strip() for value in values or () for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def known_providers(wish: Wish) -> Mapping[str, Provider]:
    """The entries of providers.toml over the built-in ones (`reference`, `local-llama`)."""
    return {**builtin_providers(), **_written(wish)}


def _written(wish: Wish) -> Mapping[str, Provider]:
    """The entries of the providers file that is meant; none where there is no file."""
    if wish.file is not None and not wish.file.is_file():
        raise UsageError(f"no such providers file: {wish.file}")
    found = wish.file or find_providers_file(wish.folder, wish.rootdir)
    return load_providers(found) if found else {}


def choose(wish: Wish) -> Chosen:
    """The providers meant. Raises UsageError or SecretError with the remedy (exit 4)."""
    known = known_providers(wish)
    chosen: dict[str, Provider] = {}
    left_out: list[str] = []
    for name in wish.names:
        if name == ALL:
            _take_all(_written(wish) or known, chosen, left_out)
        else:
            chosen[name] = _named(known, name)
            resolve(chosen[name], os.environ)
    if wish.endpoint:
        one = ad_hoc(wish.endpoint, wish.endpoint_model, wish.endpoint_key_env)
        resolve(one, os.environ)
        chosen[one.name] = one
    baseline, record = _baseline(wish.baseline, known, chosen)
    if not chosen:
        raise UsageError(_nobody(left_out, known))
    return Chosen(
        providers=chosen, baseline=baseline, baseline_record=record, left_out=tuple(left_out)
    )


def _nobody(left_out: Iterable[str], known: Iterable[str]) -> str:
    if reasons := "\n  ".join(left_out):
        return f"no provider is left to ask:\n  {reasons}"
    return (
        f"no provider is named: give one or more of {', '.join(sorted(known))}; or all; "
        "or --endpoint=URL"
    )


def _take_all(
    known: Mapping[str, Provider], chosen: dict[str, Provider], left_out: list[str]
) -> None:
    for name, one in known.items():
        try:
            resolve(one, os.environ)
        except SecretError as error:
            left_out.append(f"{name}: not run: {error}")
        else:
            chosen[name] = one


def _named(known: Mapping[str, Provider], name: str) -> Provider:
    if name not in known:
        listed = ", ".join(sorted(known))
        raise UsageError(
            f"no provider is called {name!r}{did_you_mean(name, known)}; known: {listed}"
        )
    return known[name]


def _baseline(
    text: str | None, known: Mapping[str, Provider], chosen: dict[str, Provider]
) -> tuple[str | None, Path | None]:
    if text is None:
        return None, None
    path, _, name = text.partition("::")
    if text in known:
        resolve(known[text], os.environ)
        chosen.setdefault(text, known[text])
        return text, None
    if Path(path).is_file():
        return name or None, Path(path)
    raise UsageError(
        f"--baseline={text}: neither a provider{did_you_mean(text, known)} nor a record file; "
        "give a name from providers.toml, or the path of a record.jsonl"
    )
