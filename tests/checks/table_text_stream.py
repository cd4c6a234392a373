"""Rows for text_stream.py."""

from build import DROP, bad, good
from table_texts import BILL, BILLED, PIECES, WHOLE, flow, piece, text

TWO = (piece(" a"), piece(" b", index=1), piece("", "stop", index=1), piece("", "length"))
USAGE = WHOLE["usage"]


def billed(**members):
    """A stream whose usage has other members."""
    usage = {name: held for name, held in (USAGE | members).items() if held is not DROP}
    return flow(*PIECES, piece(choices=[], usage=usage), asked=BILLED)


TABLE = {
    "text_choice_finishes_once": [
        good("standard", flow()), good("with its last piece", flow(piece(" a"), piece(" b", "stop"))), good("two", flow(*TWO, asked={"n": 2})),
        good("an empty reason before", flow(piece(" a", ""), piece("", "stop"))), good("a usage after it", flow(*PIECES, BILL, asked=BILLED)),
        bad("never", flow(piece(" a"), piece(" b"))), bad("the second never", flow(*TWO[:2], TWO[3], asked={"n": 2})), bad("twice", flow(*PIECES, piece("", "length"))),
        bad("without the member", flow(*({**piece(" a"), "choices": [{"text": " a", "index": 0}]} for _ in range(2)))),
    ],
    "text_usage_counts": [
        good("standard", text()), good("streamed", billed()), good("no prompt", billed(prompt_tokens=0)),
        bad("none of the prompt", billed(prompt_tokens=DROP)), bad("text", billed(total_tokens="6")), bad("null", billed(completion_tokens=None)),
        bad("negative", text({"usage.prompt_tokens": -4})), bad("a list", text({"usage": []})), bad("half a token", text({"usage.total_tokens": 6.5})),
    ],
    "long_texts_cost_more": [
        good("as many", text({"usage.prompt_tokens": 12}, asked={"prompt": "word " * 12})), good("fewer by a dense vocabulary", text({"usage.prompt_tokens": 3}, asked={"prompt": "word " * 12})),
        good("streamed", flow(*PIECES, piece(choices=[], usage=USAGE | {"prompt_tokens": 12}), asked=BILLED | {"prompt": "word " * 12})),
        bad("one token", text({"usage.prompt_tokens": 1}, asked={"prompt": "word " * 12})), bad("the first of several", text({"usage.prompt_tokens": 2}, asked={"prompt": ["word " * 8, "word " * 8]})),
        bad("streamed, none", flow(*PIECES, piece(choices=[], usage=USAGE | {"prompt_tokens": 0}), asked=BILLED | {"prompt": "word " * 12})),
    ],
}  # fmt: skip
