"""Stops a server's process group when the harness is gone without having done so (kill -9, SIGTERM).

Run as a script, by path, in a session of its own: `guard.py GROUP GRACE_SECONDS`. It waits on its
standard input, a pipe that only the harness holds open: one byte means "stopped already", the end
of the pipe means that the harness has died. Standard library only, so that it starts in no time.
"""

from __future__ import annotations

import os
import signal
import sys
import time


def main() -> None:
    """Wait for the harness, then stop the group where it did not."""
    group, grace = int(sys.argv[1]), float(sys.argv[2])
    if sys.stdin.buffer.read(1):
        return
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 0.0)):
        try:
            os.killpg(group, number)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                os.killpg(group, 0)
                time.sleep(0.1)
        except (ProcessLookupError, PermissionError):
            return  # nobody is left in the group


if __name__ == "__main__":
    main()
