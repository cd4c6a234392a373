"""Which part of the API a URL belongs to, whatever stands in front of it."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

CHAT, COMPLETIONS, EMBEDDINGS = "chat/completions", "completions", "embeddings"
RESPONSES, MODELS, MODEL, OTHER = "responses", "models", "models/{id}", ""
RESPONSE = "responses/{id}"
POSTED = frozenset({CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES})
STREAMED = frozenset({CHAT, COMPLETIONS, RESPONSES})


def endpoint_of(url: str) -> str:
    """The part of the API by the end of the path; OTHER for anything unknown."""
    path = urlsplit(url).path.rstrip("/")
    for known in (CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES, MODELS):
        if path.endswith(f"/{known}"):
            return known
    if model_id_of(url):
        return MODEL
    above, _, last = path.rpartition("/")
    return RESPONSE if last and above.endswith(f"/{RESPONSES}") else OTHER


def model_id_of(url: str) -> str:
    """The id in `/models/{id}`, decoded; empty for other paths."""
    return unquote(urlsplit(url).path.partition("/models/")[2])
