"""Lists of cases and of open work, with whom and what each row is about, and the search over them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from domain.cases.views import CaseView
from domain.coverage.directory import Member
from domain.errors import NotOnFile
from domain.model import Model
from domain.vocabulary import Lob, ProcessKind, Role, Urgency
from services.case_visibility import visible_to
from services.principals import Principal
from store import cases, directory, requests
from store.cases import CaseSelection
from store.tasks import WorkItem
from store.worklist import tables as worklist_tables
from store.worklist.selection import WorkSelection

_NO_CASE_ZONE = "UTC"
_IDS_A_QUERY = 500


class CaseSubject(Model):
    """Whom and what a case is about. `service` are the requested services in words, or the title of another kind of case;
    `diagnoses` are ICD-10 codes. What is not known is empty or None."""

    member_name: str = ""
    birth_date: date | None = None
    service: str = ""
    diagnoses: tuple[str, ...] = ()
    language: str = Field(default="", exclude=True)
    """The member's language (BCP 47), for pages."""


class CaseRow(CaseView, CaseSubject):
    """A row of the list of cases."""


class WorkRow(WorkItem, CaseSubject):
    """A row of the worklist. `zone` is the case's, UTC for an arrival that is no case yet."""

    zone: str = _NO_CASE_ZONE
    process: ProcessKind | None = None
    lob: Lob | None = None
    state: str = ""
    urgency: Urgency | None = None
    member_id: str = ""
    requesting_npi: str = ""


def list_cases(
    s: Session,
    wanted: CaseSelection,
    limit: int | None = None,
    reader: Principal | None = None,
    after: tuple[datetime | None, str] | None = None,
) -> tuple[CaseRow, ...]:
    """The cases that match and that the reader may see (None: all), the earliest decision due first and those without one
    last. `after` are due instant (UTC) and number of the last one on the page before."""
    return case_rows(s, cases.select_cases(s, wanted, limit, visible_to(reader), after))


def case_rows(s: Session, views: Collection[CaseView]) -> tuple[CaseRow, ...]:
    """These cases with whom and what they are about, in the same order."""
    subjects = load_subjects(s, views)
    return tuple(CaseRow(**dict(view), **dict(subjects[view.case_id])) for view in views)


def choose_work(
    s: Session,
    wanted: CaseSelection,
    *,
    kind: str | None = None,
    role: Role | None = None,
    reviewer: str | None = None,
    unclaimed: bool = False,
    reader: Principal | None = None,
) -> WorkSelection:
    """The selection of open work by its case, kind and role; with a `reviewer`, of what they may claim by their roles and,
    unless `unclaimed` says otherwise, what they have claimed; with a `reader`, of cases that they may see.

    Raises NotOnFile when the directory does not have them.
    """
    roles: frozenset[Role] | None = frozenset({role}) if role is not None else None
    if reviewer is not None:
        who = directory.reviewer(s, reviewer)
        if who is None:
            raise NotOnFile(f"The directory has no reviewer {reviewer}.", "Check the id.")
        roles = roles or frozenset(who.roles)
    return WorkSelection(
        kind=kind,
        process=wanted.process,
        lob=wanted.lob,
        urgency=wanted.urgency,
        member=wanted.member,
        provider=wanted.provider,
        due_before=wanted.due_before,
        roles=roles,
        free=unclaimed or reviewer is not None,
        own=None if unclaimed else reviewer,
        seen=visible_to(reader, worklist_tables.tasks.c.case_id),
    )


def work_rows(s: Session, items: Collection[WorkItem], diagnoses: bool = True) -> tuple[WorkRow, ...]:
    """These items with whom and what their cases are about, in the same order; `diagnoses` are read where they are shown."""
    views: dict[str, CaseView] = {}
    for ids in _batches({item.case_id for item in items if item.case_id is not None}):
        views |= cases.get_many(s, ids)
    subjects = load_subjects(s, views.values(), diagnoses)
    return tuple(_work_row(item, views.get(item.case_id or ""), subjects) for item in items)


def load_subjects(s: Session, views: Collection[CaseView], with_diagnoses: bool = True) -> dict[str, CaseSubject]:
    """Whom and what each case is about, by case number."""
    members: dict[str, Member] = {}
    for ids in _batches({view.member_id for view in views if view.member_id}):
        members |= directory.members_of(s, ids)
    services: dict[str, tuple[str, ...]] = {}
    diagnoses: dict[str, tuple[str, ...]] = {}
    for ids in _batches({view.case_id for view in views if view.process is ProcessKind.REQUEST}):
        services |= cases.services(s, ids)
        diagnoses |= requests.find_diagnoses(s, ids) if with_diagnoses else {}
    return {
        view.case_id: _subject(
            view, members.get(view.member_id), services.get(view.case_id, ()), diagnoses.get(view.case_id, ())
        )
        for view in views
    }


def _work_row(item: WorkItem, view: CaseView | None, subjects: dict[str, CaseSubject]) -> WorkRow:
    if view is None:
        return WorkRow(**dict(item))
    known = {name: getattr(view, name) for name in ("zone", "process", "lob", "state", "urgency", "member_id")}
    return WorkRow(**dict(item), **dict(subjects[view.case_id]), **known, requesting_npi=view.requesting_npi)


def _subject(view: CaseView, member: Member | None, services: Sequence[str], diagnoses: tuple[str, ...]) -> CaseSubject:
    return CaseSubject(service="; ".join(services) or view.title, diagnoses=diagnoses, **_name(member))


def _name(member: Member | None) -> dict[str, Any]:
    if member is None:
        return {}
    name = f"{member.family_name}, {member.given_name}"
    return {"member_name": name, "birth_date": member.birth_date, "language": member.language}


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    """Ids in groups: a database takes only so many values in one query."""
    ordered = sorted(ids)
    for first in range(0, len(ordered), _IDS_A_QUERY):
        yield ordered[first : first + _IDS_A_QUERY]
