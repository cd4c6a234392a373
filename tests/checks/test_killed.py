"""Every check can be killed: with an empty body, or one that always complains, its table goes red."""

import functools
from dataclasses import replace

import pytest
from tables import TABLE, kept

from conformance.checks.core import CHECKS, Problem


def silent(function):
    """The same check without its body."""

    @functools.wraps(function)
    def emptied(*_, **__):
        yield from ()

    return emptied


def shouting(function):
    """A check that complains of everything."""

    @functools.wraps(function)
    def complaining(*_, **__):
        yield Problem(message="no")

    return complaining


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_table_tells_a_check_from_an_empty_one_and_from_one_that_always_complains(name):
    one = CHECKS[name]

    assert kept(one, TABLE[name])
    assert not kept(replace(one, function=silent(one.function)), TABLE[name])
    assert not kept(replace(one, function=shouting(one.function)), TABLE[name])
