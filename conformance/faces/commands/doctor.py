"""`conformance doctor`: five questions to a provider, and what to do about each answer."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.faces.bar import BROKEN, CONFORMS, FAILS
from conformance.faces.choose import Wish, choose
from conformance.faces.performance import Performance
from conformance.faces.settings import Settings
from conformance.faces.toolbox import toolbox
from conformance.plan.adhoc import ad_hoc_ask
from conformance.verdict.assemble import Wanted
from conformance.wire.exchange import Exchange, Trial

HELLO = [{"role": "user", "content": "Say OK."}]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city now.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how the answer is read."""

    name: str
    method: str
    path: str
    body: Mapping[str, Any] | None
    read: Callable[[Exchange], str]
    """Words about the answer; raises Complaint with the remedy."""


class Complaint(Exception):  # noqa: N818  # an answer about the endpoint, not an error of ours
    """Something is wrong; the text says what to do."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whom to ask."""
    add = parser.add_argument
    add("provider", nargs="?", metavar="PROVIDER")
    add("--endpoint", metavar="URL")
    add("--endpoint-model", metavar="ID")
    add("--endpoint-key-env", metavar="VAR")
    add("--providers-file", type=Path, metavar="FILE")
    add("--reports-dir", type=Path, default=Path("reports"), metavar="DIR")


def main(options: argparse.Namespace) -> int:
    """Ask, print one line an answer; 0 well, 1 complaints, 2 not reachable."""
    chosen = choose(
        Wish(
            names=(options.provider,) if options.provider else (),
            endpoint=options.endpoint,
            endpoint_model=options.endpoint_model,
            endpoint_key_env=options.endpoint_key_env,
            file=options.providers_file,
            folder=Path.cwd(),
        )
    )
    settings = Settings(reports=options.reports_dir, formats=("json",))
    performance = Performance(chosen, toolbox(), settings, Wanted(named={}))
    try:
        return max(_examine(performance, name) for name in chosen.providers)
    finally:
        performance.finish(complete=True)


def _examine(performance: Performance, name: str) -> int:
    print(f"{name}:")
    worst = CONFORMS
    for question in _questions():
        trial = performance.ask(
            ad_hoc_ask(
                f"doctor/{question.name}",
                name,
                question.body,
                path=question.path,
                method=question.method,
            )
        )
        code, words = _answer(question, trial)
        worst = max(worst, code)
        print(f"  {('ok', 'NO', '!!')[code]} {question.name}: {words}")
        if code == BROKEN:
            print("nothing more was asked", file=sys.stderr)
            break
    return worst


def _answer(question: Question, trial: Trial) -> tuple[int, str]:
    last = trial.exchanges[-1] if trial.exchanges else None
    if trial.error or last is None or last.response is None:
        end = f"{last.end.how.value}: {last.end.detail}" if last else "nothing was sent"
        return BROKEN, f"{trial.error or end} - is the server up, and base_url right?"
    try:
        return CONFORMS, question.read(last)
    except Complaint as complaint:
        return FAILS, str(complaint)


def _questions() -> Iterator[Question]:
    yield Question("models", "GET", "/models", None, _models)
    chat = {"messages": HELLO, "max_tokens": 8}
    yield Question("chat", "POST", "/chat/completions", chat, _chat)
    streamed = {**chat, "stream": True, "stream_options": {"include_usage": True}}
    yield Question("stream", "POST", "/chat/completions", streamed, _stream)
    tools = {"messages": HELLO, "max_tokens": 64, "tools": [TOOL], "tool_choice": "required"}
    yield Question("tools", "POST", "/chat/completions", tools, _tools)


def _refused(exchange: Exchange) -> None:
    response = exchange.response
    assert response is not None  # looked at before
    if response.status in {401, 403}:
        raise Complaint(
            f"status {response.status}: the key is refused; look at api_key in providers.toml"
        )
    if response.status != 200:  # noqa: PLR2004
        text = response.body[:200].decode("utf-8", "replace")
        raise Complaint(f"status {response.status}: {text!r}")


def _models(exchange: Exchange) -> str:
    _refused(exchange)
    value = exchange.document.value
    listed = value.get("data") if isinstance(value, dict) else None
    if not isinstance(listed, list) or not listed:
        raise Complaint("no list of models: write `model` in providers.toml")
    ids = [str(each.get("id")) for each in listed if isinstance(each, dict)]
    return ", ".join(ids[:5])[:200]


def _chat(exchange: Exchange) -> str:
    _refused(exchange)
    answer = exchange.answer
    if answer is None or not answer.choices:
        raise Complaint("200 without a completion")
    seconds = (exchange.end.at - exchange.request.at) / 1e9
    return f"{str(answer.choices[0].content)[:60]!r} in {seconds:.2f} s, usage {'reported' if answer.usage else 'MISSING'}"


def _stream(exchange: Exchange) -> str:
    _refused(exchange)
    if not exchange.streamed or not exchange.chunks:
        raise Complaint("a stream was asked for, and none came: do not rely on stream=true here")
    return f"{len(exchange.chunks)} chunks"


def _tools(exchange: Exchange) -> str:
    _refused(exchange)
    answer = exchange.answer
    if answer is None or not any(choice.tool_calls for choice in answer.choices):
        raise Complaint(
            "tool_choice 'required' gave no tool call: start the server with its tool parser, or a weak model"
        )
    return "tool_choice 'required' is obeyed"
