"""Servers that the harness starts: a free port, a wait until ready, and always an end."""

from __future__ import annotations

import asyncio
import os
import shlex
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from conformance.engine.process import ServerProcess
from conformance.errors import LaunchError, SecretError
from conformance.providers.model import Launch, Provider
from conformance.providers.references import expand

PROBE_SECONDS = 2.0
PAUSE_SECONDS = 0.1
TELL_SECONDS = 2.0
SERVER_ERROR = 500
LOG_LINES = 15
LOG_BYTES = 16 * 1024
SHORTEST_SECRET = 4
"""Shorter values of variables are not blotted out of a log: that would only garble it."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that is up."""

    provider: Provider
    """With the port that was chosen in its `base_url`."""
    pid: int
    log: Path
    seconds: float
    """From start to ready."""


@asynccontextmanager
async def launched(
    provider: Provider,
    folder: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    tell: Tell | None = None,
) -> AsyncIterator[Running]:
    """Start the server of a provider, wait until it is ready, stop it on the way out.

    `folder` gets its log, unless the provider names another file. `tell` hears how the wait goes,
    a line every two seconds. Raises LaunchError with exit status, log and last lines; SecretError
    for a variable that the command needs.
    """
    if provider.launch is None:
        raise ValueError(f"provider {provider.name} has no launch command")
    start = _prepare(provider, provider.launch, folder, environ)
    process = _start(start)
    began = time.monotonic()
    try:
        await _ready(process, start, tell)
        seconds = time.monotonic() - began
        yield Running(provider=start.provider, pid=process.pid, log=start.log, seconds=seconds)
    finally:
        await process.stop()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Start:
    """All that is needed to start; `command` and `environment` may hold keys."""

    provider: Provider
    launch: Launch
    url: SplitResult
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    secrets: tuple[str, ...]

    @property
    def shown(self) -> str:
        """The command as the user wrote it."""
        return shlex.join(self.launch.command)


def _prepare(
    provider: Provider, launch: Launch, folder: Path, environ: Mapping[str, str]
) -> _Start:
    port = str(launch.port or urlsplit(_with_port(provider.base_url, "0")).port or _free_port())
    concrete = replace(provider, base_url=_with_port(provider.base_url, port))
    used: dict[str, str] = {}

    def expanded(text: str) -> str:
        found = expand(text, environ)
        if found.missing:
            name = found.missing[0]
            raise SecretError(
                f"{provider.where}: provider {provider.name}: the environment variable {name} is not "
                f"set (launch)\n  export {name}=... , or write a default: ${{{name}:-value}}"
            )
        used.update(found.used)
        return found.text.replace("{port}", port).replace("{python}", sys.executable)

    own = {name: expanded(text) for name, text in launch.environment.items()}
    return _Start(
        provider=concrete,
        launch=launch,
        url=urlsplit(concrete.base_url),
        command=tuple(expanded(each) for each in launch.command),
        environment={**environ, "PYTHONUNBUFFERED": "1", **own},
        log=Path(launch.log) if launch.log else folder / f"{provider.name}.log",
        secrets=tuple(each for each in used.values() if len(each) >= SHORTEST_SECRET),
    )


def _with_port(url: str, port: str) -> str:
    return url.replace("{port}", port)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _start(start: _Start) -> ServerProcess:
    host, port = _address(start.url)
    name = start.provider.name
    if _taken(host, port):
        raise LaunchError(
            f"{name}: port {port} is taken: something else answers on {host}:{port}\n"
            "  stop it, or let the harness choose a port: write {port} in base_url and command"
        )
    try:
        return ServerProcess(start.command, start.environment, start.log)
    except FileNotFoundError:
        program = start.launch.command[0]
        raise LaunchError(f"{name}: no program {program!r} on the PATH ({start.shown})") from None
    except (OSError, ValueError) as error:
        raise LaunchError(f"{name}: cannot start {start.shown}: {error}") from error


def _address(url: SplitResult) -> tuple[str, int]:
    return url.hostname or "127.0.0.1", url.port or (443 if url.scheme == "https" else 80)


def _taken(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


async def _ready(process: ServerProcess, start: _Start, tell: Tell | None) -> None:
    """Wait for an answer below 500. Raises LaunchError when the process ends or time is up."""
    began = told = time.monotonic()
    heard = "nothing listened"
    while True:
        if (status := process.status) is not None:
            raise LaunchError(_failed(start, f"{_ended(status)} before it was ready"))
        left = start.launch.ready_seconds - (time.monotonic() - began)
        if left <= 0:
            limit = f"was not ready after {start.launch.ready_seconds:g} s"
            raise LaunchError(_failed(start, f"{limit} (last probe: {heard})"))
        heard = await _probe(start, min(PROBE_SECONDS, left))
        if not heard and process.status is None:
            return
        if tell and time.monotonic() - told >= TELL_SECONDS:
            told = time.monotonic()
            last = _last_lines(start, 1)
            tell(f"{start.provider.name}: starting ({told - began:.0f} s) {''.join(last)}".rstrip())
        await asyncio.sleep(PAUSE_SECONDS)


async def _probe(start: _Start, seconds: float) -> str:
    """Why it is not ready yet; empty once it is. A plain GET, which needs no key."""
    path = f"{start.url.path}{start.launch.ready_path}"
    try:
        async with asyncio.timeout(seconds):
            line = await _status_line(start.url, path)
    except TimeoutError:
        return f"no answer to GET {path}"
    except (OSError, ValueError) as error:
        return f"{type(error).__name__} on GET {path}"
    words = line.split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():  # noqa: PLR2004
        return f"GET {path} was not answered in HTTP"
    return f"GET {path} gave {int(words[1])}" if int(words[1]) >= SERVER_ERROR else ""


async def _status_line(url: SplitResult, path: str) -> bytes:
    host, port = _address(url)
    trust = None
    if url.scheme == "https":  # whom to trust is the run's business; here it only has to listen
        trust = ssl.create_default_context()
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
    reader, writer = await asyncio.open_connection(host, port, ssl=trust)
    try:
        head = f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode("latin-1"))
        await writer.drain()
        return await reader.readline()
    finally:
        writer.close()


def _ended(status: int) -> str:
    if status == 0:
        return "ended with status 0 (a command must stay in the foreground)"
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"


def _failed(start: _Start, what: str) -> str:
    lines = _last_lines(start, LOG_LINES)
    said = "".join(f"\n  | {line}" for line in lines) or "\n  (it wrote nothing)"
    return f"{start.provider.name}: {start.shown} {what}\n  log: {start.log}{said}"


def _last_lines(start: _Start, count: int) -> list[str]:
    """The end of the log, fit for a terminal, and without the values of variables."""
    try:
        with start.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_BYTES))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return []  # the log may be a device, or gone; the message names its path anyway
    for secret in start.secrets:
        text = text.replace(secret, "*" * len(secret))
    lines = text.replace("\r", "\n").split("\n")
    clean = ["".join(c if c.isprintable() else " " for c in line).rstrip() for line in lines]
    return [line for line in clean if line][-count:]
