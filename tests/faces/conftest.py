"""Runs of pytest with the plugin, against the reference server with or without faults."""

import pytest

from conformance.reference.serve import ServeOptions, load_faults
from conformance.reference.testing import running

load_faults()  # now, because pytester forgets what is imported during a test

QUICKER = ("-p", "no:hypothesispytest", "--no-clients")
"""Nothing that these tests look at, and a second of each run."""
SUITE = """
conformance: 1
title: A few cases
needs: [chat]
request:
  path: /chat/completions
  body:
    model: {$var: provider.model}
    temperature: 0
    max_tokens: 16
    messages: [{role: user, content: "Say OK."}]
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
  - id: weak
    title: A model that says what we want
    clauses: [CREQ-004]
    assume: [{text: {contains: "never in this world"}}]
    expect: [{status: 200}]
  - id: should-only
    title: An unknown model has a param
    clauses: [ERR-005]
    request: {body: {model: no-such-model}}
    expect: [{value: {at: $.error.param, is_a: string}}]
"""


@pytest.fixture
def endpoint():
    """A function that starts reference servers and gives the options to ask them."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda *faults, **more: stack.enter_context(
            running(ServeOptions(port=0, faults=tuple(faults), **more))
        )


@pytest.fixture
def run(pytester):
    """Run pytest on a small suite file of the user's, in a folder of their own."""
    pytester.makefile(".yaml", mine=SUITE)

    def go(*arguments, suite="mine.yaml"):
        given = [suite] if suite else []
        return pytester.runpytest_subprocess(*QUICKER, *given, *map(str, arguments))

    return go
