"""`report.md`: the answer first, everything bounded, nothing of an endpoint's is markup."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sample import (
    HOSTILE,
    capability,
    case,
    certificate,
    compared,
    finding,
    hostile,
    info,
    provider,
    run,
)

from conformance.contract.model import Level
from conformance.report.markdown import markdown
from conformance.report.matrix import cell, matrix
from conformance.verdict.losses import NOT_COMPARED
from conformance.verdict.model import Answer, Mishap, Reason, Usage
from conformance.verdict.outcome import Outcome

RUNS = {"one": run, "compared": compared, "hostile": hostile, "nobody": lambda: run(provider())}


def sections(text: str) -> list[str]:
    """Headings of the second level, without what stands in code spans."""
    return [line.removeprefix("## ") for line in outside_fences(text) if line.startswith("## ")]


def outside_fences(text: str) -> list[str]:
    """Lines that are not in a code block."""
    lines, fence = [], ""
    for line in text.split("\n"):
        mark = re.match(r"`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif mark:
            fence = mark[0]
        else:
            lines.append(line)
    assert not fence, "a code block is not closed"
    return lines


def tables(text: str) -> list[list[str]]:
    """Consecutive lines that begin with a pipe."""
    found: list[list[str]] = [[]]
    for line in outside_fences(text):
        if line.startswith("|"):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [each for each in found if each]


def cells(line: str) -> int:
    return len(re.findall(r"(?<!\\)\|", line)) - 1


def section(text: str, title: str) -> str:
    """From a heading to the next of its level."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_it_opens_with_the_answer():
    text = markdown(run())
    assert text.startswith("# Portability of `b`\n")
    assert sections(text)[:4] == ["The answer", "What to fix first", "Capabilities", "Findings"]
    assert "**`b`** with model `m` is a drop-in for `chat`; not a drop-in for `agent`." in text
    row = next(line for line in text.split("\n") if line.startswith("| Agent"))
    assert "**not drop-in**" in row
    assert "38/52" in row
    assert "breaks [`STRM-011`](#finding-b-strm-011)" in row


def test_with_a_baseline_it_opens_with_what_changes():
    text = markdown(compared())
    assert text.startswith("# Can `b` take the place of `a`?\n")
    assert sections(text)[:2] == ["What changes for your application: `a` to `b`", "Side by side"]
    assert "in place of `a`, is " in text.partition("\n## ")[0], "the question is answered at once"
    first = section(text, sections(text)[0])
    assert "**1 capability lost.**" in first
    assert re.search(r"Same seed, same answer \| honoured +\| ignored", first)
    assert first.index("1 clause breaks where `a` was not seen to break it") < first.index("does **not count**")
    assert "In other cases" not in first
    assert "`USAGE-004`" in first.partition("does **not count**")[2]
    assert "`chat/odd`" in first


def test_what_breaks_anew_is_told_to_break_at_the_baseline_in_other_cases():
    here, there = compared().providers
    there = replace(there, findings=(*there.findings, finding("STRM-011", "a")))
    text = markdown(replace(compared(), providers=(here, there)))

    assert "In other cases at `a`" in text
    assert re.search(r"STRM-011.*\| broken in \d+ of \d+ +\|", text)


OPEN = tuple(
    Reason(clause=name, kind="undecided", text=f"{name} - connection refused", why="connection refused")
    for name in ("CREQ-001", "CREQ-002", "TOOL-004")
)


def test_what_is_open_for_one_cause_is_one_reason():
    one = certificate(answer=Answer.INCONCLUSIVE, reasons=(*certificate().reasons, *OPEN))
    text = section(markdown(run(provider(certificates=(one,)))), "The answer")

    assert text.count("connection refused") == 1
    assert "- **undecided** `CREQ-001`, `CREQ-002` and `TOOL-004` (agent): connection refused" in text
    assert "- **failed** `STRM-011` (agent)" in text


