"""Rows for customary.py: streams that every reader reads, and those that only a parser reads."""

from build import HEL, LO, ROLE, STOP, bad, chunk, event, good, spoken, stream


def every(edit):
    return stream(*[edit(event(each)) for each in (ROLE, HEL, STOP)])


def torn(*chunks, **known):
    """Each event in two pieces."""
    told = [event(each) for each in chunks]
    return stream(*[part for each in told for part in (each[:9], each[9:])], **known)


TABLE = {
    "finish_stands_alone": [
        good("apart", spoken()),
        good("with an empty text", spoken((3, chunk({"content": ""}, "stop")))),
        good("with the role", spoken((3, chunk({"role": "assistant"}, "stop")))),
        bad("with the last of the text", spoken((3, chunk({"content": "."}, "stop")))),
        bad("one of two choices", stream(ROLE, STOP, chunk({"content": "Hi"}, "stop", index=1))),
    ],
    "events_come_whole": [
        good("one by one", spoken()),
        good("one in pieces", stream(ROLE, event(HEL)[:9], event(HEL)[9:], LO, STOP)),
        good("two at once", stream(event(ROLE) + event(HEL), LO, STOP)),
        bad("all in pieces", torn(ROLE, HEL, LO, STOP)),
        bad("in the middle of a character", torn(ROLE, b'data: "\xe4\xbd\xa0"\n\n', HEL, STOP)),
    ],
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
