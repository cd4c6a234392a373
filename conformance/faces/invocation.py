"""What a pytest command line means to us: whom to ask, and which files to collect."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from conformance.data import suites_root
from conformance.errors import UsageError
from conformance.runs.choose import Wish, words
from conformance.runs.toolbox import packaged_suites

SUFFIXES = {".yaml", ".yml"}


def wish(config: pytest.Config) -> Wish:
    option = config.getoption
    file = option("conformance_providers_file")
    return Wish(
        names=words(option("conformance_provider")),
        baseline=option("conformance_baseline"),
        endpoint=option("conformance_endpoint"),
        endpoint_model=option("conformance_endpoint_model"),
        endpoint_key_env=option("conformance_endpoint_key_env"),
        file=config.invocation_params.dir / file if file else None,
        folder=config.invocation_params.dir,
        rootdir=config.rootpath,
    )


def arguments(config: pytest.Config) -> list[str]:
    """What to collect: the packaged and configured suites, unless paths were given.

    `suites/tools.yaml` means the packaged one where there is no such file here.
    """
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        configured = [str(path) for path in config.getini("conformance_suites")]
        return [*map(str, packaged_suites()), *configured]
    return [_packaged(each, config.invocation_params.dir) for each in config.args]


def suite_paths(config: pytest.Config) -> list[Path]:
    """The suite files among the arguments, as pytest will find them."""
    paths = (config.invocation_params.dir / each.partition("::")[0] for each in config.args)
    return list(dict.fromkeys(path for path in paths if path.is_file() and path.suffix in SUFFIXES))


def spelled(arguments: Iterable[str]) -> frozenset[str]:
    """The names of items that the command line spells out, without provider and axes."""
    return frozenset(
        each.partition("::")[2].partition("[")[0] for each in arguments if "::" in each
    )


def _packaged(argument: str, folder: Path) -> str:
    path, colons, rest = argument.partition("::")
    inside = suites_root() / Path(path).name
    if (folder / path).exists() or Path(path).parts[:1] != ("suites",) or not inside.is_file():
        return argument
    return f"{inside}{colons}{rest}"


def shown(path: Path, rootdir: Path) -> str:
    """`suites/tools.yaml` for packaged suites wherever they lie; else relative to rootdir."""
    if path.parent == suites_root():
        return f"suites/{path.name}"
    try:
        return path.relative_to(rootdir).as_posix()
    except ValueError:
        return path.as_posix()


def found(text: str, rootdir: Path) -> Path:
    """Back from `shown`."""
    path = rootdir / text
    return path if path.is_file() else suites_root() / path.name


def shared(config: pytest.Config) -> bool:
    """Items are handed out to other processes here."""
    dist = config.getoption("dist", "no")
    if dist == "each":
        raise UsageError("--dist=each would ask everything once per worker: use -n N alone")
    return dist != "no" and not hasattr(config, "workerinput")
