"""The model that samples: chances that are known, and what may stand behind it."""

import json
from collections import Counter

import pytest

from conformance.errors import UsageError
from conformance.reference.app import App, Settings
from conformance.reference.fault import FAULTS, PARITY, switched_on
from conformance.reference.incoming import HttpRequest
from conformance.reference.serve import load_faults

load_faults()
MODEL = "reference-sampler"


def served(*faults, seed=0):
    """A function that asks one server."""
    app = App(Settings(model=MODEL, faults=switched_on(faults), seed=seed, strict=True), lambda: 0.0)

    def ask(text="Say 3", **members):
        body = {"model": MODEL, "messages": [{"role": "user", "content": text}], "max_tokens": 1, **members}
        script = app.respond(HttpRequest("POST", "/v1/chat/completions", {}, json.dumps(body).encode())).script
        sent = b"".join(getattr(act, "data", b"") for act in script)
        return json.loads(sent.partition(b"\r\n\r\n")[2])

    return ask


def text(answer):
    return answer["choices"][0]["message"]["content"]


def listed(answer):
    return answer["choices"][0]["logprobs"]["content"]


def texts(ask, times=60, **members):
    return Counter(text(ask(**members)) for _ in range(times))


def apart(one, other, prompts=12):
    """The mean distance of what both say of first tokens."""
    gaps = []
    for n in range(prompts):
        left, right = (
            {top["token"]: top["logprob"] for top in listed(ask(f"Say {n}", logprobs=True, top_logprobs=20))[0]["top_logprobs"]}
            for ask in (one, other)
        )
        gaps += [abs(left[token] - right[token]) for token in left if token in right]
    return sum(gaps) / len(gaps)


def test_it_samples_from_what_it_reports():
    ask = served()
    top = {each["token"]: each["logprob"] for each in listed(ask(logprobs=True, top_logprobs=20))[0]["top_logprobs"]}
    assert sorted(top.values(), reverse=True) == list(top.values())
    said = texts(ask, 400)
    best = max(top, key=top.get)
    assert abs(said[best] / 400 - 2.718281828 ** top[best]) < 0.1


def test_answers_are_equal_in_equal_runs_and_long_ones_end_or_are_cut():
    one, other = served(), served()
    assert [text(one()) for _ in range(5)] == [text(other()) for _ in range(5)]
    long = [one(f"Tell {n}", max_tokens=80, logprobs=True)["choices"][0] for n in range(12)]
    assert {each["finish_reason"] for each in long} == {"stop", "length"}
    assert all("".join(t["token"] for t in each["logprobs"]["content"]) == each["message"]["content"] for each in long)


def test_a_sampler_does_what_is_asked():
    ask = served()
    assert len(texts(ask, 20, temperature=0)) <= 2
    assert len(texts(ask, 20, top_p=0.01)) <= 2
    assert len(texts(ask, 60, top_k=3)) <= 4
    assert len(texts(ask, 60)) > 6
    assert len({text(ask(seed=4)) for _ in range(10)}) <= 2


@pytest.mark.parametrize(
    ("fault", "most"),
    [
        ("parity-temperature-forced", 45), ("parity-top-k-forced", 20), ("parity-top-p-forced", 90),
        ("parity-min-p-forced", 80), ("parity-cache", 1),
    ],
)  # fmt: skip
def test_less_is_said_than_was_asked_for(fault, most):
    assert len(texts(served(fault), 200, temperature=2)) <= most < len(texts(served(), 200, temperature=2))


@pytest.mark.parametrize(
    ("fault", "members"),
    [
        ("parity-temperature-ignored", {"temperature": 0}),
        ("parity-top-p-ignored", {"top_p": 0.01}),
        ("parity-top-k-ignored", {"top_k": 1}),
    ],
)
def test_what_is_asked_for_is_ignored(fault, members):
    assert len(texts(served(fault), **members)) > len(texts(served(), **members)) + 5


def test_a_penalty_is_ignored_and_another_forced():
    def repeated(ask, **members):
        said = " ".join(text(ask(f"Tell {n}", max_tokens=60, **members)) for n in range(8)).split()
        return 1 - len(set(said)) / len(said)

    clean = served()
    assert repeated(served("parity-penalty-forced")) < repeated(clean)
    assert repeated(clean, presence_penalty=2) < repeated(served("parity-penalty-ignored"), presence_penalty=2)


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        ("parity-int8", 1.2, 4), ("parity-fp8", 2, 8), ("parity-int4", 6, 30), ("parity-template-unbilled", 6, 60),
        ("parity-system-prompt-unbilled", 4, 40), ("parity-fleet", 1.1, 12), ("parity-temperature-forced", 0.5, 1.2),
    ],
)  # fmt: skip
def test_how_far_what_it_reports_is_from_the_original(fault, least, most):
    floor = apart(served(), served(seed=1))
    assert least < apart(served(), served(fault, seed=2)) / floor < most


@pytest.mark.parametrize(
    ("fault", "more"),
    [("parity-template", 3), ("parity-template-unbilled", 0), ("parity-system-prompt", 20), ("parity-system-prompt-unbilled", 0)],
)
def test_what_a_changed_prompt_costs(fault, more):
    counts = [ask()["usage"]["prompt_tokens"] for ask in (served(), served(fault))]
    gap = counts[1] - counts[0]
    assert gap == more or gap > more > 3


def test_other_weights_after_a_time():
    ask, same, other = served("parity-drift"), served(), served("parity-int4")
    assert apart(ask, same) < apart(other, same) / 3
    for n in range(600):
        ask(f"Say {n}")
    assert apart(ask, same) > apart(other, same) / 2


def test_other_models_know_nothing_of_it():
    for name in PARITY:
        assert name not in FAULTS
    with pytest.raises(UsageError, match="parity-nothing"):
        switched_on(["parity-nothing"])
