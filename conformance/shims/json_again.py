"""JSON that fits a schema, from servers that do not enforce `response_format`: asked, checked, asked again.

    person = json_again(client, Person, model=..., messages=[...])

For CREQ-045, CREQ-047, SO-001, SO-002, SO-003, SO-004, SO-021, STAT-004.
"""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from openai import OpenAI
from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)


def json_again(
    client: OpenAI, kind: type[T], *, messages: list[Any], tries: int = 3, **asked: Any
) -> T:
    """Raises ValidationError where no try gives an answer that fits."""
    schema = json.dumps(kind.model_json_schema())
    said = [
        *messages,
        {"role": "user", "content": f"Answer with JSON only, of this schema: {schema}"},
    ]
    for left in reversed(range(tries)):
        answer = client.chat.completions.create(messages=said, **asked)
        text = answer.choices[0].message.content or ""
        found = re.search(r"\{.*\}", text, re.DOTALL)
        try:
            return kind.model_validate_json(found[0] if found else text)
        except ValidationError as error:
            if not left:
                raise
            wrong = {"role": "user", "content": f"That does not fit: {error}. Only JSON, please."}
            said += [{"role": "assistant", "content": text}, wrong]
    raise ValueError("tries must be at least 1")
