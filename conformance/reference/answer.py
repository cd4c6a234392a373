"""What the server answers, on its way from meaning to bytes.

Completion   what the model said             values
Reply        the JSON documents to be sent   one, or the chunks of a stream
Response     status, headers, body           the body as acts, not yet framed
Script       bytes and pauses on the wire    (script.py)
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.reference.ask import Ask, Json
from conformance.reference.script import Script

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool call that the model makes. `arguments` is JSON text, unless the cap cut it short."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Likely:
    """What is known of a token's chances: its own log probability, and the best ones in its place."""

    logprob: float
    top: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One generated answer. `tokens` joined is `text`."""

    index: int
    text: str | None
    tokens: tuple[str, ...]
    calls: tuple[Call, ...]
    finish: str
    spent: int
    """Tokens that it cost, those of `thought` and of the calls included."""
    thought: tuple[str, ...] = ()
    """The tokens of what the model thought before."""
    stop: str = ""
    """The stop string that ended it, which is not in `text`; empty where none did."""
    refusal: str | None = None
    """What is said in place of a text, which is None then; `tokens` are those of the refusal."""
    likely: tuple[Likely, ...] = ()
    """Of each token, where the model has chances of its own; else they are made up from the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What the model said to one request."""

    id: str
    created: int
    """Unix seconds."""
    ask: Ask
    choices: tuple[Choice, ...]
    cached: int = 0
    """Tokens of the prompt that were known from an earlier request."""

    @property
    def spent(self) -> int:
        return sum(choice.spent for choice in self.choices)

    @property
    def thought(self) -> int:
        """Tokens of reasoning among those spent."""
        return sum(len(choice.thought) for choice in self.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Status and JSON: one document, or a stream that ends with `[DONE]`.

    A chat completion is streamed as chunks, a response as events, each named by its `type`.
    """

    status: int = 200
    document: Json | list[Json] | None = None
    chunks: tuple[Json, ...] = ()
    events: tuple[Json, ...] = ()
    texts: tuple[Json, ...] = ()
    """Chunks of a streamed text completion: apart, since what is wrong with chat leaves them alone."""
    stream: bool = False
    done: bool = True
    """A stream ends with `[DONE]`; one of events may do without."""
    spent: int = 0
    """Tokens that had to be generated first; they take their time when the reply is not a stream."""
    headers: Headers = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP response before it is framed. A `Send` of the body is one event or one document."""

    status: int
    headers: Headers
    body: Script
    stream: bool

    def with_header(self, name: str, value: str) -> Headers:
        """The headers with one of them set anew."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return (*kept, (name, value))
