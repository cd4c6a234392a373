"""An optional endpoint is asked for once; where it is not there, its cases are not asked."""

from dataclasses import replace

import pytest
from running import captured, case, step
from scripted import answer, quick


def cases(number, need="embeddings"):
    asked = step(path=f"/{need}", body={"model": "m", "input": "x"})
    return [
        replace(case(f"vectors/{each}", asked, retry=False), needs=(need,))
        for each in range(number)
    ]


def answering(status):
    """The same answer to everything."""
    return lambda *_: [answer(b"{}", status=f"{status} X")]


def told(sink):
    return [each for each in sink.trials if each.key.case.startswith("vectors/")]


@pytest.mark.parametrize(
    ("need", "status"),
    [
        ("embeddings", 404), ("embeddings", 405), ("embeddings", 501), ("embeddings", 400),
        ("completions", 404), ("responses", 501),
    ],
)  # fmt: skip
def test_what_is_not_there_is_asked_for_once(need, status):
    sink, server = captured(answering(status), *cases(6, need), limits=quick(concurrency=4))

    assert len(server.requests) == 1
    assert sink.trials[0].key.case == f"offered/{need}"
    assert {each.withheld for each in told(sink)} == {
        f"p does not offer {need}: {status} for POST /{need}"
    }


@pytest.mark.parametrize(
    ("need", "status"), [("embeddings", 200), ("embeddings", 500), ("completions", 400)]
)
def test_any_other_answer_is_followed_by_the_cases(need, status):
    sink, server = captured(answering(status), *cases(6, need))

    assert len(server.requests) == 7
    assert {each.withheld for each in told(sink)} == {""}


def test_a_page_of_the_web_server_says_nothing_of_vectors():
    """Whoever leaves a body unread takes the next request on that connection for rubbish."""
    page = [answer(b"<html>Bad request syntax</html>", status="400 Bad request syntax")]
    sink, server = captured(lambda *_: page, *cases(3))

    assert len(server.requests) == 4
    assert {each.withheld for each in told(sink)} == {""}


def test_a_later_refusal_is_an_answer_to_that_request():
    def script(request, _):
        return [answer(b"{}", status="200 OK" if b"Say OK." in request else "404 X")]

    sink, server = captured(script, *cases(3))

    assert len(server.requests) == 4
    assert {each.withheld for each in told(sink)} == {""}


def test_what_is_declared_is_not_asked_for():
    sink, server = captured(answering(404), *cases(3), capabilities={"embeddings": True})

    assert len(server.requests) == 3
    assert {each.withheld for each in told(sink)} == {""}


def test_the_question_names_the_model_of_its_kind():
    _, server = captured(answering(404), *cases(1), models={"embeddings": "vectors-1"})

    assert b'"vectors-1"' in server.requests[0]


def test_cases_of_chat_are_asked_nothing_before():
    _, server = captured(answering(404), case(retry=False))

    assert len(server.requests) == 1
