"""Every key of a preset file, with what it means. Values of a provider are in grammar.py."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.providers.capabilities import CAPABILITIES
from conformance.providers.fragments import FRAGMENTS
from conformance.providers.grammar import PROVIDER
from conformance.providers.kinds import Kind, Many, Named, Number, Table, Text
from conformance.providers.references import NAME

PARAMETERS = (
    "model", "messages", "temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "n",
    "seed", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs",
    "response_format", "tools", "tool_choice", "parallel_tool_calls", "stream", "stream_options",
    "reasoning_effort", "verbosity", "prediction", "store", "metadata", "user", "safety_identifier",
    "prompt_cache_key", "service_tier", "modalities", "functions", "web_search_options",
)  # fmt: skip
"""Of chat completions, in OpenAI's words."""

DIALECT: Mapping[str, Mapping[str, str]] = {
    "max_tokens": {
        "max_tokens": "bounds an answer",
        "max_completion_tokens": "bounds an answer, as in OpenAI's newer reference",
    },
    "counts_reasoning": {
        "yes": "that bound counts reasoning",
        "no": "reasoning comes on top of that bound",
    },
    "reasoning": {
        "reasoning_content": "the member of a message that holds reasoning",
        "reasoning": "the member of a message that holds reasoning",
        "reasoning_details": "the member of a message that holds reasoning, as a list",
        "content": "reasoning stands inside the answer",
        "hidden": "reasoning is not shown",
    },
    "thinking": {
        "on": "it thinks about a request that says nothing of it",
        "off": "it does not think unless told to",
        "model": "whether it thinks unless told depends on the model",
    },
    "replay": {
        "always": "reasoning must be sent back",
        "with-tools": "reasoning must be sent back where tools were called",
        "never": "reasoning need not be sent back",
    },
    "forced_tools": {
        "yes": "a forced tool choice is obeyed",
        "no": "a forced tool choice is refused or ignored",
        "without-thinking": "a forced tool choice is obeyed by models that do not think",
    },
    "unknown_fields": {
        "ignored": "fields that it does not know change nothing",
        "refused": "fields that it does not know get 400",
    },
    "errors": {
        "openai": 'errors are {"error": {"message": ...}}',
        "flat": 'errors are {"message": ...}, without the object `error`',
        "string": 'errors are {"error": "..."}',
        "list": 'errors are [{"error": ...}]',
        "detail": 'errors are {"detail": ...}',
    },
    "usage": {
        "own-chunk": "usage has a chunk of its own at the end of a stream",
        "finish-chunk": "usage rides on the chunk that ends the answer",
        "every-chunk": "usage stands in every chunk",
    },
    "keep_alive": {
        "comment": "a stream that waits sends comments",
        "blank-line": "a stream that waits sends blank lines",
        "none": "a stream that waits sends nothing",
    },
}
"""What differs between servers that all claim one API: each word that may stand there, and what it means."""

BOUNDS = {
    "context_tokens": "tokens of prompt and answer together",
    "answer_tokens": "the longest answer, in tokens",
    "usual_answer_tokens": "the longest answer where the request sets no bound",
    "n": "choices for one request",
    "stop": "stop sequences",
    "tools": "tools of one request",
    "top_logprobs": "alternatives beside each token",
    "temperature": "the highest temperature",
}
"""What may be written about how much is taken. Not `limits.context_tokens`, which is tried, and billed."""

_SOURCE = Text(about="The name of a source in `sources`.")


def _said(kind: Kind) -> Table:
    return Table(
        about="A value and where it was read.",
        keys={"is": kind, "source": _SOURCE},
        required=("is", "source"),
    )


_SOURCES = Named(
    about="Where the statements were read.",
    of=Table(
        about="One source.",
        keys={
            "what": Text(about="What it is, with its version."),
            "url": Text(
                about="Where it is; what we measured, and hearsay, has none.",
                pattern=r"https://\S+",
                pattern_means="a URL that begins with https://",
            ),
            "date": Text(
                about="When it was read, or the state of what was read.",
                pattern=r"\d{4}(-\d{2}(-\d{2})?)?",
                pattern_means="a date, such as 2026-11-23",
            ),
            "trust": Text(
                about="How good it is.",
                choices=("measured", "code", "documentation", "report", "hearsay"),
            ),
        },
        required=("what", "date", "trust"),
    ),
    noun="source",
)

