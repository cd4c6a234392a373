"""Rows for customary.py: streams that every reader reads, and those that only a parser reads."""

from build import HEL, ROLE, STOP, bad, event, good, spoken, stream


def every(edit):
    return stream(*[edit(event(each)) for each in (ROLE, HEL, STOP)])


TABLE = {
    "customary_lines": [
        good("plain", spoken()),
        good("raw UTF-8", stream(ROLE, b'data: {"a": "\xe4\xbd\xa0"}\n\n', STOP)),
        bad("CRLF", every(lambda one: one.replace(b"\n", b"\r\n"))),
        bad("no space", every(lambda one: one.replace(b"data: ", b"data:"))),
        bad("several lines", every(lambda one: one[:-1] + b"data: \n\n")),
        bad("comments", stream(ROLE, b": keep-alive\n\n", HEL, STOP)),
        bad("names of events", every(lambda one: b"event: message\n" + one)),
        bad("more blank lines", stream(ROLE, b"\n\n", HEL, STOP)),
        bad("another end", stream(ROLE, HEL, STOP, done=b"data: [DONE]\r\n\r\n")),
    ],
}
