"""A decision rests on records that the case holds; a record that nobody can find was not read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.authorization.case import AuthorizationCase
from domain.authorization.task_checks import decision_circumstances
from domain.decisions.determination import LineDecision, RecordOnFile, decision_violations
from domain.decisions.grounds import NO_RECORDS
from domain.errors import RuleViolation
from domain.vocabulary import LineOutcome
from tests.domain.authorization.casebook import PHYSICIAN, REASON, RULE, START, denial
from tests.domain.decisions.test_never_says_no import at_the_physician

NOTES = RecordOnFile(document_id="doc-1", title="Clinic notes")
SCAN = RecordOnFile(document_id="doc-2", title="Scan of the spine")


def violations(*held: RecordOnFile, read: tuple[str, ...], opened: tuple[str, ...]) -> tuple[RuleViolation, ...]:
    case, task_id = at_the_physician()
    case.records = held
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    at = at.model_copy(update={"evidence": tuple(each.document_id for each in held if each is not SCAN)})
    reason = REASON.model_copy(update={"records_read": read})
    lines = (LineDecision(line_id="1", outcome=LineOutcome.DENIED, reason=reason),)
    return decision_violations(denial(case, task_id, lines=lines, evidence_opened=opened), PHYSICIAN, RULE, at)


def test_a_denial_on_the_opened_records_of_the_case_stands() -> None:
    assert violations(NOTES, SCAN, read=("Clinic notes",), opened=("doc-1",)) == ()


@pytest.mark.parametrize(
    ("read", "opened"),
    [
        (("Clinic notes of another member",), ("doc-1",)),
        (("Clinic notes", "Scan of the spine"), ("doc-1",)),
        (("Clinic notes",), ("doc-1", "doc-9")),
        ((NO_RECORDS,), ("doc-1",)),
    ],
    ids=["a title not on file", "a record not opened", "an id not on file", "no records, where there are some"],
)
def test_a_record_that_is_not_on_the_case_or_not_opened_was_not_read(
    read: tuple[str, ...], opened: tuple[str, ...]
) -> None:
    (found,) = violations(NOTES, SCAN, read=read, opened=opened)
    assert found.rule == "decision.records_not_on_case"
    assert "worksheet" in found.way_out and not any(title in str(found) for title in read)


def test_where_the_case_holds_no_record_the_decision_says_so_and_names_none() -> None:
    assert violations(read=(NO_RECORDS,), opened=()) == ()
    (found,) = violations(read=("Clinic notes of the spine center",), opened=())
    assert found.rule == "decision.records_not_on_case" and NO_RECORDS in found.way_out


def test_a_case_of_a_release_that_did_not_look_is_judged_as_before() -> None:
    case, task_id = at_the_physician()
    assert case.records is None
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    assert decision_violations(denial(case, task_id), PHYSICIAN, RULE, at) == ()
    assert "records" not in at.model_dump(mode="json")
    again = AuthorizationCase.model_validate_json(case.model_dump_json())
    assert again.records is None
