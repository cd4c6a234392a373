"""Rows for embeddings.py and embedded.py."""

import base64
import struct

from build import DROP, bad, dumped, edited, exchange, failing, good

from conformance.wire.exchange import Ended

PATH = "/embeddings"
WANTED = {"model": "m", "input": "hello"}
NUMBERS = [0.6, -0.8, 0.0]
LIST = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": NUMBERS}],
    "model": "m",
    "usage": {"prompt_tokens": 1, "total_tokens": 1},
}
V = "data.0.embedding"
BASE64 = {"encoding_format": "base64"}


def coded(form="<3f", numbers=NUMBERS):
    return base64.b64encode(struct.pack(form, *numbers)).decode()


def vectors(edits=None, *, asked=None, **known):
    """A correct list with one embedding, with members edited."""
    wanted = {name: value for name, value in (WANTED | (asked or {})).items() if value is not DROP}
    known = {"path": PATH, "asked": wanted} | known
    return exchange(dumped(edited(LIST, edits or {})), **known)


def batch(*embeddings, indexes=None, **known):
    """Embeddings of as many inputs."""
    indexes = range(len(embeddings)) if indexes is None else indexes
    listed = [{"object": "embedding", "index": n, "embedding": each} for n, each in zip(indexes, embeddings, strict=True)]
    asked = {"input": ["a", "b", "c"][: len(embeddings)]} | known.pop("asked", {})
    return vectors({"data": listed}, asked=asked, **known)


def refused(status=400, *, asked=None, **known):
    return failing(status=status, path=PATH, asked=WANTED | (asked or {}), **known)


def spelled(text, **asked):
    """An embedding that came as text."""
    return vectors({V: text}, asked=BASE64 | asked)


def form_rows(edits):
    return [good("standard", vectors()), good("base64", spelled(coded())), good("two", batch(NUMBERS, NUMBERS)),
            *[bad(f"{path} {value!r}"[:60], vectors({path: value})) for path, value in edits]]  # fmt: skip


A, B = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
OTHER = vectors(step="other")
PAIR = batch(A, B, step="other")
NOTHING = [
    exchange(bare=b"", end=Ended.TIMED_OUT, path=PATH, asked=WANTED), refused(500), exchange(b"<html>", path=PATH, asked=WANTED),
    exchange(b"\xff\x00", path=PATH, asked=WANTED), vectors({"data": []}), vectors({V: []}), vectors({V: "no base64!"}), vectors({V: [1, None]}),
]  # fmt: skip


def nothing(**more):
    """Where there is nothing to look at, an expectation says so."""
    return [bad(f"nothing {place}", each, **more) for place, each in enumerate(NOTHING)]


