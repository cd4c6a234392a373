"""An endpoint with a model, as values. Read from files by load.py; secrets are references only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """How the endpoint wants to be convinced. Holds references, never a key."""

    kind: str = "none"
    """`bearer`, `header`, `query`, `command` (prints a bearer token) or `none`."""
    name: str = ""
    """Header or query parameter that carries the key, where the kind needs one."""
    key: str = ""
    """`${VAR}` or `${VAR:-default}`."""
    command: tuple[str, ...] = ()
    """Prints a token; run once per run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Trust. Paths are absolute once loaded."""

    ca_bundle: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is polite, and what is too much."""

    concurrency: int = 8
    """Requests on the wire at once."""
    requests_per_second: float | None = None
    """None: as fast as `concurrency` lets them."""
    connect_seconds: float = 10.0
    first_byte_seconds: float | None = None
    """Longest wait for the first byte of an answer; None: `read_seconds`."""
    read_seconds: float = 120.0
    """Longest silence between two pieces."""
    total_seconds: float = 600.0
    response_bytes: int = 32 * 1024 * 1024
    """More is cut off and marked."""
    stream_bytes: int = 4 * 1024 * 1024
    """The same of a stream: some 15,000 tokens, one to an event. A stream that goes on is endless, and
    judging it would cost a hundred times its bytes."""
    completion_tokens: int = 4096
    """How long an answer may become that no request limits: what a budget sets aside for it."""
    retries: int = 2
    """Further attempts on connect errors and on 408, 409, 429 and 5xx; every one is recorded."""
    context_tokens: int | None = None
    """Tokens of prompt and answer together; None where nobody has said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """USD per million tokens."""

    prompt: float
    completion: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A failure that is known. It must still fail, or the run says so."""

    cases: str = "*"
    """Glob over case ids."""
    clauses: tuple[str, ...] = ()
    """Only these clauses; empty means every clause of those cases."""
    reason: str
    issue: str = ""
    sometimes: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A server that the harness starts, waits for and always stops."""

    command: tuple[str, ...]
    """`{port}` becomes a free loopback port; `{python}` this interpreter."""
    ready_path: str = "/models"
    """Below base_url; any answer below 500 means ready."""
    ready_seconds: float = 60.0
    log: str = ""
    """File for its output; empty: in the run's folder."""
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An endpoint with a model."""

    name: str
    base_url: str
    """Without a trailing slash. May hold `{port}` where `launch` chooses it."""
    where: str
    """`providers.toml:12`, for messages."""
    preset: str = ""
    model: str | None = None
    """None: found out from GET /models when there is exactly one."""
    models: Mapping[str, str] = field(default_factory=dict)
    """`reasoning`, `embeddings`, `completions`, `vision` where they differ from `model`; and
    `forbidden`, which the key may not use.
    """
    auth: Auth = Auth()
    headers: Mapping[str, str] = field(default_factory=dict)
    """Added to every request; values may hold `${VAR}`."""
    query: Mapping[str, str] = field(default_factory=dict)
    tls: Tls = Tls()
    capabilities: Mapping[str, bool] = field(default_factory=dict)
    """What it offers; a capability not listed is tried."""
    fragments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Named body fragments in the endpoint's own words (`thinking-off`)."""
    limits: Limits = Limits()
    prices: Prices | None = None
    jurisdiction: str = ""
    deviations: tuple[Deviation, ...] = ()
    accepted_changes: tuple[str, ...] = ()
    """Named changes that the team has made already: they do not fail the run."""
    certify: tuple[str, ...] = ()
    launch: Launch | None = None
    floor_from: str = ""
    """Another entry: the same weights on another machine, for the noise floor of `compare`."""
    noise_floor: float | None = None
    """Where there is no other machine: what is known of the model family."""

    def offers(self, capability: str) -> bool:
        """Declared, or not ruled out. What must be known before it can be tried is not offered."""
        if capability == "context_tokens" and self.limits.context_tokens is None:
            return False
        if capability == "forbidden_model" and "forbidden" not in self.models:
            return False
        return self.capabilities.get(capability, True)

    def model_for(self, kind: str) -> str | None:
        """The model for `reasoning`, `embeddings`, ...; the chat model where none is named."""
        return self.models.get(kind, self.model)
