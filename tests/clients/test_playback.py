"""From a record to a client's process and back: what is kept, what is said, and what may go wrong."""

import json
import sys
from importlib.resources import files

import jsonschema
import pytest
from build import HELLO as COMPLETION
from build import exchange
from streams import HELLO, delta, event

from conformance.clients import lines
from conformance.clients.model import Client, ClientOutcome, Got, How, Played, brief
from conformance.clients.playback import Player, play
from conformance.errors import HarnessError, RecordError
from conformance.wire.exchange import Trial, TrialKey

OURS = Player(python=sys.executable)
ANSWER = exchange(json.dumps(COMPLETION).encode())
SCHEMA = json.loads(files("conformance.record").joinpath("record.schema.json").read_text("utf-8"))


def trials(*exchanges):
    return [
        Trial(key=TrialKey(case=f"c/{number}", axes=(), provider="p"), exchanges=(one,), captured={})
        for number, one in enumerate(exchanges)
    ]


def fake(tmp_path, text):
    """A folder with an `openai` of our own making."""
    (tmp_path / "openai.py").write_text(text)
    return Player(python=sys.executable, packages=tmp_path)


def test_outcomes_come_in_the_order_of_the_exchanges_however_many():
    client, found = play(trials(*[ANSWER] * 200), OURS)

    assert [each.exchange for each in found] == [f"c/{number}[p]#0/main.1" for number in range(200)]
    assert client.name == "openai"


def test_no_exchanges_are_no_outcomes():
    assert list(play([], OURS)[1]) == []


def test_a_client_of_its_own_folder_sees_no_other_packages(tmp_path):
    player = fake(
        tmp_path,
        "try: import pydantic\n"
        "except ImportError: __version__ = '9.0 alone'\n"
        "class OpenAI:\n    def __init__(self, **_): pass\n",
    )

    assert play([], player)[0] == Client(name="openai", version="9.0 alone")


@pytest.mark.parametrize(
    ("text", "words"),
    [("raise SystemExit('broken on import')", "broken on import"), ("", "does not start")],
)
def test_a_client_that_does_not_start_says_why(tmp_path, text, words):
    with pytest.raises(HarnessError, match=words):
        play([], fake(tmp_path, text))


def test_a_client_that_is_too_old_says_so(tmp_path):
    text = "__version__ = '1.40.0'\nclass OpenAI:\n    def __init__(self, **_): pass\n"
    with pytest.raises(HarnessError, match=r"openai 1\.40\.0 is too old: from 1\.109 on"):
        play([], fake(tmp_path, text))


def test_an_interpreter_that_is_not_there_is_named():
    with pytest.raises(HarnessError, match="cannot start /no/such/python"):
        play([], Player(python="/no/such/python"))


def test_a_client_that_takes_the_process_with_it_leaves_what_came_before(tmp_path):
    player = fake(
        tmp_path,
        "import os, types\n__version__ = '9.0'\nprint('hello')\n"
        "class OpenAIError(Exception): pass\n"
        "class OpenAI:\n"
        "    def __init__(self, **_): self.chat = types.SimpleNamespace(completions=self)\n"
        "    def create(self, extra_headers, **_):\n"
        "        if extra_headers['x-conformance-tape'] == '1': os._exit(3)\n"
        "        return 'text'\n",
    )
    _, found = play(trials(ANSWER, ANSWER), player)

    with pytest.raises(HarnessError, match=r"ended early: hello \(status 3\)"):
        list(found)


def test_a_client_that_says_nothing_for_too_long_is_ended(tmp_path):
    player = fake(tmp_path, "import threading\nthreading.Event().wait()")

    with pytest.raises(HarnessError, match="does not start"):
        play([], player, stalled=0.05)


def test_a_record_that_breaks_on_the_way_is_what_is_raised():
    def broken():
        yield from trials(ANSWER)
        raise RecordError("torn")

    _, found = play(broken(), OURS)

    with pytest.raises(RecordError, match="torn"):
        list(found)


