"""`conformance compare` end to end: simulated endpoints behind sockets, whole audits, their records."""

from dataclasses import replace

import pytest
from served import built, providers

from conformance.faces.cli import main
from conformance.parity.tilts import Sampler


def stages(facts):
    return {each["stage"]: each for each in facts["stages"]}


def test_the_same_weights_on_another_machine_are_the_same(pair):
    code, facts, folder, _ = pair(built(seed=2), "--stages=0,1,2")
    page = (folder / "report.md").read_text("utf-8")

    assert (code, facts["answer"], facts["layer"]) == (0, "same", None)
    assert facts["floor"]["source"] == "replica"
    assert page.splitlines()[2].startswith("**The same model within numerics")
    assert "Floor assumed" not in page
    assert "<script" not in (folder / "report.html").read_text("utf-8")


def test_a_record_is_judged_again_to_the_same_page(pair, capsys):
    _, _, folder, _ = pair(built(seed=2), "--stages=0,1")
    code = main(["judge", str(folder)])

    assert code == 3  # stage 2 was not asked, and it alone sees the sampler
    assert (folder / "judged" / "report.md").read_bytes() == (folder / "report.md").read_bytes()
    assert (folder / "judged" / "report.json").read_bytes() == (folder / "report.json").read_bytes()
    assert "b against a: inconclusive" in capsys.readouterr().out


def test_a_record_cut_anywhere_is_judged_as_far_as_it_came(pair):
    _, _, folder, _ = pair(built(seed=2), "--stages=0,1")
    record = folder / "record.jsonl"
    lines = record.read_bytes().splitlines(keepends=True)
    for share in (0.2, 0.5, 0.9):
        record.write_bytes(b"".join(lines[: int(len(lines) * share)]))

        assert main(["judge", str(folder)]) == 3
    assert "interrupted" in (folder / "judged" / "report.md").read_text("utf-8")


DIFFERENT = {
    "int4 weights, by logprobs": (built(seed=3, change=1.3), {}, "1", "weights or numerics"),
    "a hidden system prompt, by its tokens": (built(seed=2), {"extra": 21}, "0", "rendering"),
    "int4 weights, by text alone": (built(seed=3, change=1.3), {"width": 0}, "2", "weights or numerics"),
    "temperature 0.5 forced": (built(seed=2, sampler=Sampler(0.5)), {"seed": 4}, "2", "sampler"),
}


@pytest.mark.usefixtures("fewer")
@pytest.mark.parametrize(("of", "about", "stage", "layer"), DIFFERENT.values(), ids=DIFFERENT)
def test_another_is_told_by_its_layer_and_nothing_is_asked_after_that(pair, of, about, stage, layer):
    code, facts, folder, _ = pair(of, "--stages=0,1,2,2b", **about)

    assert (code, facts["answer"]) == (1, "different")
    assert facts["layer"] == layer
    assert facts["stages"][-1]["stage"] == stage
    assert "2b" in facts["skipped"]
    assert "Not the same" in (folder / "report.md").read_text("utf-8")


def test_going_on_asks_all_stages(pair):
    code, facts, *_ = pair(built(seed=2), "--stages=0,1", "--go-on", extra=21)

    assert (code, facts["layer"], stages(facts)["1"]["says"]) == (1, "rendering", "same")


def test_without_logprobs_the_same_is_coarse(pair):
    code, facts, folder, _ = pair(built(seed=2), "--stages=0,2", width=0)

    assert (code, facts["answer"]) == (0, "same-coarse")
    assert {"report-looks.svg", "report-chances.svg", "report-answers.svg"} <= {each.name for each in folder.iterdir()}
    shown = facts["short_answers"]
    assert len(shown) == 20
    assert [sum(times for _, times in shown[0][side]) for side in ("baseline", "candidate")] == [192, 48]
    assert shown[0]["text"] in (folder / "report.md").read_text("utf-8")
    assert "1" not in stages(facts)
    assert "no logprobs from both: candidate: status 400" in stages(facts)["1b"]["why"]


