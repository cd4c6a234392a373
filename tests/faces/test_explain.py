"""explain: findings of a run, the requests of a case, and every other kind of name."""

import json

import pytest

from conformance.faces.cli import EXAMPLES, VERBS, main
from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """One run of a server that repeats the role; a second one, newer, of a clean one."""
    folder = tmp_path_factory.mktemp("reports")
    for faults in (("role-in-every-chunk",), ()):
        with running(ServeOptions(port=0, faults=faults)) as url:
            main(
                [
                    "run",
                    f"--endpoint={url}",
                    "--endpoint-model=reference-1",
                    "--case=streaming/several-chunks",
                    f"--reports-dir={folder}",
                ]
            )
        if faults:
            (folder / "first.txt").write_text((folder / "latest.txt").read_text())
    return folder


def explain(capsys, *arguments):
    code = main(["explain", *map(str, arguments)])
    return code, capsys.readouterr().out


def test_a_finding_is_told_from_the_clause_to_the_curl_line(capsys, reports):
    run = reports / (reports / "first.txt").read_text().strip()
    code, out = explain(capsys, "endpoint/STRM-011", f"--run={run}")

    words = " ".join(out.split())
    assert code == 0
    for each in (
        "endpoint/STRM-011: MUST, failed in",
        "requires: later chunks: `role` absent or null",
        'seen: role "assistant" again',
        "what breaks:",
        "remedy:",
        "request> 0.0 ms POST http://127.0.0.1",
        "data: [DONE]␊␊",
        "curl -sS -i -N",
        "pytest 'suites/streaming.yaml::several-chunks",
    ):
        assert each in words


def test_the_newest_run_is_meant_where_none_is_named(capsys, reports):
    code, out = explain(capsys, "endpoint/STRM-011", f"--reports-dir={reports}")

    assert code == 0
    assert "no such finding" in out
    assert "held in all; it has no findings" in " ".join(out.split())
    assert "judged on every exchange by:" in out, "the clause is told all the same"


def test_a_provider_that_was_not_asked(capsys, reports):
    out = explain(capsys, "endpont/STRM-011", f"--reports-dir={reports}")[1]

    assert "'endpont' was not asked, did you mean 'endpoint'?" in out


def test_without_any_run_the_clause_is_told(capsys, tmp_path):
    code, out = explain(capsys, "local-vllm/STRM-011", f"--reports-dir={tmp_path}")

    assert code == 0
    assert "no run yet" in out
    assert "what breaks" in out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "conformance judge"),
        ("{", "is not JSON"),
        ("[]", "is no report of a run"),
        ('{"providers": [], "schema_version": 99}', "written by another version"),
    ],
)
def test_a_run_that_cannot_be_read_is_wrong_use(capsys, tmp_path, content, words):
    if content is not None:
        (tmp_path / "report.json").write_text(content)

    assert main(["explain", "x/STRM-011", f"--run={tmp_path}"]) == 4
    assert words in capsys.readouterr().err


