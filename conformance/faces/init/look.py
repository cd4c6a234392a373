"""An entry, and the endpoint it stands for: asked until both say the same, or nothing helps."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from conformance.errors import SecretError, UsageError
from conformance.faces.doctor.examine import Examination
from conformance.faces.doctor.line import on_the_line
from conformance.faces.doctor.remark import Mark, Remark, lines, worst
from conformance.faces.init import flaws
from conformance.faces.init.entry import Entry
from conformance.faces.init.file import as_provider
from conformance.faces.init.person import Person
from conformance.providers.preset import load_preset, recognised
from conformance.providers.secrets import resolve

_SHOWN_MODELS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an endpoint showed."""

    remarks: Sequence[Remark]
    models: tuple[Mapping[str, object], ...] = ()
    model: str = ""
    server: str = ""
    elsewhere: str = ""
    offered: Mapping[str, bool]
    talked: bool = False
    """It answered a chat; what is lacking beside that goes into the entry."""

    @property
    def code(self) -> int:
        """0 where an entry stands for something that works; else as doctor would exit."""
        return 0 if self.talked else worst(self.remarks)

    def wrong(self, name: str) -> bool:
        """There is a complaint of that name."""
        return any(each.mark is Mark.WRONG and each.name == name for each in self.remarks)


def looked_at(entry: Entry, path: Path, person: Person) -> tuple[Entry, int]:
    """The entry with what the endpoint shows, and an exit code: 0 where it works.

    Asked again once the right path, a key or a model is known.
    """
    while True:
        seen = _seen(entry, path)
        if seen.elsewhere and person.agrees(f"Take {seen.elsewhere}?", usually=True):
            entry = replace(entry, base_url=seen.elsewhere)
        elif seen.wrong("key") and not entry.key_env:
            question = "Variable that holds the key (its name, never the key)"
            entry = replace(entry, key_env=person.say(question, "--key-env", flaws.variable))
        elif seen.wrong("model") and not entry.model:
            entry = replace(entry, model=_which(seen, person))
        else:
            return _completed(entry, seen, person), seen.code


def _seen(entry: Entry, path: Path) -> Seen:
    provider = as_provider(entry, path)
    try:
        resolve(provider, os.environ)
    except SecretError as error:
        words, _, fix = str(error).partition("\n")
        said = words.removeprefix(f"{provider.where}: provider {provider.name}: ")
        remark = Remark(Mark.WRONG, "variable", said, fix.strip())
        _print(remark)
        return Seen(remarks=[remark], offered={})
    remarks = []
    with on_the_line(provider) as line:
        examination = Examination(line=line, environ=os.environ)
        for remark in examination.remarks():
            remarks.append(remark)
            _print(remark)
    return Seen(
        remarks=remarks,
        models=examination.listed,
        model=examination.model,
        server=examination.server,
        elsewhere=examination.elsewhere,
        offered=examination.offered,
        talked=bool(examination.obeyed),
    )


def _print(remark: Remark) -> None:
    print(*lines(remark, shutil.get_terminal_size().columns), sep="\n", flush=True)


def _which(seen: Seen, person: Person) -> str:
    """One of the list, by its number or its id."""
    ids = [str(each["id"]) for each in seen.models]
    for number, each in enumerate(ids[:_SHOWN_MODELS] if person.there else (), 1):
        print(f"  {number}  {each!r}")
    answer = person.say("Model (number or id)", "--model", lambda _: "")
    number = int(answer) if answer.isascii() and answer.isdigit() else 0
    return _harmless(ids[number - 1]) if 0 < number <= len(ids) else answer


def _completed(entry: Entry, seen: Seen, person: Person) -> Entry:
    preset = entry.preset
    if not preset:
        owners = {str(each.get("owned_by")) for each in seen.models}
        port = urlsplit(entry.base_url).port or 0
        guess = recognised("", owners, seen.server, port)
        preset = person.say("Preset", "--preset", flaws.preset, default=guess) if guess else ""
    known = load_preset(preset).values if preset else {}
    promised = known.get("capabilities", {})
    return replace(
        entry,
        preset=preset,
        model=entry.model or ("" if "model" in known else _harmless(seen.model)),
        capabilities={
            name: there
            for name, there in seen.offered.items()
            if promised.get(name, True) is not there
        },
        found=(_comment(seen),),
    )


def _harmless(model: str) -> str:
    if problem := flaws.offered_model(model):
        raise UsageError(f"the endpoint calls its model {model!r}, which {problem}: give --model")
    return model


def _comment(seen: Seen) -> str:
    day = datetime.now(UTC).date().isoformat()
    if seen.code:
        words = next(each.words for each in seen.remarks if each.mark.code)
        return f"Not seen at work when this was written ({day}): {words}"
    server = f"; server: {seen.server}" if seen.server else ""
    offered = ", ".join(name for name, there in seen.offered.items() if there)
    return f"Seen at work on {day}: {offered or 'chat'}{server}."
