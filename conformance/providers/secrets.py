"""Keys: where they come from, and the one type that holds them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

from conformance.errors import SecretError
from conformance.providers.build import unresolved
from conformance.providers.model import Provider
from conformance.providers.references import expand

COMMAND_SECONDS = 60.0
LONGEST_TOKEN = 64 * 1024
SHOWN_LINES = 5

RunCommand = Callable[[tuple[str, ...]], str]
"""Argv to what the program printed. Raises SecretError with the reason, not naming the provider."""


class Secret:
    """A text that is not shown: not printed, not formatted, not pickled, not copied."""

    __slots__ = ("_value", "name")

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        """Where it comes from: the variable, or `command:PROVIDER`."""
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the wire and for redaction only."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self.name})"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"{self!r} stays in this process: it is neither pickled nor copied")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What convinces one endpoint. Its repr names variables, never values."""

    held_headers: tuple[tuple[str, Secret], ...] = ()
    held_query: tuple[tuple[str, Secret], ...] = ()
    held: tuple[Secret, ...] = ()

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Header names and values as they go on the wire: the key, and the provider's own headers."""
        return tuple((name, each.reveal()) for name, each in self.held_headers)

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """Query parameters, not yet percent-encoded."""
        return tuple((name, each.reveal()) for name, each in self.held_query)

    @property
    def secrets(self) -> Mapping[str, str]:
        """Variable (or `command:PROVIDER`) to the text that must be redacted wherever it shows."""
        return MappingProxyType({each.name: each.reveal() for each in self.held})


def resolve(
    provider: Provider, environ: Mapping[str, str], run: RunCommand | None = None
) -> Credentials:
    """Follow the references of a provider. A command runs once per process, however often asked.

    Raises SecretError with provider, variable and remedy.
    """
    _complete(provider, environ)
    collected: dict[str, Secret] = {}

    def followed(text: str, place: str) -> Secret:
        expanded = expand(text, environ)
        if expanded.missing:
            raise SecretError(_missing(provider, place, expanded.missing[0], environ))
        for name, value in expanded.used.items():
            _sendable(provider, name, value)
            collected[name] = Secret(name, value)
        return Secret(place, expanded.text)

    headers = [(name, followed(text, f"headers.{name}")) for name, text in provider.headers.items()]
    query = [(name, followed(text, f"query.{name}")) for name, text in provider.query.items()]
    auth = provider.auth
    match auth.kind:
        case "bearer":
            headers.append(("Authorization", _bearer(followed(auth.key, "auth.key"))))
        case "header":
            headers.append((auth.name, followed(auth.key, "auth.key")))
        case "query":
            query.append((auth.name, followed(auth.key, "auth.key")))
        case "command":
            argv = tuple(followed(each, "auth.command").reveal() for each in auth.command)
            token = _token(provider, argv, run or print_token)
            collected[token.name] = token
            headers.append(("Authorization", _bearer(token)))
        case _:
            pass
    return Credentials(
        held_headers=tuple(headers), held_query=tuple(query), held=tuple(collected.values())
    )


def _bearer(key: Secret) -> Secret:
    return Secret(key.name, f"Bearer {key.reveal()}")


def _complete(provider: Provider, environ: Mapping[str, str]) -> None:
    """The URL and models have no open references, and the files of `tls` are there."""
    for name in unresolved(provider):
        raise SecretError(_missing(provider, "base_url, model or tls", name, environ))
    tls = provider.tls
    for key in ("ca_bundle", "client_certificate", "client_key"):
        path = getattr(tls, key)
        if path is not None and not Path(path).is_file():
            raise SecretError(_said(provider, f"tls.{key} names no file: {path}"))


def _missing(provider: Provider, place: str, variable: str, environ: Mapping[str, str]) -> str:
    state = "is empty" if variable in environ else "is not set"
    return _said(
        provider,
        f"the environment variable {variable} {state} ({place})\n"
        f"  export {variable}=... , or write a default where none is needed: ${{{variable}:-EMPTY}}",
    )


def _said(provider: Provider, reason: str) -> str:
    return f"{provider.where}: provider {provider.name}: {reason}"


def _sendable(provider: Provider, name: str, value: str) -> None:
    if value != value.strip():
        reason = "begins or ends with white space"
    elif any(not 0x20 <= ord(c) < 0x7F for c in value):  # noqa: PLR2004  # printable ASCII
        reason = "holds a character that a header cannot carry"
    else:
        return
    raise SecretError(_said(provider, f"the value of {name} {reason}; set it again without"))


def _token(provider: Provider, command: tuple[str, ...], run: RunCommand) -> Secret:
    name = f"command:{provider.name}"
    try:
        printed = run(command).strip()
    except SecretError as error:
        raise SecretError(_said(provider, f"auth.command {error}")) from error
    if not printed:
        raise SecretError(_said(provider, "auth.command printed nothing; it must print a token"))
    if len(printed.splitlines()) > 1 or len(printed) > LONGEST_TOKEN:
        raise SecretError(
            _said(provider, "auth.command printed more than one line; it must print only a token")
        )
    _sendable(provider, "auth.command", printed)
    return Secret(name, printed)


@cache
def print_token(command: tuple[str, ...]) -> str:
    """Run a program once per process, without a shell, and give what it printed.

    Raises SecretError with the end of its standard error; its output is never shown.
    """
    try:
        done = subprocess.run(  # noqa: S603  # the user's own file names the program
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise SecretError(f"cannot be run: no program {command[0]!r} on the PATH") from None
    except OSError as error:
        raise SecretError(f"cannot be run: {command[0]}: {error.strerror or error}") from None
    except subprocess.TimeoutExpired:
        raise SecretError(f"gave no token within {COMMAND_SECONDS:g} s: {command[0]}") from None
    if done.returncode:
        heard = _last_lines(done.stderr.decode("utf-8", "replace").splitlines())
        raise SecretError(f"ended with status {done.returncode}: {command[0]}{heard}")
    return done.stdout.decode("utf-8", "replace")


def _last_lines(lines: Iterable[str]) -> str:
    clean = ["".join(c if c.isprintable() else "?" for c in line) for line in lines if line.strip()]
    return "".join(f"\n  | {line}" for line in clean[-SHOWN_LINES:])
