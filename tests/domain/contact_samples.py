"""Concerns and callbacks without Temporal: the shipped rules, an invented member, and reviewers who complete forms."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from domain.callbacks import message_checks, message_effects, path
from domain.callbacks.case import CallbackCase, CallbackContext
from domain.callbacks.policy import CallTopic
from domain.cases.due_dates import DueDatesInput, compute_due_dates, due_after_business_days
from domain.cases.member_case import MemberContext
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.concerns import message_checks as concern_checks
from domain.concerns import message_effects as concern_effects
from domain.concerns import path as concern_path
from domain.concerns.case import ConcernContext, QualityConcernCase
from domain.decisions.reviewers import License, Reviewer
from domain.journal import Actor
from domain.office_hours import callback_window
from domain.vocabulary import Lob, Role
from rulebook.rulebook import Rulebook, load_rulebook

ZONE = "America/Chicago"
MONDAY = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
"""10:00 in Chicago, in business hours."""


@cache
def book() -> Rulebook:
    return load_rulebook({})


def person(**changes: Any) -> MemberContext:
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
    return MemberContext(**(fields | changes))


def reviewer(reviewer_id: str, *roles: Role, profession: str | None = None) -> Reviewer:
    held: tuple[License, ...] = ()
    if profession is not None:
        licence = {"state": "IL", "number": "1", "expires": "2038-01-01", "unrestricted": True}
        held = (License.model_validate({"profession": profession, **licence}),)
    return Reviewer(
        reviewer_id=reviewer_id,
        name=reviewer_id,
        roles=roles,
        licences=held,
        training_valid_through=datetime(2038, 1, 1, tzinfo=UTC).date(),
    )


REVIEWERS = {
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


def open_concern(kind: Any = "quality", at: datetime = MONDAY, **changes: Any) -> QualityConcernCase:
    """A concern after its lookups: its triage is open."""
    concern = QualityConcernCase(
        case_id="QC-AAAA",
        received_at=at,
        member_id="M1",
        kind=kind,
        raised_by="nurse",
        about_case_id="PA-AAAA",
        what="Something was seen.",
        reviewers=dict(REVIEWERS),
        **changes,
    )
    rules = book().review.concerns
    due = due_after_business_days(at, rules.triage_rule(kind).business_days, _hours(), book().calendar, ZoneInfo(ZONE))
    look = ConcernContext(person=person(), policy=rules, involved=("doctor",), triage_due=due)
    concern_path.record_context(concern, look, at)
    concern.noted = True
    return concern


def advance_concern(concern: QualityConcernCase, now: datetime) -> None:
    """Carry out what the path asks for until it waits or is over."""
    while isinstance(step := concern_path.advance(concern, now), concern_path.ScheduleTasks):
        order = DueDatesInput(zone=concern.zone, at=now, business_days=tuple(work.business_days for work in step.works))
        concern_path.open_tasks(concern, step.works, compute_due_dates(order, _hours(), book().calendar).due_at, now)


def open_callback(at: datetime = MONDAY, **changes: Any) -> CallbackCase:
    """A callback that was just received: its call is open."""
    fields: dict[str, Any] = {
        "from_whom": "member",
        "about": CallTopic.CLINICAL_REVIEW,
        "member_id": "M1",
        "message_document": "0" * 64,
    }
    needs = changes.pop("needs", {})
    call = CallbackCase(case_id="CB-AAAA", received_at=at, reviewers=dict(REVIEWERS), **(fields | changes))
    window = callback_window(at, _hours(), book().calendar, ZoneInfo(ZONE))
    look = CallbackContext(person=person(needs=needs), policy=book().review.callbacks, plan_zone=ZONE, window=window)
    path.record_context(call, look, at)
    return call


def advance_callback(call: CallbackCase, now: datetime) -> None:
    """Carry out what the path asks for until it waits or is over."""
    while isinstance(step := path.advance(call, now), path.FindWindow):
        order = DueDatesInput(zone=call.zone, at=step.after, business_days=step.business_days)
        path.open_next_task(call, compute_due_dates(order, _hours(), book().calendar), now)


def completion(case: Any, kind: TaskKind, who: str, at: datetime, form: dict[str, Any] | None) -> CompleteTask:
    task = case.open_task(kind)
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


def rules_broken(case: Any, kind: TaskKind, who: str, form: dict[str, Any] | None, at: datetime = MONDAY) -> set[str]:
    """The rules that a completion breaks; empty when it may be."""
    checks = concern_checks if isinstance(case, QualityConcernCase) else message_checks
    return {one.rule for one in checks.violations(case, completion(case, kind, who, at, form), at)}


def complete_task(case: Any, kind: TaskKind, who: str, form: dict[str, Any], at: datetime = MONDAY) -> str:
    """Complete a task with the form, and advance the case."""
    assert rules_broken(case, kind, who, form, at) == set()
    message = completion(case, kind, who, at, form)
    if isinstance(case, QualityConcernCase):
        says = concern_effects.apply_message(case, message, at)
        advance_concern(case, at)
    else:
        says = message_effects.apply_message(case, message, at)
        advance_callback(case, at)
    return says
