"""All that is on file about a hospital stay: its case, its reviews, the days asked for, its discharge plan and its notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from domain.case_numbers import plan_number
from domain.cases.tasks import Task
from domain.cases.views import CaseLetter, CaseSummary, CaseView
from domain.decisions.decision_makers import ByLaw, ByReviewer, ByRule
from domain.errors import NotOnFile
from domain.journal import UMPIRE, Actor, EntryKind
from domain.stays.avoidable_days import AvoidableDay
from domain.stays.parts import PastStayReview
from services.queries.case_detail import CaseDetail, load_case_detail
from services.queries.processes.stay_lists import facility_name
from services.request_versions import load_current_version
from store import case_summaries, cases, directory, stays, tasks


@dataclass(frozen=True)
class RecordedDay:
    """An avoidable day with who recorded it, and when (UTC)."""

    entry: AvoidableDay
    by: str
    at: datetime


@dataclass(frozen=True)
class StayRound:
    """A review of the stay. `view` is None where its case is not on file yet; `answer` is 'open' for the one under way."""

    case_id: str
    number: int
    purpose: str
    days: tuple[tuple[date, date], ...]
    answer: str
    decided_at: datetime | None
    view: CaseView | None
    signed_by: str


@dataclass(frozen=True)
class StayDetail:
    """A stay as people look at it. `case` has what every case has; `plan` and `plan_tasks` are of its discharge plan."""

    case: CaseDetail
    facility: str
    rounds: tuple[StayRound, ...]
    avoidable: tuple[RecordedDay, ...]
    plan_id: str
    plan: CaseSummary | None
    plan_tasks: tuple[Task, ...]
    letters: tuple[CaseLetter, ...]

    @property
    def asked(self) -> tuple[tuple[date, date], ...]:
        """The days of the review under way."""
        return tuple(span for one in self.rounds if one.answer == "open" for span in one.days)


def load_stay_detail(s: Session, stay_id: str, reader: str | None) -> StayDetail:
    """Load a stay as this reader may see it. Raises NotOnFile for a case that is no stay."""
    known = stays.get(s, stay_id)
    if known is None:
        raise NotOnFile(
            f"There is no stay {stay_id}.", "List what there is with 'umpire stays', or on the page of stays."
        )
    known = stays.resolve_merges(s, known)
    detail = load_case_detail(s, known.stay_id, reader)
    content = detail.sheet.content if detail.sheet is not None else {}
    rounds = tuple(_rounds(s, content))
    plan_id = plan_number(known.stay_id)
    return StayDetail(
        case=detail,
        facility=facility_name(s, known.facility_npi, str(content.get("facility") or known.facility)),
        rounds=rounds,
        avoidable=tuple(
            RecordedDay(AvoidableDay.model_validate(entry.data["entry"]), _actor_name(s, entry.actor), entry.at)
            for entry in detail.entries
            if entry.kind is EntryKind.AVOIDABLE_DAY and "entry" in entry.data
        ),
        plan_id=plan_id,
        plan=case_summaries.get(s, plan_id),
        plan_tasks=tasks.of_case(s, plan_id),
        letters=tuple(letter for one in rounds for letter in cases.letters(s, one.case_id)),
    )


def _actor_name(s: Session, actor: Actor) -> str:
    who = directory.reviewer(s, actor.id) if actor.kind == "reviewer" else None
    return who.name if who is not None else "Umpire" if actor == UMPIRE else str(actor)


def _rounds(s: Session, content: Mapping[str, object]) -> list[StayRound]:
    """The reviews of the stay, the latest first; the one under way has the answer 'open'."""
    said = content.get("rounds")
    past = [PastStayReview.model_validate(one) for one in said] if isinstance(said, list) else []
    found = [_past_round(s, one) for one in past]
    under_way = content.get("under_review")
    if isinstance(under_way, str):
        found.append(_open_round(s, under_way, past[-1].number + 1 if past else 1))
    return found[::-1]


def _past_round(s: Session, one: PastStayReview) -> StayRound:
    view = cases.get(s, one.case_id)
    return StayRound(
        one.case_id,
        one.number,
        one.purpose.value,
        ((one.first, one.last),),
        one.answer,
        one.decided_at,
        view,
        _signed_by(s, one.case_id),
    )


def _open_round(s: Session, case_id: str, number: int) -> StayRound:
    try:
        request = load_current_version(s, case_id).request
    except NotOnFile:
        return StayRound(case_id, number, "", (), "open", None, None, "")
    days = tuple((line.start, line.end) for line in request.lines if line.start is not None and line.end is not None)
    purpose = request.stay.purpose.value if request.stay is not None else ""
    return StayRound(case_id, number, purpose, days, "open", None, cases.get(s, case_id), "")


def _signed_by(s: Session, case_id: str) -> str:
    """Deciders on its lines: the names of reviewers, or the rule; empty where nothing is decided."""
    makers = [line.decided_by for line in cases.lines(s, case_id) if line.decided_by is not None]
    return ", ".join(dict.fromkeys(_name(s, one) for one in makers))


def _name(s: Session, maker: ByRule | ByLaw | ByReviewer) -> str:
    if not isinstance(maker, ByReviewer):
        return f"rule {maker.rule}" if isinstance(maker, ByRule) else f"the law, {maker.rule_id}"
    who = directory.reviewer(s, maker.reviewer_id)
    return who.name if who is not None else maker.reviewer_id
