from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running

Opener = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    with running(ServeOptions(per_token=0)) as url:
        yield url


@pytest.fixture(scope="session")
def client(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base_url, timeout=20) as client:
        yield client


@pytest.fixture
def served() -> Iterator[Opener]:
    """A client of a server with options of the test's own."""
    with ExitStack() as stack:

        def serve(**options: object) -> httpx.Client:
            url = stack.enter_context(running(ServeOptions(**{"per_token": 0, **options})))
            return stack.enter_context(httpx.Client(base_url=url, timeout=20))

        yield serve
