"""Routes: a request becomes a script. No sockets, no clocks but the one that is handed in."""

from __future__ import annotations

import hmac
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import conformance.reference.api
from conformance.reference.answer import Headers, Reply
from conformance.reference.api.core import Call, found
from conformance.reference.dress import Connection, Pace, dress, frame, http_date
from conformance.reference.fault import (
    REPLY,
    REQUEST,
    RESPONSE,
    SCRIPT,
    Fault,
    Shown,
    rewritten,
)
from conformance.reference.incoming import HttpRequest
from conformance.reference.memory import Arrival, Memory
from conformance.reference.model.think import THINKER
from conformance.reference.preflight import asks_before, opened, permitted
from conformance.reference.refusal import Refusal, shown
from conformance.reference.replies import refused
from conformance.reference.script import Pause, Script
from conformance.registry import import_all

import_all(conformance.reference.api)

SECOND_MODEL = "conformance/reference-1"
"""Also served: the same model under an id with a slash, and one that thinks before it answers."""
_REMEMBERED = 100_000
_DRAWS = 2**32
_LONGEST_CLIENT_ID = 512
_ALONE = Arrival()


@dataclass(frozen=True, slots=True)
class Settings:
    """How this server behaves; see `ServeOptions` for what each means."""

    key: str | None = None
    model: str = "reference-1"
    faults: tuple[Shown, ...] = ()
    pace: Pace = field(default_factory=Pace)
    slow_share: float = 0.0
    slow_factor: float = 1.0
    seed: int = 0
    age: float = 0.0
    strict: bool = False
    """Raise what goes wrong inside, in place of answering 500."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What is about to be sent, and how long it will take because we want it to."""

    script: Script
    status: int
    name: str

    @property
    def seconds(self) -> float:
        return sum(act.seconds for act in self.script if isinstance(act, Pause))


