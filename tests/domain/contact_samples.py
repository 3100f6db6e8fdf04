"""Concerns and callbacks without Temporal: the shipped rules, an invented person, and people who fill forms in."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from domain.callbacks import message_checks as callback_checks
from domain.callbacks import message_effects as callback_effects
from domain.callbacks import path as callback_path
from domain.callbacks.case import CallbackDossier, CallbackLook
from domain.callbacks.policy import CallTopic
from domain.cases.business_day_dues import DuesOrder, due_in, dues
from domain.cases.member_case import PersonLook
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.concerns import message_checks as concern_checks
from domain.concerns import message_effects as concern_effects
from domain.concerns import path as concern_path
from domain.concerns.case import Concern, ConcernLook
from domain.decisions.reviewers import Licence, Reviewer
from domain.journal import Actor
from domain.office_hours import callback_window
from domain.vocabulary import Lob, Role
from rulebook.rulebook import Rulebook, load_rulebook

ZONE = "America/Chicago"
MONDAY = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
"""10:00 in Chicago, in the hours of business."""


@cache
def book() -> Rulebook:
    return load_rulebook({})


def person(**changes: Any) -> PersonLook:
    policy = book().review.policy
    fields: dict[str, Any] = {
        "known": True,
        "lob": Lob.MEDICARE_ADVANTAGE,
        "state": "NY",
        "zone": "America/New_York",
        "plan_id": "1888888884",
        "plan_zone": ZONE,
        "ladders": book().ladders,
        "letter_repair_hours": policy.letter_repair_hours,
        "missed_clock_hours": policy.missed_clock_task_hours,
        "nurse_professions": policy.nurse_professions,
        "rulebook_version": book().version,
    }
    return PersonLook(**(fields | changes))


def reviewer(reviewer_id: str, *roles: Role, profession: str | None = None) -> Reviewer:
    held: tuple[Licence, ...] = ()
    if profession is not None:
        licence = {"state": "IL", "number": "1", "expires": "2038-01-01", "unrestricted": True}
        held = (Licence.model_validate({"profession": profession, **licence}),)
    return Reviewer(
        reviewer_id=reviewer_id,
        name=reviewer_id,
        roles=roles,
        licences=held,
        training_valid_through=datetime(2038, 1, 1, tzinfo=UTC).date(),
    )


PEOPLE = {
    one.reviewer_id: one
    for one in (
        reviewer("nurse", Role.NURSE, profession="registered_nurse"),
        reviewer("doctor", Role.PHYSICIAN, profession="physician"),
        reviewer("other.doctor", Role.PHYSICIAN, profession="physician"),
        reviewer("compliance", Role.COMPLIANCE),
        reviewer("supervisor", Role.SUPERVISOR),
        reviewer("clerk", Role.INTAKE),
    )
}


def _hours() -> Any:
    return book().stays.policy.callback_hours


def raised(kind: Any = "quality", at: datetime = MONDAY, **changes: Any) -> Concern:
    """A concern that was just looked into: its triage is open."""
    concern = Concern(
        case_id="QC-AAAA",
        received_at=at,
        member_id="M1",
        kind=kind,
        raised_by="nurse",
        about_case_id="PA-AAAA",
        what="Something was seen.",
        reviewers=dict(PEOPLE),
        **changes,
    )
    rules = book().review.concerns
    due = due_in(at, rules.triage_of(kind).business_days, _hours(), book().calendar, ZoneInfo(ZONE))
    look = ConcernLook(person=person(), policy=rules, involved=("doctor",), triage_due=due)
    concern_path.looked(concern, look, at)
    concern.noted = True
    return concern


def go_on(concern: Concern, now: datetime) -> None:
    """Carry out what the path asks for until it waits or is over."""
    while isinstance(step := concern_path.next_step(concern, now), concern_path.Schedule):
        order = DuesOrder(zone=concern.zone, at=now, business_days=tuple(work.business_days for work in step.works))
        concern_path.open_tasks(concern, step.works, dues(order, _hours(), book().calendar).due_at, now)


def left(at: datetime = MONDAY, **changes: Any) -> CallbackDossier:
    """A message that was just taken: its call is owed."""
    fields: dict[str, Any] = {
        "from_whom": "member",
        "about": CallTopic.CLINICAL_REVIEW,
        "member_id": "M1",
        "message_document": "0" * 64,
    }
    needs = changes.pop("needs", {})
    call = CallbackDossier(case_id="CB-AAAA", received_at=at, reviewers=dict(PEOPLE), **(fields | changes))
    window = callback_window(at, _hours(), book().calendar, ZoneInfo(ZONE))
    look = CallbackLook(person=person(needs=needs), policy=book().review.callbacks, plan_zone=ZONE, window=window)
    callback_path.looked(call, look, at)
    return call


def call_on(call: CallbackDossier, now: datetime) -> None:
    """Carry out what the path asks for until it waits or is over."""
    while isinstance(step := callback_path.next_step(call, now), callback_path.FindWindow):
        order = DuesOrder(zone=call.zone, at=step.after, business_days=step.business_days)
        callback_path.planned(call, dues(order, _hours(), book().calendar), now)


def completion(dossier: Any, kind: TaskKind, who: str, at: datetime, form: dict[str, Any] | None) -> CompleteTask:
    task = dossier.open_task(kind)
    assert task is not None, f"no open task of kind {kind}"
    return CompleteTask(
        message_id=f"{task.task_id}-{who}-{at.isoformat()}",
        at=at,
        actor=Actor(kind="reviewer", id=who),
        task_id=task.task_id,
        reviewer_id=who,
        outcome=TaskOutcome.DONE,
        form=form,
    )


def refused(dossier: Any, kind: TaskKind, who: str, form: dict[str, Any] | None, at: datetime = MONDAY) -> set[str]:
    """The rules that a completion breaks; empty when it may be."""
    checks = concern_checks if isinstance(dossier, Concern) else callback_checks
    return {one.rule for one in checks.refusals(dossier, completion(dossier, kind, who, at, form), at)}


def done(dossier: Any, kind: TaskKind, who: str, form: dict[str, Any], at: datetime = MONDAY) -> str:
    """Complete a task as the form says, and go on."""
    assert refused(dossier, kind, who, form, at) == set()
    message = completion(dossier, kind, who, at, form)
    if isinstance(dossier, Concern):
        says = concern_effects.apply(dossier, message, at)
        go_on(dossier, at)
    else:
        says = callback_effects.apply(dossier, message, at)
        call_on(dossier, at)
    return says
