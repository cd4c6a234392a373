"""Log probabilities that are not what they must be."""

from __future__ import annotations

from functools import partial

from conformance.reference.ask import Json
from conformance.reference.edit import each_choice, without
from conformance.reference.turned import having, in_entry, in_logprobs, turned

_turned = partial(turned, area=__name__)


def _unchosen(entry: Json) -> Json:
    likely = entry["top_logprobs"]
    if not likely:
        return entry
    other = {"token": "?", "bytes": [63], "logprob": -0.2}
    taken = {**likely[0], "logprob": -2.4}
    return {**entry, "logprob": -2.4, "top_logprobs": [other, taken, *likely[2:]][: len(likely)]}


def _one_more(entry: Json) -> Json:
    likely = entry["top_logprobs"]
    return {**entry, "top_logprobs": [*likely, {**likely[-1], "token": "~"}]} if likely else entry


def _blank(entry: Json) -> Json:
    likely = entry["top_logprobs"]
    return (
        {**entry, "top_logprobs": [without(each, "logprob") for each in likely]}
        if likely
        else entry
    )


# fmt: off
_turned("logprobs-content-object", "LOGP-001", "`logprobs.content` is an object.", in_logprobs(having(content={})),
        cascades=["CREQ-041", "CREQ-042", "LOGP-*"])
_turned("logprob-positive", "LOGP-002", "A logarithm of a probability is above 0.", in_entry(having(logprob=0.5)),
        cascades=["LOGP-005", "LOGP-006", "LOGP-007", "CREQ-042"], amended="the alternatives say otherwise of the token: CREQ-042")
_turned("bytes-in-text", "LOGP-003", "The bytes of a token are a text.", in_entry(having(bytes="00")), level="should",
        cascades=["LOGP-008"])
_turned("alternatives-missing", "LOGP-004", "`top_logprobs` is missing.",
        in_entry(lambda entry: without(entry, "top_logprobs")), cascades=["CREQ-042", "LOGP-005"])
_turned("one-alternative-more", "LOGP-005", "There is one alternative more than asked for.", in_entry(_one_more),
        cascades=["CREQ-042", "LOGP-002"], amended="as likely as the likeliest, it makes them more than certain together: LOGP-002")
_turned("alternatives-without-logprob", "LOGP-005", "Alternatives have no logarithm.", in_entry(_blank),
        cascades=["LOGP-006", "LOGP-007", "CREQ-042"])
_turned("alternatives-reversed", "LOGP-006", "The least likely alternative comes first.",
        in_entry(lambda entry: {**entry, "top_logprobs": entry["top_logprobs"][::-1]}), level="should",
        cascades=["LOGP-007"])
_turned("chosen-is-not-the-likeliest", "LOGP-007", "At temperature 0 another token is likelier than the chosen one.",
        in_entry(_unchosen), level="should", cascades=["CREQ-042"], amended="a likelier token is not among the alternatives of others: CREQ-042")
_turned("tokens-lack-the-last", "LOGP-008", "The last token has no entry.",
        in_logprobs(lambda held: {**held, "content": held["content"][:-1]}), level="should",
        cascades=["LOGP-001", "LOGP-009", "CREQ-041"])
_turned("logprobs-without-refusal", "LOGP-010", "`logprobs.refusal` is missing.",
        in_logprobs(lambda held: without(held, "refusal")), level="should")
_turned("logprobs-unasked", "LOGP-011", "Log probabilities come unasked.",
        lambda reply: each_choice(reply, lambda held: {**held, "logprobs": held["logprobs"] or {"content": [{"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}], "refusal": None}}),
        cascades=["LOGP-008", "CREQ-041", "LOGP-009", "LOGP-012"],
        amended="the entry made up is not as many as the tokens: LOGP-009; and it comes with whole answers alone: LOGP-012")
