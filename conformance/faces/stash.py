"""Where pytest keeps the state of a run with `--provider`; apart, for it costs nothing to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.faces.stage import Stage

STAGE: pytest.StashKey[Stage] = pytest.StashKey()
