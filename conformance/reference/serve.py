"""Start the reference server, say where it listens, stop it when told to."""

from __future__ import annotations

import asyncio
import importlib
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import UsageError
from conformance.reference import faults
from conformance.reference.app import App, Settings
from conformance.reference.dress import Pace
from conformance.reference.fault import FAULTS, switched_on
from conformance.reference.field import shown_by
from conformance.reference.http import Server
from conformance.reference.log import Log
from conformance.reference.model.think import THINKER
from conformance.reference.personas import load_persona
from conformance.reference.rehearse import rehearse
from conformance.registry import import_all

_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """How to serve. Times are in seconds."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes a free one."""
    key: str | None = None
    """The one key that is accepted; without it any is, and none as well."""
    faults: tuple[str, ...] = ()
    """Names of faults, each `NAME` or `NAME@RATE`; at one place of the line applied in this order."""
    persona: str = ""
    """A product as documented: its faults are switched on before those of `faults`."""
    plugins: tuple[str, ...] = ()
    """Modules to import first, which may register more faults."""
    first_token: float = 0.0
    per_token: float = 0.001
    """Time of each token; a stream without any would arrive in one burst."""
    slow_share: float = 0.0
    """The share of requests, 0 to 1, that take `slow_factor` times as long; drawn by `seed`."""
    slow_factor: float = 1.0
    seed: int = 0
    age: float = 0.0
    """Seconds that the server has been up already, for faults that come with age."""
    log: Path | None = None
    """A JSONL file to append two lines per request to."""
    model: str = "reference-1"


async def serve(options: ServeOptions, ready: Callable[[str], None]) -> None:
    """Serve until cancelled. `ready` is called with the base URL once connections are accepted.

    Raises UsageError for options that cannot be, and OSError where the port is taken.
    """
    settings = _settings(options)
    log = Log(options.log)
    try:
        async with Server(App(settings, time.time), options.host, options.port, log) as server:
            host = f"[{options.host}]" if ":" in options.host else options.host
            ready(f"http://{host}:{server.port}/v1")
            await asyncio.get_running_loop().create_future()
    finally:
        log.close()


def run(options: ServeOptions) -> int:
    """Serve in the foreground until SIGINT or SIGTERM; prints one line once it is ready.

    Gives 0 after a clean stop and 4 (with the reason on stderr) where it could not start.
    """

    def ready(base_url: str) -> None:
        print(f"ready {base_url} model={_model(options)}", flush=True)  # noqa: T201 - as promised

    try:
        asyncio.run(_until_signal(options, ready))
    except KeyboardInterrupt:
        return 0
    except (UsageError, OSError) as error:
        print(f"cannot serve: {error}", file=sys.stderr)  # noqa: T201 - there is no report
        return 4
    return 0


def _model(options: ServeOptions) -> str:
    """The model that is meant: of a persona that thinks by itself, the one that does."""
    thinks = options.persona and load_persona(options.persona).model.endswith(THINKER)
    return options.model + THINKER if thinks else options.model


async def _until_signal(options: ServeOptions, ready: Callable[[str], None]) -> None:
    serving = asyncio.ensure_future(serve(options, ready))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, serving.cancel)
        except NotImplementedError:  # Windows: Ctrl-C arrives as KeyboardInterrupt
            break
    try:
        await serving
    except asyncio.CancelledError:
        return  # by the signal: nothing else cancels it, and stopping is what was asked for


def _settings(options: ServeOptions) -> Settings:
    for name in ("first_token", "per_token", "slow_factor", "age"):
        if getattr(options, name) < 0:
            raise UsageError(f"{name} must not be negative, but it is {getattr(options, name)}")
    if not 0 <= options.slow_share <= 1:
        raise UsageError(f"slow_share must be from 0 to 1, but it is {options.slow_share}")
    if not 0 <= options.port <= _HIGHEST_PORT:
        raise UsageError(f"port must be from 0 to {_HIGHEST_PORT}, but it is {options.port}")
    if not options.model:
        raise UsageError("model must not be empty")
    load_faults(options.plugins)
    own = tuple(load_persona(options.persona).faults) if options.persona else ()
    shown = switched_on((*own, *_ours(options.faults)))
    rehearse(shown)
    return Settings(
        key=options.key,
        model=options.model,
        faults=shown,
        pace=Pace(options.first_token, options.per_token),
        slow_share=options.slow_share,
        slow_factor=options.slow_factor,
        seed=options.seed,
        age=options.age,
    )


def _ours(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, with ids of the field's faults replaced by one of ours that shows them."""
    return tuple(_shown(*each.partition("@")) for each in names)


def _shown(name: str, at: str, rate: str) -> str:
    ours = () if name in FAULTS else shown_by(name)
    return f"{ours[0] if ours else name}{at}{rate}"


def load_faults(plugins: tuple[str, ...] = ()) -> None:
    """Import our faults and those of other modules. Raises UsageError for a module that is not there."""
    import_all(faults)
    for name in plugins:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise UsageError(f"the fault module {name!r} cannot be imported: {error}") from error
