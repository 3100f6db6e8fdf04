"""Read models of cases, for lists and screens."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import AwareDatetime, JsonValue
from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from domain.cases.views import CaseLetter, CaseStatus, CaseView, LineView
from domain.decisions.reviewers import Reviewer
from domain.follow_ups.notes import recorded_changes
from domain.follow_ups.terms import AuthorizationTerms, AuthorizationVersion, approved_terms, make_versions
from domain.journal import EntryKind
from domain.model import Model
from domain.vocabulary import Lob, ProcessKind, Urgency
from store import directory, journal, requests, tables
from store.dialect import insert_missing
from store.portal.tables import case_providers

_C, _P = tables.cases, case_providers


class CaseSelection(Model):
    """Selection of the rows of a list: every field that is given must match. `provider` is the NPI of who requested, provides
    or ordered the service, or of the facility of a stay; `process` None means every kind of case. `due_before` is UTC and
    excludes itself."""

    status: CaseStatus | None = None
    lob: Lob | None = None
    urgency: Urgency | None = None
    process: ProcessKind | None = None
    member: str | None = None
    provider: str | None = None
    due_before: AwareDatetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions on the row of a case, but for the time."""
        found: list[ColumnElement[bool]] = []
        if self.status is not None:
            found.append(_C.c.status == self.status.value)
        if self.lob is not None:
            found.append(_C.c.lob == self.lob.value)
        if self.urgency is not None:
            found.append(_C.c.view["urgency"].as_string() == self.urgency.value)
        if self.process is not None:
            # Views written before there were other processes name none.
            named = func.coalesce(_C.c.view["process"].as_string(), ProcessKind.REQUEST.value)
            found.append(named == self.process.value)
        if self.member is not None:
            found.append(_C.c.member_id == self.member)
        if self.provider is not None:
            found.append(names_provider(self.provider))
        return found


def names_provider(npi: str) -> ColumnElement[bool]:
    """Whether a case names the provider: in any version of its request, or as the facility or provider that it is about."""
    return _C.c.case_id.in_(select(_P.c.case_id).where(_P.c.npi == npi))


def put_provider_of(s: Session, view: CaseView) -> None:
    """Keep the provider that the case names: beside those of its request, or instead of the one that it named before."""
    if view.process is not ProcessKind.REQUEST:
        s.execute(delete(_P).where(_P.c.case_id == view.case_id))
    if view.requesting_npi:
        insert_missing(s, _P, [{"npi": view.requesting_npi, "case_id": view.case_id}])


def falls_before(due: ColumnElement[datetime], limit: datetime | None) -> list[ColumnElement[bool]]:
    """The condition that something is due before then (UTC), or none."""
    return [] if limit is None else [due < limit]


def read_views(s: Session, stored: Iterable[JsonValue]) -> tuple[CaseView, ...]:
    """The stored rows in their order. A wait for a person of the plan is shown with their name; its owner stays the id."""
    views = tuple(CaseView.model_validate(one) for one in stored)
    owners = {view.waiting.owner for view in views if view.waiting is not None}
    people = directory.reviewers_of(s, owners) if owners else {}
    return tuple(_with_name(view, people) for view in views)


def _with_name(view: CaseView, people: Mapping[str, Reviewer]) -> CaseView:
    if view.waiting is None or view.waiting.owner not in people:
        return view
    return view.model_copy(update={"waiting": view.waiting.shown_with(people[view.waiting.owner].name)})


def get(s: Session, case_id: str) -> CaseView | None:
    view = s.execute(select(_C.c.view).where(_C.c.case_id == case_id)).scalar_one_or_none()
    return None if view is None else read_views(s, [view])[0]


def is_open(s: Session, case_id: str) -> bool:
    """Whether the case is on file as open."""
    status = s.execute(select(_C.c.status).where(_C.c.case_id == case_id)).scalar_one_or_none()
    return status == CaseStatus.OPEN.value


def find(
    s: Session,
    *,
    status: CaseStatus | None = None,
    member_id: str | None = None,
    process: ProcessKind | None = None,
    limit: int | None = None,
) -> tuple[CaseView, ...]:
    """The cases of this status, member and kind (None: all), the earliest decision due first and those without one last."""
    return select_cases(s, CaseSelection(status=status, member=member_id, process=process), limit=limit)