def test_keys_and_proxies_of_ours_are_not_shown_to_a_client(tmp_path, monkeypatch):
    for name in ("HTTP_PROXY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "http://secret.invalid")
    player = fake(
        tmp_path,
        "import os\n__version__ = '9.0' + ''.join(value for value in os.environ.values() if 'secret' in value)\n"
        "class OpenAI:\n    def __init__(self, **_): pass\n",
    )

    assert play([], player)[0].version == "9.0"


OUTCOME = ClientOutcome(
    exchange="c/0[p]#0/main.1",
    how=How.RAISED,
    raised="BadRequestError",
    own=True,
    where="reading",
    words="no",
    told={"code": "bad", "type": None, "param": None},
    got=Got(
        type="ChatCompletion",
        chunks=2,
        choices=({"role": "assistant", "text": "a", "calls": (("f", "{}"),)},),
        usage={"total_tokens": 3},
        items=("m",),
        mistyped=("id: Input should be a valid string",),
    ),
)
BARE = ClientOutcome(exchange="c/1[p]#0/main.1", how=How.EMPTY)
CLIENT = Client(name="openai", version="3.57.0")


def write(record, one):
    with record.open("ab") as file:
        file.writelines(lines.out(one))


def played(*outcomes, reason=""):
    return Played(client=CLIENT, outcomes={each.exchange: each for each in outcomes}, reason=reason)


@pytest.mark.parametrize(
    "one", [played(OUTCOME, BARE), played(reason="no pip"), played(BARE, reason="ended early")]
)
def test_outcomes_are_read_as_they_were_written(tmp_path, one):
    record = tmp_path / "record.jsonl"
    record.write_bytes(b'{"kind":"footer"}\n')
    write(record, one)

    assert lines.read(record) == [one]
    for line in record.read_text().splitlines():
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(line))


def test_what_was_played_again_counts_and_a_torn_last_line_is_left_out(tmp_path):
    record = tmp_path / "record.jsonl"
    write(record, played(OUTCOME))
    write(record, played(ClientOutcome(exchange=OUTCOME.exchange, how=How.PARSED)))
    with record.open("ab") as file:
        file.write(b'{"kind":"client","clie')

    (again,) = lines.read(record)
    assert again.outcomes[OUTCOME.exchange].how is How.PARSED


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind":"client","client":"openai","version":"1","exchange":"x","how":"odd"}\n',
        b'{"kind":"client"}\n',
        b'{"kind":"client",\n',
    ],
)
def test_a_line_that_cannot_be_understood_is_an_error(tmp_path, line):
    record = tmp_path / "record.jsonl"
    record.write_bytes(line)

    with pytest.raises(RecordError, match="kind `client`"):
        lines.read(record)


@pytest.mark.parametrize(
    ("value", "short"),
    [
        (None, None),
        ("a", "a"),
        ("\ud800", "\\ud800"),
        (["a"], 'list ["a"]'),
        (1, "int 1"),
    ],
)
def test_values_are_kept_short(value, short):
    assert brief(value) == short


def test_long_texts_stay_apart_however_long():
    one, other = brief("a" * 5000), brief("a" * 4999 + "b")

    assert one != other
    assert len(one) < 60


def test_a_long_answer_is_compared_by_its_digest():
    words = [delta(role="assistant", content="")] + [delta(content="word ") for _ in range(100)]
    body = [event(one) for one in [*words, HELLO[-1]]] + [b"data: [DONE]\n\n"]
    headers = {"Content-Type": "text/event-stream"}
    asked = {"model": "m", "messages": [], "stream": True}

    (outcome,) = play(trials(exchange(body, headers=headers, asked=asked)), OURS)[1]

    assert outcome.got.chunks == 102
    assert outcome.got.choices[0]["text"] == brief("word " * 100)
