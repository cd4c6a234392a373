"""Records united: a union of sets, whatever the order and the grouping; nothing counts twice."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conformance.record
from conformance.errors import RecordError, UsageError
from conformance.record import codec
from conformance.record.merge import unite, write
from conformance.record.parts import read_shard
from conformance.record.reader import read

CELLS = {"chat/a", "chat/b", "chat/c"}
SCHEMA = json.loads((Path(conformance.record.__file__).parent / "record.schema.json").read_text("utf-8"))


def trial(case, at="p", said="hello", *, exchanges=0):
    key = {"case": case, "axes": [], "provider": at, "arm": "plain", "sample": 0}
    return [{"kind": "trial", **key, "captured": {"said": said}, "error": "", "exchanges": exchanges}]


def withheld(case, why="the budget is spent"):
    return [{**trial(case)[0], "captured": {"said": "withheld"}, "withheld": why}]


def exchange(case, at="p"):
    return {"kind": "exchange", "case": case, "axes": [], "provider": at, "arm": "plain", "sample": 0}


def lines(run, *content, day=1, footer=True):
    started = f"2026-11-{day:02}T03:00:00.000Z"
    yield {"kind": "header", "record": 1, "run": run, "started": started, "harness_version": "1"}
    for each in content:
        yield from each
    if footer:
        yield {"kind": "footer", "finished": f"2026-11-{day:02}T04:00:00.000Z", "complete": True}


@pytest.fixture
def record(tmp_path):
    def make(run, *content, name="", **more):
        path = tmp_path / f"{name or run}.jsonl"
        path.write_bytes(b"".join(map(codec.line, lines(run, *content, **more))))
        return path

    return make


def merge(target, *paths, latest=False):
    union = unite([read_shard(read(path)) for path in paths], CELLS, latest=latest)
    write(union, target, {"harness_version": "1"})
    return target


def said(path):
    """Cell and provider to what was said there, of every trial."""
    return sorted((*each.key.cell.split("/"), each.key.provider, each.captured["said"]) for each in read(path).trials())


def test_runs_of_other_cells_and_other_providers_are_united(record, tmp_path):
    one = record("r1", trial("chat/a"), day=2)
    two = record("r2", trial("chat/b"), trial("chat/a", "q"), day=1)

    merged = merge(tmp_path / "m", one, two)

    assert said(merged) == [("chat", "a", "p", "hello"), ("chat", "a", "q", "hello"), ("chat", "b", "p", "hello")]
    header, footer = read(merged).header, read(merged).footer
    assert [part["run"] for part in header["parts"]] == ["r2", "r1"]
    assert header["run"].startswith("20261102-030000-merged-")
    assert header["started"] == "2026-11-01T03:00:00.000Z"
    assert footer == {"finished": "2026-11-02T04:00:00.000Z", "complete": True}
    for line in merged.read_bytes().splitlines():
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(line))


def test_the_same_record_twice_counts_once(record, tmp_path):
    one = record("r1", trial("chat/a"))
    copy = record("r1", trial("chat/a"), name="copy")

    assert merge(tmp_path / "m", one, copy, one).read_bytes() == merge(tmp_path / "n", one).read_bytes()


@pytest.mark.parametrize("swap", [False, True])
def test_a_cell_that_two_runs_asked_is_refused_or_answered_by_the_later_one(record, tmp_path, swap):
    given = [record("r1", trial("chat/a", said="old"), trial("chat/b"), day=1), record("r2", trial("chat/a", said="new"), day=2)]
    given = given[::-1] if swap else given

    with pytest.raises(UsageError, match=r"chat/a was asked at p in run r1 and again in run r2: .*--latest"):
        merge(tmp_path / "m", *given)
    assert said(merge(tmp_path / "m", *given, latest=True)) == [("chat", "a", "p", "new"), ("chat", "b", "p", "hello")]


@pytest.mark.parametrize("days", [(1, 2), (2, 1)])
def test_what_one_run_withheld_another_may_have_asked(record, tmp_path, days):
    one = record("r1", withheld("chat/a"), withheld("chat/b"), day=days[0])
    two = record("r2", trial("chat/a"), withheld("chat/b", "too late"), day=days[1])

    assert [each[3] for each in said(merge(tmp_path / "m", one, two))] == ["hello", "withheld"]


def test_what_two_runs_took_from_one_record_counts_once(record, tmp_path):
    one = record("r1", trial("chat/a", "base"), trial("chat/a", "p"))
    two = record("r2", trial("chat/a", "base"), trial("chat/a", "q"))

    assert [each[2] for each in said(merge(tmp_path / "m", one, two))] == ["base", "p", "q"]


def test_what_the_engine_asks_of_its_own_accord_is_kept_of_every_run(record, tmp_path):
    one, two = (record(run, trial("discovery/models", said=run)) for run in ("r1", "r2"))

    assert [each[3] for each in said(merge(tmp_path / "m", one, two))] == ["r1", "r2"]


def test_what_was_in_flight_when_a_run_was_cut_short_is_no_part_of_it(record, tmp_path):
    cut = record("r1", trial("chat/a"), [exchange("chat/b")], footer=False)
    cut.write_bytes(cut.read_bytes() + b'{"kind":"trial","case"')
    whole = record("r2", trial("chat/b"), day=2)

    merged = merge(tmp_path / "m", cut, whole)

    assert [each[1] for each in said(merged)] == ["a", "b"]
    assert read(merged).footer["complete"] is False
    assert b'exchange"' not in merged.read_bytes()


@pytest.mark.parametrize(
    "other",
    [{"content": [trial("chat/a"), trial("chat/b")]}, {"content": [trial("chat/a")], "footer": False}, {"content": [trial("chat/a", said="else")]}],
    ids=["more", "cut short", "other words"],
)
def test_two_different_records_of_one_run_are_refused(record, tmp_path, other):
    one = record("r1", trial("chat/a"))
    two = record("r1", *other.pop("content"), name="two", **other)

    with pytest.raises(UsageError, match=r"both hold run r1, and not the same of it"):
        merge(tmp_path / "m", one, two, latest=True)


@pytest.mark.parametrize("line", [{"kind": "trial"}, {"kind": "part"}, {"kind": "exchange", "case": "c", "axes": 1}])
def test_a_broken_line_is_our_error_and_names_the_file(record, line):
    path = record("r1", [line])

    with pytest.raises(RecordError, match=r"r1\.jsonl"):
        read_shard(read(path))


def test_a_header_that_names_no_run_is_our_error(tmp_path):
    path = tmp_path / "odd.jsonl"
    path.write_bytes(codec.line({"kind": "header", "record": 1, "run": "r"}))

    with pytest.raises(RecordError, match=r"odd\.jsonl: the header does not say"):
        read_shard(read(path))


FOUR = {
    "r1": ([trial("chat/a", said="1"), trial("chat/b", said="1"), trial("chat/a", "base")], 1),
    "r2": ([trial("chat/a", said="2"), withheld("chat/c"), trial("discovery/models")], 2),
    "r3": ([trial("chat/b", said="3"), trial("chat/a", "base"), trial("discovery/models", said="3")], 3),
    "r4": ([trial("chat/a", said="1"), trial("chat/c", "q"), withheld("chat/b")], 4),
}
groupings = st.recursive(
    st.sampled_from(sorted(FOUR)), lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=10
).filter(lambda tree: isinstance(tree, list))


def leaves(tree):
    return {tree} if isinstance(tree, str) else set().union(*map(leaves, tree))


@given(groupings)
@settings(max_examples=60, deadline=None)
def test_neither_order_nor_grouping_matters(tmp_path_factory, tree):
    folder = tmp_path_factory.mktemp("tree")
    count = iter(range(100))
    files = {}
    for run, (content, day) in FOUR.items():
        files[run] = folder / run
        files[run].write_bytes(b"".join(map(codec.line, lines(run, *content, day=day))))

    def fold(node):
        if isinstance(node, str):
            return files[node]
        return merge(folder / f"m{next(count)}", *map(fold, node), latest=True)

    flat = merge(folder / "flat", *(files[run] for run in sorted(leaves(tree))), latest=True)

    assert fold(tree).read_bytes() == flat.read_bytes()
