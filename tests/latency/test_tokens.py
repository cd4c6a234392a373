"""How many tokens each arrival brought, by what is known of them."""

import pytest
from clocked import clock, takes

from conformance.latency.reading import measure
from conformance.latency.tokens import Heard, counted


class Exchange:
    """With that usage in its answer."""

    def __init__(self, **usage):
        self.answer = self
        self.usage = usage or None
        self.response, self.request, self.sent, self.streamed = self, self, (b"x",), True
        self.status, self.method = 200, "POST"


def heard(*texts, thoughts=False):
    """Each is one arrival; of several events where it is a list."""
    return [Heard("".join(each), len(each) if isinstance(each, list) else 1, thoughts) for each in texts]


@pytest.mark.parametrize(
    ("said", "total", "shares", "estimated"),
    [
        (heard("a", " international", "."), 3, [1, 1, 1], False),
        (heard("a", " international", "."), 4, [1, 1, 1], False),  # the end has no text
        (heard("a", [" b", " c"], "."), 4, [1, 2, 1], False),
        (heard("ab", "abcd"), 6, [2, 4], True),  # nobody knows
        (heard(*"abcdefghij"), 12, [1.2] * 10, True),  # parts of characters were held back
        (heard("abcd", *"bcdefghij"), 12, [1.2] * 10, True),
        (heard("whole answer"), 6, [6], False),
        (heard("a", "b", "c"), 2, [2 / 3] * 3, True),  # fewer tokens than events: no such thing as one each
    ],
)
def test_by_the_usage(said, total, shares, estimated):
    found = counted(said, Exchange(completion_tokens=total), None)

    assert (found.total, list(found.shares), found.estimated) == (total, pytest.approx(shares), estimated)


@pytest.mark.parametrize("shown", [True, False])
def test_thoughts_that_are_not_shown_came_in_no_arrival(shown):
    usage = {"completion_tokens": 42, "completion_tokens_details": {"reasoning_tokens": 40}}
    found = counted(heard("a", "b", thoughts=shown), Exchange(**usage), None)

    assert (found.total, list(found.shares), found.estimated) == (42, [21, 21] if shown else [1, 1], shown)


def test_nothing_is_known_without_usage():
    found = counted(heard("a", "b"), Exchange(), None)

    assert (found.total, found.shares, found.estimated) == (None, None, False)


def test_a_tokenizer_knows():
    found = counted(heard("a b", " c"), Exchange(completion_tokens=5), lambda text: len(text.split()))

    assert (found.total, list(found.shares), found.estimated) == (5, [2, 1], False)


def test_what_joins_tokens_takes_none_away():
    """One word of two pieces may be fewer tokens than its first piece."""
    count = {"inter": 2, "international": 1, "international law": 3}.__getitem__
    found = counted(heard("inter", "national", " law"), Exchange(completion_tokens=3), count)

    assert list(found.shares) == [2, 0, 1]


@pytest.mark.parametrize(("cut", "estimated"), [("", False), ("-g3", False), ("-role-tail", False), ("-k2", True)])
def test_over_the_wire(cut, estimated):
    with clock() as clocked:
        (take,) = takes(clocked, f"clock-ttft5-itl2-n12{cut}")

    assert measure(take).estimated is estimated
