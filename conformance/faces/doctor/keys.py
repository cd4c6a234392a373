"""Which key is sent, in words; never the key."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.providers.model import Provider
from conformance.providers.references import references


def accepted(provider: Provider, environ: Mapping[str, str]) -> str:
    """What was sent where the endpoint took it."""
    match provider.auth.kind:
        case "none":
            return "none was sent, and none is wanted"
        case "command":
            return "the token of auth.command is accepted"
    name = _variable(provider)
    if environ.get(name):
        return f"that of {name} is accepted"
    return f"{name} is not set; the default in its place is accepted"


def key_source(provider: Provider, environ: Mapping[str, str]) -> tuple[str, str]:
    """What was sent where the endpoint refused it, and how to send another."""
    match provider.auth.kind:
        case "none":
            return "no key was sent", (
                'api_key = "${MY_API_KEY}" in the entry, or --endpoint-key-env=MY_API_KEY'
            )
        case "command":
            by_hand = " ".join(provider.auth.command)
            return "the token of auth.command is refused", f"run it by hand: {by_hand}"
    name = _variable(provider)
    if not environ.get(name):
        return f"{name} is not set, and the default in its place is refused", f"export {name}=..."
    return f"the key in {name} is refused", (
        f"export {name}=... with a key of this endpoint; or does it want it in another way "
        f"than auth.kind = {provider.auth.kind!r}?"
    )


def _variable(provider: Provider) -> str:
    return references(provider.auth.key)[0]
