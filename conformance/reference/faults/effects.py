"""Parameters of sampling and of caches that are accepted, and then do nothing or something else."""

from __future__ import annotations

import zlib
from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply, Response
from conformance.reference.ask import Ask, Json
from conformance.reference.circumstances import chat, shape_of, whole
from conformance.reference.edit import ERROR, both, each_choice, each_chunk_choice, each_said
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal

_FINAL = frozenset({400, 401, 402, 403, 404, 413, 422, 424})


@fault(
    "top-p-ignored", at=ASK, level="should", sources=["gateways that know temperature alone"],
    primary=["CREQ-027"],
)  # fmt: skip
def top_p_ignored(ask: Ask) -> Ask:
    """`top_p` is accepted, and the whole distribution is sampled."""
    return replace(ask, top_p=1.0)


@fault(
    "top-p-lost-beside-a-temperature", at=REQUEST, level="should", of=chat,
    sources=["langwatch/langwatch#6290"],
    primary=["CREQ-027"], cascades=["RSN-013", "ERR-026"],
    amended="one that is out of range is dropped as well, and not refused: ERR-026",
)  # fmt: skip
def top_p_lost_beside_a_temperature(request: HttpRequest) -> HttpRequest:
    """`top_p` is accepted, and dropped in silence where a temperature stands beside it."""
    named = request.json.get("temperature") is not None
    return request.edited(top_p=None) if named else request


@fault(
    "seed-ignored", at=ASK, level="may", sources=["Anthropic: OpenAI compatibility (seed ignored)"],
    changes=["effects/seed"], field=["seed-ignored-on-310p"],
    amended="ignoring it breaks no clause, which only permits it: CREQ-038, STAT-008",
)  # fmt: skip
def seed_ignored(ask: Ask) -> Ask:
    """`seed` is accepted, and each answer is drawn anew."""
    return replace(ask, seed=None)


@fault(
    "frequency-penalty-ignored", at=ASK, level="may",
    sources=["Anthropic: OpenAI compatibility (penalties ignored)"],
    changes=["effects/frequency-penalty"],
    amended="ignoring it breaks no clause, which only permits it: CREQ-029",
)  # fmt: skip
def frequency_penalty_ignored(ask: Ask) -> Ask:
    """`frequency_penalty` is accepted, and words come again as often as before."""
    return replace(ask, frequency_penalty=0.0)


@fault(
    "presence-penalty-ignored", at=ASK, level="may",
    sources=["Anthropic: OpenAI compatibility (penalties ignored)"],
    changes=["effects/presence-penalty"],
    amended="ignoring it breaks no clause, which only permits it: CREQ-029",
)  # fmt: skip
def presence_penalty_ignored(ask: Ask) -> Ask:
    """`presence_penalty` is accepted and changes nothing."""
    return replace(ask, presence_penalty=0.0)


@fault(
    "logit-bias-ignored", at=ASK, level="may",
    sources=["Anthropic: OpenAI compatibility (logit_bias ignored)", "Ollama: OpenAI compatibility"],
    changes=["effects/logit-bias"],
    field=["logit-bias-silently-ignored", "logit-bias-array-shape-only"],
    amended="ignoring it breaks no clause, which only permits it: CREQ-040",
)  # fmt: skip
def logit_bias_ignored(ask: Ask) -> Ask:
    """`logit_bias` is accepted, and every token is as likely as before."""
    return replace(ask, logit_bias={})


@fault(
    "lowering-biases-ignored", at=ASK, level="may", sources=["theroyallab/tabbyAPI#350"],
    changes=["effects/logit-bias"],
)  # fmt: skip
def lowering_biases_ignored(ask: Ask) -> Ask:
    """A bias above 0 makes a token likelier; one below 0 does not keep it away."""
    raised = {token: bias for token, bias in ask.logit_bias.items() if bias > 0}
    return replace(ask, logit_bias=raised)


