"""POST /completions of the reference server: what it says, counts and refuses."""

import json

import pytest


def asked(prompt="1, 2, 3, 4,", **members):
    return {"model": "reference-1", "temperature": 0, "prompt": prompt, **members}


def complete(client, prompt="1, 2, 3, 4,", **members):
    response = client.post("/completions", json=asked(prompt, **members))
    assert response.status_code == 200, response.text
    return response.json()


def texts(answer):
    return [each["text"] for each in answer["choices"]]


def stream(client, **members):
    response = client.post("/completions", json=asked(stream=True, **members))
    events = response.text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    return [json.loads(event.removeprefix("data: ")) for event in events[:-2]]


def test_it_goes_on_and_stops_after_sixteen_tokens(client):
    answer = complete(client)

    assert answer["object"] == "text_completion"
    assert texts(answer) == [" 5, 6, 7, 8, 9, "]
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"] == {"prompt_tokens": 11, "completion_tokens": 16, "total_tokens": 27}


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"max_tokens": 3}, [" 5,"]),
        ({"max_tokens": 0}, [""]),
        ({"stop": "7"}, [" 5, 6, "]),
        ({"echo": True, "max_tokens": 3}, ["1, 2, 3, 4, 5,"]),
        ({"n": 2, "max_tokens": 3}, [" 5,", " 5,"]),
        ({"best_of": 3, "max_tokens": 3}, [" 5,"]),
        ({"suffix": " 9", "max_tokens": 3}, [" 5,"]),
        ({"prompt": ["1, 2,", "Say OK."], "n": 2, "max_tokens": 3}, [" 3,", " 3,", " OK", " OK"]),
    ],
)
def test_parameters_do_what_they_say(client, members, said):
    assert texts(complete(client, **members)) == said


@pytest.mark.parametrize("prompt", [[1, 2, 3], [[1, 2, 3], [4, 5]]])
def test_token_ids_are_prompts(client, prompt):
    answer = complete(client, prompt)

    assert len(answer["choices"]) == (2 if isinstance(prompt[0], list) else 1)
    assert answer["usage"]["prompt_tokens"] == (5 if isinstance(prompt[0], list) else 3)


def test_the_prompt_is_scored(client):
    choice = complete(client, echo=True, max_tokens=0, logprobs=2)["choices"][0]
    told = choice["logprobs"]

    assert "".join(told["tokens"]) == choice["text"] == "1, 2, 3, 4,"
    assert len({len(told[name]) for name in told}) == 1
    assert told["token_logprobs"][0] is None
    assert told["top_logprobs"][0] is None
    assert told["text_offset"] == list(range(11))


def test_a_stream_says_the_same(client):
    members = {"n": 2, "echo": True, "logprobs": 1, "stream_options": {"include_usage": True}}
    whole = complete(client, n=2, echo=True, logprobs=1)
    *chunks, last = stream(client, **members)

    said = ["", ""]
    tokens = [[], []]
    for chunk in chunks:
        assert chunk["object"] == "text_completion"
        for choice in chunk["choices"]:
            said[choice["index"]] += choice["text"]
            tokens[choice["index"]] += (choice["logprobs"] or {"tokens": []})["tokens"]
    assert said == texts(whole)
    assert tokens == [each["logprobs"]["tokens"] for each in whole["choices"]]
    assert (last["choices"], last["usage"]) == ([], whole["usage"])


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"model": None}, "model"),
        ({"prompt": None}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": [1, "a"]}, "prompt"),
        ({"prompt": [[]]}, "prompt"),
        ({"prompt": [50_000]}, "prompt"),
        ({"prompt": "word " * 40_000}, "prompt"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"logprobs": 6}, "logprobs"),
        ({"logprobs": True}, "logprobs"),
        ({"n": 2, "best_of": 1}, "best_of"),
        ({"best_of": 2, "stream": True}, "best_of"),
        ({"temperature": 3}, "temperature"),
        ({"stop": ""}, "stop"),
        ({"logit_bias": {"x": 1}}, "logit_bias"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(client, members, param):
    response = client.post("/completions", json=asked(**members))

    assert response.status_code == 400
    assert response.json()["error"]["param"] == param


def test_an_unknown_model_is_not_found(client):
    response = client.post("/completions", json=asked(model="nope"))

    assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")
