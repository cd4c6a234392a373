"""The raw calls of every model family that is known are leaks; what was asked for, and code, are not."""

import pytest
from build import ASKED, TOOLS

from conformance.checks.markup import leaked

TOOLED = ASKED | {"tools": TOOLS}
ARGUMENTS = '{"city": "Oslo"}'
CALL = f'{{"name": "get_weather", "arguments": {ARGUMENTS}}}'

FAMILIES = [
    ("DeepSeek V3", f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{ARGUMENTS}\n```<｜tool▁call▁end｜>"),
    ("DeepSeek V3, tokens skipped", f"functionget_weather\n```json\n{ARGUMENTS}\n```"),
    ("DeepSeek V3.1", f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{ARGUMENTS}"),
    ("DeepSeek V3.2", '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">'),
    ("DeepSeek V4", '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Oslo'),
    ("DeepSeek V4, bars doubled", '<｜｜DSML｜｜tool_calls> <｜｜DSML｜｜invoke name="get_weather">'),
    ("DeepSeek V4, an end alone", "I will look.</｜DSML｜function_calls>"),
    ("DeepSeek V4, torn off", "I will look.<｜DSML"),
    ("Hermes, Qwen", f"<tool_call>\n{CALL}\n</tool_call>"),
    ("Qwen3-Coder", "<tool_call>\n<function=get_weather>\n<parameter=city>\nOslo\n</parameter>\n</function>\n</tool_call>"),
    ("Qwen3-Coder, without the outer tag", "<function=get_weather>\n<parameter=city>"),
    ("Llama 3.1, a tag of Python", '<|python_tag|>get_weather.call(city="Oslo")'),
    ("Llama 3.1, bare", '{"name": "get_weather", "parameters": {"city": "Oslo"}}'),
    ("Llama 3.1, a function's tag", f"<function=get_weather>{ARGUMENTS}</function>"),
    ("Llama 3.2 and 4", "[get_weather(city='Oslo')]"),
    ("Mistral", f"[TOOL_CALLS][{CALL}]"),
    ("Mistral, later", f"get_weather[ARGS]{ARGUMENTS}"),
    ("Mistral, with ids", f"[TOOL_CALLS]get_weather[CALL_ID]a1b2c3d4e[ARGS]{ARGUMENTS}"),
    ("GLM", "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n</tool_call>"),
    ("GLM, without the outer tag", "get_weather\n<arg_key>city</arg_key>"),
    ("GLM, a turn", "<|observation|>"),
    ("Kimi K2", f"<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{ARGUMENTS}"),
    ("MiniMax M1", f"<tool_calls>\n{CALL}\n</tool_calls>"),
    ("MiniMax M2", '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">Oslo</parameter>'),
    ("MiniMax M2, a turn", "Done.[e~["),
    ("InternLM", f"<|action_start|><|plugin|>{CALL}<|action_end|>"),
    ("Granite 3", f"<|tool_call|>[{CALL}]"),
    ("Granite 20B", f"<function_call> {CALL}"),
    ("gpt-oss", f"<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{ARGUMENTS}<|call|>"),
    ("gpt-oss, tokens skipped", f"commentary to=functions.get_weather json{ARGUMENTS}"),
    ("gpt-oss, channels run together", "analysisThe user greets.assistantfinalHello!"),
    ("Pangu", f"[unused11][{CALL}][unused12]"),
    ("Hunyuan", "<tool_calls><tool_call>get_weather<tool_sep>"),
    ("Gemma 3", "<start_of_turn>model"),
    ("Function Gemma", "<start_function_call>call:get_weather{city:<escape>Oslo<escape>}<end_function_call>"),
    ("Gemma 4", '<|tool_call>call:get_weather{city:<|"|>Oslo<|"|>}<tool_call|>'),
    ("Gemma 4, a quote that lost its end", '<|"|/home/a.pdf<|"|'),
    ("Phi 4", f"<|tool_call|>[{CALL}]<|/tool_call|>"),
    ("Phi 4 mini", f"functools[{CALL}]"),
    ("xLAM", f"[{CALL}]"),
    ("Nemotron", f"<TOOLCALL>[{CALL}]</TOOLCALL>"),
    ("Seed-OSS", "<seed:tool_call>\n<function=get_weather>"),
    ("Step 3", '<steptml:invoke name="get_weather">'),
    ("LongCat", "<longcat_tool_call>get_weather"),
    ("LFM 2", "<|tool_call_start|>[get_weather(city='Oslo')]<|tool_call_end|>"),
    ("Command R", "<|START_ACTION|>"),
    ("Magistral", "[THINK]Hm.[/THINK]"),
    ("Seed-OSS, thinking", "<seed:think>Hm."),
]  # fmt: skip

NOT_TOLD_OF = [
    ("tags whose call was taken out", "<tool_call></tool_call>"),
    ("the same behind a text", "I will look. <tool_call></tool_call>"),
    ("a call behind a sentence on it", f"I use the <tool_call></tool_call> tags now:\n<tool_call>\n{CALL}\n</tool_call>"),
    ("tags of another kind", "I use the <tool_call></tool_call> tags now:\n<function=f>"),
]  # fmt: skip

FINE = [
    ("said by the user", "It begins with <tool_call>.", "What does <tool_call> mean?"),
    ("the other of the pair", "It ends with </tool_call>.", "What does <tool_call> mean?"),
    ("by its name", "It is <|python_tag|> there.", "What is python_tag in Llama's template?"),
    ("a full-width one by its name", "<｜tool▁sep｜> stands between.", "What is tool▁sep for?"),
    ("markup asked about", "Hermes writes <tool_call>{...}</tool_call>.", "Which markup does Hermes use for calls?"),
    ("tokens asked about", "There are <|im_start|> and <|im_end|>.", "Which special tokens has ChatML?"),
    ("a format asked about", "[TOOL_CALLS] comes first.", "Show me Mistral's tool call format."),
    ("think tags asked about", "<think> opens it.", "How do think tags work?"),
    ("in a code span", "The tag is `<tool_call>`.", "How does Hermes call?"),
    ("in a fence", "So:\n```\n<tool_call>\n```", "How does Hermes call?"),
    ("placeholders", "Dear [YOUR_NAME], write to <your_email> or <tool_name>.", "Write a letter."),
    ("usage of a command", "usage: ls [OPTION]... [ARGS] [FILE]", "How is ls used?"),
    ("a tag of its own making", "<function-binder>change function</function>", "What is the weather?"),
    ("a tag told of", "Use the <tool_call></tool_call> library. Not a function.", "What is the weather?"),
    ("instructions of the template, copied", 'Return arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>}\n</tool_call>', "What is the weather?"),
    ("HTML", '<p class="x">Use <b>bold</b>, <s>struck</s> and <em>more</em>.</p>', "Write HTML."),
    ("generics", "It is a List<ToolCall> or a Map<String, FunctionCall>.", "Which type is it?"),
    ("operators", "f <|> g, x |> h, a <| b, p < q and q > r.", "Show some operators."),
    ("a list in Python", "[len(x) for x in words]", "How?"),
    ("a call of something else", "[get_news(city='Oslo')]", "How?"),
    ("a mention of the tool", "I would call get_weather(city='Oslo') now.", "How?"),
    ("an object that is no call", '{"name": "Oslo", "arguments": {}}', "Give me JSON."),
    ("two full-width bars in prose", "新闻｜NBA｜足球", "列出栏目。"),
    ("an assistant", "The assistant finally answers; my assistant's analysis is short.", "Write a line."),
    ("to be or not", "Set to=functions in the file, assistant.", "How?"),
    ("keys", "Press <escape> or <tab>.", "How do I leave?"),
]  # fmt: skip


@pytest.mark.parametrize(("family", "text"), FAMILIES, ids=[each[0] for each in FAMILIES])
def test_the_raw_call_of_each_family_is_a_leak(family, text):
    assert leaked(text, TOOLED)


@pytest.mark.parametrize(("why", "text"), NOT_TOLD_OF, ids=[each[0] for each in NOT_TOLD_OF])
def test_a_pair_of_tags_that_no_sentence_tells_of_is_a_leak(why, text):
    assert leaked(text, TOOLED)


@pytest.mark.parametrize(("why", "text", "prompt"), FINE, ids=[each[0] for each in FINE])
def test_what_was_asked_for_and_what_only_looks_like_it_is_none(why, text, prompt):
    assert leaked(text, TOOLED | {"messages": [{"role": "user", "content": prompt}]}) == []
