from __future__ import annotations

import json

import httpx
import pytest
from asking import ADD, PING, TIME, WEATHER, body, calls, chat, said, stream, text_of, tool

SAYS: list[tuple[str, str]] = [
    ("Say OK.", "OK"),
    ("Say this is a test", "this is a test"),
    ("Reply with exactly: foo bar baz", "foo bar baz"),
    ("Reply with the single word: yes", "yes"),
    ("Repeat after me: The quick brown fox.", "The quick brown fox."),
    ("Reply with only the word banana.", "banana"),
    ("Please reply with the text `a<b>c`.", "a<b>c"),
    ('Say "he said \\"hi\\"\\nand left"', 'he said "hi"\nand left'),
    ("Print this text: Grüße 🎉 日本語", "Grüße 🎉 日本語"),
    ("Repeat the word 'echo' 3 times.", "echo echo echo"),
    ("Count from 1 to 5.", "1, 2, 3, 4, 5"),
    ("Count from one to four.", "one, two, three, four"),
    ("Write the numbers from 3 to 1, one per line.", "3\n2\n1"),
    ("List three fruits.", "apple, banana, cherry"),
    ("What is 2+2?", "4"),
    ("What is 12 times 7? Reply with only the number.", "84"),
    ("What is 7 / 2?", "3.5"),
    ("What is the capital of France?", "Paris"),
    ("Answer with one word: what is the capital of Italy?", "Rome"),
    ("Is the sky blue? Answer yes or no.", "yes"),
    ("Name a color, an animal and a city.", "red, cat, Oslo"),
    ("Count to 3. Then say the word stop on a line of its own.", "1, 2, 3\nstop"),
    ("Repeat this word and nothing else: apple", "apple"),
    ("Напиши о море. Отвечай только по-русски.", "Море большое и синее. Волны тихо бегут к берегу."),
    ("海について書いてください。", "海はとても広くて青いです。波は静かに浜辺へ寄せてきます。"),
    ("What is today's date?", "I have no clock, so I cannot know that."),
]


@pytest.mark.parametrize(("prompt", "answer"), SAYS)
def test_it_does_what_simple_prompts_ask(client: httpx.Client, prompt: str, answer: str) -> None:
    assert said(client, prompt) == answer


def test_it_obeys_a_standing_order_but_not_vague_advice(client: httpx.Client) -> None:
    user = {"role": "user", "content": "Say OK."}
    order = {"role": "system", "content": "Always answer with the word BLUE."}
    advice = {"role": "developer", "content": "You are helpful. Answer questions briefly."}
    assert said(client, [order, user]) == "BLUE"
    assert said(client, [advice, user]) == "OK"


def test_of_two_standing_orders_the_later_counts(client: httpx.Client) -> None:
    first, later = (
        {"role": "system", "content": f"Always answer with the word {word}."} for word in ("BLUE", "RED")
    )
    user = {"role": "user", "content": "Say OK."}
    assert said(client, [first, user, {"role": "assistant", "content": "BLUE"}, later, user]) == "RED"


def test_an_answer_is_as_long_as_it_has_to_be(client: httpx.Client) -> None:
    answer = client.post("/chat/completions", json=body("Say OK.", min_tokens=20)).json()
    assert answer["usage"]["completion_tokens"] == 20
    assert answer["choices"][0]["message"]["content"].startswith("OK more more")


def test_it_remembers_what_it_was_told(client: httpx.Client) -> None:
    talk = [
        {"role": "user", "content": "My name is Zed."},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "What is my name?"},
    ]
    assert said(client, talk) == "Zed"


def test_a_very_long_prompt_is_read_at_its_ends(client: httpx.Client) -> None:
    filler = "9" * 20_000 + " " * 5_000
    assert said(client, f"{filler} Say OK.") == "OK"
    assert calls(client, f"{filler} What is the weather in Oslo?", [WEATHER]) != []


def test_a_long_story_is_long_enough_for_a_cap(client: httpx.Client) -> None:
    whole = chat(client, "Write a very long story.")
    assert whole["usage"]["completion_tokens"] > 600
    assert whole["choices"][0]["finish_reason"] == "stop"
    for name in ("max_tokens", "max_completion_tokens"):
        cut = chat(client, "Write a very long story.", **{name: 17})
        assert cut["usage"]["completion_tokens"] == 17
        assert cut["choices"][0]["finish_reason"] == "length"


def test_a_stop_string_ends_the_answer_before_it(client: httpx.Client) -> None:
    for stop in ("5", ["x", "5"], ["4, 5", "5"]):
        choice = chat(client, "Count from 1 to 9.", stop=stop)["choices"][0]
        assert choice["message"]["content"] in ("1, 2, 3, 4, ", "1, 2, 3, ")
        assert choice["finish_reason"] == "stop"
        chunks = stream(client, "Count from 1 to 9.", stop=stop)
        assert text_of(chunks) == choice["message"]["content"]


