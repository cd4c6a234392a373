"""What a route is: a path with its methods, and the function that makes a request a reply.

    @route("/v1/embeddings", "POST")
    def embeddings(call: Call) -> Reply: ...

A path that ends in `/` stands for all paths below it; the rest of such a path is `call.rest`,
percent-decoded. Method and key are looked at before; a `Refusal` that is raised becomes the
standard error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.fault import Fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.memory import Memory
from conformance.reference.refusal import Refusal
from conformance.reference.validate.body import read_json
from conformance.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One admitted request, with what it takes to answer it."""

    request: HttpRequest
    rest: str
    """What follows a path that ends in `/`."""
    models: tuple[str, ...]
    """The models on offer."""
    faults: tuple[Fault, ...]
    """Those that this request shows."""
    name: str
    """Unique per exchange, and the same again in an equal run: mints the ids."""
    now: int
    """Unix seconds."""
    memory: Memory

    @property
    def body(self) -> Json:
        """The body as a JSON object. Raises Refusal for anything else."""
        if self.request.headers.get("content-encoding", "identity").lower() != "identity":
            raise Refusal("Request bodies must not be compressed.", status=415)
        return read_json(self.request.body)


Answer = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path that is served, by which methods, and how."""

    path: str
    methods: tuple[str, ...]
    answer: Answer


ROUTES: Registry[Route] = Registry("route")


def route(path: str, *methods: str) -> Callable[[Answer], Answer]:
    """Serve a path, or with a trailing `/` every path below it."""

    def register(answer: Answer) -> Answer:
        ROUTES.add(path, Route(path=path, methods=methods, answer=answer))
        return answer

    return register


def found(path: str) -> tuple[Route, str] | None:
    """The route of a path, whatever slashes it doubles or trails, and the rest of the path."""
    plain = _plain(path)
    if plain in ROUTES:
        return ROUTES[plain], ""
    below = [each for each in ROUTES.values() if each.path.endswith("/")]
    for each in below:
        if plain.startswith(each.path):
            return each, unquote(plain.removeprefix(each.path), errors="replace")
    return None


def _plain(path: str) -> str:
    """A path without doubled and without trailing slashes."""
    while "//" in path:
        path = path.replace("//", "/")
    return path.rstrip("/")
