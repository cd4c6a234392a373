"""Providers from files: providers.toml, the built-in ones, and an endpoint named on the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from conformance.errors import SecretError, SourceError, UsageError
from conformance.providers.build import build
from conformance.providers.grammar import FILE
from conformance.providers.model import Provider
from conformance.providers.places import Places
from conformance.providers.preset import load_preset, own_auth, recognised
from conformance.providers.references import NAME, expand
from conformance.providers.strict import Reader, parse
from conformance.providers.url import url_flaw

FILE_NAME = "providers.toml"
LARGEST = 1024 * 1024
AD_HOC = "endpoint"
"""The name of a provider that was given by URL."""


def find_providers_file(
    start: Path, rootdir: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Path | None:
    """providers.toml in `start`, its parents, `rootdir`, or the user's configuration folder."""
    here = start.absolute()
    folders = [here, *here.parents]
    if rootdir is not None:
        folders.append(rootdir.absolute())
    folders += _configuration_folders(environ)
    return next((each / FILE_NAME for each in folders if (each / FILE_NAME).is_file()), None)


def _configuration_folders(environ: Mapping[str, str]) -> list[Path]:
    named = [Path(environ[name]) for name in ("XDG_CONFIG_HOME", "APPDATA") if environ.get(name)]
    try:
        named.append(Path.home() / ".config")
    except RuntimeError:  # a process without a home has no folder of its own to look in
        return [each / "conformance" for each in named]
    return [each / "conformance" for each in named]


def load_providers(path: Path, environ: Mapping[str, str] = os.environ) -> Mapping[str, Provider]:
    """The providers of a file, by name, in the order of the file.

    References in URLs, model names and paths are replaced where the environment has the variable;
    those to keys stay (`secrets.resolve` follows them). Raises SourceError and SecretError with
    file, line, key and remedy.
    """
    shown = _shown(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(shown, f"cannot be read: {error.strerror or error}") from error
    if len(raw) > LARGEST:
        raise SourceError(shown, f"is {len(raw)} bytes; no providers file is that large")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SourceError(f"{shown}:{line}", "is not UTF-8", "save the file as UTF-8") from error
    return read_providers(text.replace("\r\n", "\n"), shown, path.absolute().parent, environ)


def read_providers(
    text: str, shown: str, folder: Path, environ: Mapping[str, str]
) -> dict[str, Provider]:
    """Providers from text; `folder` is where relative paths start, `shown` the file in messages."""
    data, places = parse(text, shown)
    reader = Reader(places)
    found = reader.read(FILE, data, ())
    floors = found.get("noise_floors", {})
    return {
        name: _of_family(build(name, values, reader, folder, environ), floors)
        for name, values in found.get("providers", {}).items()
    }


def _of_family(provider: Provider, floors: Mapping[str, float]) -> Provider:
    """With the noise floor of its model's family, where it has none of its own."""
    if provider.noise_floor is not None or not provider.model:
        return provider
    model = provider.model.lower()
    fits = (value for pattern, value in floors.items() if fnmatchcase(model, pattern.lower()))
    return replace(provider, noise_floor=next(fits, None))


def builtin_providers(environ: Mapping[str, str] = os.environ) -> Mapping[str, Provider]:
    """`reference` and `local-llama`: both are started by the harness and need no file."""
    text = (files("conformance.providers") / "builtin.toml").read_text(encoding="utf-8")
    return read_providers(text, "built in", Path.cwd(), environ)


def ad_hoc(
    url: str,
    model: str | None = None,
    key_env: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Provider:
    """A provider called `endpoint` from `--endpoint=URL`. Raises UsageError, SecretError.

    A host that a preset knows gets that preset, with the variable that usually holds its key. A port
    does not: whatever listens there may be something else, and must not be asked less for it.
    """
    expanded = expand(url, environ)
    if expanded.missing:
        raise SecretError(f"--endpoint: the environment has no variable {expanded.missing[0]}")
    if problem := url_flaw(expanded.text, launched=False):
        raise UsageError(f"--endpoint {problem}")
    if key_env and not re.fullmatch(NAME, key_env):
        raise SecretError(
            "--endpoint-key-env takes the name of an environment variable, never the key itself: "
            "--endpoint-key-env=MY_API_KEY"
        )
    parts = urlsplit(expanded.text)
    preset = recognised(parts.hostname or "") if parts.scheme == "https" else ""
    own = {
        "base_url": expanded.text,
        **({"preset": preset} if preset else {}),
        **({"model": model} if model else {}),
        **({"auth": _auth(preset, key_env)} if key_env else {}),
    }
    reader = Reader(Places(file="--endpoint", lines={}))
    found = replace(build(AD_HOC, own, reader, Path.cwd(), environ), where="--endpoint")
    if preset and not key_env and (missing := expand(found.auth.key, environ).missing):
        raise SecretError(
            f"--endpoint: {parts.hostname} wants a key (preset {preset}); {missing[0]} is not set\n"
            f"  export {missing[0]}=... , or name your own variable: --endpoint-key-env=MY_API_KEY"
        )
    return found


def _auth(preset: str, key_env: str) -> dict[str, str]:
    """The key where the preset wants it; as a bearer where it wants none, or a program's."""
    usual = own_auth(load_preset(preset).values) if preset else {}
    kind = {} if usual.get("kind") in {"header", "query"} else {"kind": "bearer"}
    return {**kind, "key": f"${{{key_env}}}"}


def _shown(path: Path) -> str:
    """The path as short as it can be written from here."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
