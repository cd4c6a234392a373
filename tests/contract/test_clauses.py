"""The clauses as data: complete, ordered, fit to be printed."""

import json
import re
from collections import Counter
from importlib.resources import files

import pytest

from conformance.contract.load import load_contract
from conformance.contract.model import Clause, Level

CONTRACT = load_contract()
FREEDOMS = {"wire", "cooperation", "behaviour", "statistical"}
CODE = re.compile(r"`[^`]*`")


def texts(clause: Clause) -> dict[str, str]:
    words = ("condition", "text", "source", "consequence", "remedy")
    return {word: getattr(clause, word) for word in words}


def test_every_clause_of_the_contract_is_there():
    assert len(CONTRACT.clauses) == 460
    assert Counter(each.level for each in CONTRACT.clauses.values()) == {
        Level.MUST: 202,
        Level.SHOULD: 200,
        Level.MAY: 58,
    }


def test_ids_are_unique_and_stand_in_the_order_of_their_sections():
    room = files("conformance.contract")
    ids = [each["id"] for each in json.loads((room / "clauses.json").read_text("utf-8"))["clauses"]]
    places = list(CONTRACT.sections)
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids, key=lambda id_: (places.index(id_.split("-")[0]), id_))
    assert list(CONTRACT.order) == ids


def offenders(wrong):
    """Clause and field of every text for which `wrong` says so."""
    return [
        (clause.id, word)
        for clause in CONTRACT.clauses.values()
        for word, text in texts(clause).items()
        if wrong(text)
    ]


def test_every_clause_is_well_formed():
    for clause in CONTRACT.clauses.values():
        assert re.fullmatch(r"[A-Z]+-\d{3}", clause.id)
        assert clause.section == clause.id[:-4]
        assert clause.section in CONTRACT.sections
        assert isinstance(clause.level, Level)
        assert clause.freedom in FREEDOMS
        assert clause.condition
        assert clause.source
        assert clause.text.endswith((".", "!", "?")), clause.id


def test_every_section_has_a_title_and_clauses():
    assert all(CONTRACT.sections.values())
    assert {each.section for each in CONTRACT.clauses.values()} == set(CONTRACT.sections)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda text: text.count("`") % 2, id="an open code span"),
        pytest.param(lambda text: re.search(r"[|\x00-\x1f]", text), id="a table's or control sign"),
        pytest.param(lambda text: "*" in CODE.sub("", text), id="emphasis by accident"),
        pytest.param(lambda text: re.search(r"<\w", CODE.sub("", text)), id="an HTML tag"),
        pytest.param(lambda text: text != text.strip() or "  " in text, id="stray blanks"),
    ],
)
def test_no_clause_breaks_a_report_by(wrong):
    assert offenders(wrong) == []


def test_every_clause_speaks_for_itself():
    shorthand = re.compile(r"\b(PROBE|OAS|idem|as above|harness)\b", re.IGNORECASE)
    places = re.compile(r"\.(out|md)\b|\bprobes/|file://")
    assert offenders(shorthand.search) == []
    assert offenders(places.search) == []


def test_every_clause_says_what_breaks_and_what_helps():
    for clause in CONTRACT.clauses.values():
        assert re.fullmatch(r"[^\n]{10,}\.", clause.consequence), clause.id
        assert re.fullmatch(r"[^\n]{10,}\.", clause.remedy), clause.id
        assert clause.consequence != clause.remedy, clause.id


def test_a_remedy_names_only_shims_that_are_for_the_clause():
    for clause in CONTRACT.clauses.values():
        spans = {each.strip("`") for each in CODE.findall(clause.remedy)}
        named = spans & set(CONTRACT.shims)
        assert named <= {each.name for each in clause.shims}, clause.id
        assert bool(named) == ("shim" in clause.remedy), clause.id


def test_clauses_named_inside_texts_exist():
    for clause in CONTRACT.clauses.values():
        for text in texts(clause).values():
            named = re.findall(r"\b(?:" + "|".join(CONTRACT.sections) + r")-\d{3}\b", text)
            assert set(named) <= set(CONTRACT.clauses), clause.id


def test_the_contract_is_read_once():
    assert load_contract() is load_contract()


def test_the_files_are_written_the_way_they_are_generated():
    room = files("conformance.contract")
    text = (room / "clauses.json").read_text("utf-8")
    data = json.loads(text)
    assert text == json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    fields = list(Clause.__dataclass_fields__)
    for each in data["clauses"]:
        assert list(each) == [name for name in fields if name in each], each["id"]
    for path in (room / "schemas").iterdir():
        text = path.read_text("utf-8")
        same = json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False)
        assert text == same + "\n", path.name
