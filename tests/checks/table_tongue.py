"""Rows for the language of an answer, and for what it knows of the day."""

from build import DROP, M, bad, chunk, good, hello, saying, spoken
from table_expected import absent


def asking(text):
    return {"messages": [{"role": "user", "content": text}]}


CHINESE = asking("请用中文写两句话，介绍大海。请只用中文回答。")
JAPANESE = asking("海について日本語で二つの文を書いてください。")
RUSSIAN = asking("Напиши по-русски два предложения о море.")
ARABIC = asking("اكتب جملتين عن البحر بالعربية.")
KOREAN = asking("바다에 대해 두 문장을 써 주세요.")
ENGLISH = asking("Write two sentences about the sea in English.")
PARTS = {"messages": [{"role": "user", "content": [{"type": "text", "text": "Расскажи о море."}]}]}
SEA = "大海又宽又蓝，一眼望不到边。海浪轻轻地拍打着沙滩。"

TABLE = {
    "in_language_asked": [
        good("Chinese", saying(SEA, asked=CHINESE)), good("Chinese with a name and digits", saying(f"2026年，NASA说：{SEA}", asked=CHINESE)),
        good("Japanese with Chinese letters", saying("海はとても広くて青いです。波は静かに浜辺へ寄せてきます。", asked=JAPANESE)), good("Korean", saying("바다는 아주 넓고 푸릅니다.", asked=KOREAN)),
        good("Russian", saying("Море большое и синее. Волны тихо бегут к берегу.", asked=RUSSIAN)), good("Russian, asked in parts", saying("Море синее.", asked=PARTS)),
        good("Arabic", saying("البحر واسع وأزرق.", asked=ARABIC)), good("English with an accent and an emoji", saying("The sea is like a café 🌊.", asked=ENGLISH)),
        good("in a stream", spoken((1, chunk({"content": "Море "})), (2, chunk({"content": "синее."})), asked=RUSSIAN)),
        bad("English in place of Russian", saying("The sea is wide and blue.", asked=RUSSIAN)), bad("Chinese that goes on in English", saying(f"{SEA} and the waves come in and never stop, day after day", asked=CHINESE)),
        bad("English that goes on in Chinese", saying(f"The sea is wide. {SEA}", asked=ENGLISH)), bad("Chinese in place of Japanese", saying(SEA, asked=JAPANESE)),
        bad("Japanese in place of Chinese", saying("うみはひろくてあおいです。", asked=CHINESE)), bad("Greek in place of Russian", saying("Η θάλασσα είναι γαλάζια.", asked=RUSSIAN)),
        bad("nothing but digits", saying("1, 2, 3", asked=RUSSIAN)), *absent(),
    ],
    "tells_todays_date": [
        *(good(f"as {text}", saying(text)) for text in ("Today is November 22, 2026.", "It is the 22nd of November 2026.", "2026-11-22", "Heute: 22.11.2026", "22/11/2026 or 11/22/2026")),
        good("tomorrow, where it is tomorrow already", saying("Sunday, 23 November 2026")),
        bad("another day", saying("Today is November 2, 2023.")), bad("no day", saying("I have no clock.")), bad("the year alone", saying("It is 2026.")),
        bad("a day of which nobody knows what day it was", hello({f"{M}.content": "2026-11-22", "created": DROP})), *absent(),
    ],
}  # fmt: skip
