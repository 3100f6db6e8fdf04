"""Criteria as trees to read: what is nearest to met is named and open, the rest is folded and counted."""

from __future__ import annotations

from typing import Any

from web.presentation.cases.citations import CitationList, find_page, mark_text, split_pages
from web.presentation.cases.criteria_tree import CriteriaSection, build_section

DOCUMENT = "d" * 64
TITLES = {DOCUMENT: "Consultation"}


def leaf(name: str, state: str, value: Any = None, unit: str | None = None, **source: Any) -> dict[str, Any]:
    seen = {
        "value": value,
        "unit": unit,
        "effective": "2026-11-05",
        "source": {"kind": "document", "reference": DOCUMENT, "recorded_by": None} | source,
    }
    return node(name, "leaf", state) | {
        "gap": None if value is not None else "missing",
        "reading": {"detail": None, "seen": seen if value is not None else None},
    }


def node(name: str, kind: str, state: str, *children: dict[str, Any], n: int | None = None) -> dict[str, Any]:
    criterion = {"id": name, "kind": kind, "text": f"Text of {name}", "cite": None, "n": n, "fact": None}
    criterion |= {"op": None, "value": None, "unit": None}
    return {"criterion": criterion, "state": state, "children": list(children), "reading": None, "gap": None}


def section(root: dict[str, Any], citations: CitationList | None = None, **changes: Any) -> CriteriaSection:
    verdict = {
        "trace": root,
        "title": "Spine",
        "guideline_id": "X",
        "version": "1",
        "citation": "LCD",
        "flags": [],
        "state": root["state"],
    }
    return build_section("1", "0SG00AJ", "Fusion", verdict | changes, TITLES, citations or CitationList())


FAR = node("A", "all", "not_met", leaf("A1", "not_met", "none"), leaf("A2", "unknown"), leaf("A3", "unknown"))
NEAR = node(
    "B", "all", "not_met", leaf("B1", "met", True), leaf("B2", "not_met", 6, "mo"), leaf("B3", "met", 35, "deg")
)


def test_the_alternative_that_lacks_the_fewest_criteria_is_named_stands_first_and_is_open() -> None:
    found = section(node("ROOT", "any", "not_met", FAR, NEAR))
    assert found.nearest == "Nearest to met: B, two of three hold."
    assert found.lacking == "Missing: B2, text of B2 (the records say 6 months)."
    assert found.root is not None
    assert [(one.id, one.fold) for one in found.root.children] == [("B", ""), ("A", "3 parts, 2 unknown")]


def test_parts_that_have_to_hold_together_keep_the_order_of_the_guideline() -> None:
    root = node("ROOT", "all", "not_met", FAR, leaf("C", "met", True))
    found = section(root)
    assert found.root is not None and [one.id for one in found.root.children] == ["A", "C"]
    assert found.nearest == "Nearest to met: ROOT, one of two hold."


def test_at_least_asks_for_the_fewest_that_are_enough_and_none_for_all_to_be_absent() -> None:
    some = node("S", "at_least", "not_met", leaf("S1", "met", True), leaf("S2", "unknown"), leaf("S3", "unknown"), n=2)
    assert section(some).lacking.count("no record says") == 1
    absent = node("N", "none", "not_met", leaf("N1", "met", True), leaf("N2", "not_met", False))
    found = section(absent)
    assert (
        found.nearest == "Nearest to met: N, one of two hold." and "N1" in found.lacking and "N2" not in found.lacking
    )


def test_what_is_met_has_nothing_missing() -> None:
    found = section(node("ROOT", "any", "met", leaf("D", "met", True)))
    assert (found.nearest, found.lacking, found.state) == ("", "", "Met")


def test_unknown_is_said_as_no_record_says_and_a_judgment_as_one() -> None:
    missing = [{"criterion": "B", "items": [{"criterion": "J", "asked_of": "clinician"}]}]
    found = section(node("ROOT", "all", "unknown", leaf("U", "unknown"), leaf("J", "unknown")), missing=missing)
    assert found.root is not None
    assert [(one.state, one.note, one.glyph) for one in found.root.children] == [
        ("Unknown", "no record says", "unk"),
        ("Judgment", "a clinician has to judge this", "unk"),
    ]


def test_a_value_stands_with_its_day_its_source_and_the_number_of_its_passage() -> None:
    citations = CitationList()
    found = section(NEAR, citations)
    assert found.root is not None
    yes, months, _ = found.root.children
    assert (months.seen, months.day, months.source) == ("6 months", "Nov 5, 2026", "Consultation")
    assert months.citation is not None and months.citation.number == 1
    assert yes.citation is not None and yes.citation.number is None, "nothing says where in the document it stands"


# -- passages --------------------------------------------------------------------------------------------------------------

TEXT = "Scoliosis, 35\n degrees, with back pain.\nTherapy for 6 months.\nSeen 6 months ago.\n"


def passages(*leaves: dict[str, Any]) -> CitationList:
    citations = CitationList()
    section(node("ROOT", "all", "not_met", *leaves), citations)
    return citations


def marked(text: str, citations: CitationList) -> list[tuple[str, int | None]]:
    found = [part for line in mark_text(text, citations.of_document(DOCUMENT)) for part in line]
    return [(part.text, part.citation.number) for part in found if part.citation is not None]


def test_a_quoted_passage_is_marked_across_lines_with_the_number_of_its_criterion() -> None:
    citations = passages(leaf("Q", "met", True, quote="35 degrees, with back PAIN"))
    assert marked(TEXT, citations) == [("35", 1), (" degrees, with back pain", 1)]


def test_a_measured_value_is_marked_when_it_stands_there_once_and_not_when_it_could_be_another() -> None:
    assert marked(TEXT, passages(leaf("M", "met", 35, "deg"))) == [("35", 1), (" degrees", 1)]
    assert marked(TEXT, passages(leaf("M", "met", 6, "mo"))) == []
    assert marked("16 months, 6 monthsish", passages(leaf("M", "met", 6, "mo"))) == []


def test_one_passage_of_several_criteria_has_one_number() -> None:
    citations = passages(leaf("A", "met", 35, "deg"), leaf("B", "met", 35, "deg"))
    (one,) = citations.of_document(DOCUMENT)
    assert (one.number, one.criteria) == (1, ["A", "B"])


def test_the_text_is_whole_whatever_is_marked() -> None:
    citations = passages(leaf("A", "met", True, quote="back pain."), leaf("B", "met", True, quote="with back"))
    said = ["".join(part.text for part in line) for line in mark_text(TEXT, citations.of_document(DOCUMENT))]
    assert said == [line.rstrip() for line in TEXT.splitlines()]
    assert [text for text, _ in marked(TEXT, citations)] == ["back pain."], "passages do not overlap: the first stands"


def test_a_long_text_is_split_into_pages_and_a_passage_is_found_on_its_own() -> None:
    pages = split_pages("first\fsecond " + "x" * 30_000 + "\nTherapy for 6 months.\n")
    assert pages[0] == "first\n" and len(pages) > 3 and all(len(page) < 10_000 for page in pages)
    (one,) = passages(leaf("M", "met", 6, "mo")).of_document(DOCUMENT)
    assert find_page(pages, one) == len(pages)
