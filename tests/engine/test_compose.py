"""Requests exactly as they are sent: address, headers, key, body."""

import pytest
from scripted import BOUNDS, provider

from conformance.engine.address import address
from conformance.engine.compose import Composer
from conformance.engine.directives import Scene
from conformance.errors import HarnessError, UsageError
from conformance.providers.model import Auth
from conformance.providers.secrets import resolve
from conformance.suite.model import RequestTemplate

FRAGMENTS = {"on": {"x": {"think": True}}, "off": {"x": {"think": False}, "y": 1}}


def composed(auth=None, base="https://api.example.com/v1", arm="plain", query=None, **request):
    auth = auth or Auth(kind="bearer", key="${KEY}")
    one = provider(base, auth=auth, query=query or {}, fragments=FRAGMENTS)
    template = RequestTemplate(
        **{
            "method": "POST",
            "path": "/chat/completions",
            "headers": {},
            "body": {"a": 1},
            "raw": None,
            "fragments": (),
            "hang_up_after": None,
            **request,
        }
    )
    scene = Scene(provider=one, axes={"word": "caf\xe9"}, nonce="n", folder=None)
    composer = Composer(credentials=resolve(one, {"KEY": "goodkey"}))
    return composer.request(template, scene, arm=arm, bounds=BOUNDS)


def header(outgoing, name):
    return [value for key, value in outgoing.headers if key.lower() == name.lower()]


HEADER = Auth(kind="header", name="api-key", key="${KEY}")
QUERY = Auth(kind="query", name="key", key="${KEY}")
OMIT = {"$omit": True}


@pytest.mark.parametrize(
    ("auth", "suite", "headers", "query"),
    [
        (None, {}, {"authorization": ["Bearer goodkey"]}, ""),
        (None, {"authorization": OMIT}, {"authorization": []}, ""),
        (None, {"Authorization": "Bearer wrong"}, {"authorization": ["Bearer wrong"]}, ""),
        (HEADER, {}, {"api-key": ["goodkey"], "authorization": []}, ""),
        (HEADER, {"Authorization": OMIT}, {"api-key": [], "authorization": []}, ""),
        (
            HEADER,
            {"Authorization": "Bearer wrong"},
            {"api-key": ["wrong"], "authorization": []},
            "",
        ),
        (QUERY, {}, {"authorization": []}, "?v=1&key=goodkey"),
        (QUERY, {"Authorization": OMIT}, {"authorization": []}, "?v=1"),
        (QUERY, {"Authorization": "Bearer wrong"}, {"authorization": []}, "?v=1&key=wrong"),
        (Auth(), {"Authorization": "Bearer x"}, {"authorization": ["Bearer x"]}, ""),
        (None, {"Authorization": {"$key": "bearer"}}, {"authorization": ["bearer goodkey"]}, ""),
        (
            HEADER,
            {"Authorization": {"$key": "bearer"}},
            {"api-key": [], "authorization": ["bearer goodkey"]},
            "",
        ),
        (
            QUERY,
            {"Authorization": {"$key": "bearer"}},
            {"authorization": ["bearer goodkey"]},
            "?v=1",
        ),
        (Auth(), {"Authorization": {"$key": "bearer"}}, {"authorization": ["bearer none"]}, ""),
    ],
    ids=str,
)
def test_a_suite_speaks_of_authorization_wherever_the_key_goes(auth, suite, headers, query):
    outgoing = composed(auth, headers=suite, query={"v": "1"} if query else None)

    assert {name: header(outgoing, name) for name in headers} == headers
    assert outgoing.address.target.decode() == "/v1/chat/completions" + query


@pytest.mark.parametrize(
    ("suite", "name", "values"),
    [
        ({}, "content-type", ["application/json"]),
        ({"CONTENT-TYPE": "text/plain"}, "content-type", ["text/plain"]),
        ({"Content-Type": OMIT}, "content-type", []),
        ({"X-Trace": {"$var": "trial.nonce"}}, "x-trace", ["n"]),
        ({"X-Size": {"$var": "axis.word"}}, "x-size", ["caf\xe9"]),
        ({"Transfer-Encoding": "chunked"}, "content-length", []),
    ],
    ids=str,
)
def test_suites_change_the_usual_headers(suite, name, values):
    assert header(composed(headers=suite), name) == values


def test_a_line_end_in_a_header_is_refused():
    with pytest.raises(HarnessError, match="header X-Bad holds a line end"):
        composed(headers={"X-Bad": "a\r\nHost: other"})


@pytest.mark.parametrize(
    ("request_", "body", "length"),
    [
        ({}, b'{"a":1}', ["7"]),
        ({"raw": '{"a": '}, b'{"a": ', ["6"]),
        ({"raw": ""}, b"", ["0"]),
        ({"raw": "\u00ff", "encoding": "latin-1"}, b"\xff", ["1"]),
        ({"body": None}, b"", ["0"]),
        ({"method": "GET", "body": None}, b"", []),
        ({"fragments": ("on",)}, b'{"a":1}', ["7"]),
        ({"fragments": ("on",), "arm": "adapted"}, b'{"a":1,"x":{"think":true}}', ["26"]),
        ({"words": ("off",)}, b'{"a":1,"x":{"think":false},"y":1}', ["33"]),
        ({"words": ("off",), "arm": "adapted"}, b'{"a":1,"x":{"think":false},"y":1}', ["33"]),
    ],
    ids=str,
)
def test_the_body_is_the_suites_and_its_length_is_said(request_, body, length):
    outgoing = composed(**request_)

    assert (outgoing.body, header(outgoing, "content-length")) == (body, length)


@pytest.mark.parametrize(
    ("base", "path", "url", "authority"),
    [
        ("http://h:80/v1", "/models", "http://h/v1/models", "h"),
        ("https://h:8443/v1/", "/models", "https://h:8443/v1/models", "h:8443"),
        ("http://[::1]:8000/v1", "/models", "http://[::1]:8000/v1/models", "[::1]:8000"),
        (
            "http://bücher.example/v1",
            "/m",
            "http://xn--bcher-kva.example/v1/m",
            "xn--bcher-kva.example",
        ),
        ("http://h/v1?api-version=1", "/m?x=2", "http://h/v1/m?api-version=1&x=2", "h"),
        ("http://h/v1", "/models/org%2Fname", "http://h/v1/models/org%2Fname", "h"),
        ("http://h/v1", "/models/ä b#c", "http://h/v1/models/%C3%A4%20b%23c", "h"),
        ("http://h", "", "http://h/", "h"),
    ],
)
def test_an_address_is_the_base_url_and_the_path(base, path, url, authority):
    made = address(base, path)

    assert (made.url, made.authority) == (url, authority)
    assert made.url.endswith(made.target.decode())


@pytest.mark.parametrize(
    "base", ["h/v1", "ftp://h/v1", "http:///v1", "http://h:port/v1", "http://[::1/v1"]
)
def test_what_is_no_base_url_is_refused(base):
    with pytest.raises(UsageError, match="base_url"):
        address(base, "/models")