@pytest.mark.parametrize(
    ("reasons", "covered", "shown"),
    [
        (OPEN, 0, "connection refused"),
        (OPEN, 5, "connection refused"),
        (OPEN[:1], 5, "undecided: `CREQ-001`"),
        ((*OPEN, replace(OPEN[0], why="another")), 0, "nothing that it requires was decided"),
        ((*OPEN, replace(OPEN[0], clause="X-001", why="another")), 5, "undecided: `CREQ-001`, `CREQ-002`, `TOOL-004` and `X-001`"),
        ((replace(OPEN[0], clause=NOT_COMPARED),), 5, "connection refused"),
    ],
)
def test_the_table_says_why_nothing_better_was_decided(reasons, covered, shown):
    one = certificate(answer=Answer.INCONCLUSIVE, reasons=reasons, covered=covered)
    row = next(line for line in markdown(run(provider(certificates=(one,)))).split("\n") if line.startswith("| Agent"))

    assert row.strip("| ").rpartition("|")[2].strip() == shown


def test_nothing_is_called_lost_or_kept_where_nothing_was_compared():
    (one,) = compared().comparisons
    nothing = replace(one, compared=0, capabilities_lost=(), new_failures=(), shared_failures=())
    text = markdown(replace(compared(), comparisons=(nothing,)))

    assert "**Nothing was compared.** Of none of 6 cases" in text
    assert "is lost" not in text


def test_variants_of_one_case_are_one_capability():
    (one,) = compared().comparisons
    (row,) = one.capabilities_lost
    rows = tuple(replace(row, case=f"sampling/seed[stream-{each}]") for each in ("false", "true"))
    text = markdown(replace(compared(), comparisons=(replace(one, capabilities_lost=rows),)))

    assert "**1 capability lost.**" in text
    assert "Same seed, same answer (stream-false and stream-true)" in text


def test_capabilities_of_which_nothing_is_known_are_no_table():
    unknown = capability(branches={"": "undecided"})
    assert "Capabilities" not in sections(markdown(run(provider(capabilities=(unknown,)))))
    assert "Capabilities" in sections(markdown(run(provider(capabilities=(unknown, capability("x/y"))))))


def test_cases_with_one_reason_are_one_row():
    cases = [case(f"c/{n}", outcome=Outcome.INCONCLUSIVE, message="not asked: the limit") for n in range(9)]
    text = section(markdown(run(provider(cases=tuple(cases)))), "Not decided")

    assert text.count("not asked: the limit") == 1
    assert "`c/0`, `c/1`, `c/2`, `c/3`, `c/4` and 4 more" in text


def test_a_finding_has_the_words_of_the_clause_and_how_to_see_it_again():
    text = section(markdown(run()), "Findings")
    for wanted in (
        "### MUST",
        "#### `STRM-011` at `b`",
        "> **MUST** `delta.role` stands only in the first chunk",
        "> (source: openai SDK's accumulator)",
        "Seen in 12 of 40 exchanges (30.0 %, interval 17.4 to 45.1 %), in 1 case (`chat/stream`)",
        "- the role is said three times",
        "- **Consequence:** The SDK builds the role",
        "Silent:",
        "- **Remedy:** Send the role once.",
        "- **Needed by:** `agent`",
        "curl -sS -i -N 'http://127.0.0.1:8000/v1/chat/completions'",
        '"Authorization: Bearer $OPENAI_API_KEY"',
        "pytest 'suites/chat.yaml::stream[b]' --provider=b",
        "<details><summary>On the wire:",
        "response<      41.2 ms  data:",
    ):
        assert wanted in text


def test_findings_stand_in_order_of_level():
    found = (
        finding("USAGE-004", level=Level.SHOULD),
        finding("TOOL-004"),
        finding("X-001", level=Level.MAY),
    )
    headings = re.findall(
        r"^#{3,4} (\w+|`[A-Z0-9-]+`)", markdown(run(provider(findings=found))), re.MULTILINE
    )
    assert headings == ["MUST", "`TOOL-004`", "SHOULD", "`USAGE-004`", "MAY", "`X-001`"]


