from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from asking import body, chat, said

from conformance.errors import UsageError
from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running

RUN = "import sys; from conformance.reference.serve import *; sys.exit(run(ServeOptions({})))"


def started(options: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN.format(options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_stops_cleanly(number: signal.Signals) -> None:
    with started("model='my-model'") as process:
        ready, base_url, model = process.stdout.readline().split()
        assert (ready, model) == ("ready", "model=my-model")
        with httpx.Client(base_url=base_url) as client:
            assert said(client, model="my-model") == "OK"
            process.send_signal(number)
            rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_what_cannot_be_served_is_said_with_status_4(base_url: str) -> None:
    taken = int(base_url.split(":")[2].split("/", maxsplit=1)[0])
    for options, word in (
        (f"port={taken}", "address"),
        ("faults=('stop-ignore',)", "did you mean"),
    ):
        with started(options) as process:
            _, errors = process.communicate(timeout=20)
        assert process.returncode == 4
        assert errors.startswith("cannot serve: ")
        assert word in errors.lower()


WRONG = [
    ({"faults": ("nothing",)}, "no fault is called 'nothing'"),
    ({"faults": ("n-ignored@2",)}, "from 0 to 1"),
    ({"faults": ("n-ignored@x",)}, "from 0 to 1"),
    ({"per_token": -1}, "per_token must not be negative"),
    ({"slow_share": 1.5}, "slow_share must be from 0 to 1"),
    ({"port": 70000}, "port must be from 0"),
    ({"model": ""}, "model must not be empty"),
    ({"plugins": ("no_such_module",)}, "no_such_module"),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_wrong_options_are_explained(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message), running(ServeOptions(**options)):
        pass


def test_serving_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; import conformance.reference.serve as s; s.load_faults()\n"
        "import conformance; here = set(sys.stdlib_module_names) | {'conformance'}\n"
        "print([m for m in sys.modules if m != '_distutils_hack' and m.partition('.')[0] not in here and 'site-packages' in "
        "str(getattr(sys.modules[m], '__file__', ''))])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def lines(path: Path, event: str) -> list[dict[str, object]]:
    read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [each for each in read if each["event"] == event]


def test_the_log_counts_every_request_and_tells_its_planned_latency(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    options = ServeOptions(log=log, first_token=0.02, per_token=0.001)
    with running(options) as url, httpx.Client(base_url=url) as client:
        tokens = chat(client, "Count from 1 to 5.")["usage"]["completion_tokens"]
        client.post("/chat/completions", json=body("Count from 1 to 5.", stream=True))
        client.post("/chat/completions", content=b"{")
        client.get("/models", headers={"x-conformance-nonce": "n1"})
    begun = lines(log, "start")
    assert [each["status"] for each in begun] == [200, 200, 400, 200]
    assert [each["number"] for each in begun] == [1, 2, 3, 4]
    assert begun[3]["nonce"] == "n1"
    assert [each["planned_seconds"] for each in begun] == pytest.approx(
        [0.02 + 0.001 * tokens] * 2 + [0, 0]
    )
    assert [each["how"] for each in lines(log, "end")] == ["complete"] * 4
    assert {each["in_flight"] for each in begun} == {1}


def test_a_seeded_share_of_requests_is_slower_by_a_factor(tmp_path: Path) -> None:
    planned = []
    for run in range(2):
        log = tmp_path / f"{run}.jsonl"
        options = ServeOptions(
            log=log, first_token=0.001, per_token=0, slow_share=0.3, slow_factor=3, seed=5
        )
        with running(options) as url, httpx.Client(base_url=url) as client:
            for _ in range(60):
                chat(client)
        planned.append([each["planned_seconds"] for each in lines(log, "start")])
    assert planned[0] == planned[1]
    assert set(planned[0]) == {0.001, 0.003}
    assert 8 <= planned[0].count(0.003) <= 28


def test_a_stream_that_the_client_leaves_is_logged_as_broken(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with running(ServeOptions(log=log, per_token=0.005)) as url:
        with httpx.Client(base_url=url) as client:
            asked = body("Write a very long story.", stream=True)
            with client.stream("POST", "/chat/completions", json=asked) as response:
                next(response.iter_lines())
        with httpx.Client(base_url=url) as client:
            for _ in range(2000):  # each round trip gives the server time to notice
                client.get("/models")
                if any(each["number"] == 1 for each in lines(log, "end")):
                    break
    assert [each["how"] for each in lines(log, "end") if each["number"] == 1] == ["broken"]
