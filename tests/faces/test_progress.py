"""Progress is seen where somebody looks, is gone when pytest goes on, and never stands in a log."""

import io
import os
import pty
import subprocess
import sys

import pytest

from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running
from conformance.runs.progress import Below, Meter, left


def meter(**changes):
    values = {
        "provider": "p",
        "cells": 20,
        "done": 5,
        "requests": 10,
        "expected": 40,
        "tokens": 700,
        "cost": None,
    }
    return Meter(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "seconds", "words"),
    [
        ({}, 20, "about 1:00 left"),
        ({"requests": 4}, 20, ""),
        ({"requests": 40}, 20, ""),
        ({"requests": 50}, 20, ""),
        ({"requests": 39}, 390, "about 0:10 left"),
    ],
)  # fmt: skip
def test_the_time_left_is_guessed_from_requests_once_there_are_some(changes, seconds, words):
    assert left(meter(**changes), seconds) == words


def test_what_is_shown_below_is_taken_away_and_the_cursor_comes_back():
    file = io.StringIO()
    below = Below(file, 100, color=False)

    below.show([meter(), meter(provider="q", cost=0.5)], 3.0, 17)
    shown = file.getvalue()
    below.clear(17)
    gone = file.getvalue()[len(shown) :]

    assert "5/20 cases" in shown
    assert "0.5000 USD" in shown
    assert shown.endswith("\033[2A\r\033[17C")
    assert gone == "\n\033[2K\n\033[2K\033[2A\r\033[17C"
    assert below.shown == 0


def on_terminal(folder, url, *more, module="pytest", **environ):
    """What a terminal is sent."""
    command = [sys.executable, "-m", module, *more]
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command, cwd=folder, stdin=slave, stdout=slave, stderr=slave,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environ},
    )  # fmt: skip
    os.close(slave)
    heard = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        heard += piece
    process.wait()
    os.close(master)
    return heard.decode()


def options(url):
    return [
        f"--endpoint={url}",
        "--endpoint-model=reference-1",
        "-p",
        "no:randomly",
        "suites/streaming.yaml",
        "-k",
        "event-stream",
    ]


@pytest.fixture(scope="module")
def slow():
    with running(ServeOptions(port=0, first_token=0.6, per_token=0.02)) as url:
        yield url


def test_pytest_shows_it_on_a_terminal(tmp_path, slow):
    text = on_terminal(tmp_path, slow, *options(slow))

    assert "cases" in text.split("report:")[0]
    assert "requests" in text
    assert "\033[2K" in text


@pytest.mark.parametrize("more", [["-q"], ["-v"], ["-n", "2"]])
def test_quiet_verbose_and_shared_runs_show_none(tmp_path, slow, more):
    assert "\033[2K" not in on_terminal(tmp_path, slow, *options(slow), *more).replace(
        "\r\033[2K", ""
    )


def test_no_color_means_no_color(tmp_path, slow):
    text = on_terminal(tmp_path, slow, *options(slow), NO_COLOR="1")

    assert "\033[2K" in text
    assert "\033[9" not in text
    assert "\033[3" not in text


def test_a_log_is_sent_none(tmp_path, slow):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options(slow)], cwd=tmp_path, capture_output=True, text=True, check=False
    )  # fmt: skip

    assert "\033" not in done.stdout


def test_the_command_shows_it_too_and_is_quiet_when_told(tmp_path, slow):
    given = [
        "run",
        f"--endpoint={slow}",
        "--endpoint-model=reference-1",
        "--case=streaming/event-stream",
    ]

    shown = on_terminal(tmp_path, slow, *given, module="conformance")
    quiet = on_terminal(tmp_path, slow, *given, "--quiet", module="conformance")

    assert "cases" in shown.split("cases:")[0]
    assert "cases" not in quiet.split("cases:")[0]
