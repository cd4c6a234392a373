"""Audits of output parity against the reference model, whose differences are known."""

import pytest

from conformance.errors import UsageError
from conformance.faces.cli import main
from conformance.faces.selftest.parity import (
    SAME,
    One,
    alarmed,
    audits,
    candidates,
    kept,
    one_audit,
)
from conformance.reference.fault import PARITY
from conformance.reference.serve import load_faults

load_faults()
FIRST = ("0", "1")


@pytest.mark.parametrize(
    ("name", "says", "layer"),
    [
        (SAME, "inconclusive", ""),  # stage 2 was not asked
        ("parity-system-prompt", "different", "rendering"),
        ("parity-template-unbilled", "different", "weights or numerics"),
        ("parity-fp8", "different", "weights or numerics"),
        ("parity-int4", "different", "weights or numerics"),
    ],
)
def test_the_first_stages_find_what_they_can(name, says, layer):
    found = one_audit(name, 0, FIRST)
    assert (found.says, found.layer) == (says, layer) or (name == SAME and found.says == "same")
    assert found == one_audit(name, 0, FIRST)


def test_a_forced_sampler_is_found_in_texts():
    found = one_audit("parity-temperature-forced", 1, ("0", "1", "2"))
    assert (found.says, found.layer) == ("different", "sampler")


def test_the_same_model_behind_a_cache_is_not_another():
    found = one_audit("parity-cache", 0, ("0", "1", "2", "2b"))
    assert found.says in ("same", "inconclusive")


def test_every_endpoint_is_audited_in_turn_and_what_is_done_is_not_done_again():
    done = [One(name, 0, "different", "", 1) for name in candidates() if name != "parity-system-prompt"]
    assert [one.candidate for one in audits(candidates(), 1, done, FIRST)] == ["parity-system-prompt"]
    assert not alarmed(SAME)
    assert not alarmed("parity-cache")
    assert all(alarmed(name) for name in candidates() if name not in (SAME, "parity-cache"))
    assert set(candidates()) <= {SAME, *PARITY}


def test_the_verb_goes_on_with_its_file_and_writes_its_page(tmp_path, capsys):
    file, page = tmp_path / "kept.jsonl", tmp_path / "page.md"
    asked = ["selftest", "parity", "--fault=parity-system-prompt", f"--kept={file}", f"--page={page}"]
    assert main([*asked, "--audits=2"]) == 0
    file.write_text(file.read_text() + '{"candidate": "par')
    assert len(kept(file)) == 2
    assert main([*asked, "--audits=3"]) == 0
    assert [one.seed for one in kept(file)] == [0, 1, 2]
    assert "3/3" in capsys.readouterr().out
    assert "| parity-system-prompt |" in page.read_text()


def test_a_name_or_a_file_that_is_none_is_said(tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"a": 1}\n')
    with pytest.raises(UsageError, match="holds no audits"):
        kept(bad)
    assert main(["selftest", "parity", "--fault=parity-nothing"]) == 4
