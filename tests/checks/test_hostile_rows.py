"""What a check looks for is not in every answer: each is tried on its own rows, a member made odd."""

import dataclasses
import json
import random
import re

import pytest
from build import DROP, edited
from tables import ROWS, SCHEMAS
from test_hostile import ODD, places

from conformance.checks.core import CHECKS, Scene, apply

LENGTH = re.compile(rb"(?i)content-length: \d+\r\n")
EVENT = b"data: "


def documents(lines):
    """Place and value of each line that is a JSON object, as an event or by itself."""
    for number, line in enumerate(lines):
        try:
            held = json.loads(line.removeprefix(EVENT))
        except ValueError:
            continue
        if isinstance(held, dict):
            yield number, held


def odd(one, value, chosen):
    """The exchange with one member of its answer made odd; None where it has none."""
    if len(one.received) < 2 or b"chunked" in one.received[0].data:
        return None
    head, *pieces = one.received
    lines = b"".join(each.data for each in pieces).split(b"\n")
    spots = [(number, held, at) for number, held in documents(lines) for at in places(held)]
    if not spots:
        return None
    number, held, at = chosen.choice(spots)
    try:
        said = json.dumps(edited(held, {at: value})).encode()
    except (KeyError, IndexError, TypeError):  # a member whose name is no path
        return None
    lines[number] = EVENT + said if lines[number].startswith(EVENT) else said
    received = (
        dataclasses.replace(head, data=LENGTH.sub(b"", head.data)),
        dataclasses.replace(pieces[0], data=b"\n".join(lines)),
    )
    return dataclasses.replace(one, received=received)


@pytest.mark.parametrize(
    "value", ODD, ids=lambda value: "nothing" if value is DROP else json.dumps(value)[:12]
)
def test_a_check_survives_what_it_looks_for(value):
    chosen = random.Random(repr(value))
    tried = 0
    for name, row in ROWS:
        steps = {**row.steps, "": row.exchange}
        changed = chosen.choice(sorted(steps))
        if (made := odd(steps[changed], value, chosen)) is None:
            continue
        steps = {step: made if one is steps[changed] else one for step, one in steps.items()}
        tried += 1
        apply(CHECKS[name], steps.pop(""), row.arguments, Scene(steps=steps, schemas=SCHEMAS))
    assert tried > len(ROWS) / 3
