"""A process that asked for a review believes the record of that review, and no message about it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.time_skipping_lab import Lab, laboratory
from domain.cases import step_trouble
from domain.cases.messages import ReviewAnswered
from domain.cases.review_records import read_record, record_violations
from domain.cases.tasks import TaskKind
from domain.cases.views import AnsweredLine, CaseStatus
from domain.journal import JournalEntry
from domain.requests.request import StayPurpose
from domain.stays.parts import DayStatus
from domain.vocabulary import LineOutcome, Role
from engine import options
from tests.workflows.lab_case import LabCase
from tests.workflows.lab_stay import FACTS, LabStay, new_stay, skip_to_monday
from tests.workflows.test_concurrent_review_decisions import DOCTOR, WARD, referred, talked
from tests.workflows.test_time_and_trouble import Jammed


async def answer_by_hand(lab: Lab, stay: LabStay, review: LabCase, **changes: Any) -> None:
    """A result of the review that somebody else than the review sends to the stay, under the review's own message number."""
    line = AnsweredLine(line_id="1", outcome=LineOutcome.DENIED, by="nurse.adams")
    said: dict[str, Any] = await stay.stamp("umpire", "system") | {
        "message_id": f"{review.case_id}-answered",
        "case_id": review.case_id,
        "purpose": StayPurpose.ADMISSION,
        "round": 1,
        "status": CaseStatus.DENIED,
        "lines": (line,),
        "decided_at": await lab.now(),
    }
    message = ReviewAnswered(**(said | changes))
    await lab.client.get_workflow_handle(options.workflow_id(stay.case_id)).signal("review_answered", message)
    await lab.settle()


def refusals(stay: LabStay) -> list[list[str]]:
    return [entry.data["rules"] for entry in stay.entries("message_refused")]


async def test_a_denial_that_a_message_tells_while_the_review_is_open_denies_no_day_and_is_remarked_upon(
    lab: Lab,
) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    review = await referred(lab, stay, stay.day(1))
    await answer_by_hand(lab, stay, review)
    assert stay.answer(stay.day(0)) is None and review.view().decided_at is None
    assert refusals(stay) == [["answer.not_on_record"]]


async def test_the_signed_answer_of_a_review_counts_also_after_somebody_sent_another_under_its_number(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    review = await referred(lab, stay, stay.day(1))
    await answer_by_hand(lab, stay, review)
    await answer_by_hand(lab, stay, review, case_id="PA-NOTHEREATALL")
    await talked(review)
    await review.send(await review.denial(DOCTOR))
    assert stay.answer(stay.day(0)) == (DayStatus.DENIED, WARD)
    assert [row["decided_by"] for row in stay.sheet()["days"]] == [DOCTOR]


async def test_what_a_message_says_of_a_determination_gives_way_to_what_the_review_has_on_record(lab: Lab) -> None:
    """The review approved; a denial told in its name before its own message is heard still certifies the days."""
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted()
    await stay.update(FACTS)
    review = stay.review()
    await answer_by_hand(lab, stay, review, message_id="somebody-1")
    assert stay.answer(stay.day(0)) == (DayStatus.CERTIFIED, WARD)
    record = record_of(review)
    assert (record.status, record.lines[0].outcome) == (CaseStatus.APPROVED, LineOutcome.APPROVED)


async def test_an_adverse_line_on_record_needs_the_signed_decision_beside_it(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    review = await referred(lab, stay, stay.day(1))
    await talked(review)
    await review.send(await review.denial(DOCTOR))
    assert not list(record_violations(record_of(review)))
    for damage in (without_signature, with_another_attestation, with_another_signer, of_another_case):
        record = read_record(review.case_id, [damage(entry) for entry in review.entries()])
        assert [broken.rule for broken in record_violations(record)] == ["answer.unsigned"], damage.__name__


@pytest.mark.many
async def test_a_stay_hears_when_the_law_approves_what_nobody_was_told_in_time_to_be_denied(tmp_path: Path) -> None:
    carrier = Jammed(failures=0)
    async with laboratory(tmp_path, carrier=carrier) as lab:
        await skip_to_monday(lab)
        stay = await new_stay(lab, "MBR1000003")
        review = await referred(lab, stay, stay.day(1))
        await talked(review)
        carrier.failures = 1_000_000
        await review.send(await review.denial(DOCTOR))
        assert stay.answer(stay.day(0)) == (DayStatus.DENIED, WARD)
        await lab.advance(hours=32)
        assert review.view().status is CaseStatus.OPEN, "its letters are still here"
        assert [line.outcome for line in record_of(review).lines] == [LineOutcome.APPROVED]
        assert stay.answer(stay.day(0)) == (DayStatus.CERTIFIED, WARD)
        assert "law" in stay.entries("round_answered")[-1].summary
        carrier.failures = 0
        await lab.advance(hours=1)
        assert [one.split("/")[0] for one in review.sent()][-2:] == ["approval", "approval"]
        assert "adverse_determination/member" not in review.sent(), "no letter says what is not so any more"
        assert review.view().status is CaseStatus.APPROVED


@pytest.mark.many
async def test_people_are_told_when_the_law_approves_what_an_ended_stay_no_longer_hears(tmp_path: Path) -> None:
    carrier = Jammed(failures=0)
    async with laboratory(tmp_path, carrier=carrier) as lab:
        await skip_to_monday(lab)
        stay = await new_stay(lab, "MBR1000003")
        review = await referred(lab, stay, stay.day(1))
        await talked(review)
        carrier.failures = 1_000_000
        await review.send(await review.denial(DOCTOR))
        await lab.handle(stay.case_id).terminate()
        await lab.advance(hours=32)
        carrier.failures = 0
        await lab.advance(hours=1)
        assert review.view().status is CaseStatus.APPROVED
        unheard = review.task(TaskKind.CASE_TROUBLE)
        assert (
            unheard.about == step_trouble.UNHEARD
            and unheard.is_open
            and unheard.role is Role.COMPLIANCE
            and stay.case_id in unheard.why
        )
        assert "approval/member" in review.sent()


async def test_a_late_decision_is_late_on_record(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    review = await referred(lab, stay, stay.day(1))
    await lab.advance(timedelta(days=5))
    due = [entry.data["due_at"] for entry in review.entries("clock_missed") if entry.data["duty"] == "decision"]
    missed = record_of(review).missed_due_at
    assert due and missed is not None and missed.isoformat() == min(due)


def record_of(review: LabCase) -> Any:
    return read_record(review.case_id, review.entries())


def changed(entry: JournalEntry, **signed: Any) -> JournalEntry:
    rows = [row | {"signed": row["signed"] | signed} for row in entry.data["signed"]]
    return entry.model_copy(update={"data": entry.data | {"signed": rows}})


def without_signature(entry: JournalEntry) -> JournalEntry:
    return entry.model_copy(update={"data": {key: value for key, value in entry.data.items() if key != "signed"}})


def with_another_attestation(entry: JournalEntry) -> JournalEntry:
    return changed(entry, attestation="I signed this elsewhere.") if "signed" in entry.data else entry


def with_another_signer(entry: JournalEntry) -> JournalEntry:
    if "signed" not in entry.data:
        return entry
    lines = [row | {"decided_by": "md.ortho.chen"} for row in entry.data["lines"]]
    return entry.model_copy(update={"data": entry.data | {"lines": lines}})


def of_another_case(entry: JournalEntry) -> JournalEntry:
    return changed(entry, case_id="PA-ANOTHERCASE1") if "signed" in entry.data else entry
