"""Examples in our documents, as they stand there, and how they are run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def blocks(text: str, language: str) -> list[str]:
    """What stands in fences of that language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(lines: str) -> Iterator[tuple[str, int]]:
    """Each line of a shell block without its remark, and the exit code that the remark speaks of."""
    for line in lines.splitlines():
        command, _, remark = line.partition("  # ")
        told = re.match(r"exits (\d+)", remark.strip().removeprefix("# "))
        if command.strip():
            yield command.strip(), int(told[1]) if told else 0


def shell(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """As somebody types it who has the package installed."""
    return subprocess.run(
        ["bash", "-e", "-c", line], cwd=folder, capture_output=True, text=True, check=False, timeout=600,
        env={"PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin", "HOME": str(folder), **environment},
    )  # fmt: skip
