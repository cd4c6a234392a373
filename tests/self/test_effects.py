"""Parameters that the contract only permits: ignoring one is no finding, and the matrix says it."""

import pytest

from conformance.faces.selftest.ask import ask, reference

IGNORED = {
    "effects/seed": "seed-ignored",
    "effects/frequency-penalty": "frequency-penalty-ignored",
    "effects/presence-penalty": "presence-penalty-ignored",
    "effects/logit-bias": "logit-bias-ignored",
}


def asked(folder, cell, *faults, seed=0):
    """What the matrix says of a case, and the clauses that were found broken."""
    with reference(*faults, seed=seed) as served:
        (result,) = ask(folder, [served], chosen=cell.__eq__).providers
    (capability,) = [each for each in result.capabilities if each.case == cell.partition("[")[0]]
    (word,) = capability.branches.values()
    return word, [each.clause for each in result.findings]


@pytest.mark.parametrize("cell", IGNORED)
def test_what_is_honoured_is_told_as_such(tmp_path, cell):
    assert asked(tmp_path, cell) == ("honoured", [])


@pytest.mark.parametrize(("cell", "fault"), IGNORED.items())
def test_what_is_ignored_is_told_as_such_and_is_no_finding(tmp_path, cell, fault):
    assert asked(tmp_path, cell, fault) == ("ignored", [])


def test_what_holds_at_times_is_counted(tmp_path):
    """What is drawn depends on the request; of a few seeds one shows both."""
    told = [asked(tmp_path / str(seed), "effects/seed", "seed-ignored@0.3", seed=seed) for seed in range(5)]

    assert any("honoured" in words and "ignored" in words for words, _ in told)
    assert all(findings == [] for _, findings in told)
