"""Rows for argument_texts.py."""

import json

from build import OPEN, TOOLS, M, bad, call, called, calling, fragment, good

WIDE = "The weather in 東京 and in São Paulo, ça va? Größe: 世界."
MISREAD = "東京".encode().decode("latin-1")


def naming(city, asked=WIDE, **known):
    """A call about a city, asked for in these words."""
    said = {"messages": [{"role": "user", "content": asked}], "temperature": 0}
    arguments = json.dumps({"city": city}, ensure_ascii=False)
    return calling({f"{M}.tool_calls": [call("get_weather", arguments)]}, tools=TOOLS, asked=said, **known)


def streaming(city, asked=WIDE):
    said = {"messages": [{"role": "user", "content": asked}]}
    return called(OPEN, fragment(arguments='{"city": "'), fragment(arguments=f'{city}"}}'), asked=said)


TABLE = {
    "arguments_are_unicode": [
        good("standard", naming("東京")), good("streamed", streaming("東京")), good("escaped", naming("\\u6771")),
        good("the request holds one", naming("\ufffd", "Repeat \ufffd.")), good("the model may have written it", naming("\ufffd?")),
        bad("two torn where the prompt has them", naming("São Paulo, \ufffda va? Gr\ufffd\ufffde: x", "São Paulo, ça va? Größe: x")),
        bad("in plain text", naming("Os\ufffd lo", "Weather in Oslo")),
        bad("streamed", streaming("a \ufffd, b, c \ufffd.", "Repeat: a é, b, c ü.")),
    ],
    "arguments_are_decoded": [
        good("standard", naming("東京")), good("streamed", streaming("東京")), good("one letter only", naming("SÃ£o Paulo", "São Paulo")),
        good("asked for", naming(MISREAD, f"Write 東京 as {MISREAD}.")),
        bad("as Latin-1", naming(MISREAD)), bad("streamed", streaming(MISREAD)),
    ],
}  # fmt: skip
