"""Audits of output parity against the reference model, whose differences are known."""

import pytest

from conformance.errors import UsageError
from conformance.faces.cli import main
from conformance.faces.selftest.parity import One, audits, candidates, kept, line_of, one_audit
from conformance.faces.selftest.parity_how import SAME, how
from conformance.faces.selftest.parity_verb import parity
from conformance.reference.fault import PARITY
from conformance.reference.field import field_faults
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


def test_penalties_that_are_passed_over_are_found_by_asking_for_one():
    found = one_audit("parity-penalty-ignored", 0, ("0", "2b"))
    assert (found.says, found.layer) == ("different", "sampler")


def test_the_same_model_behind_a_cache_is_not_another():
    found = one_audit("parity-cache", 0, ("0", "1", "2", "2b"))
    assert found.says in ("same", "inconclusive")


def test_every_endpoint_is_audited_in_turn_and_what_is_done_is_not_done_again():
    done = [One(name, 0, "different", "", 1) for name in candidates() if name != "parity-system-prompt"]
    assert [one.candidate for one in audits(candidates(), 1, done, FIRST)] == ["parity-system-prompt"]
    assert set(candidates()) == {SAME, *PARITY}
    assert {name for name in candidates() if not how(name).target} == {SAME, "parity-cache"}


SEEN = {
    "parity-temperature-scaled": "sampler",
    "parity-redeployed": "drift",
    "parity-decay": "drift",
    "parity-prefix-cache": "fleet of mixed builds",
    "parity-ending-repeats": "sampler",
    "parity-calls-worse": "4",
}


@pytest.mark.parametrize(("name", "layer"), SEEN.items(), ids=SEEN)
def test_what_was_seen_in_the_field_is_noticed_where_it_says_and_the_clean_server_is_not(name, layer):
    """Asked alike, a server without the fault is the same, or nothing is found."""
    found, clean = one_audit(name, 0), one_audit(SAME, 0, as_of=name)

    assert (found.says, found.layer) == ("different", layer)
    assert clean.says in ("same", "inconclusive")
    assert set(PARITY[name].field) <= set(field_faults())


def said(name, different, same):
    return [One(name, n, "different" if n < different else "same", "", 1) for n in range(different + same)]


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (said("parity-int4", 1, 0), 0),
        (said("parity-int4", 0, 3), 1),  # missed for sure
        (said("parity-int4", 3, 3), 1),
        (said(SAME, 0, 3), 0),
        (said(SAME, 1, 0), 0),  # one alone proves nothing
        (said(SAME, 6, 0), 1),
    ],
)
def test_a_target_that_is_missed_for_sure_ends_with_1(found, code, tmp_path, capsys):
    file = tmp_path / "kept.jsonl"
    file.write_text("".join(map(line_of, found)), "utf-8")

    assert parity([found[0].candidate], 0, file=file) == code
    assert ("targets missed" in capsys.readouterr().out) is bool(code)


@pytest.mark.parametrize(("name", "words"), [("parity-fp8", "stages that may tell: 1, 2"), ("head-with-first-token", "figures that may tell: ttfb")])
def test_parity_and_times_stand_in_the_catalogue(name, words, capsys):
    assert main(["list", "faults"]) == 0
    assert any(line.startswith(f"{name} ") for line in capsys.readouterr().out.splitlines())
    assert main(["explain", name]) == 0
    assert words in capsys.readouterr().out


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
