"""Carried out of domain/stay_rounds.py."""

from __future__ import annotations

from datetime import datetime

from domain.cases.tasks import TaskKind
from domain.journal import EntryKind
from domain.plain_language.phrases import counted
from domain.requests.request import StayPurpose
from domain.stays.case import Stay
from domain.stays.day_counts import midnight_expectation
from domain.stays.day_rows import _quantity, _span_words
from domain.stays.orders import LevelTerms, OpenReview, ReviewLine
from domain.stays.parts import Round, RoundLine
from domain.stays.views import sheet_of
from domain.vocabulary import Lob


def begin(stay: Stay, planned: Round, now: datetime) -> None:
    """From now on the review is under way; what called for it is done."""
    stay.round, stay.rounds = planned, planned.number
    match planned.purpose:
        case StayPurpose.SECOND_LOOK:
            stay.second_look = None
        case StayPurpose.REDUCTION:
            stay.reduction = None
        case _:
            stay.update = stay.asked = None
            stay.earlier_updates = ()
            stay.cancel_tasks(now, "the review has begun", *stay.open_tasks(TaskKind.CLINICAL_UPDATE))
    first, last = planned.lines[0].first, planned.lines[-1].last
    what = planned.purpose.value.replace("_", " ")
    spent = _spent(stay, planned)
    unheard = " No update came, so people decide on what is there." if planned.asked_in_vain else ""
    stay.note(
        EntryKind.ROUND_OPENED,
        now,
        f"Round {planned.number}, {what}: {_span_words(first, last)}, as {planned.case_id}.{spent}{unheard}",
        round=planned.model_dump(mode="json"),
        sheet=sheet_of(stay, now),
    )


def opened(stay: Stay) -> None:
    """The review of the round runs."""
    if stay.round is not None:
        stay.round = stay.round.model_copy(update={"opened": True})


def order(stay: Stay) -> OpenReview:
    """The request that the round under way is about. Raises LookupError when none is."""
    planned = stay.round
    if planned is None:
        raise LookupError(f"{stay.case_id} has no review under way")
    return OpenReview(
        stay_id=stay.case_id,
        member_id=stay.member_id,
        facility=stay.facility,
        facility_npi=stay.facility_npi,
        attending_npi=stay.course.attending_npi,
        diagnoses=stay.course.diagnoses,
        round=planned,
        lines=tuple(_review_line(stay, planned, line) for line in planned.lines),
        course_ends_at=_course_end(stay, planned),
        expected_midnights=_expected_midnights(stay, planned),
    )


def _expected_midnights(stay: Stay, planned: Round) -> int | None:
    course = stay.course
    if planned.purpose is not StayPurpose.ADMISSION or course.began_at is None or course.admitted_at is None:
        return None
    return midnight_expectation(course.began_at, course.admitted_at, stay.expected_midnights, stay.tz).total


def _course_end(stay: Stay, planned: Round) -> datetime | None:
    """The end of the days that were approved before; only a request to go on with them has one."""
    return stay.course_ends_at if planned.purpose is StayPurpose.CONTINUED_STAY else None


def _review_line(stay: Stay, planned: Round, line: RoundLine) -> ReviewLine:
    terms = stay.looked_at().terms_of(line.level)
    admission = planned.at_admission and stay.lob is Lob.MEDICARE_ADVANTAGE
    hours = terms.hours if terms is not None else None
    title = terms.title if terms else line.level.value
    return ReviewLine(
        line_id=line.line_id,
        code=line.level.value,
        description=title,
        level_of_care=_criteria(terms, line, admission),
        quantity=_quantity(terms, line),
        unit="hour" if hours is not None else "day",
        first=line.first,
        last=line.last,
    )


def _spent(stay: Stay, planned: Round) -> str:
    """Midnights before the inpatient order, which count towards the expectation (42 CFR 412.3(d)(1)): reviewers see them."""
    spent = stay.outpatient_midnights
    if planned.purpose is not StayPurpose.ADMISSION or not spent:
        return ""
    return f" {counted(spent, 'midnight')} in the hospital before the inpatient order."


def _criteria(terms: LevelTerms | None, line: RoundLine, admission: bool) -> str:
    if terms is None:
        return line.level.value
    return terms.criteria_at_admission if admission else terms.criteria
