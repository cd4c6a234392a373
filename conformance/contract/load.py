"""Read the contract that ships with the package: clauses, profiles and JSON Schemas.

Our own data is trusted to be well formed (the tests see to that) and is read fast;
the profiles of users are read strictly in `conformance/contract/profiles.py`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from conformance.contract.model import Clause, Contract, Level, Profile
from conformance.contract.profiles import Limit, parse_profiles
from conformance.contract.shims import load_shims, shims_of
from conformance.errors import SourceError

LEVELS = {level.value: level for level in Level}
FILE_WIDE = ("$id", "$schema", "title")
"""Keywords of a schema file that make no sense inside another one."""


def load_contract(*, judged: Collection[str] | None = None) -> Contract:
    """The contract, read once per process.

    With `judged`, the ids of all clauses that some check or suite can decide, each profile
    requires only those, and the rest stands in its `unjudged`. But a section of which nothing is
    judged that is sure to arise stays required: otherwise a profile would be certified without a
    look at what it is about. Without `judged`, profiles require everything they name.
    """
    contract = _contract()
    if judged is None:
        return contract
    return replace(contract, profiles=_judgeable(contract.profiles, frozenset(judged)))


def load_reasons() -> dict[str, str]:
    """Why nothing can judge a clause, by its id: those of which no exchange shows the truth."""
    text = (files("conformance.contract") / "unjudged.toml").read_text(encoding="utf-8")
    reasons: dict[str, str] = tomllib.loads(text)
    return reasons


def load_profiles(
    path: Path,
    *,
    judged: Collection[str] | None = None,
    capabilities: Collection[str] | None = None,
    limit: Limit | None = None,
) -> dict[str, Profile]:
    """The profiles of a user's TOML file, by name; they may include those of the package.

    `judged` is as for `load_contract`. With `capabilities`, the known words, others are errors;
    `limit` reads limits on times.
    Raises SourceError (file, line, key, remedy) for everything that cannot be meant.
    """
    contract = _contract()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise SourceError(str(path), reason, "name a TOML file with [profiles.NAME]") from None
    except UnicodeDecodeError as error:
        raise SourceError(str(path), f"is not UTF-8 (byte {error.start})") from None
    profiles = parse_profiles(
        text,
        str(path),
        contract.clauses,
        contract.profiles,
        capabilities=capabilities,
        limit=limit,
    )
    return profiles if judged is None else _judgeable(profiles, frozenset(judged))


def _judgeable(profiles: Mapping[str, Profile], judged: frozenset[str]) -> dict[str, Profile]:
    made = {}
    for name, one in profiles.items():
        sections = {_section(clause) for clause in judged.difference(one.conditional)}
        kept = tuple(c for c in one.clauses if c in judged or _section(c) not in sections)
        made[name] = replace(
            one,
            clauses=kept,
            conditional=tuple(clause for clause in one.conditional if clause in kept),
            either=tuple(clause for clause in one.either if clause in kept),
            unjudged=tuple(clause for clause in one.clauses if clause not in kept),
        )
    return made


def _section(clause: str) -> str:
    return clause.rpartition("-")[0]


@cache
def _contract() -> Contract:
    room = files("conformance.contract")
    data = json.loads((room / "clauses.json").read_text(encoding="utf-8"))
    clauses = {each["id"]: _clause(each) for each in data["clauses"]}
    profiles = (room / "profiles.toml").read_text(encoding="utf-8")
    return Contract(
        version=data["version"],
        sections=data["sections"],
        clauses=clauses,
        profiles=parse_profiles(profiles, "profiles.toml", clauses, {}),
        schemas=_schemas(room / "schemas"),
        shims=load_shims(),
    )


def _clause(each: dict[str, str]) -> Clause:
    level = LEVELS[each["level"]]
    return Clause(**{**each, "level": level, "shims": shims_of(each["id"])})  # type: ignore[arg-type]


def _schemas(folder: Traversable) -> dict[str, Any]:
    found = sorted(
        (path for path in folder.iterdir() if path.name.endswith(".json")),
        key=lambda path: path.name,
    )
    raw = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in found}
    return {name.removesuffix(".json"): _bundled(schema, raw) for name, schema in raw.items()}


def _bundled(node: Any, raw: dict[str, Any]) -> Any:
    """The schema with every `{"$ref": "other.json"}` replaced by what it names.

    So each schema stands alone: whoever validates needs no registry and reads no files.
    """
    if isinstance(node, list):
        return [_bundled(item, raw) for item in node]
    if not isinstance(node, dict):
        return node
    flat = {key: _bundled(value, raw) for key, value in node.items() if key != "$ref"}
    if "$ref" in node:
        other = {key: value for key, value in raw[node["$ref"]].items() if key not in FILE_WIDE}
        flat["allOf"] = [*flat.get("allOf", ()), _bundled(other, raw)]
    return flat
