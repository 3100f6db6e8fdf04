"""A person who is no physician signs only what the law lets them: psychologists, in their field, and never a stay or a drug."""

from __future__ import annotations

import pytest

from domain.authorization import message_checks, message_effects, routing
from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.cases.messages import ClaimTask, CompleteTask
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.decisions.determination import AdverseDetermination, SignedDecision
from domain.decisions.other_deciders import OtherDecider
from domain.decisions.reviewers import Reviewer
from domain.journal import Actor
from domain.requests.request import StayPurpose, StayReference
from domain.vocabulary import Role
from tests.domain.authorization.casebook import criteria, denial, line, make_license, read_records, reviewer
from tests.domain.authorization.test_care_under_way import at_the_physician

FIELD = OtherDecider(
    rule_id="PSY-MA",
    profession="psychologist",
    specialties=("clinical_psychology",),
    citations=("42 CFR 422.566(d)",),
)
PSYCHOLOGIST = reviewer(
    "psy", Role.PSYCHOLOGIST, licences=(make_license("psychologist"),), specialties=("clinical_psychology",)
)


def asked(*others: OtherDecider) -> LineAssessment:
    psychiatry = {"fitting_specialties": ("psychiatry",), "other_deciders": others}
    return line("1", criteria("not_met")).model_copy(update=psychiatry)


def at_review(*others: OtherDecider) -> tuple[AuthorizationCase, Task]:
    case = at_the_physician(asked(*others))
    task = case.open_task(TaskKind.PHYSICIAN_REVIEW)
    assert task is not None
    return case, task


def signs(case: AuthorizationCase, task: Task, who: Reviewer, **changes: object) -> CompleteTask:
    case.reviewers[who.reviewer_id] = who
    read_records(case, who)
    signed: SignedDecision = denial(case, task.task_id, who, **changes)
    return CompleteTask(
        message_id="d", at=signed.signed_at, actor=Actor(kind="reviewer", id=who.reviewer_id), task_id=task.task_id,
        reviewer_id=who.reviewer_id, outcome=TaskOutcome.DECIDE, signed=signed,
    )  # fmt: skip


def broken(*others: OtherDecider, who: Reviewer = PSYCHOLOGIST, **changes: object) -> list[str]:
    case, task = at_review(*others)
    message = signs(case, task, who, **changes)
    return [str(one) for one in message_checks.violations(case, message, message.at)]


def test_a_psychologist_signs_the_denial_of_a_service_of_their_field_where_the_law_lets_one() -> None:
    case, task = at_review(FIELD)
    assert task.also_for == (Role.PSYCHOLOGIST,) and "psychologist" in task.professions
    message = signs(case, task, PSYCHOLOGIST)
    assert message_effects.receive_message(case, message, message.at).accepted
    (made,) = case.adverse
    assert made.signed.licence.profession == "psychologist" and made.rule.others == (FIELD,)
    assert AdverseDetermination.model_validate_json(made.model_dump_json()) == made, "what is stored proves itself"


def test_an_early_end_of_approved_care_and_the_review_of_a_stay_are_a_physicians() -> None:
    case, task = at_review(FIELD)
    case.stay = StayReference(process_id="PA-FIRST", purpose=StayPurpose.REDUCTION, round=1)
    message = signs(case, task, PSYCHOLOGIST)
    assert not message_effects.receive_message(case, message, message.at).accepted and not case.adverse
    case.cancel_tasks(message.at, "test", task)
    routing.open_reviews(case, message.at)
    again = case.open_task(TaskKind.PHYSICIAN_REVIEW)
    assert again is not None and Role.PSYCHOLOGIST not in again.also_for


def test_where_no_law_lets_a_psychologist_sign_none_takes_the_task() -> None:
    case, task = at_review()
    assert Role.PSYCHOLOGIST not in task.also_for
    case.reviewers[PSYCHOLOGIST.reviewer_id] = PSYCHOLOGIST
    read_records(case, PSYCHOLOGIST)
    actor = Actor(kind="reviewer", id=PSYCHOLOGIST.reviewer_id)
    claim = ClaimTask(
        message_id="c", at=task.opened_at, actor=actor, task_id=task.task_id, reviewer_id=PSYCHOLOGIST.reviewer_id
    )
    assert {one.rule for one in message_checks.violations(case, claim, claim.at)} >= {"task.role"}
    assert any("a profession that may not decide this" in one for one in broken())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"specialties": ("psychiatry",)}, "specialty does not fit"),
        ({"specialties": ("neuropsychology",)}, "specialty does not fit"),
        ({"licences": (make_license("psychologist", unrestricted=None),)}, "unrestricted"),
        ({"licences": (make_license("psychological_associate"),)}, "a profession that may not decide this"),
        ({"licences": (make_license("registered_nurse"),)}, "a profession that may not decide this"),
        ({"roles": (Role.PHYSICIAN,)}, "Only a psychologist may sign"),
    ],
)
def test_a_psychologist_signs_with_an_own_unrestricted_doctoral_licence_in_an_own_field(
    changes: dict[str, object], said: str
) -> None:
    found = broken(FIELD, who=PSYCHOLOGIST.model_copy(update=changes))
    assert any(said in one for one in found), found


def test_a_physician_still_needs_a_physicians_specialty() -> None:
    clinical = reviewer("md", Role.PHYSICIAN, specialties=("clinical_psychology",))
    assert any("specialty does not fit" in one for one in broken(FIELD, who=clinical))
    assert not broken(FIELD, who=reviewer("md", Role.PHYSICIAN, specialties=("psychiatry",)))


def test_a_task_with_a_line_outside_of_the_field_is_a_physicians_as_a_whole() -> None:
    other = asked().model_copy(update={"line_id": "2"})
    case = at_the_physician_of(asked(FIELD), other)
    (task,) = case.open_tasks(TaskKind.PHYSICIAN_REVIEW)
    assert set(task.line_ids) == {"1", "2"} and Role.PSYCHOLOGIST not in task.also_for


def at_the_physician_of(*lines: LineAssessment) -> AuthorizationCase:
    case = at_the_physician(lines[0])
    found = case.require_context()
    case.cancel_tasks(case.tasks[next(iter(case.tasks))].opened_at, "asked for more", *case.open_tasks())
    case.assessment = found.model_copy(update={"lines": lines})
    case.determinations.refer(tuple(one.line_id for one in lines), "See.")
    routing.open_reviews(case, case.received_at)
    return case


def test_assessments_of_older_releases_load_and_new_ones_without_others_read_as_they_did() -> None:
    assert "other_deciders" not in line("1", None).model_dump_json()
    case, _ = at_review()
    assert "others" not in case.require_context().decider.model_dump_json()
