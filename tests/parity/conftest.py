"""Endpoints that several tests ask."""

import pytest
from served import built, served


@pytest.fixture(scope="session")
def baseline():
    with served(built(seed=1)) as (url, _):
        yield url


@pytest.fixture(scope="session")
def replica():
    with served(built(seed=9), seed=9) as (url, _):
        yield url
