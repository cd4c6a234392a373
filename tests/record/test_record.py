"""The record: exact both ways, safe when torn, clear when broken."""

import base64
import json
import math
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import conformance.record
from conformance.errors import RecordError
from conformance.plan.model import Ask, Cell, Decision, Variant
from conformance.record import codec
from conformance.record.reader import read
from conformance.record.writer import RecordWriter
from conformance.suite.model import Case, Samples
from conformance.wire.exchange import Cut, End, Ended, Exchange, Redaction, Request, Trial, TrialKey
from conformance.wire.piece import Ns, Piece, Stamp

SCHEMA = json.loads(
    (Path(conformance.record.__file__).parent / "record.schema.json").read_text("utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
KEY = TrialKey(case="chat/smallest", axes=(("stream", "true"),), provider="p", sample=3)

times = st.integers(0, 2**63).map(Ns)
texts = st.text()
latin = st.text(st.characters(max_codepoint=255))
pieces = st.lists(
    st.builds(
        Piece,
        at=times,
        data=st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")),
        stamp=st.sampled_from(Stamp),
    ),
    max_size=4,
).map(tuple)
keys = st.builds(
    TrialKey,
    case=texts,
    axes=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    provider=texts,
    arm=texts,
    sample=st.integers(0, 9),
)


digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
cuts = st.none() | st.builds(Cut, size=st.integers(0), sha256=st.just("") | digests)


@st.composite
def exchanges(draw):
    sent = draw(pieces)
    joined = b"".join(piece.data for piece in sent)
    body = draw(st.binary() | st.integers(0, len(joined)).map(lambda start: joined[start:]))
    return Exchange(
        step=draw(texts),
        attempt=draw(st.integers(1, 5)),
        connection=draw(st.integers(0, 99)),
        request=Request(
            method=draw(texts),
            url=draw(texts),
            headers=tuple(draw(st.lists(st.tuples(latin, latin), max_size=2))),
            body=body,
            at=draw(times),
            begun=draw(st.none() | times),
        ),
        sent=sent,
        received=draw(pieces),
        end=End(
            how=draw(st.sampled_from(Ended)), at=draw(times), detail=draw(texts), cut=draw(cuts)
        ),
        decoded=draw(st.booleans()),
        redactions=tuple(
            draw(
                st.lists(
                    st.builds(
                        Redaction,
                        side=st.sampled_from(["sent", "received"]),
                        offset=st.integers(0),
                        length=st.integers(0),
                        key=texts,
                    ),
                    max_size=2,
                )
            )
        ),
    )


def facts(exchange):
    """Everything that is a fact of an exchange, for comparison: exchanges compare by identity."""
    request = exchange.request
    return (
        exchange.step,
        exchange.attempt,
        exchange.connection,
        exchange.sent,
        exchange.received,
        exchange.end,
        exchange.decoded,
        exchange.redactions,
        request.method,
        request.url,
        request.headers,
        request.body,
        request.at,
        request.begun,
    )


def simple(step="main", body=b'{"model": "m"}', received=(b"HTTP/1.1 200 OK\r\n\r\n",)):
    head = b"POST /v1/chat/completions HTTP/1.1\r\n\r\n"
    return Exchange(
        step=step,
        attempt=1,
        connection=1,
        request=Request(
            method="POST",
            url="http://h/v1/chat/completions",
            headers=(("Host", "h"),),
            body=body,
            at=Ns(5),
        ),
        sent=(Piece(at=Ns(6), data=head), Piece(at=Ns(7), data=body)),
        received=tuple(Piece(at=Ns(10 + n), data=data) for n, data in enumerate(received)),
        end=End(how=Ended.COMPLETE, at=Ns(20)),
    )


def cell():
    case = Case(
        id="chat/smallest",
        title="",
        about="",
        clauses=(),
        needs=(),
        axes={"stream": (True,)},
        samples=Samples(least=1, most=1),
        rate=None,
        observe={},
        steps=(),
        varies=(),
        alone=False,
        destructive=False,
        retry=True,
        timeout=None,
        where="",
    )
    return Cell(variant=Variant(case=case, axes={"stream": True}), providers=("p",))


def trial(sample=0, exchanges=(), captured=None, error=""):
    key = TrialKey(case="chat/smallest", axes=(("stream", "true"),), provider="p", sample=sample)
    return Trial(key=key, exchanges=tuple(exchanges), captured=captured or {}, error=error)


def write(path, *trials, footer=True):
    with RecordWriter.create(path, {"run": "r1"}) as writer:
        for each in trials:
            for exchange in each.exchanges:
                writer.exchange(each.key, exchange)
            writer.trial(each)
        if footer:
            writer.footer({"complete": True})


@given(keys, exchanges())
def test_an_exchange_comes_back_exactly(key, exchange):
    line = codec.line(codec.exchange_out(key, exchange))
    data = json.loads(line)

    assert facts(codec.exchange_in(data)) == facts(exchange)
    assert codec.key_in(data) == key
    assert line.count(b"\n") == 1
    VALIDATOR.validate(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(keys, st.dictionaries(st.text(), json_values, max_size=3), st.text())
def test_a_trial_comes_back_exactly_whatever_an_endpoint_said(key, captured, error):
    line = codec.line(codec.trial_out(Trial(key=key, exchanges=(), captured=captured, error=error)))
    data = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    back = codec.trial_in(data, [])

    assert (back.key, back.error) == (key, error)
    assert repr(back.captured) == repr(captured)  # repr: NaN is not equal to itself
    VALIDATOR.validate(data)


def test_a_lone_surrogate_that_an_endpoint_sent_is_kept():
    data = json.loads(codec.line(codec.trial_out(trial(captured={"a.b": "\ud800"}))))

    assert codec.trial_in(data, []).captured == {"a.b": "\ud800"}


def test_not_a_number_is_kept_without_breaking_strict_readers():
    data = json.loads(codec.line(codec.trial_out(trial(captured={"a.b": math.nan}))))

    assert math.isnan(codec.trial_in(data, []).captured["a.b"])


@pytest.mark.parametrize(
    ("body", "written"),
    [(b"", ""), (b'{"model": "m"}', {"sent": 14}), (b"\xff", {"sent": 1})],
)
def test_a_request_body_is_kept_once(body, written):
    assert codec.exchange_out(KEY, simple(body=body))["request"]["body"] == written


def test_a_request_that_was_never_sent_keeps_its_body():
    exchange = simple(body=b"\xffx")
    unsent = Exchange(
        step="main",
        attempt=1,
        request=exchange.request,
        sent=(),
        received=(),
        end=End(how=Ended.UNREACHABLE, at=Ns(1)),
    )

    data = codec.exchange_out(KEY, unsent)

    assert data["request"]["body"] == {"base64": base64.b64encode(b"\xffx").decode()}
    assert facts(codec.exchange_in(json.loads(codec.line(data)))) == facts(unsent)


def test_a_written_record_reads_back_and_every_line_is_valid(tmp_path):
    path = tmp_path / "record.jsonl"
    first, second = (
        trial(0, [simple("a"), simple("b")], {"a.id": "x"}),
        trial(1, [simple("a")], error="we failed"),
    )
    with RecordWriter.create(path, {"run": "r1", "plan": {"cells": []}}) as writer:
        writer.provider("p", {"model": "m"})
        writer.decision(
            cell(),
            Decision(
                state=None,
                asks=(Ask(variant=cell().variant, provider="p"),),
                rule="1 to begin with",
            ),
        )
        writer.exchange(first.key, first.exchanges[0])
        writer.exchange(second.key, second.exchanges[0])  # lines of trials interleave
        writer.exchange(first.key, first.exchanges[1])
        writer.trial(first)
        writer.trial(second)
        writer.provider("p", {"server": "s"})
        writer.footer({"complete": True})

    recording = read(path)
    trials = list(recording.trials())

    assert recording.header["run"] == "r1"
    assert [(each.key, each.captured, each.error) for each in trials] == [
        (each.key, each.captured, each.error) for each in (first, second)
    ]
    assert [[facts(one) for one in each.exchanges] for each in trials] == [
        [facts(one) for one in each.exchanges] for each in (first, second)
    ]
    assert recording.providers == {"p": {"model": "m", "server": "s"}}
    assert [(each["cell"], each["rule"], len(each["asks"])) for each in recording.decisions] == [
        ("chat/smallest[stream-true]", "1 to begin with", 1)
    ]
    assert recording.footer == {"complete": True}
    assert not recording.truncated
    for line in path.read_bytes().splitlines():
        VALIDATOR.validate(json.loads(line))


def test_lines_are_on_disk_as_soon_as_they_are_written(tmp_path):
    path = tmp_path / "record.jsonl"
    one = trial(0, [simple()])
    with RecordWriter.create(path, {}) as writer:
        writer.exchange(one.key, one.exchanges[0])
        writer.trial(one)

        assert [each.key for each in read(path).trials()] == [one.key]


def test_a_trial_is_given_before_the_rest_is_read(tmp_path):
    path = tmp_path / "record.jsonl"
    write(path, trial(0, [simple()]), trial(1, [simple()]), footer=False)
    path.write_bytes(path.read_bytes() + b"broken\n{}\n")
    found = read(path).trials()

    assert [next(found).key.sample, next(found).key.sample] == [0, 1]
    with pytest.raises(RecordError, match=r"record\.jsonl:6: this line of the record is broken"):
        next(found)


@pytest.mark.parametrize("lost", [1, 2, 9, 40])
def test_a_torn_last_line_is_tolerated_and_reported(tmp_path, lost):
    path = tmp_path / "record.jsonl"
    write(path, trial(0, [simple()]), trial(1, [simple()]), footer=False)
    whole = path.read_bytes()
    path.write_bytes(whole[: -lost - 1])
    recording = read(path)

    assert [each.key.sample for each in recording.trials()] == [0]
    assert recording.truncated
    assert recording.footer is None


def test_a_record_without_line_feed_at_its_end_is_whole(tmp_path):
    path = tmp_path / "record.jsonl"
    write(path, trial(0, [simple()]))
    path.write_bytes(path.read_bytes()[:-1])

    assert (read(path).truncated, read(path).footer) == (False, {"complete": True})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "Expecting value"),
        (b"[1]", "not a JSON object"),
        (b'{"kind":"trial"}', "no member 'case'"),
        (
            b'{"kind":"exchange","case":"c","axes":[],"provider":"p","arm":"plain","sample":0}',
            "no member 'request'",
        ),
        (
            b'{"kind":"trial","case":"c","axes":[],"provider":"p","arm":"plain","sample":0,"captured":{},"error":"","exchanges":2}',
            "has 2 exchanges, found 0",
        ),
        (
            b'{"kind":"trial","case":[],"axes":1,"provider":"p","arm":"plain","sample":0}',
            "not iterable",
        ),
        (b"\xff\xfe", "codec"),
    ],
)
def test_any_other_broken_line_is_named(tmp_path, line, reason):
    path = tmp_path / "record.jsonl"
    write(path, trial(0, [simple()]))
    head, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([head, line + b"\n", *rest]))

    with pytest.raises(RecordError, match=r"record\.jsonl:2: ") as caught:
        list(read(path).trials())
    assert reason in str(caught.value)


