"""Rows for sse.py: bytes of event streams."""

import json

from build import (
    ASKED,
    BILL,
    DONE,
    ERROR,
    HEL,
    HELLO,
    ROLE,
    STOP,
    bad,
    chunk,
    dumped,
    event,
    exchange,
    good,
    hello,
    spoken,
    stream,
)  # fmt: skip
from build_replies import ASKING, replied, reply, text
from build_replies import HELLO as REPLY
from build_replies import event as told

from conformance.wire.exchange import Ended

CRLF = stream(
    *[event(each).replace(b"\n", b"\r\n") for each in (ROLE, HEL, STOP)],
    done=b"data: [DONE]\r\n\r\n",
)
TIGHT = stream(*[event(each).replace(b"data: ", b"data:") for each in (ROLE, HEL, STOP)])
COMMENTED = stream(ROLE, b": keep-alive\n\n", HEL, b"\n\n", STOP)
MERGED = stream(*[event(each)[:-1] for each in (ROLE, HEL, STOP)])
PRETTY = b"data: " + json.dumps(HEL, indent=2).encode() + b"\n\n"
SPREAD = (
    b"".join(b"data: " + line + b"\n" for line in json.dumps(HEL, indent=2).encode().split(b"\n"))
    + b"\n"
)
CUT = stream(ROLE, HEL, done=b"", end=Ended.CLOSED, cut=5)
STREAM = {"stream": True}
COPY = {"messages": [{"role": "user", "content": "Repeat exactly: naïve café"}]}

