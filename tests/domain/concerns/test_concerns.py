"""The course of a concern about quality or safety: who looks at it, how soon, what its severity asks for, how it ends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.cases import steps
from domain.cases.tasks import ALLOWED_OUTCOMES, TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.concerns import path, views
from domain.concerns.forms import FORMS
from domain.concerns.numbers import concern_message_id_for
from domain.concerns.start import concern_id_for
from domain.vocabulary import Role
from tests.domain.contact_samples import MONDAY, advance_concern, complete_task, completion, open_concern, rules_broken

SEEN: dict[str, Any] = {"severity": 1, "routes": ["close"], "found": "A late dose.", "danger_now": False}
REVIEWED: dict[str, Any] = {
    "no_conflict_of_interest": True,
    "records_read": ["Chart"],
    "standard": "not_met",
    "severity": 2,
    "rationale": "SECRET OF PEERS",
    "to_committee": False,
}
CLOSED: dict[str, Any] = {
    "finding": "substantiated",
    "in_words": "It was so.",
    "actions": ["A letter."],
    "raiser_told": True,
}


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (datetime(2026, 11, 30, 16, 0, tzinfo=UTC), datetime(2026, 11, 30, 23, 0, tzinfo=UTC)),
        (datetime(2026, 12, 1, 0, 30, tzinfo=UTC), datetime(2026, 12, 1, 23, 0, tzinfo=UTC)),
        (datetime(2026, 11, 28, 16, 0, tzinfo=UTC), datetime(2026, 11, 30, 23, 0, tzinfo=UTC)),
    ],
    ids=["in the hours: the same day", "in the evening: the next business day", "on a Saturday: on Monday"],
)
def test_a_safety_concern_is_looked_at_on_the_same_or_the_next_business_day(at: datetime, due: datetime) -> None:
    assert open_concern("safety", at).open_tasks(TaskKind.CONCERN_TRIAGE)[0].due_at == due


def test_severity_two_cannot_leave_out_peer_review() -> None:
    concern = open_concern()
    assert rules_broken(concern, TaskKind.CONCERN_TRIAGE, "nurse", SEEN | {"severity": 2}) == {"concern.peer_review"}
    bad = SEEN | {"severity": 4, "routes": ["care_management"]}
    assert rules_broken(concern, TaskKind.CONCERN_TRIAGE, "nurse", bad) == {"concern.peer_review", "concern.committee"}


def test_an_unanswered_severity_is_no_severity() -> None:
    form = {name: value for name, value in SEEN.items() if name != "severity"}
    assert rules_broken(open_concern(), TaskKind.CONCERN_TRIAGE, "nurse", form) == {"task.form.severity"}
    assert rules_broken(open_concern(), TaskKind.CONCERN_TRIAGE, "nurse", form | {"severity": None}) != set()


def test_somebody_in_danger_is_helped_before_the_form_is_saved() -> None:
    assert "task.form.form" in rules_broken(
        open_concern(), TaskKind.CONCERN_TRIAGE, "nurse", SEEN | {"danger_now": True}
    )
    helped = SEEN | {"danger_now": True, "done_at_once": "The unit was called."}
    assert rules_broken(open_concern(), TaskKind.CONCERN_TRIAGE, "nurse", helped) == set()


@pytest.mark.parametrize("who", ["doctor"])
def test_a_peer_review_is_not_done_by_somebody_who_had_a_part_in_the_case(who: str) -> None:
    concern = open_concern()
    complete_task(concern, TaskKind.CONCERN_TRIAGE, "nurse", SEEN | {"severity": 2, "routes": ["peer_review"]})
    assert rules_broken(concern, TaskKind.CONCERN_PEER_REVIEW, who, REVIEWED) == {"concern.independence"}
    assert rules_broken(concern, TaskKind.CONCERN_PEER_REVIEW, "other.doctor", REVIEWED) == set()


def test_a_nurse_does_no_peer_review() -> None:
    concern = open_concern()
    complete_task(concern, TaskKind.CONCERN_TRIAGE, "nurse", SEEN | {"severity": 2, "routes": ["peer_review"]})
    assert rules_broken(concern, TaskKind.CONCERN_PEER_REVIEW, "nurse", REVIEWED)


def test_a_higher_severity_after_peer_review_goes_to_the_committee_by_itself() -> None:
    concern = open_concern()
    complete_task(concern, TaskKind.CONCERN_TRIAGE, "nurse", SEEN | {"severity": 2, "routes": ["peer_review"]})
    assert concern.open_task(TaskKind.CONCERN_COMMITTEE) is None
    complete_task(concern, TaskKind.CONCERN_PEER_REVIEW, "other.doctor", REVIEWED | {"severity": 3})
    assert concern.severity == 3 and concern.open_task(TaskKind.CONCERN_CLOSURE) is None
    resolved = {"met_on": "2026-12-01", "resolved": "To train the unit."}
    complete_task(concern, TaskKind.CONCERN_COMMITTEE, "compliance", resolved)
    assert concern.open_task(TaskKind.CONCERN_CLOSURE) is not None


def test_a_concern_is_closed_with_finding_and_actions_and_not_without() -> None:
    concern = open_concern()
    complete_task(concern, TaskKind.CONCERN_TRIAGE, "nurse", SEEN)
    without = {name: value for name, value in CLOSED.items() if name != "actions"}
    assert rules_broken(concern, TaskKind.CONCERN_CLOSURE, "compliance", without) == {"task.form.actions"}
    complete_task(concern, TaskKind.CONCERN_CLOSURE, "compliance", CLOSED)
    assert concern.status is CaseStatus.COMPLETED and concern.open_tasks() == ()
    assert isinstance(path.advance(concern, MONDAY), steps.Finish)


def test_a_referral_is_accepted_by_somebody_and_owes_its_outcome() -> None:
    concern = open_concern("care_management")
    complete_task(concern, TaskKind.CONCERN_TRIAGE, "nurse", SEEN | {"severity": "none", "routes": ["care_management"]})
    nobody = rules_broken(concern, TaskKind.CARE_MANAGEMENT_REFERRAL, "nurse", {"accepted": True})
    assert nobody == {"task.form.form"}
    complete_task(concern, TaskKind.CARE_MANAGEMENT_REFERRAL, "nurse", {"accepted": True, "by": "Complex care team"})
    assert concern.open_task(TaskKind.CONCERN_CLOSURE) is None
    outcome = {"member_reached": True, "outcome": "enrolled", "what": "A plan of care was made."}
    complete_task(concern, TaskKind.CARE_MANAGEMENT_OUTCOME, "nurse", outcome)
    assert concern.open_task(TaskKind.CONCERN_CLOSURE) is not None


def test_a_referral_that_nobody_accepts_goes_to_a_supervisor_before_it_ends() -> None:
    concern = open_concern("care_management")
    complete_task(concern, TaskKind.CONCERN_TRIAGE, "nurse", SEEN | {"severity": "none", "routes": ["care_management"]})
    no = {"accepted": False, "why_not": "No room."}
    complete_task(concern, TaskKind.CARE_MANAGEMENT_REFERRAL, "nurse", no)
    again = concern.open_task(TaskKind.CARE_MANAGEMENT_REFERRAL)
    assert again is not None and again.role is Role.SUPERVISOR
    complete_task(concern, TaskKind.CARE_MANAGEMENT_REFERRAL, "supervisor", no)
    assert concern.open_task(TaskKind.CONCERN_CLOSURE) is not None


def test_what_a_peer_review_found_stands_in_no_sentence_of_the_journal() -> None:
    concern = open_concern()
    complete_task(concern, TaskKind.CONCERN_TRIAGE, "nurse", SEEN | {"severity": 2, "routes": ["peer_review"]})
    complete_task(concern, TaskKind.CONCERN_PEER_REVIEW, "other.doctor", REVIEWED)
    assert all("SECRET" not in entry.summary for entry in concern.pending)
    assert "SECRET" not in views.case_view(concern).model_dump_json()


def test_nothing_about_a_concern_decides_about_care() -> None:
    for kind in FORMS:
        assert ALLOWED_OUTCOMES[kind] == {TaskOutcome.DONE}


def test_a_concern_has_no_task_before_its_triage_is_done() -> None:
    concern = open_concern()
    advance_concern(concern, MONDAY)
    assert [task.kind for task in concern.open_tasks()] == [TaskKind.CONCERN_TRIAGE]
    assert completion(concern, TaskKind.CONCERN_TRIAGE, "nurse", MONDAY, None).form is None
    assert rules_broken(concern, TaskKind.CONCERN_TRIAGE, "nurse", None) == {"task.form"}


def test_the_same_raising_has_the_same_number_and_another_one_has_another() -> None:
    first = concern_id_for(concern_message_id_for(("PA-1", "", "quality", "nurse", "late"), b"key"))
    assert first == concern_id_for(concern_message_id_for(("PA-1", "", "quality", "nurse", "late"), b"key"))
    assert first != concern_id_for(concern_message_id_for(("PA-1", "", "quality", "nurse", "later"), b"key"))
    assert first != concern_id_for(concern_message_id_for(("PA-1", "", "quality", "nurse", "late"), b"other key"))