_FACT = Table(
    about="One statement.",
    keys={
        "text": Text(about="The statement."),
        "source": _SOURCE,
        "clauses": Many(
            about="Clauses that it bears on.",
            of=Text(
                about="A clause id.",
                pattern=r"[A-Z][A-Z0-9]*-\d{3}",
                pattern_means="the id of a clause, such as STRM-010",
            ),
        ),
        "capabilities": Many(
            about="Capabilities that it speaks of.",
            of=Text(about="A capability.", choices=CAPABILITIES),
        ),
        "parameters": Many(
            about="Parameters that it speaks of.", of=Text(about="A parameter.", choices=PARAMETERS)
        ),
        "fragments": Many(
            about="Fragments that it speaks of.",
            of=Text(about="A fragment.", choices=tuple(FRAGMENTS)),
        ),
    },
    required=("text", "source"),
)

_BASE = Table(
    about="A base URL.",
    keys={
        "url": Text(
            about="The URL, with {name} for what is one's own.",
            pattern=r"https?://[^\s?#]+",
            pattern_means="a URL with {name} for what is one's own",
        ),
        "about": Text(about="What is there."),
        "source": _SOURCE,
    },
    required=("url", "about", "source"),
)

_START = Table(
    about="How such a server is started.",
    keys={
        "title": Text(about="What is started."),
        "on": Text(about="On which hardware.", choices=("nvidia", "ascend", "any")),
        "command": Text(about="As a shell reads it, with {name} for what is one's own."),
        "environment": Named(
            about="Variables that it needs.",
            of=Text(about="The value."),
            noun="variable",
            pattern=NAME,
            pattern_means="the name of an environment variable",
        ),
        "source": _SOURCE,
    },
    required=("title", "on", "command", "source"),
)

_SIGNS = Table(
    about="How such a server is known; one sign is enough.",
    keys={
        "hosts": Many(
            about="Hosts of base_url, with everything below them; `*` is any text.",
            of=Text(
                about="A host.",
                pattern=r"[a-z0-9*.-]+\.[a-z0-9-]+\.[a-z]+|[a-z0-9-]+\.[a-z]+",
                pattern_means="a host whose last two labels are literal",
            ),
        ),
        "ports": Many(
            about="Where it listens unless told otherwise, if nothing else usually does: a hint.",
            of=Number(about="A port.", least=1, most=65535, whole=True),
        ),
        "owned_by": Many(about="What stands so in GET /models.", of=Text(about="The whole value.")),
        "servers": Many(about="The Server header.", of=Text(about="The whole value.")),
    },
)

PRESET = Table(
    about="What is known about a kind of server.",
    keys={
        "about": Text(about="What it is, in one line."),
        "kind": Text(
            about="Who runs it.", choices=("hosted", "self-hosted", "gateway", "built-in")
        ),
        "extends": Text(about="Another preset whose values and statements come first."),
        "sources": _SOURCES,
        "signs": _SIGNS,
        "provider": PROVIDER,
        "bases": Many(about="Base URLs.", of=_BASE),
        "starts": Many(about="How such a server is started.", of=_START),
        "dialect": Table(
            about="What differs between servers that all claim one API.",
            keys={
                name: _said(Text(about="One of them.", choices=tuple(meanings)))
                for name, meanings in DIALECT.items()
            },
        ),
        "renamed": Named(
            about="Parameters that have another name here.",
            of=_said(Text(about="The other name.", pattern=NAME, pattern_means="a field's name")),
            names=PARAMETERS,
            noun="parameter",
        ),
        "bounds": Table(
            about="How much is taken at most, by what is written about it.",
            keys={name: _said(Number(about=words, above=True)) for name, words in BOUNDS.items()},
        ),
        "facts": Many(about="Statements for people.", of=_FACT),
    },
    required=("about", "kind", "provider"),
)