def test_greedy_repeats_itself_and_warm_does_not(client: httpx.Client) -> None:
    cold = {said(client, "Tell me a joke.") for _ in range(8)}
    warm = {said(client, "Tell me a joke.", temperature=1) for _ in range(24)}
    narrow = {said(client, "Tell me a joke.", temperature=1, top_p=0.01) for _ in range(8)}
    seeded = {said(client, "Tell me a joke.", temperature=1, seed=7) for _ in range(8)}
    assert (len(cold), len(narrow), len(seeded)) == (1, 1, 1)
    assert len(warm) > 1


def test_n_choices_are_independent_and_all_counted(client: httpx.Client) -> None:
    answer = chat(client, "Tell me a joke.", n=12, temperature=1)
    texts = [choice["message"]["content"] for choice in answer["choices"]]
    assert [choice["index"] for choice in answer["choices"]] == list(range(12))
    assert len(set(texts)) > 1
    one = chat(client, "Tell me a joke.")["usage"]
    assert answer["usage"]["prompt_tokens"] == one["prompt_tokens"]
    assert answer["usage"]["completion_tokens"] > 6 * one["completion_tokens"]


def test_logprobs_cover_every_token_and_put_the_chosen_one_first(client: httpx.Client) -> None:
    answer = chat(client, "Say Grüße 🎉 all.", logprobs=True, top_logprobs=3)
    choice = answer["choices"][0]
    entries = choice["logprobs"]["content"]
    assert "".join(entry["token"] for entry in entries) == choice["message"]["content"]
    assert len(entries) == answer["usage"]["completion_tokens"]
    for entry in entries:
        assert bytes(entry["bytes"]).decode() == entry["token"]
        top = [each["logprob"] for each in entry["top_logprobs"]]
        assert len(top) == 3
        assert top == sorted(top, reverse=True)
        assert entry["top_logprobs"][0]["token"] == entry["token"]
        assert entry["logprob"] <= 0


CALLED: list[tuple[str, list[tuple[str, dict[str, object]]]]] = [
    ("What is the weather in Oslo?", [("get_weather", {"city": "Oslo"})]),
    ("Should I take an umbrella in Bergen today?", [("get_weather", {"city": "Bergen"})]),
    (
        "Compare the weather in Oslo, Rome and New York.",
        [("get_weather", {"city": city}) for city in ("Oslo", "Rome", "New York")],
    ),
    (
        "What is the weather in Oslo and what time is it in São Paulo?",
        [("get_weather", {"city": "Oslo"}), ("get_time", {"city": "São Paulo"})],
    ),
    ("What is 3 plus 4?", [("add", {"a": 3, "b": 4})]),
    ("Call ping, please.", [("ping", {})]),
    ('Call get_weather with {"city": "Zürich"}.', [("get_weather", {"city": "Zürich"})]),
    ("Tell me a joke.", []),
    ("Say OK.", []),
    ("What is the capital of France?", []),
    ("Do not call any tool. How is the weather in Oslo?", []),
]


@pytest.mark.parametrize(("prompt", "expected"), CALLED)
def test_it_calls_the_tools_that_the_prompt_is_about(
    client: httpx.Client, prompt: str, expected: list[object]
) -> None:
    assert calls(client, prompt, [WEATHER, TIME, ADD, PING]) == expected


def test_tool_choice_is_obeyed_in_all_its_forms(client: httpx.Client) -> None:
    tools = [WEATHER, TIME, ADD]

    def named(choice: object, prompt: str = "Tell me a joke.") -> list[str]:
        return [name for name, _ in calls(client, prompt, tools, tool_choice=choice)]

    def allowed(mode: str, *names: str) -> dict[str, object]:
        listed = [{"type": "function", "function": {"name": name}} for name in names]
        return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": listed}}

    assert named("auto") == []
    assert named("none", "What is the weather in Oslo?") == []
    assert len(named("required")) == 1
    assert named({"type": "function", "function": {"name": "add"}}) == ["add"]
    assert named(allowed("required", "get_time")) == ["get_time"]
    assert named(allowed("auto", "get_time"), "What is the weather in Oslo?") == []


def test_parallel_calls_can_be_switched_off(client: httpx.Client) -> None:
    prompt = "Compare the weather in Oslo, Rome and Cairo."
    assert len(calls(client, prompt, [WEATHER], parallel_tool_calls=False)) == 1


def test_a_cap_inside_the_arguments_is_told_as_length(client: httpx.Client) -> None:
    choice = chat(client, "What is the weather in Oslo?", tools=[WEATHER], max_tokens=3)["choices"][
        0
    ]
    assert choice["finish_reason"] == "length"
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"city'


