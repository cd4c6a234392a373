"""Rows for what answers show by themselves: copied texts, words of ours, prompts that were cut."""

from build import M, bad, call, calling, chunk, good, hello, saying, spoken
from table_expected import GONE, absent

from conformance.checks.oracles import GARBLINGS
from conformance.wire.nonce import minted

OURS, THEIRS = minted("0123456789ab" * 2), minted("fedcba987654" * 2)
WRONG = OURS[:-1] + ("0" if OURS[-1] != "0" else "1")


def asking(text, **more):
    return {"messages": [{"role": "user", "content": text}], **more}


MINE = asking(f"Repeat exactly: {OURS}")
TEXT = "naïve 世界 🙂 <&>"
REPEAT = asking(f"Repeat exactly: {TEXT}")
SAID = {"whole": saying(TEXT, step="whole")}


def counted(tokens, words, **known):
    """An answer to a prompt of so many words that counts so many tokens."""
    return hello({"usage.prompt_tokens": tokens}, asked=asking("word " * words), **known)


SHORT, LONGER = counted(30, 20, step="short"), counted(70, 60, step="longer")
STEPS = {"short": SHORT, "longer": LONGER}
BOTH = {"steps": STEPS, "short": "short", "longer": "longer"}
COPY = asking("Repeat exactly: 1, 2, 3, 4, 5, 6")
CUT = hello({f"{M}.content": "1, 2, 3", "choices.0.finish_reason": "length"}, asked=COPY)
WHOLE = {"whole": saying("1, 2, 3, 4, 5, 6", step="whole")}