def test_five_logprobs_are_asked_where_twenty_are_refused(pair):
    code, facts, _, log = pair(built(seed=3, change=1.3), "--stages=0,1", width=5)

    assert (code, facts["answer"]) == (1, "different")
    assert {each.get("top_logprobs") for each in log} == {None, 20, 5}


def test_a_floor_without_a_second_machine_is_said_to_be_assumed(pair):
    _, facts, folder, _ = pair(built(seed=2), "--stages=1", alone=True)

    assert facts["floor"]["assumed"]
    assert "**Floor assumed.**" in (folder / "report.md").read_text("utf-8")


def test_what_deaf_samplers_ignore_is_named(pair):
    class Deaf:
        """Samples at temperature 1 whatever was asked."""

        inner = built(seed=2)

        def answer(self, ask, rng):
            plain = replace(ask.settings, temperature=1.0, top_p=1.0, top_k=None)
            return self.inner.answer(replace(ask, settings=plain), rng)

    code, facts, *_ = pair(Deaf(), "--stages=2b")

    assert (code, facts["layer"]) == (1, "sampler")
    assert "top_p" in facts["detail"]
    assert facts["detail"].endswith("is ignored")


def test_errors_speak_against_nobody(pair):
    """Every third request is refused for good: fewer witnesses, the same answer."""
    seen = []

    def hook(_body):
        seen.append(1)
        return 422 if len(seen) % 3 == 0 else 0

    _, facts, *_ = pair(built(seed=2), "--stages=1,2", hook=hook)

    assert facts["answer"] == "inconclusive"
    assert all(each["says"] != "different" for each in facts["stages"])


def test_an_endpoint_that_is_gone_is_not_different(pair):
    code, facts, *_ = pair(built(seed=2), "--stages=0,1,2", hook=lambda _body: 401)

    assert (code, facts["answer"]) == (3, "inconclusive")


def test_a_budget_ends_the_audit_undecided(pair):
    code, facts, folder, log = pair(built(seed=2), "--stages=0,1,2", "--max-tokens-total=3000")

    assert (code, facts["answer"]) == (3, "inconclusive")
    assert len(log) < 400
    assert "a budget was used up" in (folder / "report.md").read_text("utf-8")


def test_thinking_is_switched_off_where_the_entry_says_how(pair):
    _, _, _, log = pair(built(seed=2), "--stages=0", entry=('fragments = { thinking-off = { thinking = { type = "disabled" } } }',))

    assert all(each["thinking"] == {"type": "disabled"} for each in log)


def test_prompts_of_the_users_own_are_asked(pair, tmp_path):
    mine = tmp_path / "mine.jsonl"
    mine.write_text('{"prompt": "Ours, one"}\n\n{"id": "two", "messages": [{"role": "user", "content": "Ours, two"}]}\n', "utf-8")
    _, facts, folder, log = pair(built(seed=2), "--stages=1", f"--prompts={mine}")
    asked = {each["messages"][0]["content"] for each in log}

    assert {"Ours, one", "Ours, two"} <= asked
    names = {each["prompt"] for each in facts["first_tokens"]}
    assert {each[: each.rindex("-")] for each in names if each.startswith("own-")} == {"own-1", "own-two"}
    assert main(["judge", str(folder)]) == 3


