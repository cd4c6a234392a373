"""Every key of providers.toml, with what it means. Read by the loader and by the JSON Schema alike."""

from __future__ import annotations

from conformance.providers.capabilities import CAPABILITIES
from conformance.providers.kinds import Data, Flag, Many, Named, Number, Table, Text
from conformance.providers.references import NAME

HEADER = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
PROVIDER_NAME = r"(?!all$)[A-Za-z0-9][A-Za-z0-9._-]*"
_HEADER_MEANS = "the name of an HTTP header"

AUTH_KINDS = ("bearer", "header", "query", "command", "none")

_AUTH = Table(
    about="How the endpoint wants to be convinced. Naming a kind replaces the preset's whole table.",
    keys={
        "kind": Text(
            about="bearer: `Authorization: Bearer KEY`; header, query: the key under `name`; "
            "command: a program that prints a bearer token; none.",
            choices=AUTH_KINDS,
        ),
        "name": Text(
            about="Header or query parameter that carries the key (kinds header and query).",
            pattern=HEADER,
            pattern_means="the name of a header or query parameter",
        ),
        "key": Text(about="${VAR} or ${VAR:-default}; never the key itself.", key=True),
        "command": Many(
            about="Program and arguments; prints a bearer token. Run once per run, without a shell.",
            of=Text(about="One argument.", references=True),
            least=1,
        ),
    },
)

_TLS = Table(
    about="Trust. Relative paths start at the folder of the file.",
    keys={
        "ca_bundle": Text(about="PEM file of the authorities to trust.", references=True),
        "client_certificate": Text(about="PEM file that we show to the server.", references=True),
        "client_key": Text(about="PEM file of its private key.", references=True),
        "verify": Flag(about="false trusts anybody; for laboratories only, and reported loudly."),
    },
)

_LIMITS = Table(
    about="What is polite, and what is too much.",
    keys={
        "concurrency": Number(about="Requests on the wire at once.", least=1, whole=True),
        "requests_per_second": Number(about="Requests begun per second.", above=True),
        "connect_seconds": Number(about="Longest wait for a connection.", above=True),
        "first_byte_seconds": Number(
            about="Longest wait for the first byte of an answer (default: read_seconds).",
            above=True,
        ),
        "read_seconds": Number(
            about="Longest silence between two pieces of an answer.", above=True
        ),
        "total_seconds": Number(about="Longest duration of one exchange.", above=True),
        "response_bytes": Number(about="More is cut off and marked.", least=1024, whole=True),
        "stream_bytes": Number(
            about="More of a stream is cut off: it counts as endless.", least=1024, whole=True
        ),
        "completion_tokens": Number(
            about="How long an answer may become that no request limits: set aside by budgets.",
            least=1,
            whole=True,
        ),
        "retries": Number(
            about="Further attempts on connect errors, 408, 409, 429 and 5xx; all are recorded.",
            most=20,
            whole=True,
        ),
        "context_tokens": Number(
            about="Tokens of prompt and answer together. Where it is said, one prompt is sent that "
            "is longer, and must be refused; too small a number here is billed.",
            least=1,
            most=2_000_000,
            whole=True,
        ),
    },
)

_LAUNCH = Table(
    about="A server that the harness starts, waits for and always stops.",
    keys={
        "command": Many(
            about="Program and arguments; it must stay in the foreground. {port} becomes a free "
            "port, {python} this Python.",
            of=Text(about="One argument.", references=True),
            least=1,
        ),
        "ready_path": Text(
            about="Asked below base_url; any answer below 500 means ready.",
            pattern="/.*",
            pattern_means="a path that begins with /",
        ),
        "ready_seconds": Number(about="Longest wait until it is ready.", above=True),
        "log": Text(about="File for its output; without one it goes to the run's folder."),
        "environment": Named(
            about="Variables for its process, beside our own.",
            of=Text(about="The value.", references=True),
            noun="variable",
            pattern=NAME,
            pattern_means="the name of an environment variable",
        ),
        "port": Number(
            about="A fixed port in place of a free one.", least=1, most=65535, whole=True
        ),
    },
)

