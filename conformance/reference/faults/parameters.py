"""Parameters that are accepted and then have no effect: silent, and worse than a refusal."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Choice, Completion
from conformance.reference.ask import Ask, Shape
from conformance.reference.edit import each_said
from conformance.reference.fault import ASK, COMPLETION, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens

_NO_CAP = ("USAGE-004", "USAGE-005", "CRESP-016", "SO-016", "TOOL-025", "ERR-033")


@fault(
    "max-tokens-ignored", at=ASK, level="must",
    sources=["sgl-project/sglang#3098", "vllm-project/vllm-omni#445"],
    primary=["CREQ-020"], cascades=["CREQ-019", *_NO_CAP],
)  # fmt: skip
def max_tokens_ignored(ask: Ask) -> Ask:
    """The cap on tokens is accepted and has no effect, under both of its names."""
    return replace(ask, cap=None)


@fault(
    "max-completion-tokens-ignored", at=REQUEST, level="should",
    sources=["Ascend/MindIE-LLM: infer_param.cpp", "ikawrakow/ik_llama.cpp#2321", "DeepSeek API"],
    field=["max-completion-tokens-silently-ignored"],
    primary=["CREQ-019"],
    cascades=[*_NO_CAP, "CREQ-021", "ERR-008", "ERR-026", "ERR-027", "CREQ-077"],
)  # fmt: skip
def max_completion_tokens_ignored(request: HttpRequest) -> HttpRequest:
    """`max_completion_tokens` is not known: never read, never checked."""
    return request.edited(max_completion_tokens=None)


@fault(
    "stop-ignored", at=ASK, level="must", sources=["Anthropic: OpenAI compatibility (whitespace)", "gateways"],
    primary=["CREQ-030"], cascades=["CREQ-031", "CREQ-033", "STRM-028", "ERR-033"],
)  # fmt: skip
def stop_ignored(ask: Ask) -> Ask:
    """Stop strings are accepted and do not stop anything."""
    return replace(ask, stop=())


@fault(
    "stop-text-in-output", at=COMPLETION, level="must", sources=["InternLM/lmdeploy#4077"],
    field=["stop-string-twice-in-output"],
    primary=["CREQ-030"], cascades=["CREQ-031", "CREQ-033", "STRM-028", "USAGE-004", "CRESP-016"],
    amended="tokens of the stop string beyond the cap are a cap reached: CRESP-016, as USAGE-004",
)  # fmt: skip
def stop_text_in_output(completion: Completion) -> Completion:
    """Generation stops at the stop string, but the string is in the output."""

    def leaked(choice: Choice) -> Choice:
        pieces = (*choice.tokens, *tokens.split(choice.stop))
        text = "".join(pieces)
        return (
            replace(choice, text=text, tokens=pieces, spent=len(choice.thought) + len(pieces))
            if choice.stop
            else choice
        )

    return each_said(completion, leaked)


@fault(
    "n-ignored", at=ASK, level="should", sources=["Ollama: OpenAI compatibility (n unsupported)", "TGI"],
    field=["n-silently-one"],
    primary=["CREQ-035"],
    cascades=["CRESP-007", "CRESP-030", "USAGE-011", "CREQ-036", "ERR-033", "STRM-016"],
)  # fmt: skip
def n_ignored(ask: Ask) -> Ask:
    """`n` above 1 is accepted, and one choice comes."""
    return replace(ask, n=1)


@fault(
    "json-schema-ignored", at=ASK, level="must",
    sources=["Ascend/MindIE-LLM: single_req_openai_infer_interface.cpp", "vllm-project/vllm#13038"],
    field=["response-format-silently-ignored"],
    primary=["SO-003"],
    cascades=["SO-002", "SO-004", "SO-008", "SO-009", "SO-010", "SO-011", "SO-012", "SO-015",
              "SO-018", "SO-019", "SO-021", "SO-023", "CREQ-047", "ERR-033", "SO-006", "SO-007", "SO-014"],
    amended="free text is no closed object, lacks what is required, and fits no large schema: SO-006, SO-007, SO-014",
)  # fmt: skip
def json_schema_ignored(ask: Ask) -> Ask:
    """`response_format` with a schema is accepted, and free text comes."""
    return replace(ask, shape=Shape()) if ask.shape.kind == "json_schema" else ask


@fault(
    "json-object-ignored", at=ASK, level="should", sources=["vllm-project/vllm#12692", "MiniMax"],
    field=["proxy-drops-response-format"],
    primary=["CREQ-045"], cascades=["ERR-033", "STAT-004"],
)  # fmt: skip
def json_object_ignored(ask: Ask) -> Ask:
    """`response_format: json_object` is accepted, and free text comes."""
    if ask.shape.kind != "json_object":
        return ask
    plain = tuple(
        replace(each, text=each.text.replace("JSON", "text").replace("json", "text"))
        for each in ask.messages
    )
    return replace(ask, shape=Shape(), messages=plain)


@fault(
    "logprobs-ignored", at=ASK, level="must", sources=["vLLM with reasoning and tool parsers", "TGI"],
    primary=["LOGP-001"], cascades=["CREQ-041", "CREQ-042", "LOGP-012", "STRM-024", "ERR-033",
                                    "LOGP-004", "LOGP-008", "LOGP-009", "LOGP-010", "LOGP-013"],
)  # fmt: skip
def logprobs_ignored(ask: Ask) -> Ask:
    """`logprobs: true` is accepted, and null comes."""
    return replace(ask, logprobs=False, top_logprobs=0)


@fault(
    "temperature-ignored", at=ASK, level="should", sources=["deployments that sample greedily by default"],
    field=["server-default-sampling-from-model"],
    primary=["CREQ-025"], cascades=["CREQ-036"],
)  # fmt: skip
def temperature_ignored(ask: Ask) -> Ask:
    """Sampling is always greedy, whatever the temperature."""
    return replace(ask, temperature=0.0)


@fault(
    "temperature-zero-samples", at=ASK, level="should",
    sources=["greedy decoding that is not deterministic, NPU builds"],
    field=["greedy-nondeterministic-npu"],
    primary=["CREQ-024"], cascades=["CRESP-031", "STAT-001", "LOGP-013", "CREQ-038"],
)  # fmt: skip
def temperature_zero_samples(ask: Ask) -> Ask:
    """`temperature: 0` is taken for the default, and answers differ."""
    return ask if ask.temperature else replace(ask, temperature=1.0)