WRONG = {
    "an unknown stage": (["a", "b", "--stages=9"], "no stage is called"),
    "an unknown provider": (["a", "x"], "no provider is called 'x'"),
    "a profile that is none": (["a", "b", "--certify=chatt"], "did you mean 'chat'"),
    "a profile without a margin": (["a", "b", "--certify=chat"], "profile chat states no margin: margin = 3"),
    "a profile, and a margin": (["a", "b", "--certify=chat", "--margin=3"], "--margin or --certify"),
    "a profile without its stage": (["a", "b", "--certify=chat", "--stages=0"], "--certify needs stage 4: --stages=0,4"),
    "no such prompts": (["a", "b", "--prompts=none.jsonl"], "cannot be read"),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_wrong_use_says_what_is_wrong(arguments, words, tmp_path, capsys):
    path = providers(tmp_path, a="http://127.0.0.1:1/v1", b="http://127.0.0.1:1/v1")

    assert main(["compare", *arguments, f"--providers-file={path}", f"--reports-dir={tmp_path}"]) == 4
    assert words in capsys.readouterr().err


LINES = {
    "no JSON": ("x", "this is no JSON"),
    "no object": ("[]", "no JSON object"),
    "no prompt": ("{}", "neither `prompt` nor `messages`"),
    "no messages": ('{"messages": []}', "neither `prompt` nor `messages`"),
    "nothing": ("", "there is no prompt in it"),
    "twins": ('{"id": "a", "prompt": "x"}\n{"id": "a", "prompt": "y"}', "two prompts are called"),
}


@pytest.mark.parametrize(("text", "words"), LINES.values(), ids=LINES)
def test_prompts_that_cannot_be_read_are_told_by_line(text, words, tmp_path, capsys):
    mine = tmp_path / "mine.jsonl"
    mine.write_text(text, "utf-8")
    path = providers(tmp_path, a="http://127.0.0.1:1/v1", b="http://127.0.0.1:1/v1")

    assert main(["compare", "a", "b", f"--providers-file={path}", f"--prompts={mine}"]) == 4
    assert words in capsys.readouterr().err


def test_tasks_of_the_users_own_take_the_place_of_ours(pair, tmp_path):
    mine = tmp_path / "tasks.jsonl"
    mine.write_text("".join(f'{{"prompt": "Task {n}", "expected": "x", "parameters": {{"max_tokens": 3}}}}\n' for n in range(12)), "utf-8")
    code, facts, folder, log = pair(built(seed=2), "--stages=0,4", f"--items={mine}")
    tasks = [each for each in log if each["messages"][0]["content"].startswith("Task")]

    assert code == 3
    assert stages(facts)["4"]["requests"] == len(tasks) == 12
    assert {each["max_tokens"] for each in tasks} == {3}
    assert "Tasks: 12 of the user's own" in (folder / "report.md").read_text("utf-8")
    assert main(["judge", str(folder)]) == 3
    assert (folder / "judged" / "report.md").read_bytes() == (folder / "report.md").read_bytes()


def test_a_profile_says_how_much_worse_is_good_enough(pair, tmp_path, capsys):
    """Twelve tasks that all pass at neither say nothing: the answer is for that profile, and not decided."""
    mine, profiles = tmp_path / "tasks.jsonl", tmp_path / "profiles.toml"
    mine.write_text("".join(f'{{"prompt": "Task {n}", "expected": "x"}}\n' for n in range(12)), "utf-8")
    profiles.write_text('[profiles.my-app]\nincludes = ["chat"]\nmargin = 40\n', "utf-8")
    wish = ["--certify=my-app", f"--profiles-file={profiles}", "--stages=0,4", f"--items={mine}"]
    code, facts, folder, _ = pair(built(seed=2), *wish)

    assert (code, facts["good_enough"]) == (3, True)
    assert "Good enough for my-app." in capsys.readouterr().out
    assert main(["judge", str(folder)]) == 3
    assert (folder / "judged" / "report.md").read_bytes() == (folder / "report.md").read_bytes()


def test_tasks_need_their_stage(tmp_path, capsys):
    path = providers(tmp_path, a="http://127.0.0.1:1/v1", b="http://127.0.0.1:1/v1")

    assert main(["compare", "a", "b", f"--providers-file={path}", "--stages=0", "--items=x.jsonl"]) == 4
    assert "--items needs stage 4" in capsys.readouterr().err
