"""POST /embeddings of the reference server: vectors of length 1, in both encodings."""

import base64
import math
import struct

import pytest

openai = pytest.importorskip("openai")


def embed(client, value, **members):
    body = {"model": "reference-1", "input": value, **members}
    response = client.post("/embeddings", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def vectors(client, value, **members):
    return [each["embedding"] for each in embed(client, value, **members)["data"]]


@pytest.mark.parametrize(
    ("value", "entries", "spent"),
    [("Say OK.", 1, 3), (["Say", "OK."], 2, 3), ([1, 2, 3], 1, 3), ([[1], [2, 3]], 2, 3)],
)
def test_each_input_has_its_vector(client, value, entries, spent):
    answer = embed(client, value)

    assert answer["object"] == "list"
    assert [each["index"] for each in answer["data"]] == list(range(entries))
    assert answer["usage"] == {"prompt_tokens": spent, "total_tokens": spent}
    for each in answer["data"]:
        assert math.hypot(*each["embedding"]) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("dimensions", [1, 7, 48])
def test_both_encodings_hold_the_same(client, dimensions):
    floats = vectors(client, "Say OK.", dimensions=dimensions)[0]
    coded = vectors(client, "Say OK.", dimensions=dimensions, encoding_format="base64")[0]

    assert len(floats) == dimensions
    assert list(struct.unpack(f"<{dimensions}f", base64.b64decode(coded))) == floats


def test_the_sdk_reads_its_default(base_url):
    with openai.OpenAI(base_url=base_url, api_key="any", max_retries=0) as sdk:
        answer = sdk.embeddings.create(model="reference-1", input=["one", "two"])

    assert [len(each.embedding) for each in answer.data] == [48, 48]


def test_a_vector_is_the_same_alone_and_among_others(client):
    assert vectors(client, ["a b", "c"])[0] == vectors(client, "a b")[0] == vectors(client, "a b")[0]


def test_like_texts_point_in_like_directions(client):
    one, near, far = vectors(client, ["the red house", "the red door", "quick blue foxes"])
    cosine = lambda left, right: sum(map(float.__mul__, left, right))  # noqa: E731

    assert cosine(one, near) > cosine(one, far)


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"input": None}, "input"),
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input"),
        ({"input": ["a"] * 2049}, "input"),
        ({"input": 5}, "input"),
        ({"input": "word " * 9000}, "input"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": 49}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(client, members, param):
    response = client.post("/embeddings", json={"model": "reference-1", "input": "a", **members})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == param
