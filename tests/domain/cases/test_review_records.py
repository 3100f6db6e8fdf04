"""The result of a review is what its journal says last: with the level of care, and as withdrawn as it is now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.cases.review_records import read_record, record_violations
from domain.cases.views import CaseStatus
from domain.journal import UMPIRE, EntryKind, JournalEntry
from tests.domain.authorization.test_partial_approvals import decided_at_a_lower_level

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def entry(seq: int, kind: EntryKind, **data: Any) -> JournalEntry:
    at = AT + timedelta(minutes=seq)
    return JournalEntry(
        seq=seq, at=at, kind=kind, actor=UMPIRE, summary="", data=data, case_id="PA-1", prev_hash="", hash=""
    )


def test_the_record_of_a_partial_approval_names_the_level_at_which_the_days_are_approved() -> None:
    case = decided_at_a_lower_level()
    made = next(one for one in case.pending if one.kind is EntryKind.DETERMINATION_MADE)
    said = entry(1, EntryKind.DETERMINATION_MADE, **made.data)
    record = read_record(case.case_id, [said])
    assert [line.approved_level for line in record.lines] == ["observation"] and not list(record_violations(record))
    rows = [row | {"approved_level": None} for row in made.data["lines"]]  # type: ignore[operator,union-attr]
    wider = said.model_copy(update={"data": said.data | {"lines": rows}})
    assert [one.rule for one in record_violations(read_record(case.case_id, [wider]))] == ["answer.unsigned"]


def test_a_withdrawal_that_was_taken_back_is_no_result_on_record() -> None:
    withdrawn, back, again = (EntryKind.WITHDRAWN, EntryKind.REINSTATED, EntryKind.WITHDRAWN)
    entries = [entry(n, kind) for n, kind in enumerate((withdrawn, back, again), start=1)]
    statuses = [read_record("PA-1", entries[:count]).status for count in (1, 2, 3)]
    assert statuses == [CaseStatus.WITHDRAWN, None, CaseStatus.WITHDRAWN]
