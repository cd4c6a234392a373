"""Who tests the tester: each fault is noticed by the clauses written down for it, and by no others."""

import pytest
from against import ask, reference

from conformance.reference.fault import FAULTS
from conformance.reference.serve import load_faults

load_faults()

@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_clean_server_has_no_finding_at_any_level_and_is_a_drop_in(tmp_path, seed):
    with reference(seed=seed) as clean:
        run = ask(tmp_path, clean)

    result = run.providers[0]
    assert [(each.clause, each.messages) for each in result.findings] == []
    assert result.errors == ()
    assert {one.profile: one.answer.value for one in result.certificates} == dict.fromkeys(
        ("chat", "streaming-ui", "agent", "structured-extraction", "rag", "full"), "drop-in"
    )


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_is_noticed_by_its_clauses_and_by_no_others(tmp_path, name):
    fault = FAULTS[name]
    with reference(name) as faulty:
        run = ask(tmp_path, faulty)

    seen = {each.clause for each in run.providers[0].findings}
    assert set(fault.primary) <= seen
    assert seen <= {*fault.primary, *fault.cascades}
    assert run.providers[0].errors == ()
