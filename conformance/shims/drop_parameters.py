"""Parameters that the server refuses are left out, where the application can do without.

For TRANS-016, CREQ-037, CREQ-068, CREQ-069, CREQ-070, CREQ-071, CREQ-072, CREQ-073, CREQ-074.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend

DROPPED = {
    *("seed", "user", "store", "metadata", "service_tier", "safety_identifier"),
    *("prompt_cache_key", "prompt_cache_retention", "prediction", "verbosity", "modalities"),
}
"""What only steers cost, tracing or chance. Name what your server refuses, and nothing you rely on."""


class DropParameters(Mend):
    """Takes them off every request."""

    def ask(self, body: Json) -> Json:
        return {name: value for name, value in body.items() if name not in DROPPED}