_DEVIATION = Table(
    about="A failure that is known. It must still fail, or the run says so.",
    keys={
        "cases": Text(about="Glob over case ids (`tools/parallel-*`); every case without one."),
        "clauses": Many(
            about="Only these clauses; without them every clause of those cases.",
            of=Text(
                about="A clause id.",
                pattern=r"[A-Z][A-Z0-9]*-\d{3}",
                pattern_means="the id of a clause, such as STRM-010",
            ),
        ),
        "reason": Text(
            about="Why, in a sentence.", pattern=r"(?s).*\S.*", pattern_means="a reason"
        ),
        "issue": Text(about="Link to the report of it."),
        "sometimes": Flag(about="It comes and goes: a run in which it does not show is no news."),
    },
    required=("reason",),
)

PROVIDER = Table(
    about="An endpoint with a model.",
    keys={
        "preset": Text(
            about="What is known about this kind of server (`conformance list presets`)."
        ),
        "base_url": Text(
            about="Where the API starts, mostly ending in /v1. {port} where `launch` chooses it.",
            references=True,
        ),
        "model": Text(
            about="The chat model; found out where the server offers exactly one.", references=True
        ),
        "models": Named(
            about="Models for other purposes, where they differ.",
            of=Text(about="A model id.", references=True),
            names=("reasoning", "embeddings", "completions", "vision", "forbidden"),
            noun="purpose",
        ),
        "api_key": Text(about="Short for auth.key.", key=True),
        "auth": _AUTH,
        "headers": Named(
            about="Added to every request. Keys only as ${VAR}.",
            of=Text(about="The value.", references=True),
            noun="header",
            pattern=HEADER,
            pattern_means=_HEADER_MEANS,
        ),
        "query": Named(
            about="Added to every URL, such as Azure's api-version. Keys only as ${VAR}.",
            of=Text(about="The value.", references=True),
            noun="parameter",
        ),
        "tls": _TLS,
        "capabilities": Named(
            about="What is offered (true) and what is not (false); what is not listed is tried.",
            of=Flag(about="Offered or not."),
            names=CAPABILITIES,
            noun="capability",
            dotted=True,
        ),
        "fragments": Named(
            about="Named parts of request bodies in the endpoint's own words (`thinking-off`).",
            of=Named(about="Merged into the body by key.", of=Data(about="Any value.")),
            noun="fragment",
        ),
        "limits": _LIMITS,
        "prices": Table(
            about="USD per million tokens.",
            keys={
                "prompt": Number(about="For tokens of the request."),
                "completion": Number(about="For tokens of the answer."),
            },
            required=("prompt", "completion"),
        ),
        "jurisdiction": Text(about="Under which law the data is processed: `eu`, `us`, `cn`, ..."),
        "deviations": Many(about="Failures that are known.", of=_DEVIATION),
        "accepted_changes": Many(
            about="Named changes that the team has made already: they do not fail the run.",
            of=Text(about="The name of a fragment, or a case of another way (reasoning/member)."),
        ),
        "certify": Many(about="Profiles that decide every run.", of=Text(about="A profile.")),
        "launch": _LAUNCH,
        "floor_from": Text(
            about="Another entry that serves the same weights from another machine or engine: what "
            "differs between the two is the noise that `conformance compare` allows any other."
        ),
        "noise_floor": Number(
            about="Where there is no such entry: how far first tokens of this model lie apart "
            "between machines, in logits. Without it that of its family (noise_floors), or 0.07 "
            "where nobody has said; the report says which.",
            above=True,
        ),
    },
)

FILE = Table(
    about="Providers: endpoints that can be asked.",
    keys={
        "providers": Named(
            about="Endpoints by name.",
            of=PROVIDER,
            noun="provider",
            pattern=PROVIDER_NAME,
            pattern_means="a name of letters, digits, dots, dashes and underscores, and not `all`",
        ),
        "noise_floors": Named(
            about="By model family: `noise_floor` of every entry whose `model` matches the pattern "
            "(`*deepseek-v4*`, case does not count) and which has none of its own. The first counts.",
            of=Number(about="Logits.", above=True),
            noun="pattern",
        ),
    },
)
