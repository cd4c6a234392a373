"""Parameters that the contract only permits: ignoring one is no finding, and the matrix says it."""

import pytest

from conformance.faces.selftest.ask import ask, reference

IGNORED = {
    "effects/seed": "seed-ignored",
    "effects/frequency-penalty[stream-false]": "frequency-penalty-ignored",
    "effects/frequency-penalty[stream-true]": "frequency-penalty-ignored",
    "effects/presence-penalty": "presence-penalty-ignored",
    "effects/logit-bias[stream-false]": "logit-bias-ignored",
    "effects/logit-bias[stream-true]": "logit-bias-ignored",
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
    words, findings = asked(tmp_path, "effects/seed", "seed-ignored@0.5", seed=1)

    assert words in {"honoured 2 of 3, ignored 1 of 3", "ignored 2 of 3, honoured 1 of 3"}
    assert findings == []