TABLE = {
    "no_cross_talk": [
        good("its own word", saying(OURS, asked=MINE)), good("no word at all", saying("I can't.", asked=MINE)),
        good("a word badly copied", saying(WRONG, asked=MINE)), good("a longer row of digits", saying(f"a{THEIRS}", asked=MINE)),
        bad("another's", saying(f"{THEIRS}", asked=MINE)), bad("another's beside its own", saying(f"{OURS} {THEIRS}", asked=MINE)),
        bad("in a stream", spoken((1, chunk({"content": f"{THEIRS} "})), asked=MINE)),
        bad("in the arguments of a call", calling({f"{M}.tool_calls": [call(arguments=f'{{"city": "{THEIRS}"}}')]}, asked=MINE)),
        bad("in the reasoning", hello({f"{M}.reasoning_content": THEIRS}, asked=MINE)),
    ],
    "tokens_are_decoded": [
        good("text", saying("Hello, world.")), good("a few Maltese letters", saying("Malta: aĠa")), good("bytes that were asked about", saying("<0xE4> is a byte.", asked=asking("What is <0xE4>?"))),
        good("a block", saying("a▁b")), good("markup, which is for CRESP-026", saying("<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>now")), bad("a byte", saying("你<0xE5><0xA5>")), bad("spaces as tokens spell them", saying("HelloĠthere,ĠhowĠareĠyou")),
        bad("the same, of another tokenizer", saying("Hello▁there▁how▁are▁you")), bad("in a stream", spoken((1, chunk({"content": "<0xF0>"})))),
    ],
    "not_garbled": [
        good("as it was", saying(TEXT, asked=REPEAT)), good("badly copied", saying("naive 世", asked=REPEAT)), good("as it was, and garbled as an example", saying(f"{TEXT} is not {GARBLINGS['JSON escapes'](TEXT)}", asked=REPEAT)),
        good("nothing to garble", saying("abc", asked=asking("Repeat exactly: abc"))), good("a thought that used up the cap", hello({f"{M}.content": None, f"{M}.reasoning_content": "Let me", "choices.0.finish_reason": "length"}, asked=REPEAT)),
        *(bad(name, saying(f"Here: {form(TEXT)}.", asked=REPEAT)) for name, form in GARBLINGS.items() if not any("\ud800" <= each <= "\udfff" for each in form(TEXT))),
    ],
    "keeps_characters": [
        good("the same", saying(TEXT), step="whole", steps=SAID), good("another text", saying("naive \ufffd"), step="whole", steps=SAID),
        good("torn there as well", saying("na\ufffdve"), step="whole", steps={"whole": saying("na\ufffdve", step="whole")}),
        good("torn there alone", saying("naïve"), step="whole", steps={"whole": saying("na\ufffdve", step="whole")}),
        good("longer, with a torn end", saying(f"{TEXT}\ufffd"), step="whole", steps=SAID),
        good("where the other goes on in plain words", saying("na\ufffd"), step="plain", steps={"plain": saying("nay, a text", step="plain")}),
        bad("torn", saying("na\ufffdve 世界"), step="whole", steps=SAID), bad("torn in a stream", spoken((1, chunk({"content": "na"})), (2, chunk({"content": "\ufffd\ufffd"}))), step="whole", steps=SAID),
        bad("torn, and other words from there on", saying("naïve \ufffd of the"), step="whole", steps=SAID),
        *absent(step="whole", steps=SAID), bad("nothing to compare with", saying(TEXT), step="whole", steps={"whole": GONE}),
    ],
    "copied": [
        good("as it was", saying(f"Sure: {TEXT}", asked=REPEAT)), bad("another text", saying("naive", asked=REPEAT)), bad("nothing to copy", saying("Hi", asked=asking("Hi"))), *absent(),
    ],
    "nothing_is_lost": [
        good("the same", saying("1, 2, 3, 4, 5, 6"), step="whole", steps=WHOLE), good("another text", saying("one, two, three"), step="whole", steps=WHOLE),
        good("its beginning", saying("1, 2, 3, 4, 5"), step="whole", steps=WHOLE), good("a little of it", saying("1, 6"), step="whole", steps=WHOLE), good("more", saying("1, 2, 3, 4, 5, 6, 7"), step="whole", steps=WHOLE),
        good("blanks around it", saying("1, 2, 3, 4, 5, 6"), step="whole", steps={"whole": saying("\n\n1, 2, 3, 4, 5, 6\n", step="whole")}),
        good("to the point at once", saying("1, 2, 3, 4, 5, 6"), step="whole", steps={"whole": saying("Sure! Here:\n1, 2, 3, 4, 5, 6", step="whole")}),
        bad("no first piece after blanks", saying(", 2, 3, 4, 5, 6"), step="whole", steps={"whole": saying(" 1, 2, 3, 4, 5, 6", step="whole")}),
        bad("a gap", saying("1, 2, 3, 5, 6"), step="whole", steps=WHOLE), bad("no first piece", saying(", 2, 3, 4, 5, 6"), step="whole", steps=WHOLE), bad("nothing there", saying("1"), step="whole", steps={"whole": GONE}),
        *absent(step="whole", steps=WHOLE),
    ],
    "end_is_not_lost": [
        good("the same", saying("1, 2, 3, 4, 5, 6", asked=COPY), step="whole", steps=WHOLE), good("another text", saying("one, two", asked=COPY), step="whole", steps=WHOLE),
        good("cut, and told", CUT, step="whole", steps=WHOLE),
        bad("half of it", saying("1, 2, 3", asked=COPY), step="whole", steps=WHOLE), bad("nothing of it", saying("", asked=COPY), step="whole", steps=WHOLE),
        bad("nothing there", saying("1", asked=COPY), step="whole", steps={"whole": GONE}),
        *absent(step="whole", steps=WHOLE),
    ],
    "remembers_the_code": [
        good("in words", saying(f"It is {OURS}.", asked=MINE)), bad("badly copied", saying(WRONG, asked=MINE)), bad("none was told", saying(OURS, asked=asking("What is it?"))), *absent(),
    ],
    "prompt_is_counted_whole": [
        good("in line", counted(1010, 1000), **BOTH), good("nearly in line", counted(950, 1000), **BOTH), good("more", counted(2000, 1000), **BOTH),
        bad("cut to the last 512", counted(512, 1000), **BOTH), bad("nothing foretells", counted(1010, 1000), short="short", longer="longer", steps={"short": SHORT, "longer": GONE}),
        bad("two of one length", counted(1010, 1000), short="short", longer="longer", steps={"short": SHORT, "longer": SHORT}),
    ],
}  # fmt: skip
