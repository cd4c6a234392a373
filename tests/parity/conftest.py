"""Endpoints that several tests ask."""

import pytest
from served import COUNTED, built, served


@pytest.fixture(autouse=True)
def _afresh():
    """What one test asked changes nothing of what the next one is answered, in whatever order they come."""
    for each in COUNTED:
        each.clear()


@pytest.fixture(scope="session")
def baseline():
    with served(built(seed=1)) as (url, _):
        yield url


@pytest.fixture(scope="session")
def replica():
    with served(built(seed=9), seed=9) as (url, _):
        yield url
