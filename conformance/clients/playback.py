"""Plays recorded exchanges into a client that runs in a process of its own, after the capture."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from conformance.clients.lines import from_client
from conformance.clients.model import Client, ClientOutcome
from conformance.clients.tape import Tape, tape
from conformance.errors import HarnessError
from conformance.verdict.ids import exchange_id
from conformance.wire.exchange import Trial

STALLED = 150.0
"""Seconds without any outcome after which the process is given up; more than its own patience."""
OLDEST = (1, 109)
"""What the package itself asks for; older ones have not all the calls."""
_HERE = str(Path(__file__).parent)
_START = (
    "import sys; sys.path[:1] = sys.argv[1:]; "  # in place of the working folder
    "from replay.main import main; del sys.path[0]; main()"
)
_KEPT = (
    *("PATH", "PYTHONPATH", "HOME", "USERPROFILE", "APPDATA", "SYSTEMROOT", "WINDIR"),
    *("TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL"),
)
"""Of the environment: no proxy, which would be asked for the loopback, no key, no OPENAI_BASE_URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """How a client is started: an interpreter, and a folder with its packages where it needs one."""

    python: str
    packages: Path | None = None

    @property
    def command(self) -> list[str]:
        """Of the process. With packages of its own, those of the interpreter are not seen."""
        alone = [] if self.packages is None else ["-E", "-s", "-S"]
        folder = [] if self.packages is None else [str(self.packages)]
        options = ["-W", "ignore", "-X", "utf8"]
        return [self.python, *alone, *options, "-c", _START, _HERE, *folder]


def play(
    trials: Iterable[Trial], player: Player, *, stalled: float = STALLED
) -> tuple[Client, Iterator[ClientOutcome]]:
    """The client, and its outcomes in the order of the exchanges; those without a tape have none.

    Raises HarnessError where the client cannot be started, or ends before its time.
    """
    process = _Process(player, stalled)
    try:
        client = process.client()
    except BaseException:
        process.close()
        raise
    return client, _outcomes(process, trials)


def _outcomes(process: _Process, trials: Iterable[Trial]) -> Iterator[ClientOutcome]:
    named = (
        (exchange_id(trial.key, exchange), shown)
        for trial in trials
        for exchange in trial.exchanges
        if (shown := tape(exchange)) is not None
    )
    ids: deque[str] = deque()
    with contextlib.closing(process):
        process.feed(_requests(named, ids))
        for said in process.lines():
            yield from_client(ids.popleft(), said)
        if ids:
            raise HarnessError(f"the client's process ended early: {process.last_words()}")


def _requests(named: Iterable[tuple[str, Tape]], ids: deque[str]) -> Iterator[Mapping[str, Any]]:
    for number, (name, shown) in enumerate(named):
        ids.append(name)
        yield {
            "number": number,
            "kind": shown.kind,
            "stream": shown.stream,
            "end": shown.end,
            "bytes": base64.b64encode(shown.data).decode("ascii"),
        }


class _Process:
    """A running `replay`: written to by a thread, so that neither side waits for the other."""

    def __init__(self, player: Player, stalled: float) -> None:
        self._heard = 0
        self._over = threading.Event()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        self._feeder: threading.Thread | None = None
        self._broken: list[Exception] = []
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        try:
            self._process = subprocess.Popen(  # noqa: S603  # an interpreter that the user named, or ours
                player.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=environment,
            )
        except OSError as error:
            self._errors.close()
            raise HarnessError(f"cannot start {player.python}: {error.strerror}") from error
        threading.Thread(target=self._watch, args=(stalled,), daemon=True).start()

    def client(self) -> Client:
        """The first line."""
        first = next(self.lines(), None)
        if first is None:
            raise HarnessError(f"the client does not start: {self.last_words()}")
        client = Client(name=first["client"], version=first["version"])
        if tuple(int(one) for one in re.findall(r"\d+", client.version)[:2]) < OLDEST:
            raise HarnessError(f"{client} is too old: from {'.'.join(map(str, OLDEST))} on")
        return client

    def feed(self, requests: Iterable[Mapping[str, Any]]) -> None:
        """Hand over everything, in a thread."""
        self._feeder = threading.Thread(target=self._feed, args=(requests,), daemon=True)
        self._feeder.start()

    def _feed(self, requests: Iterable[Mapping[str, Any]]) -> None:
        stdin = _pipe(self._process.stdin)
        try:
            for one in requests:
                stdin.write(json.dumps(one).encode() + b"\n")
            stdin.close()
        except OSError:  # it ended: its reader says so
            return
        except Exception as error:  # noqa: BLE001  # a broken record: raised by who waits for outcomes
            self._broken.append(error)
            self._process.kill()

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it prints. A process that says nothing for too long is ended."""
        for line in _pipe(self._process.stdout):
            self._heard += 1
            yield json.loads(line)
        if self._broken:
            raise self._broken[0]

    def _watch(self, stalled: float) -> None:
        before = -1
        while not self._over.wait(stalled):
            if self._heard == before:
                self._process.kill()
            before = self._heard

    def last_words(self) -> str:
        """Of its standard error, once it has ended."""
        status = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return f"{said[-1][:300] if said else 'no word'} (status {status})"

    def close(self) -> None:
        """End it, whatever it does."""
        self._over.set()
        self._process.kill()
        self._process.wait()
        if self._feeder is not None:
            self._feeder.join()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was not written yet is wanted by nobody
                _pipe(pipe).close()
        self._errors.close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # asked for above
    return pipe
