"""What the engine asks of its own accord: which model there is, and whether the endpoint still lives.

Recorded like trials, under cases of no suite.
"""

from __future__ import annotations

from conformance.engine.presence import HEALTH, KEY_REFUSED
from conformance.errors import UsageError
from conformance.plan.adhoc import ad_hoc_ask
from conformance.plan.model import Ask
from conformance.providers.model import Provider
from conformance.wire.exchange import Trial
from conformance.wire.query import find

DISCOVERY = "discovery/models"
KNOCK = "health/knock"

_ONE_TOKEN = {"messages": [{"role": "user", "content": "Say OK."}], "max_tokens": 1}
_SHOWN = 10
_LONGEST = 80


def discovery(provider: str) -> Ask:
    """Ask for the list of models."""
    return ad_hoc_ask(DISCOVERY, provider, None, path="/models", method="GET")


def probe(provider: str, after: str) -> Ask:
    """Ask for one token, after the destructive cell of that id. Not `/health`: that may lie."""
    return ad_hoc_ask(HEALTH, provider, _ONE_TOKEN, axes={"after": after})


def knock(provider: Provider) -> Ask:
    """Ask what every endpoint answers to whom it lets in: one token, or else its models."""
    if provider.offers("chat"):
        return ad_hoc_ask(KNOCK, provider.name, _ONE_TOKEN, retry=False)
    return ad_hoc_ask(KNOCK, provider.name, None, path="/models", method="GET", retry=False)


def only_model(provider: Provider, trial: Trial) -> str:
    """The one model of the list. Raises UsageError, which says what to write into providers.toml."""
    remedy = (
        f'write `model = "..."` into its entry ({provider.where}), or give it on the command line'
    )
    if trial.error:
        raise UsageError(f"provider {provider.name}: its model is not known: {trial.error}")
    last = trial.exchanges[-1]
    data = find(last.document.value, "$.data")
    listed = data if isinstance(data, list) else []
    names = [
        each["id"] for each in listed if isinstance(each, dict) and isinstance(each.get("id"), str)
    ]
    if len(names) == 1:
        return str(names[0])
    if names:
        shown = ", ".join(name[:_LONGEST] for name in names[:_SHOWN])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        found = f"it offers {len(names)} models: {shown}{more}"
    elif last.response is None:
        found = f"GET /models was not answered ({last.end.how.value}: {last.end.detail})"
    elif last.response.status in KEY_REFUSED:
        found = f"GET /models is refused (status {last.response.status}): is the key right?"
    else:
        found = f"GET /models names none (status {last.response.status})"
    raise UsageError(f"provider {provider.name}: which model is meant? {found}; {remedy}")
