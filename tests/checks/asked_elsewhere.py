"""What the reference server is asked beside chat and models: method, path, body."""


def texts(prompt="1, 2, 3, 4,", **members):
    return ("POST", "/completions", {"model": "reference-1", "temperature": 0, "prompt": prompt, **members})


def vectors(value="Say OK.", **members):
    return ("POST", "/embeddings", {"model": "reference-1", "input": value, **members})


SCORED = {"max_tokens": 0, "echo": True, "logprobs": 1}
TWO = ["1, 2, 3,", "Say OK."]
STREAMED = {"stream": True, "stream_options": {"include_usage": True}}
ELSEWHERE = [
    *[
        texts(**members, **more)
        for members in (
            {}, {"max_tokens": 5}, {"prompt": TWO, "n": 2, "echo": True}, {"prompt": [5, 6]}, {"prompt": [[5], [6, 7]]},
            {"logprobs": 2}, {"logprobs": 0}, {"echo": True, "logprobs": 1}, SCORED, {"stop": ["7", "8"]}, {"suffix": " 9"},
        )
        for more in ({}, STREAMED)
    ],
    texts("Say: Grüße, 你好 🎉 ABC", logprobs=1), texts(best_of=3), texts(best_of=1, n=2), texts(model="nobody"), texts(model=None), texts(temperature=3), texts(max_tokens="abc"), texts(5),
    *[
        vectors(value, **more)
        for value in ("Say OK.", TWO, [5, 6], [[5], [6, 7]])
        for more in ({}, {"encoding_format": "float"}, {"encoding_format": "base64"}, {"dimensions": 8}, {"no_such_member": 1})
    ],
    vectors(""), vectors([]), vectors(["a"] * 2049), vectors(dimensions=4000), vectors(5), vectors(model=""), vectors(model="nobody"),
]  # fmt: skip