TABLE = {
    "absent_embeddings_are_404": [
        good("standard", refused(404)), bad("FastAPI's own", refused(404, body={"detail": "Not Found"})),
        bad("not implemented", refused(501)), bad("not allowed", refused(405)),
    ],
    "embedding_list_form": form_rows([
        ("object", DROP), ("object", "embeddings"), ("model", None), ("data.0", []), ("data.0.object", DROP),
        ("data.0.index", DROP), ("data.0.index", "0"), (V, DROP), (V, None), ("", []),
    ]),
    "embeddings_are_there": form_rows([("data", DROP), ("data", []), ("data", None), ("data", {})]),
    "embedding_usage_is_that_of_the_prompt": form_rows([
        ("usage", DROP), ("usage", None), ("usage.prompt_tokens", DROP), ("usage.total_tokens", "1"), ("usage.total_tokens", 2), ("usage.prompt_tokens", -1),
    ]),
    "each_input_has_its_embedding": [
        good("standard", batch(A, B)), good("base64", batch(coded(), coded(), asked=BASE64)),
        good("token ids", batch(A, B, asked={"input": [[1, 2], [3]]})),
        bad("the first alone", batch(A, asked={"input": ["a", "b"]})), bad("one too many", batch(A, B, A, asked={"input": ["a", "b"]})),
        bad("all of index 0", batch(A, B, indexes=[0, 0])), bad("in another order", batch(A, B, indexes=[1, 0])), bad("from 1 on", batch(A, B, indexes=[1, 2])),
    ],
    "token_inputs_are_taken_or_400": [
        good("one list", vectors(asked={"input": [1, 2]})), good("several", batch(A, B, asked={"input": [[1], [2]]})),
        good("refused", refused(asked={"input": [1, 2]})),
        bad("a fault", refused(500, asked={"input": [1, 2]})), bad("not processable", refused(422, asked={"input": [[1], [2]]})),
    ],
    "empty_input_is_400": [
        good("no text", refused(asked={"input": ""})), good("none at all", refused(asked={"input": []})),
        bad("served", vectors(asked={"input": ""})), bad("an empty list", vectors({"data": []}, asked={"input": []})), bad("a fault", refused(500, asked={"input": []})),
    ],
    "too_many_inputs_are_400": [
        good("refused", refused(asked={"input": ["a"] * 2049})), bad("served", vectors(asked={"input": ["a"] * 2049})),
        bad("not processable", refused(422, asked={"input": ["a"] * 3000})),
    ],
    "unknown_member_is_no_fault": [
        good("ignored", vectors(asked={"no_such": 1})), good("refused", refused(asked={"no_such": 1})), good("not processable", refused(422, asked={"x": None})),
        bad("a fault", refused(500, asked={"no_such": 1})), bad("overloaded", refused(502, asked={"no_such": 1})),
    ],
    "base64_is_understood": [
        good("standard", spelled(coded())), good("numbers in its place", vectors(asked=BASE64)), good("a longer one", spelled(coded("<5f", [1, 2, 3, 4, 5]))),
        good("doubles, which is another matter", spelled(coded("<3d"))), good("refused for its input", refused(asked=BASE64 | {"input": ""})),
        bad("refused", refused(asked=BASE64, body={"error": {"message": "encoding_format must be float", "type": "x"}})),
        bad("a fault", refused(500, asked=BASE64, body={"error": {"message": "no", "type": "x", "param": "encoding_format"}})),
        bad("no base64", spelled("0.6,-0.8")), bad("bytes left over", spelled(base64.b64encode(b"12345").decode())), bad("nothing", spelled("")),
        bad("no numbers", spelled(coded("<3f", [float("nan"), 1, 2]))), bad("null", spelled(None)), bad("a text in a list", spelled(["0.6"])),
    ],
    "numbers_are_the_default": [
        good("standard", vectors()), good("asked for", vectors(asked={"encoding_format": "float"})), good("whole numbers", vectors({V: [1, 0, 0]})),
        bad("base64", vectors({V: coded()})), bad("none", vectors({V: []})), bad("numbers as text", vectors({V: ["0.6"]})), bad("null", vectors({V: [None, 1]})),
        bad("a mapping", vectors({V: {}})), bad("true", vectors({V: [True]})), bad("too large for any float", vectors({V: [10**400]})),
        bad("one of two", batch(A, coded())),
    ],
    "length_is_as_asked_for": [
        good("standard", vectors(asked={"dimensions": 3})), good("base64", spelled(coded(), dimensions=3)), good("refused", refused(asked={"dimensions": 3})),
        bad("ignored", vectors(asked={"dimensions": 2})), bad("ignored in base64", spelled(coded(), dimensions=2)),
        bad("one of two", batch(A, [1.0], asked={"dimensions": 3})), bad("a fault", refused(500, asked={"dimensions": 2})),
    ],
    "embedded": [
        good("standard", vectors()), good("base64", spelled(coded())), good("two", batch(A, B), count=2),
        good("two, of which nobody asks how many", batch(A, B)), bad("one of two", vectors(), count=2), bad("two in place of one", batch(A, B), count=1), *nothing(),
        bad("broken off", vectors(end=Ended.CLOSED)),
    ],
    "vectors_differ": [
        good("apart", batch(A, B)), good("of other lengths", batch(A, [1.0])), bad("the same", batch(A, A)), bad("one alone", vectors()), *nothing(),
    ],
    "same_vector": [
        good("the same", vectors(), steps={"other": OTHER}, step="other"), good("base64", spelled(coded()), steps={"other": OTHER}, step="other"),
        good("close", vectors({V: [0.6, -0.8, 0.0001]}), steps={"other": OTHER}, step="other"),
        good("another number", vectors({V: B}), steps={"other": PAIR}, step="other", of=1), good("the second", batch(B, A), steps={"other": PAIR}, step="other", number=1),
        good("by its index", batch(B, A, indexes=[1, 0]), steps={"other": PAIR}, step="other", number=1, of=1),
        good("not so close", vectors({V: [0.6, -0.8, 0.04]}), steps={"other": OTHER}, step="other", within=0.05),
        bad("another", vectors({V: [0.8, 0.6, 0.0]}), steps={"other": OTHER}, step="other"), bad("the opposite", vectors({V: [-0.6, 0.8, 0.0]}), steps={"other": OTHER}, step="other"),
        bad("longer", vectors({V: [6, -8, 0]}), steps={"other": OTHER}, step="other"), bad("more numbers", vectors({V: [*NUMBERS, 0]}), steps={"other": OTHER}, step="other"),
        bad("big endian", spelled(coded(">3f")), steps={"other": OTHER}, step="other"), bad("doubles", spelled(coded("<3d")), steps={"other": OTHER}, step="other"),
        bad("not so close", vectors({V: [0.6, -0.8, 0.04]}), steps={"other": OTHER}, step="other"), bad("no second", vectors(), steps={"other": OTHER}, step="other", number=1),
        bad("far beyond", vectors({V: [1e308, 1e308, 1e308]}), steps={"other": vectors({V: [-1e308, 1e308, 1e308]}, step="other")}, step="other"),
        *nothing(steps={"other": OTHER}, step="other"), bad("nothing there", vectors(), steps={"other": refused(500, step="other")}, step="other"),
    ],
    "vector_length": [
        good("standard", vectors(), equals=3), good("long enough", vectors(), at_least=2), good("base64", spelled(coded()), equals=3),
        bad("another", vectors(), equals=2), bad("too short", vectors(), at_least=4), *nothing(equals=3),
    ],
    "normalised": [
        good("standard", vectors()), good("nearly", vectors({V: [0.6, -0.805, 0.0]})), good("base64", spelled(coded())),
        bad("longer", vectors({V: [6, -8, 0]})), bad("nothing", vectors({V: [0, 0, 0]})), bad("one of two", batch(A, [0.5, 0.5, 0.5])), *nothing(),
    ],
}  # fmt: skip