@fault(
    "n-copies", at=COMPLETION, level="should",
    sources=["servers that answer once and copy it, with a seed or a cache shared by the choices"],
    primary=["CREQ-036"],
)  # fmt: skip
def n_copies(completion: Completion) -> Completion:
    """`n` choices come, each a copy of the first."""
    first = completion.choices[0]
    copies = tuple(replace(first, index=each.index) for each in completion.choices)
    return completion if first.calls else replace(completion, choices=copies)


@fault(
    "logprobs-drift", at=REPLY, level="should",
    sources=["kernels whose sums depend on what else is in the batch"], primary=["LOGP-013"],
)  # fmt: skip
def logprobs_drift(reply: Reply) -> Reply:
    """The log probabilities of one and the same text are others in every answer."""
    document = reply.document if isinstance(reply.document, dict) else {}
    name = str((reply.chunks[0] if reply.chunks else document).get("id"))
    shift = (zlib.crc32(name.encode()) % 1000) / 250

    def drifted(choice: Json) -> Json:
        told = choice.get("logprobs")
        if not told:
            return choice
        moved = {part: [_moved(each, shift) for each in told[part] or ()] for part in told}
        return {**choice, "logprobs": {**moved, "refusal": moved["refusal"] or told["refusal"]}}

    return each_choice(each_chunk_choice(reply, drifted), drifted)


def _moved(entry: Json, shift: float) -> Json:
    likely = entry.get("top_logprobs", ())
    moved = {**entry, "logprob": entry["logprob"] - shift}
    return {**moved, "top_logprobs": [_moved(each, shift) for each in likely]} if likely else moved


@fault(
    "json-object-in-prose-at-times", at=COMPLETION, level="should", of=shape_of("json_object"), rate=0.5,
    sources=["json mode by prompt alone"], primary=["STAT-004"], cascades=["CREQ-045"],
)  # fmt: skip
def json_object_in_prose_at_times(completion: Completion) -> Completion:
    """Now and then the JSON object has a sentence before it."""

    def wrapped(choice: Choice) -> Choice:
        text = f"Here you are: {choice.text}"
        pieces = tokens.split(text)
        fits = completion.ask.cap is None or len(pieces) <= completion.ask.cap
        told = replace(choice, text=text, tokens=pieces, spent=len(pieces))
        return told if fits and choice.finish == "stop" else choice

    return each_said(completion, wrapped)


@fault(
    "cached-tokens-frozen", at=REPLY, level="should",
    sources=["DeepSeek API before it named both", "servers whose adapter copies a zero"],
    primary=["USAGE-009"],
)  # fmt: skip
def cached_tokens_frozen(reply: Reply) -> Reply:
    """Only a member of the vendor's own says what came from the cache; the standard one stays 0."""

    def frozen(body: Json) -> Json:
        usage = body.get("usage")
        if not usage:
            return body
        hit = usage["prompt_tokens_details"]["cached_tokens"]
        own = {"prompt_cache_hit_tokens": hit, "prompt_tokens_details": {"cached_tokens": 0}}
        return {**body, "usage": {**usage, **own}}

    return both(reply, frozen)


@fault(
    "final-error-says-retry", at=RESPONSE, level="must",
    sources=["gateways that add the header to whatever failed"], primary=["ERR-020"],
)  # fmt: skip
def final_error_says_retry(response: Response) -> Response:
    """A request that can never succeed is refused with `x-should-retry: true`."""
    if response.status < ERROR or response.status not in _FINAL:
        return response
    return replace(response, headers=response.with_header("x-should-retry", "true"))


@fault(
    "vendor-member-needed", at=REQUEST, level="should", of=whole,
    sources=["DashScope: parameter.enable_thinking must be set to false for non-streaming calls"],
    primary=["CREQ-079"], cascades=["*"],
)  # fmt: skip
def vendor_member_needed(request: HttpRequest) -> HttpRequest:
    """Without a parameter of the vendor's own, an answer in one piece is refused."""
    if request.json and "enable_thinking" not in request.json:
        raise Refusal(
            "parameter.enable_thinking must be set to false for non-streaming calls",
            code="invalid_parameter_error",
            param="enable_thinking",
        )
    return request