def test_what_does_not_count_stands_apart():
    text = markdown(run())
    undecided = section(text, "Not decided")
    weak, _, other = undecided.partition("**Not clear")
    assert "`tools/call`" in weak
    assert "`tools/call`" not in other
    assert "`sampling/seed`" in other
    assert "not offered: `emb/basic`" in section(text, "Not asked")
    ours = section(text, "Errors of ours, or on the way to the endpoint")
    assert "nothing about whether the endpoint conforms" in ours
    assert "- `b`: check x failed: KeyError: 'y' (1 case: `chat/big`)" in ours
    assert "remove it:** chat/\\* (fixed long ago)" in section(text, "Known deviations")
    assert "conformance judge reports/20261125-030000-abc123/record.jsonl" in text


def test_known_deviations_are_told_with_their_reason_and_not_among_the_findings():
    one = provider(findings=(finding(known_deviation="vendor issue 7"),))
    text = markdown(run(one))
    assert "Findings" not in sections(text)
    assert "Declared: vendor issue 7" in section(text, "Known deviations")
    assert 'id="finding-b-strm-011"' in section(text, "Known deviations")


def test_shared_failures_are_short_and_told_after_the_others():
    text = markdown(compared())
    assert sections(text).index("Findings") < sections(text).index("At the baseline")
    assert "USAGE-004" not in section(text, "Findings")
    assert text.count('id="finding-b-usage-004"') == 1


def test_a_run_that_was_cut_short_says_so_at_the_top():
    text = markdown(run(info=info(complete=False)))
    assert "cut short" in text.partition("## ")[0]
    assert "cut short" not in markdown(run())


def test_costs_that_are_not_known_are_not_zero():
    usage = Usage(requests=1, retried=0, prompt_tokens=1, completion_tokens=1, cost=None)
    assert "not known" in section(
        markdown(run(provider(usage=usage))), "What was done, and what it cost"
    )


@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
def test_every_table_has_as_many_cells_in_each_row(make):
    found = tables(markdown(make()))
    assert found
    for table in found:
        assert len({cells(line) for line in table}) == 1, table


@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
def test_every_link_leads_somewhere(make):
    text = markdown(make())
    assert set(re.findall(r"\(#([^)]+)\)", text)) <= set(re.findall(r'<a id="([^"]+)"', text))


def test_nothing_hostile_is_markup():
    text = markdown(hostile())
    assert text.replace("\n", "").isprintable()
    assert text.encode("utf-8")
    lines = outside_fences(text)
    assert not any("<script" in line or "<!--" in line for line in lines)
    assert sum("</details>" in line for line in lines) == text.count("<details>")
    assert not any(line.startswith("# heading") for line in lines)
    spans = re.compile(r"(?<!\\)`[^`]*`")
    assert not any(re.search(r"(?<!\\)`", spans.sub("", line)) for line in lines)


@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
def test_a_markdown_parser_finds_only_our_own_html_links_and_headings(make):
    parser = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False})
    tokens = parser.parse(markdown(make()))
    inline = [child for token in tokens for child in token.children or ()]
    html = [each.content.strip() for each in [*tokens, *inline] if each.type.startswith("html")]
    ours = re.compile(
        r'<a id="[a-z0-9-]+">|</a>|<a id="[a-z0-9-]+"></a>|<details><summary>[^<>]*</summary>|</details>'
    )
    assert [each for each in html if not ours.fullmatch(each)] == []
    assert all(
        str(each.attrs["href"]).startswith("#") for each in inline if each.type == "link_open"
    )
    assert not any(each.type == "image" for each in inline)
    headings = [
        tokens[n + 1].content for n, each in enumerate(tokens) if each.type == "heading_open"
    ]
    assert not any("heading" in each for each in headings)
    assert sum(each.type == "table_open" for each in tokens) == len(tables(markdown(make())))


def test_it_stays_bounded_whatever_there_is_to_tell():
    one = provider(
        findings=tuple(
            finding(f"X-{n:03}", message=HOSTILE * 100, messages=(HOSTILE * 100,) * 5)
            for n in range(400)
        ),
        cases=tuple(
            case(f"c/{n}", outcome=Outcome.INCONCLUSIVE, message=HOSTILE * 100) for n in range(1000)
        ),
        errors=tuple(
            Mishap(reason=f"{n} {HOSTILE * 100}", cells=(HOSTILE * 100,) * 50) for n in range(500)
        ),
    )
    assert len(markdown(run(one))) < 500_000