def test_it_uses_tool_results_and_chains_what_is_left(client: httpx.Client) -> None:
    talk: list[dict[str, object]] = [
        {"role": "user", "content": "Compare the weather in Oslo, Rome and Cairo."}
    ]
    for celsius in (-7, 15, 31):
        answer = chat(client, talk, tools=[WEATHER], parallel_tool_calls=False)
        message = answer["choices"][0]["message"]
        [call] = message["tool_calls"]
        result = json.dumps({"celsius": celsius})
        talk += [message, {"role": "tool", "tool_call_id": call["id"], "content": result}]
    final = said(client, talk, tools=[WEATHER], parallel_tool_calls=False)
    assert all(number in final for number in ("-7", "15", "31"))
    assert said(client, talk) == final


def test_it_goes_from_tool_to_tool_with_what_each_one_said(client: httpx.Client) -> None:
    def taking(name: str, kind: str) -> dict[str, object]:
        return {"type": "object", "properties": {name: {"type": kind}}, "required": [name]}

    tools = [
        tool("ship_order", "Ships an order.", taking("order_id", "string")),
        tool("get_orders", "Orders of a user.", taking("user_id", "integer")),
        tool("get_user", "Looks up a user.", taking("name", "string")),
    ]
    prompt = (
        "First look up Ann with get_user, then her orders with get_orders, then use ship_order."
    )
    talk: list[dict[str, object]] = [{"role": "user", "content": prompt}]
    made = []
    for result in ({"user_id": 42}, {"order_id": "A-7"}, {"shipped": True}):
        message = chat(client, talk, tools=tools)["choices"][0]["message"]
        [call] = message["tool_calls"]
        made.append((call["function"]["name"], json.loads(call["function"]["arguments"])))
        content = json.dumps(result)
        talk += [message, {"role": "tool", "tool_call_id": call["id"], "content": content}]
    assert made == [
        ("get_user", {"name": "Ann"}),
        ("get_orders", {"user_id": 42}),
        ("ship_order", {"order_id": "A-7"}),
    ]
    assert "shipped is true" in said(client, talk, tools=tools)


def test_results_of_other_arguments_and_ids_end_the_turn_as_well(client: httpx.Client) -> None:
    call = {"id": "9charsXYZ", "type": "function"}
    call["function"] = {"name": "get_weather", "arguments": '{ "city" : "Trondheim" }'}
    talk = [
        {"role": "user", "content": "What is the weather in Oslo?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "9charsXYZ", "content": "clear skies"},
    ]
    assert "clear skies" in said(client, talk, tools=[WEATHER])


NOTE = tool(
    "save_note",
    "Saves a note.",
    {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
)


def test_arguments_carry_any_text(client: httpx.Client) -> None:
    [(_, arguments)] = calls(client, 'Call save_note with text "Grüße \\"du\\" 🎉\\nneu".', [NOTE])
    assert arguments == {"text": 'Grüße "du" 🎉\nneu'}
    prompt = 'Save a note with this text, exactly: She said "é" {}[]\\ \nand left. Use the tool.'
    [(_, arguments)] = calls(client, prompt, [NOTE])
    assert arguments == {"text": 'She said "é" {}[]\\ \nand left.'}


def test_a_text_that_is_given_exactly_is_taken_whole(client: httpx.Client) -> None:
    text = "The path \"C:\\new\" was\nread as 'it's \\n' in 東京 <b>."
    prompt = f"Use the tool to save a note with exactly this text: {text}"
    [(_, arguments)] = calls(client, prompt, [NOTE])
    assert arguments == {"text": text}


def test_json_object_is_one_object_filled_from_the_prompt(client: httpx.Client) -> None:
    shape = {"type": "json_object"}
    prompt = "Return JSON with keys name and age for: Ann is 31."
    assert json.loads(said(client, prompt, response_format=shape)) == {"name": "Ann", "age": 31}
    assert isinstance(json.loads(said(client, "Say OK.", response_format=shape)), dict)


def test_equal_requests_are_answered_alike_but_for_their_names(client: httpx.Client) -> None:
    first, second = (chat(client, "Say hello there.") for _ in range(2))
    assert first.pop("id") != second.pop("id")
    assert first | {"created": 0} == second | {"created": 0}


def test_prompt_tokens_grow_with_the_prompt_and_are_stable(client: httpx.Client) -> None:
    sizes = [
        chat(client, "Say OK." + " more" * n)["usage"]["prompt_tokens"] for n in (0, 5, 50, 50)
    ]
    assert sizes[0] < sizes[1] < sizes[2] == sizes[3]


def test_the_same_request_streamed_says_the_same(client: httpx.Client) -> None:
    for prompt in ("Count from 1 to 30.", "Tell me a joke.", "Say 日本語 🎉."):
        assert text_of(stream(client, prompt)) == said(client, prompt)
    assert body("x")["temperature"] == 0
