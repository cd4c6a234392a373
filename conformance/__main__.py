"""`conformance` and `python -m conformance`."""

from __future__ import annotations

import sys

from conformance.faces.cli import main

if __name__ == "__main__":
    sys.exit(main())
