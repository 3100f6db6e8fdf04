"""Closed cases against the periods for which their records are kept: what may go, what stays, and why.

Cases that belong together (a stay with its reviews and plan, a request with what followed it) go together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus, CaseView
from domain.model import Model
from domain.retention.periods import KeptUntil, RetentionPolicy, keep_until
from domain.vocabulary import Lob, ProcessKind
from services.queries.related_cases import list_related
from store import cases, directory, inbox, journal, tables, tasks
from store.accounts import case_views
from store.inbox import InboxStatus
from store.retention import holds
from store.retention.holds import LegalHold

_C = tables.cases
_PAGE = 500


class Hindrance(StrEnum):
    """A reason for which a record stays, whatever its period says."""

    OPEN = "open"
    LEGAL_HOLD = "legal_hold"
    NO_PERIOD = "no_period"
    LOB_UNKNOWN = "lob_unknown"
    BIRTH_DATE_UNKNOWN = "birth_date_unknown"
    PERIOD_RUNS = "period_runs"
    OPEN_TASK = "open_task"
    LETTER_NOT_MAILED = "letter_not_mailed"
    ARRIVAL_OPEN = "arrival_open"
    RECENTLY_OPENED = "recently_opened"
    RELATED_CASE_STAYS = "related_case_stays"


class RetentionRow(Model):
    """A closed case, the last day on which its record has to be there with the rules that say so, and what keeps it. It may go
    where `hindrances` is empty. `related` are the cases that go with it, or because of which it stays."""

    case_id: str
    process: ProcessKind
    lob: Lob | None
    last_act: date
    keep_until: date | None
    rules: tuple[str, ...]
    hindrances: tuple[Hindrance, ...]
    holds: tuple[int, ...] = ()
    related: tuple[str, ...] = ()

    @property
    def may_go(self) -> bool:
        """Whether nothing keeps the record."""
        return not self.hindrances


def list_due(s: Session, policy: RetentionPolicy, now: datetime, limit: int) -> tuple[RetentionRow, ...]:
    """The closed cases whose period is over at `now` (UTC), by number, with what keeps them all the same; at most `limit`."""
    found: list[RetentionRow] = []
    review = _Review(s, policy, now)
    for view in _closed(s):
        row = review.judge(view)
        if row.keep_until is not None and row.keep_until < review.today:
            found.append(review.with_related(view, row))
            if len(found) == limit:
                break
    return tuple(found)


def review_case(s: Session, policy: RetentionPolicy, case_id: str, now: datetime) -> RetentionRow | None:
    """One case against its period and against everything that keeps it; None where no such case is on file."""
    view = cases.get(s, case_id)
    if view is None:
        return None
    review = _Review(s, policy, now)
    return review.with_related(view, review.judge(view))


class _Review:
    """The rules and holds of one review of many cases, read once."""

    def __init__(self, s: Session, policy: RetentionPolicy, now: datetime) -> None:
        self._s, self._policy, self._now = s, policy, now
        self.today = now.date()
        self._holds = holds.in_force(s)

    def judge(self, view: CaseView) -> RetentionRow:
        """The case by itself."""
        last_act = self._last_act(view)
        until, unknown = self._until(view, last_act)
        held = tuple(hold.hold_id for hold in self._holds if hold.is_on(view))
        return RetentionRow(
            case_id=view.case_id,
            process=view.process,
            lob=view.lob,
            last_act=last_act,
            keep_until=until.last_day if until is not None else None,
            rules=until.rules if until is not None else (),
            hindrances=tuple(dict.fromkeys((*unknown, *self._hindrances(view, until, held)))),
            holds=held,
        )

    def with_related(self, view: CaseView, row: RetentionRow) -> RetentionRow:
        """The case with those that belong to it, however distantly: it stays while one of them does."""
        family = self._family(view)
        stays = [one.case_id for one in family if not self.judge(one).may_go]
        if stays:
            kept = (*row.hindrances, Hindrance.RELATED_CASE_STAYS)
            return row.model_copy(update={"hindrances": kept, "related": tuple(sorted(stays))})
        return row.model_copy(update={"related": tuple(sorted(one.case_id for one in family))})

    def _family(self, view: CaseView) -> tuple[CaseView, ...]:
        known, ahead = {view.case_id: view}, [view]
        while ahead:
            found = [one.case_id for one in list_related(self._s, ahead.pop(), None) if one.case_id not in known]
            for other in cases.get_many(self._s, found).values():
                known[other.case_id] = other
                ahead.append(other)
        return tuple(one for case_id, one in known.items() if case_id != view.case_id)

    def _last_act(self, view: CaseView) -> date:
        """The day (in the case's zone) of the last entry of the journal, or the last day that was authorized."""
        zone = ZoneInfo(view.zone)
        days = [
            at.astimezone(zone).date() for at in (view.received_at, view.decided_at, view.closed_at) if at is not None
        ]
        last = journal.last_instant(self._s, view.case_id)
        days += [last.astimezone(zone).date()] if last is not None else []
        days += [line.approved_end for line in cases.lines(self._s, view.case_id) if line.approved_end is not None]
        return max(days)

    def _until(self, view: CaseView, last_act: date) -> tuple[KeptUntil | None, tuple[Hindrance, ...]]:
        if view.lob is None:
            return None, (Hindrance.LOB_UNKNOWN,)
        member = directory.member(self._s, view.member_id) if view.member_id else None
        if member is None:
            return None, (Hindrance.BIRTH_DATE_UNKNOWN,)
        until = keep_until(self._policy, view.lob, view.state, member.birth_date, last_act, self.today)
        return until, () if until is not None else (Hindrance.NO_PERIOD,)

    def _hindrances(self, view: CaseView, until: KeptUntil | None, held: Sequence[int]) -> Iterator[Hindrance]:
        if view.status is CaseStatus.OPEN:
            yield Hindrance.OPEN
        if held:
            yield Hindrance.LEGAL_HOLD
        if until is not None and until.last_day >= self.today:
            yield Hindrance.PERIOD_RUNS
            return  # what costs more to find out is asked of what is due alone
        if tasks.open_of_cases(self._s, {view.case_id}).get(view.case_id):
            yield Hindrance.OPEN_TASK
        if any(one.handed_over_at is None and one.recalled_at is None for one in cases.letters(self._s, view.case_id)):
            yield Hindrance.LETTER_NOT_MAILED
        if any(one.status is InboxStatus.REFUSED for one in inbox.proposals(self._s, view.case_id)):
            yield Hindrance.ARRIVAL_OPEN
        latest = case_views.select_sights(self._s, 1, case_id=view.case_id)
        quiet = timedelta(days=self._policy.quiet_days.value)
        if any(self._now - one.at < quiet for one in latest):
            yield Hindrance.RECENTLY_OPENED


def _closed(s: Session) -> Iterator[CaseView]:
    """Every closed case by number, a page in memory at a time."""
    after = ""
    while True:
        beyond: ColumnElement[bool] = _C.c.case_id > after
        query = (
            select(_C.c.view).where(_C.c.status != CaseStatus.OPEN.value, beyond).order_by(_C.c.case_id).limit(_PAGE)
        )
        page = [CaseView.model_validate(view) for view in s.scalars(query)]
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].case_id


def list_holds(s: Session) -> tuple[LegalHold, ...]:
    """Every legal hold, released ones too."""
    return holds.list_all(s)
