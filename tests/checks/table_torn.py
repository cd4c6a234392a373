"""Rows for answers by a schema that were cut off."""

from build import ROLE, M, bad, chunk, good, hello, stream

SHAPE = {
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "x", "strict": True, "schema": {"type": "object"}},
    }
}


def torn(text):
    return hello({f"{M}.content": text, "choices.0.finish_reason": "length"}, asked=SHAPE)


def pieces(*texts):
    return stream(
        ROLE,
        *(chunk({"content": text}) for text in texts),
        chunk({}, finish="length"),
        asked={"messages": [], "stream": True} | SHAPE,
    )


TABLE = {
    "cut_json_was_on_its_way": [
        good("in a name", torn('{"na')),
        good("after a value", torn('{"name": "Ann",')),
        good("indented, deep", torn('{"name": [\n' + " " * 60)),
        good("blanks within a text", torn('{"name": "' + " " * 400)),
        good("blanks after a quote within a text", torn('{"name": "say \\"hi\\" ' + " " * 400)),
        good("a text before", torn('{"name": "' + " " * 400 + '", "age": 5')),
        good("nothing yet", torn("")),
        good("streamed", pieces('{"na', 'me": ')),
        bad("line breaks", torn('{"name": ' + "\n" * 400)),
        bad("after a brace", torn("{" + " \n\t" * 200)),
        bad("from the first token on", torn("\n" * 300)),
        bad("after a text that holds blanks", torn('{"name": "a \\" b"' + " " * 400)),
        bad("streamed, without end", pieces("{", *[" " * 20] * 20)),
    ],
}
