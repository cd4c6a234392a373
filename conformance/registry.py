"""One small registry, used for checks, faults and report formats alike."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Generic, TypeVar

from conformance.errors import UsageError, did_you_mean

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Names to things, in order of name. Duplicates are an error; unknown names get a suggestion."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._things: dict[str, T] = {}

    def add(self, name: str, thing: T) -> T:
        if name in self._things:
            raise ValueError(f"{self.kind} {name!r} is registered twice")
        self._things[name] = thing
        return thing

    def find(self, name: str) -> T:
        """The thing of that name. Raises UsageError with a suggestion where there is none."""
        if name not in self._things:
            hint = did_you_mean(name, self._things)
            known = "" if hint else f"; there are: {', '.join(self)}"
            raise UsageError(f"no {self.kind} is called {name!r}{hint}{known}")
        return self._things[name]

    def __getitem__(self, name: str) -> T:
        return self._things[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._things))

    def __len__(self) -> int:
        return len(self._things)


@cache
def import_all(package: ModuleType) -> None:
    """Import every module of a package, so that each registers what it holds; once is enough."""
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
