"""Short prompts of ours, of which a baseline's border prompts are chosen; probes of rendering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.parity.rendering import Probe

Message = Mapping[str, str]

_WORDS: dict[str, str] = {
    "en": """red tree rain king why salt north fish bread light gold sleep paper wind left joke poem
        glass morning music winter bridge green happy stone""",
    "zh": """红 树 雨 国王 为什么 盐 北方 鱼 面包 光 金子 睡觉 纸 风 左边 笑话 诗
        玻璃 早晨 音乐 冬天 桥 绿色 快乐 石头""",
    "code": """list dict loop class def return import print while string sort map filter null true int
        float array tuple lambda regex json async test main""",
    "numbers": """7 12 2+2 100 3*4 0 1/2 42 9-5 365 1000 pi 17 8*8 50% 2024 13 6+7 99 1.5 64 10-3 24
        5*5 31""",
}
_PATTERNS: dict[str, tuple[str, ...]] = {
    "en": ("{}", "{}?", "Say {}", "One word: {}", "Choose: {}", "Rhyme with {}"),
    "zh": ("{}", "{}?", "说 {}", "一个词:{}", "选择:{}", "关于{}"),
    "code": ("{}", "{}?", "Write: {}", "Code: {}", "Use {}", "# {}"),
    "numbers": ("{}", "{}?", "Is {}", "After {}", "Number: {}", "Add {}"),
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt by its id, and its messages: the same bytes for every endpoint."""

    id: str
    messages: tuple[Message, ...]
    tools: tuple[Mapping[str, Any], ...] = ()


def short_prompts() -> tuple[Prompt, ...]:
    """600 of one to four words, in four kinds of text. An id never changes its prompt."""
    return tuple(
        Prompt(f"{kind}-{p}-{w}", ({"role": "user", "content": pattern.format(word)},))
        for kind, words in _WORDS.items()
        for p, pattern in enumerate(_PATTERNS[kind])
        for w, word in enumerate(words.split())
    )


def fresh_prompts(seed: int, number: int) -> tuple[Prompt, ...]:
    """Prompts of two words that no other audit is likely to ask; an id never changes its prompt."""
    rng = np.random.default_rng([seed, 11])
    made: dict[str, Prompt] = {}
    while len(made) < number:
        kind = sorted(_WORDS)[rng.integers(len(_WORDS))]
        words = _WORDS[kind].split()
        p, one, other = (int(rng.integers(n)) for n in (len(_PATTERNS[kind]), *[len(words)] * 2))
        text = _PATTERNS[kind][p].format(f"{words[one]} {words[other]}")
        name = f"new-{kind}-{p}-{one}-{other}"
        made[name] = Prompt(name, ({"role": "user", "content": text},))
    return tuple(made.values())


_LONG: dict[str, tuple[str, str]] = {
    "en": (
        "Tell a story about {}.",
        """lighthouses trains bakers winter salt dragons bridges letters whales clocks orchards miners
        kites storms foxes maps tailors islands mirrors doctors rivers ghosts violins deserts""",
    ),
    "zh": (
        "写一段关于{}的文字。",
        "月亮 火车 茶 城市 冬天 老师 大海 雨伞 邻居 书店 山 梦 狗 花园 医生 钟 信 桥 市场 风筝 星星 厨房 船 节日",
    ),
    "code": (
        "Write a Python function that {}.",
        """sorts counts reverses searches parses caches merges rotates splits validates compresses
        samples schedules retries encodes traverses groups rounds hashes formats shuffles diffs
        tokenizes interpolates""",
    ),
    "numbers": (
        "Count from {} and explain each step.",
        "3 17 40 99 250 1000 8 61 12 500 77 5 144 33 20 365 28 90 11 1024 52 7 660 19",
    ),
}


def long_prompts() -> tuple[Prompt, ...]:
    """96 whose answers are long, the four kinds of text in turn. An id never changes its prompt."""
    listed = {kind: words.split() for kind, (_, words) in _LONG.items()}
    return tuple(
        Prompt(
            f"long-{kind}-{n}",
            ({"role": "user", "content": _LONG[kind][0].format(listed[kind][n])},),
        )
        for n in range(min(map(len, listed.values())))
        for kind in _LONG
    )


_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def _user(text: str) -> Message:
    return {"role": "user", "content": text}


def _talk(turns: int) -> tuple[Message, ...]:
    """Turns of one word each, the last one the user's."""
    roles = ("user", "assistant")
    return tuple({"role": roles[n % 2], "content": "Hello"} for n in range(turns))


def probes() -> tuple[tuple[Probe, Prompt], ...]:
    """What stage 0 asks: each part of rendering by itself."""
    system: Message = {"role": "system", "content": "Answer in one word."}
    asked: tuple[tuple[Probe, tuple[Message, ...]], ...] = (
        (Probe(id="nearly-empty"), (_user("."),)),
        (Probe(id="one-word"), _talk(1)),
        (Probe(id="three-turns", turns=3), _talk(3)),
        (Probe(id="five-turns", turns=5), _talk(5)),
        (Probe(id="system", system=True), (system, _user("Hello"))),
        (Probe(id="tool", tools=True), (_user("Hello"),)),
        (Probe(id="chinese", plain=False), (_user("你好,世界。今天天气怎么样?"),)),
        (Probe(id="signs", plain=False), (_user("naïve 😀 Ωμέγα — ½"),)),
    )
    return tuple(
        (probe, Prompt(probe.id, messages, (_TOOL,) if probe.tools else ()))
        for probe, messages in asked
    )
