"""What is done once for all workers of a shared run: servers started, models found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.engine.limits import Terms
from conformance.providers.model import Provider
from conformance.runs.discovering import Notes, discover
from conformance.runs.servers import Servers


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """For workers on this machine; those elsewhere see to it themselves."""

    launched: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)


class Preparation:
    """Done when it is first asked for; `stop` ends the servers."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        folder: Path,
        terms: Terms,
        known: Mapping[str, Mapping[str, str]],
    ) -> None:
        """`folder` gets the servers' logs; `known`: facts of providers from an earlier session."""
        self._providers = providers
        self._folder = folder
        self._terms = terms
        self._known = known
        self._servers = Servers(providers.values(), folder)
        self._done: Prepared | None = None

    @property
    def notes(self) -> Notes:
        """What was asked on the way; nothing where nothing was prepared."""
        return self._done.notes if self._done else Notes()

    def done(self) -> Prepared:
        """Blocks the first time."""
        if self._done is None:
            self._done = self._do()
        return self._done

    def stop(self) -> None:
        """Blocks until the servers are gone."""
        self._servers.stop()

    def _do(self) -> Prepared:
        if any(one.launch for one in self._providers.values()):
            self._folder.mkdir(parents=True, exist_ok=True)
        up = self._servers.start()
        there = {**self._providers, **up.running}
        asked = [one for name, one in there.items() if name not in {*up.refused, *self._known}]
        notes = discover(asked, self._terms)
        return Prepared(
            launched={name: one.base_url for name, one in up.running.items()},
            refused={name: str(error) for name, error in up.refused.items()},
            models=notes.models | {name: facts["model"] for name, facts in self._known.items()},
            notes=notes,
        )
