"""The command line is thin: each verb says what it must, and wrong use is exit code 4."""

import pytest

from conformance.faces.cli import main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "clauses"], "STRM-011  must"),
        (["list", "checks"], "tool_call"),
        (["list", "cases"], "tools/choice-required"),
        (["list", "suites"], "streaming"),
        (["list", "profiles"], "agent"),
        (["list", "presets"], "preset kind statements as of about"),
        (["list", "presets"], "mindie self-hosted 27 2026-04-23 Huawei MindIE-LLM on Ascend NPUs"),
        (["list", "faults"], "role-in-every-chunk"),
        (["list", "personas"], "deepseek-api deepseek"),
        (["list", "formats"], "report.md"),
        (["list", "loads"], "poisson 2 a second, as chance has it, for 20 s"),
        (["list", "providers"], "reference"),
        (["explain", "STRM-011"], "assistantassistant"),
        (["explain", "local-vllm/STRM-011"], "what breaks"),
        (["explain", "tool_call"], "may stand in assume: yes"),
        (["explain", "tools/choice-required"], "TOOL-020"),
        (["explain", "agent"], "requires"),
        (["explain", "role-in-every-chunk"], "conformance serve --fault role-in-every-chunk"),
    ],
)
def test_a_verb_says_what_it_must(capsys, arguments, words):
    assert main(arguments) == 0
    assert " ".join(words.split()) in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain", "STRM-911"], "did you mean 'STRM-011'"),
        (["judge", "nowhere.jsonl"], "no such record: nowhere.jsonl"),
        (["run", "referense"], "did you mean 'reference'"),
        (["run", "reference", "--report-as=markdwn"], "did you mean 'markdown'"),
        (["run"], "no provider"),
    ],
)
def test_wrong_use_is_exit_code_4_with_the_remedy(capsys, arguments, words):
    assert main(arguments) == 4
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["lst"], ["run", "--provder=x"], ["list"], ["list", "chekcs"]]
)
def test_what_argparse_refuses_is_exit_code_4(capsys, arguments):
    with pytest.raises(SystemExit) as left:
        main(arguments)

    assert left.value.code == 4


class TestJudgeDecidesAsTheRunDid:
    """The same record, the same exit code."""

    @pytest.fixture
    def recorded(self, endpoint, tmp_path, capsys):
        """A function that runs the errors suite and gives exit code and the run's folder."""
        url = endpoint("chunk-id-changes")

        def run(*more):
            code = main(
                [
                    "run",
                    f"--endpoint={url}",
                    "--endpoint-model=reference-1",
                    f"--reports-dir={tmp_path}",
                    *more,
                ]
            )
            (folder,) = (each for each in tmp_path.iterdir() if each.is_dir())
            capsys.readouterr()
            return code, folder

        return run

    def test_by_the_profiles_of_the_run_and_not_by_the_level(self, recorded):
        code, folder = recorded("--certify=structured-extraction")

        assert (code, main(["judge", str(folder)])) == (0, 0)
        assert main(["judge", str(folder), "--certify=full"]) == 1

    def test_a_record_that_breaks_off_does_not_pass(self, recorded):
        _, folder = recorded("--case=chat/", "--suite=suites/chat.yaml")
        record = folder / "record.jsonl"
        lines = record.read_bytes().splitlines(keepends=True)
        half = next(n for n, line in enumerate(lines) if line.startswith(b'{"kind":"trial"'))
        record.write_bytes(b"".join(lines[: half + 1]))

        assert main(["judge", str(folder), "--undecided=warn"]) in {1, 2}

    def test_a_profile_of_the_users_own_is_asked_for_by_its_file(self, recorded, tmp_path, capsys):
        own = tmp_path / "own.toml"
        own.write_text(
            '[profiles.mine]\ntitle = "Mine"\ncapabilities = ["chat"]\nclauses = ["CREQ-004"]\n'
        )
        code, folder = recorded("--case=chat/", f"--profiles-file={own}", "--certify=mine")

        assert (code, main(["judge", str(folder), f"--profiles-file={own}"])) == (0, 0)
        assert main(["judge", str(folder)]) == 4
        assert "--profiles-file" in capsys.readouterr().err