TABLE = {
    "stream_is_utf8": [
        good("a response", replied()), bad("a response with a byte order mark", reply(b"\xef\xbb\xbf" + told(REPLY[0]), *REPLY[1:])),
        good("plain", spoken()), good("CRLF", CRLF),
        good("many scripts, raw", stream(ROLE, b"data: " + json.dumps(chunk({"content": "你好"}), ensure_ascii=False).encode() + b"\n\n", STOP)),
        bad("a byte order mark", stream(b"\xef\xbb\xbf" + event(ROLE), HEL, STOP)),
        bad("latin-1", stream(ROLE, b'data: {"a": "\xe9"}\n\n', STOP)),
    ],
    "events_end_with_a_blank_line": [
        good("a response", replied()), bad("a response, single newlines", reply(*[told(each)[:-1] for each in REPLY])),
        good("plain", spoken()), good("CRLF", CRLF), good("comments and blank lines", COMMENTED),
        bad("single newlines", MERGED),
    ],
    "data_is_json": [
        good("a response", replied()), bad("words in a response", replied((1, b"data: keep-alive\n\n"))),
        good("plain", spoken()), good("without a space", TIGHT), good("CRLF", CRLF), good("over several data lines", stream(ROLE, SPREAD, STOP)),
        bad("words", stream(ROLE, b"data: keep-alive\n\n", STOP)), bad("empty", stream(ROLE, b"data:\n\n", STOP)),
        bad("Python", stream(ROLE, b"data: {'a': None}\n\n", STOP)),
    ],
    "lines_are_fields": [
        good("a response", replied()), bad("a page in a response", replied((1, b"<html>502</html>\n\n"))),
        good("plain", spoken()), good("comments", COMMENTED), good("a line break in JSON is another matter", stream(ROLE, PRETTY, STOP)),
        bad("JSON without data:", stream(ROLE, dumped(HEL) + b"\n\n", STOP)),
        bad("a page in between", stream(ROLE, b"<html>502</html>\n\n", STOP)),
    ],
    "one_data_line": [
        good("a response", replied()),
        good("plain", spoken()), bad("several", stream(ROLE, SPREAD, STOP)),
    ],
    "events_have_data": [
        good("a response", replied()), bad("ping in a response", replied((1, b"event: ping\n\n"))),
        good("a comment is no event", COMMENTED), good("an id beside data", stream(b"id: 1\n" + event(ROLE), STOP)),
        bad("retry alone", stream(b"retry: 3000\n\n", ROLE, STOP)), bad("ping", stream(ROLE, b"event: ping\n\n", STOP)),
    ],
    "events_have_no_name": [
        good("none", spoken()), good("message", stream(b"event: message\n" + event(ROLE), STOP)),
        good("an error", stream(ROLE, b'event: error\ndata: {"error": {"message": "no", "type": "x"}}\n\n')),
        bad("another", stream(b"event: thread.message.delta\n" + event(ROLE), STOP)),
    ],
    "done_comes_last_and_once": [
        good("plain", spoken()), good("CRLF", CRLF),
        good("after an empty event name", stream(ROLE, STOP, done=b"event:\ndata: [DONE]\n\n")),
        bad("missing", spoken(done=b"")), bad("twice", spoken(done=DONE + DONE)), bad("in the middle", stream(ROLE, DONE, STOP, done=b"")),
        bad("with more behind it", spoken(done=b"data: [DONE] bye\n\n")),
        bad("cut off", CUT), bad("reset", stream(ROLE, HEL, done=b"", end=Ended.RESET)),
    ],
    "what_is_finished_is_done": [
        good("plain", spoken()), good("an error before the end", stream(ROLE, HEL, ERROR, STOP)), good("cut off is another matter", spoken(done=b"", end=Ended.CLOSED)),
        good("we hung up", spoken(done=b"", end=Ended.CANCELLED)), good("it stays open after it", spoken(end=Ended.TIMED_OUT, cut=5)),
        good("with what it cost", stream(ROLE, HEL, STOP, BILL)),
        bad("an error", spoken(done=event(ERROR))), bad("an error after what it cost", stream(ROLE, HEL, STOP, BILL, done=event(ERROR))),
        bad("it stays open", spoken(done=b"", end=Ended.TIMED_OUT, cut=5)),
        bad("the second of two", stream(ROLE, STOP, chunk({}, "stop", index=1), ERROR, done=b"", asked={"n": 2})),
    ],
    "nothing_comes_after_done": [
        good("a response", replied(done=DONE)), bad("a response after it", replied((9, [DONE, REPLY[9]]))),
        good("plain", spoken()), good("a blank line", spoken(done=DONE + b"\n")),
        good("we hung up after it", spoken(end=Ended.CANCELLED)),
        bad("another chunk", spoken(done=DONE + event(HEL))), bad("no end of the framing", spoken(end=Ended.CLOSED, cut=5)),
        bad("it stays open", spoken(end=Ended.TIMED_OUT, cut=5)),
    ],
    "end_can_be_told_from_a_cut": [
        good("plain", spoken()), bad("missing", spoken(done=b"")), bad("cut off", CUT),
    ],
    "last_event_is_terminated": [
        good("a response", replied()), good("a response with it", replied(done=DONE)), bad("a response", replied((9, told(REPLY[9])[:-1]))),
        good("plain", spoken()), good("CRLF", CRLF),
        bad("a single newline", spoken(done=b"data: [DONE]\n")), bad("nothing", spoken(done=b"data: [DONE]")),
        bad("cut within an event", stream(ROLE, event(HEL)[:30], done=b"", end=Ended.CLOSED)),
    ],
    "json_has_no_line_breaks": [
        good("a response", replied()), bad("in a response", replied((4, told(REPLY[4]).replace(b', "item_id"', b',\n"item_id"')))),
        good("compact", stream(b"data: " + json.dumps(ROLE, separators=(",", ":")).encode() + b"\n\n", STOP)),
        good("raw U+2028", stream(ROLE, b'data: {"a": "\xe2\x80\xa8"}\n\n', STOP)),
        good("over several data lines", stream(ROLE, SPREAD, STOP)), good("no JSON anyway", stream(ROLE, b"data: {\nfoo\n\n", STOP)),
        bad("pretty", stream(ROLE, PRETTY, STOP)), bad("in a string", stream(ROLE, b'data: {"a": "b\nc"}\n\n', STOP)),
    ],
    "characters_are_not_torn": [
        good("a response", replied()), good("whole", spoken((1, chunk({"content": "你好"})))),
        good("bytes of the model that are no text", stream(ROLE, chunk({"content": "\ufffd"}), chunk({"content": "ﾞ"}), STOP)),
        good("thoughts that the cap did not cut", stream(ROLE, chunk({"reasoning_content": "hm \ufffd"}), HEL, chunk({}, "length"), asked={"temperature": 0})),
        bad("torn", stream(ROLE, chunk({"content": "na\ufffd"}), chunk({"content": "ve caf\ufffd"}), STOP, asked=COPY)),
        bad("torn reasoning", stream(ROLE, chunk({"reasoning_content": "na\ufffdve caf\ufffd"}), STOP, asked=COPY)),
        bad("torn by the cap", stream(ROLE, HEL, chunk({"content": "\ufffd"}), chunk({}, "length"), asked={"temperature": 0})),
        bad("torn in a response", replied((4, text("delta", delta="na\ufffdve caf\ufffd")), asked={"input": "Repeat exactly: naïve café"})),
    ],
    "stream_is_a_stream": [
        good("a response", replied()), bad("a response as JSON", exchange(dumped(REPLY[9]["response"]), asked=ASKING, path="/responses")),
        good("plain", spoken()), good("mislabelled", spoken(headers={"Content-Type": "application/json"})),
        bad("JSON", hello(asked=STREAM)),
        bad("JSON that is called a stream", exchange(dumped(HELLO), headers={"Content-Type": "text/event-stream"}, asked=ASKED | STREAM)),
        bad("nothing", exchange(b"", asked=ASKED | STREAM)),
    ],
}  # fmt: skip
