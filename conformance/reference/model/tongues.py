"""A few sentences in scripts other than Latin, for questions that are asked in them."""

from __future__ import annotations

import re

_SENTENCES = (
    (re.compile(r"[\u3040-\u30ff]"), "海はとても広くて青いです。波は静かに浜辺へ寄せてきます。"),
    (re.compile(r"[\uac00-\ud7af]"), "바다는 아주 넓고 푸릅니다. 파도는 조용히 밀려옵니다."),
    (re.compile(r"[\u4e00-\u9fff]"), "大海又宽又蓝，一眼望不到边。海浪轻轻地拍打着沙滩。"),
    (re.compile(r"[\u0400-\u04ff]"), "Море большое и синее. Волны тихо бегут к берегу."),
    (re.compile(r"[\u0600-\u06ff]"), "البحر واسع وأزرق. الأمواج تصل إلى الشاطئ بهدوء."),
)
"""By the letters that tell the language; kana first, since Japanese has Chinese letters as well."""


def answered(text: str) -> str | None:
    """An answer in the language of a question; None where that is written in Latin letters."""
    letters = [each for each in text if each.isalpha()]
    if 2 * sum(each > "\u024f" for each in letters) <= len(letters):
        return None
    return next((said for script, said in _SENTENCES if script.search(text)), None)