def test_what_an_endpoint_said_cannot_steer_the_terminal(capsys, reports, tmp_path):
    run = reports / (reports / "first.txt").read_text().strip()
    report = json.loads((run / "report.json").read_text())
    report["providers"][0]["findings"][0]["messages"] = ["\x1b]0;pwned\x07"]
    (tmp_path / "report.json").write_text(json.dumps(report))
    name = report["providers"][0]["findings"][0]["id"]

    out = explain(capsys, name, f"--run={tmp_path}")[1]

    assert "\x1b" not in out
    assert "\\x1b]0;pwned" in out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "tools/choice-required",
            ["POST /chat/completions", "tool_choice: required", "is honoured where: TOOL-020"],
        ),
        ("errors/unknown-model", ["POST /chat/completions"]),
        (
            "deepseek-api",
            [
                "(persona): a simulation of DeepSeek's hosted API",
                "developer-role-rejected: Messages of role `developer` are refused.",
                "conformance serve --persona deepseek-api",
            ],
        ),
        (
            "vllm",
            [
                "(preset)",
                "--enable-auto-tool-choice",
                "known: Reasoning comes in the field `reasoning`",
            ],
        ),
        (
            "mindie",
            [
                "kind: self-hosted; 2",
                "found at: https://{host}:1025/v1",
                "key: none",
                "port (a hint only) 1025",
                'fragment thinking-off: {"chat_template_kwargs": {"enable_thinking": false}}',
                'errors          string             errors are {"error": "..."} [2]',
                "usual_answer_tokens  512 ",
                "start on ascend hardware: whatever conf/config.json names",
                "    mindie_llm_server\n",
                "`assistantassistant...`. (STRM-011)",
                "[2] MindIE-LLM, source and documentation, 2026-04-23 (code)",
                "https://gitcode.com/Ascend/MindIE-LLM",
            ],
        ),
        ("mistral", ["    seed  random_seed  [1]", "key: ${MISTRAL_API_KEY}, as a bearer"]),
        ("azure-openai", ["key: ${AZURE_OPENAI_API_KEY}, as the header api-key"]),
        ("vertex", ["key: printed by gcloud auth print-access-token"]),
        ("dynamo", ["known by: nothing that is its own"]),
        ("STRM-011", ["known of mindie: The role stands in every chunk", "known of openrouter: "]),
        ("local-llama", ["(provider)", "preset: llama-cpp", "conformance doctor local-llama"]),
        ("reference", ["(preset)", "(provider)"]),
        ("json_schema", ["(capability)", "structured/json-schema", "structured-extraction"]),
        ("tool_choice.required", ['{ "tool_choice.required" = false }']),
    ],
)
def test_every_kind_of_name(capsys, name, words):
    code, out = explain(capsys, name)

    assert code == 0
    assert [each for each in words if each not in out] == [], out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("strm-011", "did you mean 'STRM-011'"),
        ("local-vllm/STRM-91", "did you mean 'local-vllm/STRM-"),
        ("multi-turn/round-trp", "did you mean 'multi-turn/round-trip'"),
        ("agnt", "did you mean 'agent'"),
        ("role-in-evry-chunk", "did you mean 'role-in-every-chunk'"),
        ("json_shema", "did you mean 'json_schema'"),
        ("vlm-ascend", "did you mean 'vllm-ascend'"),
        ("trtllm-srve", "did you mean 'trtllm-serve'"),
        ("local-llma", "did you mean 'local-llama'"),
    ],
)
def test_an_unknown_name_gets_the_nearest_of_any_kind(capsys, name, words):
    assert main(["explain", name]) == 4
    assert words in capsys.readouterr().err


def test_every_verb_has_an_example():
    assert EXAMPLES.keys() == VERBS.keys()


@pytest.mark.parametrize("verb", VERBS)
def test_help_ends_with_the_example(capsys, verb):
    with pytest.raises(SystemExit) as left:
        main([verb, "--help"])

    assert left.value.code == 0
    assert f"example:\n  {EXAMPLES[verb]}" in capsys.readouterr().out


def test_an_unknown_verb_gets_the_nearest(capsys):
    with pytest.raises(SystemExit) as left:
        main(["docter", "reference"])

    assert left.value.code == 4
    assert "did you mean 'doctor'?" in capsys.readouterr().err


def test_a_shim_is_told_with_its_clauses_and_its_code(capsys):
    code, out = explain(capsys, "usage-apart")

    assert code == 0
    for each in ("usage-apart (shim):", "mends: STRM-017", "class UsageApart(Mend):", "mend.py"):
        assert each in out


def test_a_clause_shows_the_shim_that_is_for_it(capsys):
    out = explain(capsys, "STRM-017")[1]

    assert "a shim for the client: usage-apart" in out
    assert "class UsageApart(Mend):" in out


def test_the_code_alone_is_a_module(capsys):
    code, out = explain(capsys, "mend", "--code")

    assert code == 0
    compile(out, "mend.py", "exec")
    assert out.startswith('"""')


def test_no_shim_of_that_name(capsys):
    assert main(["explain", "usage-apar", "--code"]) == 4
    assert "did you mean 'usage-apart'?" in capsys.readouterr().err


def test_a_finding_names_the_shim(capsys, reports):
    run = reports / (reports / "first.txt").read_text().strip()

    assert "role-once: conformance explain role-once" in explain(
        capsys, "endpoint/STRM-011", f"--run={run}"
    )[1]
