"""Who asks a case is decided by its id, and stays so between machines and versions."""

from collections import Counter

import pytest

from conformance.plan.partition import share

CASES = [f"suite-{number % 11}/case-{number}" for number in range(220)]


@pytest.mark.parametrize(
    ("case", "parts", "expected"), [("tools/choice-required", 1, 0), ("tools/choice-required", 4, 2), ("chat/smallest", 4, 1)]
)
def test_the_share_of_a_case_is_written_in_stone(case, parts, expected):
    assert share(case, parts) == expected


@pytest.mark.parametrize("parts", [1, 2, 3, 4, 7])
def test_every_share_gets_about_as_much_as_any_other(parts):
    sizes = Counter(share(case, parts) for case in CASES)

    assert set(sizes) == set(range(parts))
    assert max(sizes.values()) < 2 * len(CASES) / parts
