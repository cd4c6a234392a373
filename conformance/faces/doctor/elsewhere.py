"""A base URL whose path is wrong: where the API is, if a probe finds it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from conformance.faces.doctor import answers
from conformance.faces.doctor.line import on_the_line
from conformance.providers.model import Provider

KEY_WANTED = 401
_VERSION = re.compile(r"/v\d+[a-z0-9]*$")


def found_at(provider: Provider, requests: int) -> tuple[str, int]:
    """The base URL that lists models (or asks for a key), empty where none does; requests sent."""
    asked = 0
    for url in candidates(provider.base_url):
        if asked >= requests:
            break
        asked += 1
        with on_the_line(replace(provider, base_url=url, launch=None)) as line:
            heard = line.get("/models")
        if heard.response is None:
            break
        if answers.models(heard) or (heard.response.status == KEY_WANTED and heard.document.value):
            return url, asked
    return "", asked


def candidates(base_url: str) -> Sequence[str]:
    """Base URLs that were perhaps meant: a part forgotten, or written twice; the likeliest first."""
    split = urlsplit(base_url)
    root = f"{split.scheme}://{split.netloc}"
    path = split.path.rstrip("/")
    forgotten = [] if _VERSION.search(path) else [f"{path}/v1"]
    paths = [*forgotten, "/v1", path.rpartition("/")[0], "/api/v1", "/openai/v1"]
    return [f"{root}{each}" for each in dict.fromkeys(paths) if each != path]
