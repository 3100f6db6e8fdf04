"""Invented values for the store's tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.cases.tasks import Task, TaskKind, TaskStatus
from domain.cases.views import CaseLetter, CaseStatus, CaseView, LineView, Waiting
from domain.journal import UMPIRE, EntryDraft, EntryKind
from domain.letters.context import RenderedLetter
from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, ServiceLine, UrgencyClaim
from domain.vocabulary import (
    AskedBy,
    Audience,
    Channel,
    CodeSystem,
    Lob,
    NoticeKind,
    ReviewKind,
    Role,
    ServiceKind,
    Urgency,
)

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
CASE = "PA-TESTCASE0001"


def draft(seq: int, kind: EntryKind = EntryKind.TASK_OPENED, **data: Any) -> EntryDraft:
    at = NOON + timedelta(minutes=seq)
    return EntryDraft(seq=seq, at=at, kind=kind, actor=UMPIRE, summary=f"Entry number {seq}", data=data)


def drafts(first: int, last: int) -> list[EntryDraft]:
    return [draft(seq, note=f"n{seq}") for seq in range(first, last + 1)]


def case_view(case_id: str = CASE, **changes: Any) -> CaseView:
    view = CaseView(
        case_id=case_id,
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        review_kind=ReviewKind.PROSPECTIVE,
        service_kind=ServiceKind.MEDICAL,
        urgency=Urgency.STANDARD,
        member_id="MBR1",
        requesting_npi="1999999984",
        request_version=1,
        received_at=NOON,
        status=CaseStatus.OPEN,
        waiting=Waiting(what="an answer", owner="the provider", until=NOON + timedelta(days=2), then="a nurse looks"),
        decision_due=NOON + timedelta(days=7),
        governing_rule="MA-STD",
        rulebook_version="1",
    )
    return view.model_copy(update=changes)


def task(number: int = 1, case_id: str = CASE, **changes: Any) -> Task:
    plain = Task(
        task_id=f"{case_id}-T{number}",
        kind=TaskKind.NURSE_REVIEW,
        role=Role.NURSE,
        why="criteria are not met",
        line_ids=("1",),
        opened_at=NOON,
        due_at=NOON + timedelta(hours=number),
        status=TaskStatus.OPEN,
    )
    return plain.model_copy(update=changes)


def line(line_id: str = "1", **changes: Any) -> LineView:
    view = LineView(line_id=line_id, code="E1390", description="O2", route="asked", approved_quantity=Decimal("3.50"))
    return view.model_copy(update=changes)


def letter_view(letter_id: str, **changes: Any) -> CaseLetter:
    view = CaseLetter(
        letter_id=letter_id,
        notice=NoticeKind.APPROVAL,
        audience=Audience.MEMBER,
        recipient="A. Member",
        subject="Your request",
        written_at=NOON,
    )
    return view.model_copy(update=changes)


def rendered(words: str = "Approved.") -> RenderedLetter:
    return RenderedLetter(
        notice=NoticeKind.APPROVAL,
        audience=Audience.MEMBER,
        subject="Your request",
        html=f"<p>{words}</p>",
        text=words,
        elements=("decision",),
    )


def request(submission_id: str = "urn:sender|1", **changes: Any) -> AuthorizationRequest:
    plain = AuthorizationRequest(
        submission_id=submission_id,
        received_at=NOON,
        channel=Channel.API,
        service_kind=ServiceKind.MEDICAL,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        member=MemberReference(member_id="MBR1", birth_date=date(1951, 4, 12)),
        requesting_provider=ProviderReference(npi="1999999984"),
        lines=(ServiceLine(line_id="1", code="E1390", code_system=CodeSystem.HCPCS, quantity=Decimal("1.50")),),
    )
    return plain.model_copy(update=changes)


def decided_days(first: int, last: int, **changes: Any) -> dict[str, Any]:
    """Days of March 2026 and their determination, in JSON."""
    return {
        "first": f"2026-03-{first:02}",
        "last": f"2026-03-{last:02}",
        "answer": "certified",
        "level_of_care": "icu",
        "review": "PA-1-R1",
        "decided_by": "dr.lee",
        "changed_by": None,
    } | changes


def stay_facts(*days: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A stay on file, in JSON."""
    at = (NOON - timedelta(days=1)).isoformat()
    facts = {"level_of_care": "icu", "admitted_at": at, "discharged_at": None, "voided_at": None, "working_drg": "291"}
    return facts | {"days": list(days)} | changes


def lesson_facts(**changes: Any) -> dict[str, Any]:
    """A lesson of a retrospective review, in JSON."""
    lesson = {"stage": "claim", "what_went_wrong": "Nobody asked.", "suggestion": "Ask.", "recorded_by": "nurse.adams"}
    return lesson | {"at": NOON.isoformat()} | changes


def sheet(process: str, content: dict[str, Any]) -> dict[str, Any]:
    """A summary, in JSON, with something that no read model knows."""
    return {"process": process, "content": content | {"shown_by_another_release": "yes"}}


def json(*values: Any) -> list[Any]:
    return [value.model_dump(mode="json") for value in values]
