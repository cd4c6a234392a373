"""Each fault that was seen in the field is shown by one of ours, or says why not."""

from conformance.reference.fault import FAULTS, PARITY, TIMES
from conformance.reference.field import field_faults, not_shown, shown_by
from conformance.reference.serve import load_faults

load_faults()


def test_each_is_shown_or_has_a_reason_and_never_both():
    silent = {name for name in field_faults() if not shown_by(name)}

    assert silent == {*not_shown()}


def test_few_cannot_be_shown():
    assert len(not_shown()) <= 0.03 * len(field_faults())


def test_our_faults_name_only_what_was_seen():
    assert {name for known in (FAULTS, PARITY, TIMES) for one in known.values() for name in one.field} <= set(field_faults())


def test_a_report_can_be_served_by_its_id():
    from conformance.reference.serve import ServeOptions, _settings

    (shown,) = _settings(ServeOptions(faults=("double-bos@0.5",))).faults

    assert "double-bos" in shown.fault.field
    assert shown.rate == 0.5
