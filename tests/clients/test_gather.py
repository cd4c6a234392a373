"""What clients made of a run: the findings say what each did, and a record keeps it."""

import json

import pytest

from conformance.faces.cli import main
from conformance.faces.selftest.ask import ask, reference
from conformance.record.reader import read


def in_streaming(cell):
    return cell.startswith("streaming/")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A run whose endpoint says the role in every chunk, and its folder."""
    folder = tmp_path_factory.mktemp("run")
    with reference("role-in-every-chunk") as provider:
        run = ask(folder, [provider], chosen=in_streaming, clients=True)
    return run, folder / run.info.id


def test_a_finding_says_what_the_client_did_with_its_evidence(faulty):
    run, _ = faulty
    (finding,) = [one for one in run.providers[0].findings if one.clause == "STRM-011"]

    assert len(finding.clients) == 1
    assert finding.clients[0].endswith("takes it, but the role is another, silently (3 of 3)")


def test_a_disagreement_names_the_findings_that_show_it(faulty):
    run, _ = faulty
    (client,) = run.clients
    (found,) = client.disagreements

    assert (found.severity, found.what) == ("silent loss", "the role is another")
    assert (found.meant, found.got) == ("assistant", "assistant" * 2)
    assert "reference/STRM-011" in found.findings
    assert len(found.evidence) == 3
    assert found.exchanges <= client.outcomes["reference"]["parsed"]
    assert client.unpredicted == ()


def test_every_exchange_is_counted_once(faulty):
    run, folder = faulty
    exchanges = sum(len(trial.exchanges) for trial in read(folder / "record.jsonl").trials())

    assert sum(run.clients[0].outcomes["reference"].values()) == exchanges


def test_the_command_plays_again_and_leaves_the_record_alone(faulty, capsys):
    _, folder = faulty
    before = (folder / "record.jsonl").read_bytes()

    assert main(["clients", str(folder)]) == 0
    assert "the role is another" in capsys.readouterr().out
    assert (folder / "record.jsonl").read_bytes() == before


def test_clients_that_cannot_be_played_are_said_and_are_our_error(faulty, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_CONSTRAINT", raising=False)
    monkeypatch.setenv("CONFORMANCE_CACHE", str(tmp_path))

    code = main(["clients", str(faulty[1]), "--client=openai==0.0.1", "--python=/no/such/python"])

    said = capsys.readouterr().out
    assert code == 2
    assert "openai 0.0.1: not applicable: openai==0.0.1 cannot be installed" in said
    assert "/no/such/python: not applicable: cannot start /no/such/python" in said


@pytest.mark.parametrize(
    "arguments", [["clients", "nowhere"], ["clients", "RECORD", "--client=httpx"]]
)
def test_wrong_use_is_exit_code_4(faulty, arguments):
    assert main([str(faulty[1]) if one == "RECORD" else one for one in arguments]) == 4


def test_a_report_has_what_the_client_did(faulty):
    data = json.loads((faulty[1] / "report.json").read_text())

    assert data["clients"][0]["disagreements"][0]["what"] == "the role is another"
