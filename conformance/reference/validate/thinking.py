"""How much to think: the effort, and the switches of several vendors, of which any may say off.

Off wins: a model thinks only where no switch and no effort speaks against it, whatever the others
say. `thinking: {type: disabled}` beside `reasoning_effort: high` is off, and so is the reverse.
"""

from __future__ import annotations

from conformance.reference.ask import Json
from conformance.reference.model.think import SENTENCES, THINKER
from conformance.reference.refusal import shown
from conformance.reference.validate import fields

_USUAL = "medium"
_TEMPLATE = "chat_template_kwargs"


def read_effort(body: Json, model: str) -> str:
    """The effort that a request asks for; `none` of a model that does not think. Raises Refusal."""
    if not model.endswith(THINKER):
        return "none"
    effort = fields.text(body, "reasoning_effort")
    if effort is not None and effort not in SENTENCES:
        known = ", ".join(SENTENCES)
        raise fields.unsupported("reasoning_effort", f"{shown(effort)} is none of {known}.")
    switches = _switches(body)
    return "none" if False in switches else effort or _USUAL


def _switches(body: Json) -> list[bool]:
    """What each switch says; those that are not there say yes."""
    thinking = fields.mapping(body, "thinking") or {}
    kind = fields.one_of(thinking, "type", ("enabled", "disabled"), "thinking.")
    template = fields.mapping(body, _TEMPLATE) or {}
    return [
        kind != "disabled",
        fields.flag(body, "enable_thinking", default=True),
        *(
            fields.flag(template, name, default=True, at=f"{_TEMPLATE}.")
            for name in ("thinking", "enable_thinking")
        ),
    ]
