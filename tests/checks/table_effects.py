"""Rows for what shows in numbers or between answers, and for refusals that are final."""

from build import HELLO, bad, chunk, dumped, edited, exchange, failing, good, hello, stream

CHOICE = HELLO["choices"][0]


def choosing(*texts, **known):
    """A completion with these choices."""
    choices = [
        edited(CHOICE, {"index": n, "message.content": each}) for n, each in enumerate(texts)
    ]
    return exchange(dumped(HELLO | {"choices": choices}), asked={"n": len(texts)}, **known)


def streamed(*texts):
    """The same, as a stream."""
    parts = [chunk({"role": "assistant", "content": each}, index=n) for n, each in enumerate(texts)]
    return stream(
        *parts, *[chunk({}, "stop", index=n) for n in range(len(texts))], asked={"n": len(texts)}
    )


def likely(*values, **known):
    """A completion whose tokens have these log probabilities."""
    tokens = [
        {"token": "x", "logprob": value, "bytes": None, "top_logprobs": []} for value in values
    ]
    return hello({"choices.0.logprobs": {"content": tokens, "refusal": None}}, **known)


def cached(count, *, step="main", **vendor):
    """A completion of which so much of the prompt was cached."""
    usage = {"usage.prompt_tokens": 900, "usage.total_tokens": 903} | {
        f"usage.{name}": each for name, each in vendor.items()
    }
    return hello(
        usage
        | ({} if count is None else {"usage.prompt_tokens_details": {"cached_tokens": count}}),
        step=step,
    )


COLD, UNTOLD = cached(0, step="cold"), cached(None, step="cold")
RETRY, NO_RETRY = {"x-should-retry": "true"}, {"x-should-retry": "false"}

TABLE = {
    "choices_differ": [
        bad("two copies", choosing("Red.", "Red.")), bad("three copies", choosing("Red.", "Red.", "Red.")), bad("copies in a stream", streamed("Red.", "Red.")),
        good("two of three", choosing("Red.", "Red.", "Blue.")), good("by a blank", choosing("Red.", "Red. ")), good("in a stream", streamed("Red.", "Blue.")),
        bad("two empty ones", choosing("", "")),
    ],
    "choices_agree": [
        good("two copies", choosing("Red.", "Red.")), good("in a stream", streamed("Red.", "Red.")),
        bad("one of three", choosing("Red.", "Red.", "Blue.")), bad("by a blank", choosing("Red.", "Red. ")), bad("differ in a stream", streamed("Red.", "Blue.")),
    ],
    "same_first_logprob": [
        good("equal", likely(-0.1, -3), steps={"step": likely(-0.1, -1, step="one")}, step="step"), good("near", likely(-0.1), steps={"step": likely(-0.25, step="one")}, step="step"), good("certain", likely(0), steps={"step": likely(-0.0, step="one")}, step="step"),
        bad("far", likely(-0.1), steps={"step": likely(-0.4, step="one")}, step="step"), good("far, but allowed", likely(-0.1), steps={"step": likely(-0.4, step="one")}, step="step", within=1), bad("near, but not allowed", likely(-0.1), steps={"step": likely(-0.15, step="one")}, step="step", within=0.01),
        bad("the other has none", likely(-0.1), steps={"step": hello(step="one")}, step="step"), bad("the other failed", likely(-0.1), steps={"step": failing(step="one")}, step="step"),
    ],
    "cache_hit_is_counted": [
        good("it rises", cached(896), steps={"step": COLD}, step="step"), good("not told", cached(None), steps={"step": UNTOLD}, step="step"), good("told in the vendor's words alone", cached(None, prompt_cache_hit_tokens=896), steps={"step": UNTOLD}, step="step"),
        good("told in both", cached(896, prompt_cache_hit_tokens=896), steps={"step": cached(0, step="cold", prompt_cache_hit_tokens=0)}, step="step"), good("no more than before, and nothing says otherwise", cached(64), steps={"step": cached(64, step="cold")}, step="step"),
        bad("the vendor knows of it", cached(0, prompt_cache_hit_tokens=896), steps={"step": COLD}, step="step"), bad("under the shorter name", cached(0, cached_tokens=896), steps={"step": COLD}, step="step"), bad("it falls", cached(0, prompt_cache_hit_tokens=896), steps={"step": cached(64, step="cold")}, step="step"),
        bad("in timings", hello({"timings": {"cache_n": 8}, "usage.prompt_tokens_details": {"cached_tokens": 0}}), steps={"step": COLD}, step="step"),
    ],
    "cache_hit_is_streamed": [
        good("a hit in both", cached(896), steps={"step": cached(896, step="warm")}, step="step"),
        good("less of it", cached(64), steps={"step": cached(896, step="warm")}, step="step"),
        good("none before it", cached(0), steps={"step": COLD}, step="step"), good("no count before it", cached(0), steps={"step": UNTOLD}, step="step"),
        bad("nothing", cached(0), steps={"step": cached(896, step="warm")}, step="step"),
    ],
    "final_refusal_asks_for_no_retry": [
        bad("404", failing(headers=RETRY)), bad("400", failing(status=400, headers=RETRY)), bad("422", failing(status=422, headers=RETRY)), bad("a stream that was refused", failing(status=401, asked={"stream": True}, headers=RETRY)),
        good("nothing is said", failing()), good("no", failing(status=400, headers=NO_RETRY)), good("a time to wait, for a body that is too large now", failing(status=413, headers={"Retry-After": "1"})),
    ],
}  # fmt: skip
