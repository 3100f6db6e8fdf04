"""The head of a decision page: for whom, until when, who referred it, and how the peer-to-peer went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.cases.tasks import TaskKind, TaskOutcome
from domain.coverage.directory import Member
from services.commands.signing import SigningDesk
from web.presentation.decisions.conditions import describe_call
from web.presentation.decisions.fields import line_title
from web.presentation.words import describe_lob, spell_out

_OF_KIND = {
    TaskKind.PHYSICIAN_REVIEW: "Physician review",
    TaskKind.BENEFIT_REVIEW: "Review of a limit or exclusion of the plan",
}


_INSTEAD = (
    (TaskOutcome.ASK, "ask the provider for information"),
    (TaskOutcome.TO_BENEFITS, "send it to benefit staff"),
)
"""Outcomes that are no decision, each with its words."""


@dataclass(frozen=True)
class DecisionHead:
    """The head of the page. `instead` are the outcomes that are no decision, by address and words; `due` is the decision's own
    deadline, where it has one, else the task's (UTC)."""

    title: str
    described: str
    member_name: str
    case_id: str
    task_id: str
    zone: str
    due: datetime
    since: datetime
    why: str
    lines: int
    recommendation: str | None
    referred_by: str | None
    call: str
    instead: tuple[tuple[str, str], ...]
    proposals: tuple[str, ...]
    records: int
    opened: int


def build_head(desk: SigningDesk, member: Member | None, today: date) -> DecisionHead:
    """The head of the page about this task; `today` is the day in the case's zone."""
    case, task, sheet = desk.case, desk.task, desk.before.sheet
    deadline = case.decision_deadline()
    first = sheet.lines[0].description or line_title(sheet.lines[0]) if sheet.lines else ""
    others = f" and {len(sheet.lines) - 1} more" if len(sheet.lines) > 1 else ""
    name = f"{member.given_name} {member.family_name}" if member is not None else case.member_id
    born = member.birth_date if member is not None else None
    age = str(today.year - born.year - ((today.month, today.day) < (born.month, born.day))) if born else ""
    facts = (", ".join(part for part in (name, age) if part), case.member_id, describe_lob(case.lob, case.state))
    return DecisionHead(
        title=f"{_OF_KIND.get(task.kind, spell_out(task.kind))}: {first[:1].lower()}{first[1:]}{others}",
        described=" · ".join((*facts, case.urgency.value)),
        member_name=name,
        case_id=desk.before.case_id,
        task_id=task.task_id,
        zone=case.zone,
        due=deadline[0] if deadline is not None else task.due_at,
        since=case.received_at,
        why=task.why,
        lines=len(sheet.lines),
        recommendation=sheet.recommendation,
        referred_by=desk.referred_by,
        call="; ".join(part for part in (describe_call(desk), _note_of_call(desk)) if part),
        instead=tuple(
            (f"/tasks/{task.task_id}?outcome={outcome.value}", words)
            for outcome, words in _INSTEAD
            if outcome in sheet.outcomes
        ),
        proposals=sheet.proposals,
        records=len(desk.before.records),
        opened=len(desk.before.opened),
    )


def _note_of_call(desk: SigningDesk) -> str:
    said = desk.call.data.get("note") if desk.call is not None else None
    return said.strip().rstrip(".") if isinstance(said, str) else ""