def test_a_broken_decision_is_named_too(tmp_path):
    path = tmp_path / "record.jsonl"
    write(path)
    head, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([head, b'{"kind":"decision"}\n', *rest]))

    with pytest.raises(RecordError, match=r"record\.jsonl:2: .*no member 'cell'"):
        _ = read(path).decisions


def test_unknown_kinds_and_members_are_left_for_later_readers(tmp_path):
    path = tmp_path / "record.jsonl"
    write(path, trial(0, [simple()]))
    head, exchange, *rest = path.read_bytes().splitlines(keepends=True)
    exchange = exchange.replace(b'"attempt":1', b'"attempt":1,"mood":"good"')
    path.write_bytes(b"".join([head, b'{"kind":"latency","x":1}\n', exchange, *rest]))

    assert [each.key.sample for each in read(path).trials()] == [0]
    assert read(path).footer == {"complete": True}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such record"),
        (b"", "it is empty"),
        (b"hello\n", "its first line is no header"),
        (b'{"kind":"trial"}\n', "its first line is no header"),
        (b'{"kind":"header","record":"1"}\n', "its first line is no header"),
        (b'{"kind":"header","record":2}\n', "of version 2.*up to 1: update"),
    ],
)
def test_what_is_no_record_of_ours_is_refused(tmp_path, content, reason):
    path = tmp_path / "record.jsonl"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(RecordError, match=reason):
        read(path)


