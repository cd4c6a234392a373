"""The model behind the adapter: what the reference model says, in DeepSeek's markup."""

from __future__ import annotations

import json
from typing import Any

from deepseek_recipe import ConversationRequest, ModelVersion, SpecialToken

from conformance.reference.answer import Choice
from conformance.reference.ask import Ask
from conformance.reference.model.complete import complete
from conformance.reference.model.facts import Facts, attended
from conformance.reference.model.shape import conforming
from conformance.reference.validate.body import read_ask

MODEL = "reference-1"
_ENOUGH = 16_384
"""Tokens; whoever asks for more says all there is to say."""
_THOUGHT = "I am asked something. I say what is asked for."
_DSML = SpecialToken.Dsml.default_str()
_THOUGHT_ENDS = SpecialToken.ThinkingEnd.default_str()


def spoken(asked: ConversationRequest, name: str, now: int) -> str:
    """What the model generates in answer to a converted request, tool calls and thinking included."""
    ask = read_ask(_body(asked), (MODEL,))
    (choice,) = complete(ask, name=name, created=now).choices
    stage = asked.parsing_options.thinking_initial_stage
    thinks = stage is not None and stage.starts_in_reasoning()
    said = choice.text if choice.refusal is None else _constrained(ask)
    if choice.calls:
        said = (said or "") + _calls(choice, asked)
    return f"{_THOUGHT}{_THOUGHT_ENDS}{said}" if thinks else said or ""


def _constrained(ask: Ask) -> str:
    """What decoding under a schema leaves of a refusal, for which DeepSeek has no place of its own."""
    return conforming(ask.shape.schema or {}, Facts(attended(ask.messages[-1].text)))


def _body(asked: ConversationRequest) -> dict[str, Any]:
    """The conversation as a chat request to the reference model."""
    talk, how = asked.conversation, asked.inference_options
    body: dict[str, Any] = {
        "model": MODEL,
        "messages": [_message(each) for each in talk.messages],
        "temperature": how.temperature,
        "top_p": how.top_p,
        "max_tokens": _ENOUGH,
    }
    if how.seed is not None:
        body["seed"] = how.seed
    if talk.tools:
        body["tools"] = [{"type": "function", "function": _function(each)} for each in talk.tools]
        body["tool_choice"] = talk.tool_choice
    if talk.response_format == "json_schema":
        shape = {"name": "answer", "schema": talk.response_schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    elif talk.response_format == "json_object":
        body["response_format"] = {"type": "json_object"}
    return body


def _message(message: Any) -> dict[str, Any]:
    role = "system" if message.role == "latest_reminder" else message.role
    said: dict[str, Any] = {"role": role, "content": message.content}
    if message.tool_calls:
        said["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        said["tool_call_id"] = message.tool_call_id
    return said


def _function(tool: Any) -> dict[str, Any]:
    told = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {key: value for key, value in told.items() if value}


def _calls(choice: Choice, asked: ConversationRequest) -> str:
    """Calls in DSML; where the prompt has opened the block already, without its opening."""
    newer = asked.model_version == ModelVersion.DeepseekV41Flash
    mark = f"{_DSML} " if newer else _DSML
    block = f"{_DSML} calls" if newer else f"{_DSML}tool_calls"
    opened = asked.parsing_options.starts_in_tool_calls
    lines = [] if opened else ["\n", f"<{block}>"]
    for call in choice.calls:
        lines.append(f'<{mark}invoke name="{call.name}">')
        for key, value in json.loads(call.arguments).items():
            plain = isinstance(value, str)
            text = value if plain else json.dumps(value, ensure_ascii=False)
            kind = "true" if plain else "false"
            lines.append(f'<{mark}parameter name="{key}" string="{kind}">{text}</{mark}parameter>')
        lines.append(f"</{mark}invoke>")
    lines.append(f"</{block}>")
    return "\n".join(lines)
