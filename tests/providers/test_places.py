"""The line of every key is found, however TOML is written."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.providers.places import places

TRICKY = '''# a comment with [brackets] and = signs
top = 1 # { not a table

[a."b.c"]
text = """
[not.a.table]
no = 1
"""
raw = \'\'\'
x = [
\'\'\'
after = "a # b ] }"
list = [
  1, # ]
  [ "x", {deep = 2} ],
  { k.l = 'v' , m = 1979-05-27T07:32:00Z },
]
d.e.f = true

[[t]]
n = 1
[[t.u]]
n = 2
[[t]]
[t.w]
n = 3
[[t.u]]
n = 4
'''

EXPECTED = {
    ("top",): 2,
    ("a", "b.c"): 4,
    ("a", "b.c", "text"): 5,
    ("a", "b.c", "raw"): 9,
    ("a", "b.c", "after"): 12,
    ("a", "b.c", "list"): 13,
    ("a", "b.c", "list", 0): 14,
    ("a", "b.c", "list", 1, 1, "deep"): 15,
    ("a", "b.c", "list", 2, "k", "l"): 16,
    ("a", "b.c", "list", 2, "m"): 16,
    ("a", "b.c", "d", "e", "f"): 18,
    ("t", 0, "n"): 21,
    ("t", 0, "u", 0, "n"): 23,
    ("t", 1, "w", "n"): 26,
    ("t", 1, "u", 0, "n"): 28,
    ("t", 1, "u", 0, "absent", "deeper"): 27,
}


@pytest.mark.parametrize(("path", "line"), EXPECTED.items())
def test_the_line_of_a_key_is_found(path, line):
    tomllib.loads(TRICKY)

    assert places(TRICKY, "f.toml").of(path) == f"f.toml:{line}"


def paths(value, path=()):
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, each in items:
        yield (*path, step)
        yield from paths(each, (*path, step))


PIECES = st.sampled_from([
    "a = 1", "b.c = 'x'", '"d e" = """\nq\n"""', "f = [1, [2], {g = 3}]", "[h]", "[h.i]", "[[j]]", "[[j.k]]",
    "[j.l]", "# [no]", "", "m = {n = {o = [\n{p = 1},\n]}}", "q = '''\n[z]\n'''", "r = 1.5 # = 2", "s = '#]}'",
])  # fmt: skip


@given(st.lists(PIECES, max_size=12))
def test_whatever_tomllib_reads_has_places(pieces):
    text = "\n".join(pieces)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return

    found = places(text, "f").lines
    assert set(paths(data)) <= set(found)
