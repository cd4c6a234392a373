"""What an answer says, however its server writes what can't be written."""

import pytest
from said import text

from conformance.parity.pools import pooled, spoken

SAID = {
    "plain": ("red", "red"),
    "spaces": (" red\n", "red"),
    "a part of a character, with a sign": ("\ufffd", ""),
    "a part of a character, without one": ("", ""),
    "one at its end": ("red \ufffd", "red"),
    "one inside stays": ("r\ufffdd", "r\ufffdd"),
}


@pytest.mark.parametrize(("written", "means"), SAID.values(), ids=SAID)
def test_what_is_said(written, means):
    assert spoken(text(written)) == means


def test_what_says_nothing_is_in_no_pool():
    assert pooled([text("\ufffd", order=0), text("red", order=1), text("", order=2)]) == {"p": ("red",)}