@pytest.mark.parametrize(
    ("branches", "control", "wanted"),
    [
        ({"": "honoured"}, "length", "honoured (without it: length)"),
        ({"": "honoured"}, "", "honoured (no control)"),
        ({"": "rejected"}, "length", "rejected"),
        ({"a-1": "ignored", "a-2": "ignored"}, "", "ignored"),
        (
            {"a-1": "ignored", "a-2": "honoured", "a-3": "ignored"},
            "length",
            "honoured (a-2; without it: length); ignored (a-1 and a-3)",
        ),
        ({"": "undecided"}, "", "undecided"),
        ({}, "", "-"),
        ({str(n): f"w{n}" for n in range(9)}, "", "w0 (0); w1 (1); w2 (2); w3 (3); ..."),
    ],
)
def test_a_cell_of_the_matrix_names_control_and_variants(branches, control, wanted):
    assert cell(capability(branches=branches, control=control)) == wanted


def test_the_matrix_has_a_column_per_provider_and_a_row_per_case():
    table = matrix(
        [
            provider("a", capabilities=(capability(parameter=""), capability("x/stop", parameter=""))),
            provider("b", capabilities=(capability("x/tools", parameter=""), capability())),
        ]
    ).split("\n")
    assert len(table) == 2 + 3
    assert [each.strip() for each in table[0].strip("|").split("|")][1:] == ["`a`", "`b`"]
    assert [line.strip("| ").rsplit("|", 1)[1].strip() == "-" for line in table[2:]] == [
        True,
        True,
        False,
    ]


def test_pipes_in_code_do_not_part_cells():
    one = capability(parameter="", title="c|d", branches={"": r"e\|f"})
    found = matrix([provider("x|y", capabilities=(one,))]).split("\n")
    assert {cells(line) for line in found} == {2}
    assert r"`x\|y`" in found[0]


def test_the_list_of_what_to_fix_says_where_why_and_how():
    text = section(markdown(run()), "What to fix first")
    assert text.strip().startswith(
        "1. [`STRM-011`](#finding-b-strm-011) **MUST** at `b`, in 12 of 40 exchanges"
    )
    assert "The SDK builds the role `assistantassistant`." in text
    assert "**Fix:** Send the role once." in text


def test_no_matrix_without_capabilities():
    assert "Capabilities" not in sections(markdown(run(provider(capabilities=()))))


def test_every_answer_has_words():
    certificates = tuple(certificate(answer.name.lower(), answer=answer) for answer in Answer)
    text = markdown(run(provider(certificates=certificates)))
    assert (
        "is a drop-in for `drop_in`; a drop-in with changes for `drop_in_with_changes`; "
        "not a drop-in for `not_drop_in`; not decided for `inconclusive`." in text
    )


def test_what_is_done_in_another_way_is_told_with_what_helps_and_is_no_loss():
    text = section(markdown(compared()), "What changes for your application: `a` to `b`")

    assert "**1 capability changed, and neither lost nor won.**" in text
    assert row(text, "Images") == ["Images", "seen", "counted", "Record answers where they must be repeated."]
    assert row(text, "Same seed, same answer")[3:] == ["answers differ", "Record answers where they must be repeated."]


def test_facts_that_differ_are_a_table_of_their_own():
    text = section(markdown(compared()), "What changes for your application: `a` to `b`")

    assert "**1 fact differs.**" in text
    assert row(text, "An answer says what it used")[1:] == ["`prompt_tokens`", "`10`", "*absent*"]


def row(text, first):
    """The cells of the table's row that begins so."""
    line = next(each for each in text.split("\n") if each.startswith(f"| {first}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_limits_on_times_are_left_open_and_said_to_be():
    one = certificate(times=("ttft_p95 <= 200 ms",))

    text = markdown(run(provider(certificates=(one,))))

    assert "its limits on times (`ttft_p95 <= 200 ms`) are left open here" in text
    assert "conformance latency --certify=agent" in text
