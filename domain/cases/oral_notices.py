"""Oral notices: the calls that a decision or a refusal is owed, their tasks, and the form that records one.

A call that reaches nobody, or only leaves a message, has told nothing: the notice stays owed and the next attempt is a task of
its own. Each process states which calls it owes (`owed`, duties as in `duty_tracking`) and what follows from one that reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from domain.cases import task_forms
from domain.cases.case import Case
from domain.cases.duty_tracking import Duty
from domain.cases.messages import CompleteTask
from domain.cases.task_forms import Forms
from domain.cases.tasks import Task, TaskKind
from domain.clocks.terms import DueKind
from domain.decisions.determination import STAMP_SKEW
from domain.errors import RuleViolation, violation
from domain.journal import EntryKind, JournalEntry
from domain.model import Model
from domain.vocabulary import Role


class CallSubject(StrEnum):
    """The subject of a call and whom it tells; the `about` of its task."""

    DECISION_TO_MEMBER = "decision_to_member"
    DECISION_TO_PROVIDER = "decision_to_provider"
    EXPEDITE_REFUSAL = "expedite_refusal"


SUBJECTS: Mapping[DueKind, CallSubject] = {
    DueKind.ORAL_NOTICE: CallSubject.DECISION_TO_MEMBER,
    DueKind.MEMBER_CALL: CallSubject.DECISION_TO_MEMBER,
    DueKind.PROVIDER_CALL: CallSubject.DECISION_TO_PROVIDER,
    DueKind.EXPEDITE_REFUSAL_CALL: CallSubject.EXPEDITE_REFUSAL,
}
"""The duties that a call does, each with its subject."""

_WORK = {
    CallSubject.DECISION_TO_MEMBER: "Tell the member the decision by telephone",
    CallSubject.DECISION_TO_PROVIDER: "Tell the provider the decision by telephone or telecommunication",
    CallSubject.EXPEDITE_REFUSAL: "Tell the member by telephone that the review is not expedited, and of the grievance right",
}
_VOICE = frozenset({"phone", "in_person"})
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]


class OralNoticeCall(Model):
    """One call, or one attempt, by which a notice is given. `at` may be in any zone."""

    told_by: Words = Field(description="Who called: name and title, as given in the call.")
    told: Words = Field(
        description="Who was spoken to, or was to be: the member, the representative, the provider's office."
    )
    channel: Literal["phone", "in_person", "fax", "electronic"] = Field(
        description="How it was told. Fax and electronic transmission count for providers only."
    )
    number: Words = Field(
        description="The number called, or the address it was sent to; 'in person' where there is none."
    )
    at: AwareDatetime = Field(
        description="When the call was made: an instant with its offset, such as 2026-11-05T16:00-05:00."
    )
    result: Literal["reached", "left_message", "not_reached"] = Field(
        description="reached: told, or the transmission was confirmed. Everything else leaves the notice owed."
    )
    said: str | None = Field(default=None, description="What was said, as far as it matters.")


FORMS: Forms = {TaskKind.ORAL_NOTICE: OralNoticeCall}


# -- tasks -----------------------------------------------------------------------------------------------------------------


def lacks_task(case: Case, owed: Iterable[Duty]) -> bool:
    """Whether a call is owed for which no task is open."""
    return any(_open_task(case, subject) is None for subject in _first_due(owed))


def open_tasks(case: Case, owed: Iterable[Duty], now: datetime) -> None:
    """Open the task of each call that is owed and has none, due with the first duty that it does."""
    for subject, duty in _first_due(owed).items():
        if _open_task(case, subject) is None:
            _open_attempt(case, subject, duty, now)


def update_tasks(case: Case, owed: Iterable[Duty], now: datetime) -> None:
    """Move the open tasks with their clocks, and end those whose notice is not owed any more."""
    first = _first_due(owed)
    for task in case.open_tasks(TaskKind.ORAL_NOTICE):
        duty = first.get(CallSubject(task.about or ""))
        if duty is None:
            case.cancel_tasks(now, "the notice was given otherwise, or is not owed any more", task)
        elif duty[1].at != task.due_at and duty[1].at > now:
            case.move_task(task, duty[1].at, now)


def _first_due(owed: Iterable[Duty]) -> dict[CallSubject, Duty]:
    first: dict[CallSubject, Duty] = {}
    for duty in sorted(owed, key=lambda one: (one[1].at, one[0].rule_id)):
        first.setdefault(SUBJECTS[duty[1].kind], duty)
    return first


def _open_task(case: Case, subject: CallSubject) -> Task | None:
    return next((task for task in case.open_tasks(TaskKind.ORAL_NOTICE) if task.about == subject.value), None)


def _open_attempt(case: Case, subject: CallSubject, duty: Duty, now: datetime) -> None:
    clock, due = duty
    why = f"{_WORK[subject]} ({clock.rule_id}, {due.citation})."
    case.add_task(
        TaskKind.ORAL_NOTICE,
        Role.INTAKE,
        why,
        now,
        due.at,
        also_for=(Role.NURSE,),
        about=subject.value,
        rule=clock.rule_id,
        citation=due.citation,
    )


# -- the call --------------------------------------------------------------------------------------------------------------


def call_violations(task: Task, message: CompleteTask, since: datetime | None) -> Iterator[RuleViolation]:
    """Every rule that the record of a call breaks. `since` (UTC) is when there first was something to tell."""
    wrong = tuple(task_forms.violations(FORMS, task.kind, message.form))
    yield from wrong
    if wrong:
        return
    call = task_forms.read_form(OralNoticeCall, message.form)
    if call.at > message.at + STAMP_SKEW or (since is not None and call.at < since - STAMP_SKEW):
        yield violation(
            "oral_notice.at",
            "The call lies ahead of now, or before there was anything to tell.",
            "Correct the time of the call.",
        )
    if task.about != CallSubject.DECISION_TO_PROVIDER and call.channel not in _VOICE:
        yield violation(
            "oral_notice.channel",
            "A member is told by word of mouth; a fax or a transmission is no oral notice.",
            "Call, or tell the member in person.",
        )


def record_call(case: Case, task: Task, message: CompleteTask) -> OralNoticeCall:
    """Journal the call, or the attempt, and return it. One that told nobody opens the task of the next attempt."""
    call = task_forms.read_form(OralNoticeCall, message.form)
    reached = call.result == "reached"
    result = "given" if reached else f"attempted ({call.result.replace('_', ' ')}); it stays owed"
    case.note(
        EntryKind.ORAL_NOTICE,
        message.at,
        f"Oral notice {result}: {(task.about or '').replace('_', ' ')}, by {call.channel.replace('_', ' ')}.",
        message.actor,
        about=task.about,
        due_at=task.due_at.isoformat(),
        call=call.model_dump(mode="json"),
    )
    if not reached:
        case.add_task(task.kind, task.role, task.why, message.at, task.due_at, also_for=task.also_for, about=task.about)
    return call


def notice_calls(entries: Iterable[JournalEntry]) -> Iterator[datetime]:
    """The instants (UTC) of the journaled calls by which a member was told the decision."""
    for entry in entries:
        if entry.kind is EntryKind.ORAL_NOTICE and entry.data.get("about") == CallSubject.DECISION_TO_MEMBER.value:
            call = OralNoticeCall.model_validate(entry.data["call"])
            if call.result == "reached":
                yield call.at
