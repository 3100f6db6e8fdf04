"""The sheet of a process is readable by its field names alone."""

from __future__ import annotations

import pytest

from cli.cases import summary_rendering
from domain.cases.views import CaseSummary
from domain.summaries import SUMMARY_MODELS
from domain.vocabulary import ProcessKind
from services.queries.summary_parts import order_fields

CONTENT = {
    "kind": "care_management",
    "at": "2026-12-01T01:30:00Z",
    "first_day": "2026-12-01",
    "agreed": False,
    "unknown": None,
    "names": ["first", "second"],
    "home": {"language": "es", "nobody_said": None},
    "calls": [{"by": "nurse.adams", "left": None}, {"by": "nurse.lopez", "left": None, "said": "Told."}],
    "notes": ["A long sentence that somebody wrote about what they saw on that day in that place."],
}


def test_instants_are_in_the_zone_days_are_days_and_unknown_is_not_no(capsys: pytest.CaptureFixture[str]) -> None:
    summary_rendering.print_part("Plan", CONTENT, "America/Chicago")
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    said = {line[0].strip(): line[-1].strip() for line in lines if len(line) > 1}
    assert said["At"] == "Mon 2026-11-30 19:30 CST" and said["First day"] == "2026-12-01"
    assert said["Agreed"] == "no" and "Unknown" not in said
    assert said["Kind"] == "care management" and said["Names"] == "first; second"


def test_lists_of_things_are_tables_without_empty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    summary_rendering.print_part("Plan", CONTENT, "UTC")
    lines = capsys.readouterr().out.splitlines()
    place = lines.index("Calls")
    assert lines[place + 1].split() == ["By", "Said"]
    assert lines[place + 2].split() == ["nurse.adams", "-"]
    assert "  A long sentence that somebody wrote about what they saw on that day in that place." in lines


def test_headings_are_words_of_people_and_a_score_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    content = {"about_dossier": "PA-1", "hospital_score": "at least 3", "lace": "at least 2", "qio": None, "days": []}
    summary_rendering.print_part("Concern", content, "UTC")
    shown = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert shown == ["Concern", "About case", "Readmission risk (HOSPITAL)", "Readmission risk (LACE)"]


def test_every_kind_of_process_but_the_request_has_its_summary() -> None:
    assert set(SUMMARY_MODELS) == set(ProcessKind) - {ProcessKind.REQUEST}


@pytest.mark.parametrize("process", sorted(SUMMARY_MODELS))
def test_a_sheet_is_read_in_the_order_of_its_view_and_keeps_what_the_view_does_not_know(process: ProcessKind) -> None:
    names = list(SUMMARY_MODELS[process].model_fields)
    stored: dict[str, object] = dict.fromkeys(sorted([*names, "from_a_later_release"]))
    shown = order_fields(CaseSummary.model_validate({"process": process, "content": stored}))
    assert list(shown) == [*names, "from_a_later_release"]
