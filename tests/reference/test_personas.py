"""Personas are made of faults that exist, and each fault says where a product's habit is written down."""

from __future__ import annotations

import httpx
import pytest

from conformance.errors import SourceError, UsageError
from conformance.faces.explain.preset import stated
from conformance.providers.preset import preset_names
from conformance.reference.model.think import THINKER
from conformance.reference.personas import PRESET, load_persona, persona_names, read_persona
from conformance.reference.serve import ServeOptions, load_faults
from conformance.reference.testing import running

load_faults()
WHOLE = """\
product = "A product"
date = "2026-11"
preset = "vllm"
model = "reference-1"
reasoning = "reference-1"

[faults]
done-missing = "preset vllm: ERR-004"
"""


def test_there_is_one_for_each_product_that_people_move_between():
    assert set(persona_names()) >= {
        "deepseek-api", "vllm-nvidia", "vllm-ascend-pd-proxy", "mindie-openai", "sglang", "trtllm-serve",
        "ollama", "tgi", "lm-studio", "azure", "gemini-compat", "anthropic-compat",
    }  # fmt: skip


@pytest.mark.parametrize("name", persona_names())
def test_what_it_says_of_a_product_is_written_down_somewhere(name):
    one = load_persona(name)
    quoted = [found for source in one.faults.values() if (found := PRESET.fullmatch(source))]

    assert one.preset in preset_names()
    assert {one.model, one.reasoning} <= {"reference-1", f"reference-1{THINKER}"}
    assert [found[0] for found in quoted if not stated(*found.groups())] == []


@pytest.mark.parametrize("name", persona_names())
def test_its_faults_compose_and_it_answers(name):
    with running(ServeOptions(per_token=0, persona=name)) as url:
        body = {"model": load_persona(name).model, "messages": [{"role": "user", "content": "Say OK."}]}

        answer = httpx.post(f"{url}/chat/completions", json=body)

    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"].endswith("OK")


def test_more_faults_come_on_top():
    options = ServeOptions(per_token=0, persona="ollama", faults=("object-wrong",))
    with running(options) as url:
        body = {"model": "reference-1", "n": 2, "messages": [{"role": "user", "content": "Say OK."}]}

        answer = httpx.post(f"{url}/chat/completions", json=body).json()

    assert len(answer["choices"]) == 1
    assert answer["object"] != "chat.completion"


@pytest.mark.parametrize(
    ("written", "instead", "where", "reason"),
    [
        ("product", "produkt", 1, "unknown key 'produkt'"),
        ('product = "A product"', "", 1, "lacks 'product'"),
        ('"2026-11"', "2026", 2, "'date' is no text"),
        ("done-missing", "done-missed", 8, "no fault is called 'done-missed'"),
        ("preset vllm: ERR-004", "everybody knows", 8, "does not say where it is documented"),
        ("preset vllm: ERR-004", "field nobody-saw-it", 8, "does not say where it is documented"),
        ('done-missing = "preset vllm: ERR-004"', "", 7, "names no fault"),
        ("[faults]", "[faults", 1, "is not TOML"),
    ],
)
def test_a_file_is_read_strictly(written, instead, where, reason):
    with pytest.raises(SourceError) as raised:
        read_persona("mine", WHOLE.replace(written, instead, 1))

    assert str(raised.value).startswith(f"personas/mine.toml:{where}")
    assert reason in str(raised.value)


def test_a_name_that_is_no_personas_is_told():
    with pytest.raises(UsageError, match=r"no persona is called 'olama'.*ollama"):
        load_persona("olama")