def select_cases(
    s: Session,
    wanted: CaseSelection,
    limit: int | None = None,
    also: Sequence[ColumnElement[bool]] = (),
    after: tuple[datetime | None, str] | None = None,
) -> tuple[CaseView, ...]:
    """The cases that match the selection and the further conditions, the earliest decision due first and those without one
    last. `after` are due instant (UTC) and number of the last one on the page before."""
    conditions = [*wanted.conditions(), *falls_before(_C.c.decision_due, wanted.due_before), *also]
    if after is not None:
        conditions.append(_comes_after(*after))
    query = select(_C.c.view).where(*conditions)
    ordered = query.order_by(_C.c.decision_due.asc().nulls_last(), _C.c.case_id).limit(limit)
    return read_views(s, s.scalars(ordered))


def _comes_after(due: datetime | None, case_id: str) -> ColumnElement[bool]:
    """Whether a case comes later in the order of decisions due."""
    if due is None:
        return and_(_C.c.decision_due.is_(None), _C.c.case_id > case_id)
    same = and_(_C.c.decision_due == due, _C.c.case_id > case_id)
    return or_(_C.c.decision_due.is_(None), _C.c.decision_due > due, same)


def get_many(s: Session, case_ids: Collection[str]) -> dict[str, CaseView]:
    """The cases among these that are on file, by number."""
    query = select(_C.c.case_id, _C.c.view).where(_C.c.case_id.in_(case_ids))
    found = s.execute(query).all()
    return {row.case_id: view for row, view in zip(found, read_views(s, [row.view for row in found]), strict=True)}


def authorization_versions(s: Session, case_id: str) -> tuple[AuthorizationVersion, ...]:
    """Every version of the case's authorization, the determination first; none while it authorizes nothing. Raises NotOnFile
    for a case without a request."""
    view = get(s, case_id)
    if view is None or view.authorization_number is None:
        return ()
    first = approved_terms(requests.load(s, case_id, view.request_version).request, lines(s, case_id))
    entries = journal.entries(s, case_id)
    made = next((entry for entry in entries if entry.kind is EntryKind.DETERMINATION_MADE), None)
    by = str(made.actor) if made is not None else "system:umpire"
    return make_versions(first, view.decided_at or view.received_at, by, case_id, recorded_changes(entries))


def current_terms(s: Session, case_id: str) -> AuthorizationTerms:
    """The terms of the case's authorization as they are now; no lines where it authorizes nothing. Raises NotOnFile for a case
    without a request."""
    versions = authorization_versions(s, case_id)
    return versions[-1].terms if versions else AuthorizationTerms(lines=())


def clocks(s: Session, case_id: str) -> tuple[JsonValue, ...]:
    """All clocks of the case as last journaled, as JSON."""
    table = tables.case_clocks
    query = select(table.c.clock).where(table.c.case_id == case_id).order_by(table.c.position)
    return tuple(s.scalars(query))


def lines(s: Session, case_id: str) -> tuple[LineView, ...]:
    """The service lines of the case, by line id."""
    table = tables.case_lines
    query = select(table.c.line).where(table.c.case_id == case_id).order_by(table.c.line_id)
    return tuple(LineView.model_validate(line) for line in s.scalars(query))


def services(s: Session, case_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The requested services of each of these cases in words, each once, by case; in order of their lines."""
    table = tables.case_lines
    query = select(table.c.case_id, table.c.line["description"].as_string()).where(table.c.case_id.in_(case_ids))
    found: dict[str, dict[str, None]] = {}
    for case_id, words in s.execute(query.order_by(table.c.case_id, table.c.line_id)):
        found.setdefault(case_id, {})[words] = None
    return {case_id: tuple(words) for case_id, words in found.items()}


def letters(s: Session, case_id: str) -> tuple[CaseLetter, ...]:
    """The letters of the case in order of writing."""
    table = tables.case_letters
    query = select(table.c.letter).where(table.c.case_id == case_id).order_by(table.c.written_at, table.c.letter_id)
    return tuple(CaseLetter.model_validate(letter) for letter in s.scalars(query))
