"""`conformance report`: shards of one matrix become one run, whatever their order and grouping."""

import json
import shutil
from itertools import permutations
from pathlib import Path

import pytest

from conformance.faces.cli import main
from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running

FIRST = """
conformance: 1
title: First
needs: [chat]
request:
  path: /chat/completions
  body: {model: {$var: provider.model}, max_tokens: 16, messages: [{role: user, content: "Say OK."}]}
cases:
  - id: served
    title: A small request is served
    clauses: [CRESP-006]
    axes: {stream: [false, true]}
    request: {body: {stream: {$var: axis.stream}}}
    expect: [served]
  - id: unknown-model
    title: An unknown model is refused
    clauses: [ERR-011]
    request: {body: {model: no-such-model}}
    expect: [{status: 404}]
"""
SECOND = FIRST.replace("First", "Second").replace("max_tokens: 16", "max_tokens: 8")
ENTRY = '[providers.{}]\nbase_url = "{}"\nmodel = "reference-1"\n'
SHARDS = {
    "clean-1": ["clean", "--suite=first.yaml"],
    "clean-2": ["clean", "--suite=second.yaml"],
    "faulty-1": ["faulty", "--suite=first.yaml", "--case=served"],
    "faulty-2": ["faulty", "--suite=first.yaml", "--case=unknown"],
}


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with suites, providers.toml, and the shards of a matrix."""
    folder = tmp_path_factory.mktemp("shards")
    (folder / "first.yaml").write_text(FIRST, encoding="utf-8")
    (folder / "second.yaml").write_text(SECOND, encoding="utf-8")
    with (
        running(ServeOptions(port=0)) as good,
        running(ServeOptions(port=0, faults=("usage-total-wrong",))) as bad,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.chdir(folder)
        entries = ENTRY.format("clean", good) + ENTRY.format("faulty", bad)
        (folder / "providers.toml").write_text(entries, encoding="utf-8")
        for name, arguments in SHARDS.items():
            assert main(["run", *arguments, "--no-clients", f"--reports-dir={name}"]) == (name == "faulty-1")
        yield folder


def record(folder):
    return folder / (folder / "latest.txt").read_text().strip() / "record.jsonl"


@pytest.fixture
def merge(workplace, tmp_path):
    """Merge what is named, into a folder of its own; gives the folder with its reports, and the code."""
    count = iter(range(1000))

    def go(*paths, options=()):
        target = tmp_path / f"merged-{next(count)}"
        code = main(
            [
                "report",
                *(str(workplace / path) for path in paths),
                f"--reports-dir={target}",
                *options,
            ]
        )
        return record(target).parent if (target / "latest.txt").is_file() else target, code

    return go


def report(folder):
    return json.loads((folder / "report.json").read_text("utf-8"))


def test_shards_become_one_run(merge, capsys):
    folder, code = merge(*SHARDS)

    assert code == 1
    assert sorted(path.name for path in folder.iterdir()) == [
        "badge.json",
        "certificate.json",
        "record.jsonl",
        "report.html",
        "report.json",
        "report.md",
    ]
    found = {
        one["name"]: {case["id"] for case in one["cases"]} for one in report(folder)["providers"]
    }
    first = {"first/served[stream-false]", "first/served[stream-true]", "first/unknown-model"}
    assert found == {
        "clean": first | {name.replace("first", "second") for name in first},
        "faulty": first,
    }
    assert "## Side by side" in (folder / "report.md").read_text("utf-8")
    assert "USAGE-002 MUST at faulty" in capsys.readouterr().out


GROUPINGS = [
    [["clean-1", "clean-2"], "faulty-1", "faulty-2"],
    ["clean-1", ["clean-2", ["faulty-1", "faulty-2"]]],
    [["faulty-2", "clean-1"], ["clean-1", "faulty-1", "clean-2"]],
    *map(list, permutations(SHARDS)),
]


def test_order_and_grouping_do_not_matter(merge):
    """Byte for byte, ids and times included; the record as well, so that it can be merged again."""

    def fold(node):
        return node if isinstance(node, str) else merge(*map(fold, node))[0]

    results = [fold(grouping) for grouping in GROUPINGS]

    for name in ("report.json", "record.jsonl", "report.md"):
        assert len({(folder / name).read_bytes() for folder in results}) == 1, name


def test_a_merged_record_is_judged_like_any_other(merge):
    folder, code = merge("clean-1", "faulty-2")

    assert main(["judge", str(folder)]) == code == 0
    assert (folder / "judged/report.json").read_bytes() == (folder / "report.json").read_bytes()


def test_one_record_alone_says_what_it_said_before(merge, workplace):
    before = report(record(workplace / "faulty-1").parent)
    after = report(merge("faulty-1")[0])

    for each in (before, after):
        for key in ("id",):
            del each["run"][key]
    assert after == before


def test_shards_lie_anywhere_below_a_folder(merge, workplace, tmp_path):
    for name in ("clean-1", "faulty-1"):
        shutil.copytree(workplace / name, tmp_path / "artifacts" / f"run-{name}" / "reports")

    assert report(merge(tmp_path / "artifacts")[0]) == report(merge("clean-1", "faulty-1")[0])


@pytest.fixture(scope="module")
def again(workplace):
    """The first shard once more: another run of the same cells."""
    main(["run", *SHARDS["clean-1"], "--reports-dir=again"])
    return "again"


def test_what_two_runs_asked_is_refused_unless_the_later_one_answers(
    merge, again, workplace, capsys
):
    code = merge("clean-1", again)[1]

    first, second = (record(workplace / name).parent.name for name in ("clean-1", again))
    complaint = capsys.readouterr().err
    assert code == 4
    assert (
        f"first/served[stream-false] was asked at clean in run {first} and again in run {second}"
        in complaint
    )
    assert "--latest" in complaint
    folder, code = merge(again, "clean-1", "faulty-2", options=["--latest"])
    assert code == 0
    cases = next(one for one in report(folder)["providers"] if one["name"] == "clean")["cases"]
    assert [case["samples"] for case in cases] == [1, 1, 1]


def change(path: Path, target: Path, old: bytes, new: bytes) -> Path:
    data = path.read_bytes()
    assert old in data
    target.write_bytes(data.replace(old, new))
    return target


@pytest.mark.parametrize(
    ("arguments", "difference"),
    [
        (
            ["clean", "--suite=second.yaml", "--samples=2"],
            "number of samples of second/served differs: (1, 1) and (2, 2)",
        ),
        (
            ["clean", "--suite=first.yaml", "--certify=chat"],
            "profiles asked for at 'clean' differs: [] and ['chat']",
        ),
        (["clean", "--suite=other/first.yaml"], "suite 'first' differs"),
        (
            ["clean", "--suite=first.yaml", "--baseline=faulty"],
            "baseline differs: None and 'faulty'",
        ),
        (
            ["clean", "--suite=first.yaml", "--providers-file=other/providers.toml"],
            "base_url of provider 'clean' differs: 'http://127.0.0.1:",
        ),
    ],
    ids=["samples", "profiles", "suite", "baseline", "endpoint"],
)
def test_shards_of_different_plans_are_refused_by_the_first_difference(
    merge, workplace, capsys, arguments, difference
):
    other = workplace / "other"
    other.mkdir(exist_ok=True)
    (other / "first.yaml").write_text(FIRST.replace("Say OK.", "Say no."), encoding="utf-8")
    url = (workplace / "providers.toml").read_text().split('"')
    (other / "providers.toml").write_text(ENTRY.format("clean", url[5]), encoding="utf-8")
    main(["run", *arguments, "--no-clients", f"--reports-dir={difference[:9]}"])
    capsys.readouterr()

    code = merge("clean-1", "clean-2", difference[:9])[1]

    complaint = capsys.readouterr().err
    assert code == 4
    assert f"do not belong together: {difference}" in complaint
    assert str(record(workplace / difference[:9])) in complaint


def test_another_contract_is_refused(merge, workplace, tmp_path, capsys):
    contract = b'"contract_version":"'
    path = change(
        record(workplace / "clean-2"), tmp_path / "older.jsonl", contract, contract + b"0-"
    )

    assert merge("clean-1", path)[1] == 4
    assert "contract version differs: " in capsys.readouterr().err


def test_a_shard_that_was_cut_short_makes_the_whole_incomplete(merge, workplace, tmp_path, capsys):
    whole = record(workplace / "clean-2").read_bytes().splitlines(keepends=True)
    kept = next(number for number, line in enumerate(whole) if line.startswith(b'{"kind":"trial"'))
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(whole[: kept + 1]) + b'{"kind":"exch')

    folder, code = merge("clean-1", cut)

    assert code == 2
    assert report(folder)["run"]["complete"] is False
    text = (folder / "report.md").read_text("utf-8")
    assert "This run was cut short" in text
    assert "- `clean`: 2 cases not reached: `second/" in text
    assert "was cut short; what it did not reach is undecided" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere"], 4, "no such record: nowhere"),
        (["."], 4, "no such record: ."),
        (["providers.toml"], 2, "is not a record of llm-conformance"),
        (["--certify=agnt", "{record}"], 4, "did you mean 'agent'"),
    ],
)
def test_wrong_use_says_what_is_wrong(
    workplace, tmp_path, monkeypatch, capsys, arguments, code, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "providers.toml").write_text("", encoding="utf-8")
    given = [each.format(record=record(workplace / "clean-1")) for each in arguments]

    assert main(["report", *given]) == code
    assert words in capsys.readouterr().err
