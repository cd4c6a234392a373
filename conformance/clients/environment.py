"""A client of another version in a folder of its own, because two cannot share one environment."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from conformance.cache import cache_folder, locked, pip_command
from conformance.errors import HarnessError, UsageError

_PINNED = re.compile(r"openai==[0-9][0-9A-Za-z.]*")
_LAST_WORDS = 300
SCRATCH = "installing-"


def environment(
    requirement: str,
    *,
    folder: Path | None = None,
    installer: Sequence[str] | None = None,
    tell: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True),  # noqa: T201  # progress
) -> Path:
    """The folder with the packages of `openai==VERSION`, installed where it is not there yet.

    `installer` stands for `pip` (argv so far). Raises UsageError for anything but a pinned openai,
    and HarnessError where it cannot be installed; nothing half is left behind.
    """
    if not _PINNED.fullmatch(requirement):
        raise UsageError(f"--client={requirement}: write openai, or one version: openai==2.54")
    place = (folder or cache_folder()) / "clients"
    name = "-".join(
        [requirement.replace("==", "-"), sys.implementation.cache_tag, sysconfig.get_platform()]
    )
    try:
        place.mkdir(parents=True, exist_ok=True)
        waiting = partial(tell, f"another process is installing {requirement}; waiting for it")
        with locked(place / f"{name}.lock", waiting):
            if not (place / name).exists():
                tell(f"installing {requirement} in {place / name}, once")
                _install(requirement, place / name, installer or pip_command())
    except OSError as error:
        raise HarnessError(f"cannot keep {requirement} in {place}: {error}") from error
    return place / name


def _install(requirement: str, target: Path, installer: Sequence[str] | None) -> None:
    if installer is None:
        raise HarnessError("clients are installed with pip, and there is none here")
    for left_over in target.parent.glob(
        f"{SCRATCH}{target.name}-*"
    ):  # of a process that was killed
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        prefix=f"{SCRATCH}{target.name}-", dir=target.parent
    ) as scratch:
        packages = Path(scratch) / "packages"
        done = subprocess.run(  # noqa: S603  # pip, with our own arguments
            [
                *installer,
                *("install", "--quiet", "--no-input", "--disable-pip-version-check"),
                *("--only-binary=:all:", "--target", str(packages)),
                requirement,
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no word"]
            raise HarnessError(
                f"{requirement} cannot be installed: {said[-1][:_LAST_WORDS]} "
                f"(pip's status {done.returncode})"
            )
        packages.rename(target)
