"""`conformance init`: an entry of providers.toml, from a few answers and what the endpoint shows."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from conformance.errors import UsageError
from conformance.faces.init import flaws
from conformance.faces.init.entry import Entry
from conformance.faces.init.file import add, taken
from conformance.faces.init.look import looked_at
from conformance.faces.init.person import Person
from conformance.providers.grammar import PROVIDER_NAME
from conformance.providers.load import FILE_NAME
from conformance.providers.model import Provider
from conformance.providers.preset import load_preset, preset_names, recognised


def arguments(parser: argparse.ArgumentParser) -> None:
    """What is known already; the rest is asked for at a terminal."""
    option = parser.add_argument
    option("name", nargs="?", default="", metavar="NAME", help="of the entry")
    option("--base-url", default="", metavar="URL", help="where the API starts, mostly .../v1")
    option(
        "--preset",
        default="",
        metavar="PRESET",
        help="a kind of server; all: `conformance list presets`",
    )
    option("--model", default="", metavar="ID")
    option("--key-env", default="", metavar="VAR", help="holds the key; never the key itself")
    option("--providers-file", type=Path, default=Path(FILE_NAME), metavar="FILE")
    option("--yes", action="store_true", help="take every proposal, and write in any case")


def main(options: argparse.Namespace) -> int:
    """Ask, look, write. 0: written; 1 or 2, as doctor says, where nothing was; 4: wrong use."""
    path: Path = options.providers_file
    person = Person(there=sys.stdin.isatty(), hurried=options.yes)
    entry, code = looked_at(_drafted(options, taken(path), person), path, person)
    if code and entry.preset and load_preset(entry.preset).starts:
        print(f"how such a server is started: conformance explain {entry.preset}")
    if code and not person.agrees("Write the entry all the same?", usually=False):
        print("nothing was written (--yes writes in any case)", file=sys.stderr)
        return code
    print(f"\n{entry.text}")
    if not person.agrees(f"Write this to {path}?", usually=True):
        print("nothing was written", file=sys.stderr)
        return 0
    add(entry, path)
    print(f"written to {path}; now: conformance doctor {entry.name}")
    return 0


def _drafted(options: argparse.Namespace, known: Mapping[str, Provider], person: Person) -> Entry:
    """What options and answers say, each looked at before anything is sent."""

    def name_flaw(name: str) -> str:
        if name in known:
            return f"is there already: {known[name].where}"
        return "" if re.fullmatch(PROVIDER_NAME, name) else "may hold letters, digits, . - _ only"

    for option, value, flaw in (
        ("NAME", options.name, name_flaw),
        ("--base-url", options.base_url, flaws.url),
        ("--preset", options.preset, flaws.preset),
        ("--key-env", options.key_env, flaws.variable),
    ):
        if value and (problem := flaw(value)):
            raise UsageError(f"{option} {problem}")
    url, preset = _where(options, person)
    name = options.name or person.say(
        "Name of the entry", "NAME", name_flaw, default=preset if person.there else ""
    )
    return Entry(
        name=name,
        base_url=url,
        preset=preset,
        model=options.model,
        key_env=options.key_env,
    )


def _where(options: argparse.Namespace, person: Person) -> tuple[str, str]:
    """The base URL and the preset, as far as one of them says the other."""
    url, preset = options.base_url, options.preset
    if not url and preset:
        usual = str(load_preset(preset).values.get("base_url", ""))
        url = person.say("Base URL", "--base-url", flaws.url, default=usual)
    elif not url:
        url = person.say("Base URL, or a preset", "--base-url", flaws.url_or_preset)
        if url in preset_names():
            preset, url = url, str(load_preset(url).values["base_url"])
    return url, preset or recognised(urlsplit(url).hostname or "")
