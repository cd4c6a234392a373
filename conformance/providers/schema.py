"""The JSON Schema of providers.toml, for editors; generated from the grammar that the loader reads.

`python -m conformance.providers.schema` writes it anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, assert_never

from conformance.providers.grammar import FILE
from conformance.providers.kinds import Data, Flag, Kind, Many, Named, Number, Table, Text
from conformance.providers.preset import load_preset, preset_names
from conformance.providers.references import REFERENCE

SCHEMA_FILE = Path(__file__).with_name("providers.schema.json")
_KEY = REFERENCE.pattern.replace("?P<name>", "").replace("?P<default>", "")


def provider_schema() -> dict[str, Any]:
    """Draft-07, which TOML language servers know best."""
    schema = _schema(FILE)
    provider = schema["properties"]["providers"]["additionalProperties"]
    provider["properties"]["preset"] |= {"enum": list(preset_names())}
    provider["properties"]["preset"]["description"] += "".join(
        f"\n{name}: {load_preset(name).about}" for name in preset_names()
    )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "providers.toml",
        **schema,
    }


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(provider_schema(), indent=2, ensure_ascii=False) + "\n"


def _schema(kind: Kind) -> dict[str, Any]:
    match kind:
        case Text():
            return _text(kind)
        case Number():
            return _number(kind)
        case Flag():
            return {"type": "boolean", "description": kind.about}
        case Many():
            least = {"minItems": kind.least} if kind.least else {}
            return {
                "type": "array",
                "description": kind.about,
                "items": _schema(kind.of),
                **least,
            }
        case Table():
            return _table(kind)
        case Named():
            return _named(kind)
        case Data():
            return {"description": kind.about}
        case _:
            assert_never(kind)


def _text(kind: Text) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "description": kind.about}
    if kind.choices:
        schema["enum"] = list(kind.choices)
    if kind.key:
        schema["pattern"] = f"^{_KEY}$"
    elif kind.pattern and not kind.pattern.startswith("(?s)"):
        schema["pattern"] = f"^(?:{kind.pattern})$"
    elif kind.pattern:
        schema["pattern"] = r"\S"
    return schema


def _number(kind: Number) -> dict[str, Any]:
    bound = "exclusiveMinimum" if kind.above else "minimum"
    schema = {
        "type": "integer" if kind.whole else "number",
        "description": kind.about,
        bound: kind.least,
    }
    return schema if kind.most is None else {**schema, "maximum": kind.most}


def _table(kind: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "description": kind.about,
        "properties": {name: _schema(each) for name, each in kind.keys.items()},
        "additionalProperties": False,
    }
    return {**schema, "required": list(kind.required)} if kind.required else schema


def _named(kind: Named) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "description": kind.about}
    if kind.names:
        schema["properties"] = _known_names(kind)
        schema["additionalProperties"] = False
    else:
        schema["additionalProperties"] = _schema(kind.of)
    if kind.pattern:
        schema["propertyNames"] = {"pattern": f"^(?:{kind.pattern})$"}
    return schema


def _known_names(kind: Named) -> Mapping[str, Any]:
    """Each name; those with a dot also as TOML writes them without quotes, as a table in a table."""
    known: dict[str, Any] = {name: _schema(kind.of) for name in kind.names}
    for name in kind.names:
        parent, dot, child = name.partition(".")
        if kind.dotted and dot:
            nested = known.setdefault(
                parent, {"type": "object", "properties": {}, "additionalProperties": False}
            )
            nested["properties"][child] = _schema(kind.of)
    return known


def main() -> None:
    """Write the file."""
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
