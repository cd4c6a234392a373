"""Keys come from the environment or a program, and show nowhere."""

import copy
import json
import pickle
import sys
import traceback

import pytest

from conformance.errors import SecretError
from conformance.providers.model import Auth, Provider, Tls
from conformance.providers.references import expand
from conformance.providers.secrets import Secret, print_token, resolve

KEY = "hunter2-hunter2"


def provider(**values):
    return Provider(**{"name": "p", "base_url": "http://h", "where": "providers.toml:7", **values})


def command(source, *arguments):
    return provider(auth=Auth(kind="command", command=(sys.executable, "-c", source, *arguments)))


@pytest.mark.parametrize(
    ("auth", "headers", "query"),
    [
        (Auth(kind="bearer", key="${K}"), (("Authorization", f"Bearer {KEY}"),), ()),
        (Auth(kind="header", name="api-key", key="${K}"), (("api-key", KEY),), ()),
        (Auth(kind="query", name="key", key="${K}"), (), (("key", KEY),)),
        (Auth(kind="bearer", key="${K:-EMPTY}"), (("Authorization", f"Bearer {KEY}"),), ()),
    ],
)
def test_the_key_goes_where_the_endpoint_wants_it(auth, headers, query):
    found = resolve(provider(auth=auth), {"K": KEY})

    assert (found.headers, found.query) == (headers, query)
    assert found.secrets == {"K": KEY}


def test_nothing_is_sent_where_nothing_is_wanted():
    found = resolve(provider(), {})

    assert (found.headers, found.query, dict(found.secrets)) == ((), (), {})


def test_headers_and_query_follow_their_references_and_their_values_are_secrets():
    one = provider(
        headers={"X-Org": "org-${ORG}", "X-Plain": "a"}, query={"api-version": "${V:-v1}"}
    )
    found = resolve(one, {"ORG": "mine"})

    assert found.headers == (("X-Org", "org-mine"), ("X-Plain", "a"))
    assert found.query == (("api-version", "v1"),)
    assert found.secrets == {"ORG": "mine"}


@pytest.mark.parametrize("environ", [{}, {"K": ""}, {"K": "EMPTY"}])
def test_a_default_is_no_secret_because_the_file_says_it(environ):
    found = resolve(provider(auth=Auth(kind="bearer", key="${K:-EMPTY}")), environ)

    assert found.headers == (("Authorization", "Bearer EMPTY"),)
    assert dict(found.secrets) == {}


@pytest.mark.parametrize(
    ("values", "environ", "message"),
    [
        ({"auth": Auth(kind="bearer", key="${K}")}, {}, "variable K is not set (auth.key)"),
        ({"auth": Auth(kind="bearer", key="${K}")}, {"K": ""}, "variable K is empty (auth.key)"),
        ({"headers": {"X": "${K}"}}, {}, "variable K is not set (headers.X)"),
        ({"base_url": "${URL}"}, {}, "variable URL is not set (base_url, model or tls)"),
        ({"model": "${M}"}, {}, "variable M is not set"),
        ({"tls": Tls(client_key="/none/such.pem")}, {}, "tls.client_key names no file: /none/such.pem"),
        ({"auth": Auth(kind="bearer", key="${K}")}, {"K": KEY + "\n"}, "begins or ends with white space"),
        ({"auth": Auth(kind="bearer", key="${K}")}, {"K": f"{KEY}\r\nX: y"}, "a character that a header cannot carry"),
        ({"auth": Auth(kind="bearer", key="${K}")}, {"K": KEY + "ü"}, "a character that a header cannot carry"),
        ({"auth": Auth(kind="command", command=("token-program-that-is-not", "a"))}, {}, "no program 'token-program-that-is-not'"),
        ({"auth": Auth(kind="command", command=("a", "${K}"))}, {}, "variable K is not set (auth.command)"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_with_provider_and_place(values, environ, message):
    with pytest.raises(SecretError) as caught:
        resolve(provider(**values), environ)

    assert "providers.toml:7: provider p: " in str(caught.value)
    assert message in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_program_prints_the_token_once_per_process(tmp_path):
    ran = tmp_path / "ran"
    one = command(f"open({str(ran)!r}, 'a').write('x'); print({KEY!r})")

    for _ in range(2):
        found = resolve(one, {})

    assert found.headers == (("Authorization", f"Bearer {KEY}"),)
    assert found.secrets == {"command:p": KEY}
    assert ran.read_text() == "x"


def test_a_program_gets_its_references_followed_and_no_shell():
    found = resolve(
        command("import sys; print('-'.join(sys.argv[1:]))", "${A}", "$HOME;ls"), {"A": KEY}
    )

    assert found.headers == (("Authorization", f"Bearer {KEY}-$HOME;ls"),)
    assert found.secrets == {"A": KEY, "command:p": f"{KEY}-$HOME;ls"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (f"import sys; print({KEY!r}); print('log in first\\x1b[2J', file=sys.stderr); sys.exit(3)", "ended with status 3"),
        ("", "printed nothing"),
        (f"print({KEY!r}); print('and more')", "more than one line"),
        (f"print({KEY!r} + chr(7) + 'a')", "a character that a header cannot carry"),
    ],
)  # fmt: skip
def test_a_program_that_gives_no_token_is_told_and_its_output_not_shown(source, message):
    with pytest.raises(SecretError) as caught:
        resolve(command(source), {})

    said = "".join(traceback.format_exception(caught.value))
    assert message in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert KEY not in str(caught.value)
    assert KEY not in said.replace(source, "")


def test_the_standard_error_of_a_failed_program_is_shown():
    with pytest.raises(SecretError, match="log in first"):
        resolve(command("import sys; sys.exit('log in first')"), {})


def test_a_failed_program_is_asked_again():
    print_token.cache_clear()
    answers = iter([SecretError("no"), KEY])

    def run(_):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    one = provider(auth=Auth(kind="command", command=("t",)))
    with pytest.raises(SecretError, match=r"auth\.command no"):
        resolve(one, {}, run)
    assert resolve(one, {}, run).headers == (("Authorization", f"Bearer {KEY}"),)


def test_keys_show_in_no_repr_and_no_text():
    one = provider(auth=Auth(kind="bearer", key="${K}"), headers={"X": "${K}"}, query={"q": "${K}"})
    found = resolve(one, {"K": KEY})
    secret = Secret("K", KEY)
    shown = [
        repr(found),
        str(found),
        f"{found}",
        repr(secret),
        str(secret),
        f"{secret:>40}",
        f"{secret!r}",
    ]

    assert [text for text in shown if KEY in text] == []
    assert KEY not in repr(expand("${K}", {"K": KEY}))
    assert "'X'" in repr(found)


@pytest.mark.parametrize("leave", [pickle.dumps, copy.deepcopy, copy.copy, json.dumps])
def test_keys_do_not_leave_the_process(leave):
    found = resolve(provider(auth=Auth(kind="bearer", key="${K}")), {"K": KEY})

    with pytest.raises(TypeError):
        leave(found.held[0])
    if leave in {pickle.dumps, copy.deepcopy}:
        with pytest.raises(TypeError):
            leave(found)