def test_a_folder_is_no_record(tmp_path):
    with pytest.raises(RecordError, match="cannot read"):
        read(tmp_path)


def test_a_record_is_never_overwritten(tmp_path):
    path = tmp_path / "record.jsonl"
    write(path)
    before = path.read_bytes()

    with pytest.raises(RecordError, match="exists already"):
        RecordWriter.create(path, {})
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(RecordError, match="cannot write"):
        RecordWriter.create(tmp_path / "none" / "record.jsonl", {})


def test_a_header_that_is_no_json_is_our_mistake(tmp_path):
    with pytest.raises(TypeError):
        RecordWriter.create(tmp_path / "record.jsonl", {"x": {1, 2}})


def test_a_full_disk_is_said_and_the_record_stays_readable(tmp_path):
    """In a process of its own, whose files may not grow beyond a limit."""
    code = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_record import RecordError, RecordWriter, simple, trial
sys.dont_write_bytecode = True  # it would be cut, and kept
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
writer = RecordWriter.create(Path(sys.argv[2]), {})
try:
    for sample in range(100):
        one = trial(sample, [simple()])
        writer.exchange(one.key, one.exchanges[0])
        writer.trial(one)
except RecordError as error:
    print(error)
try:
    writer.close()
except RecordError as error:
    print(error)
"""
    path = tmp_path / "record.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines() == [f"cannot write {path}: File too large"] * 2
    kept = [each.key.sample for each in read(path).trials()]
    assert kept == list(range(len(kept)))
    assert 0 < len(kept) < 100
    assert read(path).truncated
