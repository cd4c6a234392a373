"""A server process in a group of its own, which is always ended with all its children."""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

GRACE_SECONDS = 10.0
"""From SIGTERM to SIGKILL."""
ORPHAN_SECONDS = 3.0
"""Children that outlive their parent get this long to follow it."""
UNKILLABLE_SECONDS = 10.0
"""A process that hangs in a driver cannot be killed at once; we do not wait for it forever."""
POLL_SECONDS = 0.05

POSIX = os.name == "posix"


class ServerProcess:
    """Starts at once, with its output in a log. Raises OSError where it cannot be started."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        flags = 0 if POSIX else getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        with log.open("wb") as output:
            self._popen = subprocess.Popen(  # noqa: S603  # the user's own file names the program
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=POSIX,
                creationflags=flags,
            )
        _LIVING.add(self)
        self._guard = _start_guard(self.pid) if POSIX else None

    @property
    def pid(self) -> int:
        """Of the process itself, and on POSIX of its group."""
        return self._popen.pid

    @property
    def status(self) -> int | None:
        """How it ended (negative: by that signal); None while it runs."""
        return self._popen.poll()

    async def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Ask the group to end, wait, and kill what is left, even when cancelled meanwhile."""
        try:
            self._signal_group(gently=True)
            if await _until(lambda: self.status is not None, grace):
                await _until(lambda: not self._group_lives(), min(grace, ORPHAN_SECONDS))
        finally:
            self.kill()

    def kill(self) -> None:
        """End the group now; for the last resort, and harmless once it is gone."""
        if self not in _LIVING:
            return
        _LIVING.discard(self)
        self._signal_group(gently=False)
        try:
            self._popen.wait(timeout=UNKILLABLE_SECONDS)
        except subprocess.TimeoutExpired:
            warnings.warn(f"process {self.pid} does not end, even killed", stacklevel=2)
        if self._guard is not None:
            _dismiss(self._guard)

    def _signal_group(self, *, gently: bool) -> None:
        if not POSIX:
            end = self._popen.terminate if gently else self._popen.kill
            end()
            return
        try:
            os.killpg(self.pid, signal.SIGTERM if gently else signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return  # the group is gone, or (macOS) only its zombies are left

    def _group_lives(self) -> bool:
        if not POSIX:
            return False
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True


_LIVING: set[ServerProcess] = set()
_OWNER = os.getpid()


@atexit.register
def _kill_living() -> None:
    if os.getpid() != _OWNER:
        return  # a fork of ours ends, not we
    for process in tuple(_LIVING):
        process.kill()


async def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


def _start_guard(group: int) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("guard.py")
    return subprocess.Popen(  # noqa: S603  # this Python, our own script
        [sys.executable, "-I", "-S", str(script), str(group), str(GRACE_SECONDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _dismiss(guard: subprocess.Popen[bytes]) -> None:
    """Tell the guard that all is done; one that has died already has nothing to be told."""
    assert guard.stdin is not None
    try:
        guard.stdin.write(b".")
        guard.stdin.close()
    except BrokenPipeError:
        guard.kill()
    guard.wait()