class App:
    """Answers requests. Equal requests in equal order get equal answers, but for the time."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._models = (settings.model, settings.model + THINKER, SECOND_MODEL)
        self._seen: Counter[bytes] = Counter()
        self._epoch = 0
        self.memory = Memory(clock, settings.age)

    def respond(self, request: HttpRequest, arrival: Arrival = _ALONE) -> Planned:
        """Everything that will be sent in answer to a request."""
        return self._planned(
            request, arrival, lambda faults, name: self._routed(request, faults, name)
        )

    def refuse(self, request: HttpRequest, refusal: Refusal, arrival: Arrival = _ALONE) -> Planned:
        """The answer to a request that could not even be read."""
        return self._planned(request, arrival, lambda faults, name: refused(refusal))

    def abandoned(self, *, amid: bool = False) -> None:
        """Somebody has hung up before the answer was sent; `amid`: while others were being answered."""
        self.memory.hung_up(amid=amid)

    def _planned(
        self,
        request: HttpRequest,
        arrival: Arrival,
        answer: Callable[[tuple[Fault, ...], str], Reply],
    ) -> Planned:
        name = self._name(request)
        faults = self.memory.showing(
            self._settings.faults, request, arrival, lambda purpose: self._draw(name, purpose)
        )
        made = rewritten(faults, REPLY, answer(faults, name))
        response = dress(made, self._pace(name), self._common(request, name))
        response = rewritten(faults, RESPONSE, response)
        connection = Connection(
            keep_alive=request.keep_alive,
            http_1_0=request.version == "HTTP/1.0",
            head_only=request.method == "HEAD",
        )
        script = rewritten(faults, SCRIPT, frame(response, connection))
        return Planned(script, response.status, name)

    def _routed(self, request: HttpRequest, faults: tuple[Fault, ...], name: str) -> Reply:
        try:
            if faults:
                known = replace(request, served=self._models, earlier=self.memory.earlier)
                request = rewritten(faults, REQUEST, known)
            return self._route(request, faults, name)
        except Refusal as refusal:
            return refused(refusal)
        except Exception:
            if self._settings.strict:
                raise
            # a server answers, and says where it hurt
            traceback.print_exc(file=sys.stderr)
            return refused(
                Refusal(
                    "The server had an error.", status=500, kind="server_error", code="internal"
                )
            )

    def _route(self, request: HttpRequest, faults: tuple[Fault, ...], name: str) -> Reply:
        hit = found(request.path)
        if hit is None:
            raise Refusal(
                f"Unknown request URL: {request.method} {shown(request.path, 200)}.",
                status=404,
                code="unknown_url",
            )
        route, rest = hit
        if asks_before(request):
            return permitted(request, route.methods)
        self._admit(request, route.methods)
        return route.answer(
            Call(
                request=request,
                rest=rest,
                models=self._models,
                faults=faults,
                name=name,
                now=int(self._clock()),
                memory=self.memory,
            )
        )

    def _admit(self, request: HttpRequest, methods: tuple[str, ...]) -> None:
        """Method first, then key. Raises Refusal."""
        if request.method not in methods:
            raise Refusal(
                f"Not allowed to {request.method} on {shown(request.path, 200)}; "
                f"allowed: {', '.join(methods)}.",
                status=405,
                code="method_not_allowed",
            )
        key = self._settings.key
        if key is None or request.trusted:
            return
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not given.strip():
            raise Refusal(
                "You didn't provide an API key. Send it as 'Authorization: Bearer YOUR_KEY'.",
                status=401,
                code="invalid_api_key",
            )
        if not hmac.compare_digest(given.strip().encode("latin-1", "replace"), key.encode()):
            raise Refusal("Incorrect API key provided.", status=401, code="invalid_api_key")

    def _name(self, request: HttpRequest) -> str:
        """A name for this exchange: unique here, and the same again in an equal run."""
        digest = blake2b(digest_size=16, key=self._settings.seed.to_bytes(16, "big", signed=True))
        digest.update(f"{request.method} {request.target}\n".encode("latin-1", "replace"))
        digest.update(request.body)
        asked = digest.digest()
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
            self._epoch += 1
        self._seen[asked] += 1
        digest.update(f"\n{self._epoch}.{self._seen[asked]}".encode())
        return digest.hexdigest()

    def _draw(self, name: str, purpose: str) -> float:
        """A number from 0 up to 1 for a purpose, settled by the exchange's name."""
        drawn = blake2b(f"{name} {purpose}".encode(), digest_size=4).digest()
        return int.from_bytes(drawn, "big") / _DRAWS

    def _pace(self, name: str) -> Pace:
        pace, settings = self._settings.pace, self._settings
        if settings.slow_share and self._draw(name, "slow") < settings.slow_share:
            return Pace(pace.first * settings.slow_factor, pace.each * settings.slow_factor)
        return pace

    def _common(self, request: HttpRequest, name: str) -> Headers:
        """Headers of every response."""
        given = request.headers.get("x-client-request-id", "")
        echo = given if given.isascii() and given.isprintable() else ""
        return (
            ("Date", http_date(self._clock())),
            ("Server", "reference"),
            ("x-request-id", f"req_{name}"),
            ("openai-version", "2020-10-01"),
            ("openai-processing-ms", str(1 + int(self._settings.pace.first * 1000))),
            ("x-ratelimit-limit-requests", "10000"),
            ("x-ratelimit-limit-tokens", "2000000"),
            ("x-ratelimit-remaining-requests", "9999"),
            ("x-ratelimit-remaining-tokens", "1999000"),
            ("x-ratelimit-reset-requests", "6ms"),
            ("x-ratelimit-reset-tokens", "30ms"),
            *opened(request),
            *((("x-client-request-id", echo),) if 0 < len(echo) <= _LONGEST_CLIENT_ID else ()),
            *((("Allow", _allowed(request)),) if _allowed(request) else ()),
        )


def _allowed(request: HttpRequest) -> str:
    """The `Allow` header, which a 405 must carry; empty where the method is right."""
    hit = found(request.path)
    return "" if hit is None or request.method in hit[0].methods else ", ".join(hit[0].methods)
