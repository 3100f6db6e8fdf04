"""Stays, plans, calls, concerns and reviews as the journal would have put them on file, for pages over a store alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseStatus, CaseSummary, CaseView, Waiting
from domain.journal import UMPIRE, Actor, EntryDraft, EntryKind
from domain.stays.views import StaySummary
from domain.vocabulary import Lob, ProcessKind, Role
from store import documents, journal, read_models, stays
from store.session import Store
from store.stays import StayRecord

NOW = datetime(2026, 12, 10, 15, tzinfo=UTC)
STAY, PLAN = "ST-AAAABBBBCCCC", "DP-AAAABBBBCCCC"
HOSPITAL = "1215000062"
MEMBER = "MBR1000001"


def put_case(
    store: Store,
    case_id: str,
    process: ProcessKind,
    content: dict[str, Any],
    *tasks: Task,
    title: str = "",
    until: datetime | None = None,
    member: str = MEMBER,
    status: CaseStatus = CaseStatus.OPEN,
    more: tuple[EntryDraft, ...] = (),
) -> None:
    """Put a case of any process on file by journal entries, folded as its workflow's entries are."""
    waits = Waiting(what="its work", owner="a nurse", until=until, then="somebody is told") if until else None
    view = CaseView(
        case_id=case_id,
        process=process,
        title=title,
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        member_id=member,
        received_at=NOW - timedelta(days=4),
        status=status,
        waiting=waits,
        requesting_npi=HOSPITAL,
        rulebook_version="1",
        closed_at=None if status is CaseStatus.OPEN else NOW,
    )
    sheet = CaseSummary(process=process, content=content)
    data = {
        "case": view.model_dump(mode="json"),
        "sheet": sheet.model_dump(mode="json"),
        "tasks": [task.model_dump(mode="json") for task in tasks],
    }
    first = EntryDraft(seq=1, at=NOW, kind=EntryKind.TASK_OPENED, actor=UMPIRE, summary="Put on file.", data=data)
    with store.begin() as s:
        read_models.record_entries(s, case_id, [first, *more])


def put_stay(store: Store, stay_id: str = STAY, *tasks: Task, until: datetime | None = None, **content: Any) -> None:
    """Put a stay on file: three certified days, a denied one, and today undecided; `content` replaces parts of its summary."""
    with store.begin() as s:
        stays.open_stay(
            s,
            StayRecord(
                stay_id=stay_id,
                facility="MERIDIAN",
                facility_npi=HOSPITAL,
                visit_number=stay_id,
                member_id=MEMBER,
                opened_at=NOW - timedelta(days=4),
            ),
        )
    recorded = EntryDraft(
        seq=2,
        at=NOW,
        kind=EntryKind.AVOIDABLE_DAY,
        actor=Actor(kind="reviewer", id="nurse.adams"),
        summary="An avoidable day.",
        data={
            "entry": {
                "day": "2026-12-09",
                "reason": "payer_decision_pending",
                "attribution": "payer",
                "note": "<b>late</b>",
            }
        },
    )
    title = "Stay at MERIDIAN"
    put_case(
        store, stay_id, ProcessKind.STAY, stay_content() | content, *tasks, title=title, until=until, more=(recorded,)
    )


def stay_content() -> dict[str, Any]:
    """The summary of a stay since December 6, 2026."""
    empty = dict.fromkeys(StaySummary.model_fields)
    lists = {name: [] for name in ("readmissions", "rounds")}
    return {
        **empty,
        **lists,
        "facility": "MERIDIAN",
        "status": "inpatient",
        "level_of_care": "icu",
        "came_at": "2026-12-06T15:00:00Z",
        "admitted_at": "2026-12-06T16:00:00Z",
        "expected_discharge": "2026-12-12",
        "usual_length_of_drg": "2.5",
        "working_drg": "281",
        "inpatient_midnights": 4,
        "diagnoses": ["I21.4"],
        "phases": [{"since": "2026-12-06T15:00:00Z", "status": "inpatient", "level_of_care": "icu", "unit": "ICU"}],
        "days": [decided("certified", "2026-12-06", "2026-12-08"), decided("denied", "2026-12-09", "2026-12-09")],
        "waits_for_qio": False,
        "discharge_plan": PLAN,
    }


def decided(answer: str, first: str, last: str) -> dict[str, Any]:
    """Days with one determination in effect."""
    shared = {"level_of_care": "icu", "review": "PA-AAAABBBBCCCC-R1", "decided_by": "director.osei", "changed_by": None}
    return {"first": first, "last": last, "answer": answer, **shared}


def task(case_id: str, kind: TaskKind, role: Role = Role.NURSE, **more: Any) -> Task:
    """An open task, due in a day."""
    shared = {"why": "Because", "opened_at": NOW - timedelta(hours=1), "due_at": NOW + timedelta(days=1)}
    return Task(task_id=f"{case_id}-T1", kind=kind, role=role, **(shared | more))


def put_record(store: Store, case_id: str, text: str, title: str, *readers: str) -> str:
    """Put a record on a case's file, opened by these readers already; its id."""
    with store.begin() as s:
        kept = documents.put(s, text.encode(), title, "text/plain", NOW)
        documents.attach(s, case_id, kept.document_id, NOW)
        opened = [
            EntryDraft(
                seq=len(journal.entries(s, case_id)) + 1 + place,
                at=NOW,
                kind=EntryKind.RECORD_OPENED,
                actor=Actor(kind="reviewer", id=reader),
                summary=f"{reader} opened the record {kept.document_id[:12]}.",
                data={"reviewer_id": reader, "document_id": kept.document_id},
            )
            for place, reader in enumerate(readers)
        ]
        read_models.record_entries(s, case_id, opened)
    return kept.document_id
