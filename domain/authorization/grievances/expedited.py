"""Expedited grievances about a request: the member does not agree that the plan takes more time, or that it does not expedite.

They are answered in 24 hours (42 CFR 422.564(f), 423.564(f)) by somebody who took no part in what the grievance is about. A
grievance decides nothing about the care, and no clock of the decision waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import FileGrievance
from domain.authorization.parts import FiledGrievance
from domain.cases import task_forms
from domain.cases.assignment import sender_violations
from domain.cases.messages import CompleteTask
from domain.cases.task_forms import Forms
from domain.cases.tasks import Task, TaskKind
from domain.clocks.engine import DueKind, EventKind
from domain.decisions.determination import STAMP_SKEW
from domain.errors import ImpossibleState, RuleViolation, violation
from domain.journal import EntryKind
from domain.model import Model
from domain.vocabulary import MEDICARE_LOBS, Channel, Role

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)]


class GrievanceAnswer(Model):
    """The answer to an expedited grievance, as the member was given it. `at` may be in any zone."""

    answered_to: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)] = Field(
        description="Who was told: the member or the representative."
    )
    channel: Channel = Field(description="How it was told.")
    at: AwareDatetime = Field(description="When: an instant with its offset, such as 2026-11-05T16:00-05:00.")
    answer: Words = Field(description="What was answered, in plain words.")


FORMS: Forms = {TaskKind.EXPEDITED_GRIEVANCE: GrievanceAnswer}


def filing_violations(case: AuthorizationCase, message: FileGrievance) -> Iterator[RuleViolation]:
    """Every rule that entering the grievance breaks."""
    yield from sender_violations(message)
    who = case.reviewers.get(message.reviewer_id)
    if who is None or not who.active:
        yield violation("reviewer.unknown", "Who entered it is not in the directory.", "Act under your own name.")
    if case.lob not in MEDICARE_LOBS:
        yield violation(
            "grievance.lob", "The 24 hours are those of Medicare.", "Take it as a complaint by the rules of the line."
        )
    if case.grievance is not None and case.grievance.answered_at is None:
        yield violation("grievance.open", "A grievance about this request is being answered.", "Wait for its answer.")
    if not _happened(case, message.about):
        yield violation(
            "grievance.about",
            "The plan has neither taken more time here nor refused to expedite.",
            "Take any other complaint by the ordinary way.",
        )
    said = message.asked
    if not said.person.strip() or not message.said.strip():
        yield violation("grievance.said", "It needs who complained, and what was said.", "Write both down.")
    if not case.received_at - STAMP_SKEW <= said.at <= message.at + STAMP_SKEW:
        yield violation("message.stamp", "It was said before the receipt or lies ahead.", "Correct the time.")


def _happened(case: AuthorizationCase, about: Literal["extension", "expedite_refusal"]) -> bool:
    kinds = {event.kind for event in case.clock_events}
    return (EventKind.EXTENSION_NOTICE_SENT if about == "extension" else EventKind.EXPEDITE_REFUSED) in kinds


def file_grievance(case: AuthorizationCase, message: FileGrievance) -> str:
    """Record the grievance; its clock starts when it was said."""
    case.grievance = FiledGrievance(about=message.about, at=message.asked.at, said=message.said)
    case.owe_again(DueKind.GRIEVANCE_ANSWER)
    case.happened(EventKind.EXPEDITED_GRIEVANCE_RECEIVED, message.asked.at)
    case.note(
        EntryKind.GRIEVANCE_FILED,
        message.at,
        f"Expedited grievance about {'more time' if message.about == 'extension' else 'the refusal to expedite'}.",
        message.actor,
        about=message.about,
        said=message.said,
        asked=message.asked.model_dump(mode="json"),
    )
    return "The grievance is on record; it is answered within 24 hours."


def open_task(case: AuthorizationCase, now: datetime) -> None:
    """Open the task of a grievance once its clock has been computed."""
    filed = case.grievance
    if filed is None or filed.task_id is not None:
        return
    due = case.due(DueKind.GRIEVANCE_ANSWER)
    # The rulebook is checked to have the clock; without it the task gets the time of other missed-clock tasks.
    by = due[1].at if due is not None else now + timedelta(hours=case.missed_clock_hours)
    about = "more time" if filed.about == "extension" else "the refusal to expedite"
    task = case.add_task(
        TaskKind.EXPEDITED_GRIEVANCE,
        Role.APPEALS,
        f"Answer the grievance about {about} by telephone or in writing, after looking at it anew.",
        now,
        by,
        about=filed.about,
        also_for=(Role.COMPLIANCE,),
    )
    filed.task_id = task.task_id


def answer_violations(
    case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime
) -> Iterator[RuleViolation]:
    """Every rule that the answer breaks. Whoever refused to expedite does not answer for it; extensions are taken by reviewers,
    who have not the role of this task."""
    broken = tuple(task_forms.violations(FORMS, task.kind, message.form))
    yield from broken
    refused_by = {one.assignee for one in case.tasks.values() if one.kind is TaskKind.EXPEDITE_DECISION}
    if message.reviewer_id in refused_by - {None}:
        yield violation(
            "grievance.independence", "Whoever refused to expedite does not answer for it.", "Leave it to a colleague."
        )
    filed = case.grievance
    if not broken and filed is not None:
        said = task_forms.read_form(GrievanceAnswer, message.form)
        if not filed.at <= said.at <= now + STAMP_SKEW:
            yield violation("message.stamp", "The answer lies before the grievance or ahead.", "Correct its time.")


def record_answer(case: AuthorizationCase, message: CompleteTask) -> str:
    """Record the answer for its clock, at the time at which it was given."""
    filed = case.grievance
    if filed is None:
        raise ImpossibleState("a grievance was answered that nobody filed")
    said = task_forms.read_form(GrievanceAnswer, message.form)
    filed.answered_at = said.at
    case.mark_done(DueKind.GRIEVANCE_ANSWER, said.at)
    case.note(
        EntryKind.GRIEVANCE_ANSWERED,
        said.at,
        "The grievance is answered.",
        message.actor,
        answer=said.model_dump(mode="json"),
    )
    return "The answer is on record."
