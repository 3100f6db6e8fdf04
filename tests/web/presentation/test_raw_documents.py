"""The line that a finding is about, in a document that could not be read."""

from __future__ import annotations

from domain.errors import ValidationIssue
from web.presentation.raw_documents import line_of, marked_lines, text_of

BUNDLE = b'{"type": "collection", "entry": [{"a": {"code": 1}}, {"a": {"code": 2}}]}'


def issue(path: str, message: str = "wrong") -> ValidationIssue:
    return ValidationIssue(path=path, rule="r", message=message)


def test_a_path_into_json_marks_the_line_of_its_value() -> None:
    text = text_of(BUNDLE)
    assert text is not None
    lines = text.split("\n")
    found = line_of(lines, issue("$.entry[1].a.code"))
    assert found is not None and lines[found - 1].strip() == '"code": 2'
    assert line_of(lines, issue("type")) == 2


def test_a_line_number_and_an_hl7_segment_mark_their_lines() -> None:
    lines = ["MSH|x", "PV1|y", "DG1|z"]
    assert line_of(lines, issue("line 3, column 2")) == 3
    assert line_of(lines, issue("PV1-2")) == 2
    assert line_of(lines, issue("ZZZ-1")) is None


def test_what_is_no_text_has_no_lines() -> None:
    assert text_of(b"\x89PNG\x00") is None
    assert [one.marked for one in marked_lines("a\nb", [issue("line 2")])] == [False, True]
