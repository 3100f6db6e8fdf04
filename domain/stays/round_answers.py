"""Determinations of a stay's reviews, and their effect on its days.

One review at a time, so that no day is in two. An approved day stays approved; the only way back is a reduction, announced in
advance and signed (`ProposeReduction`). Denied days may get a second look, and then the later determination counts.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_CEILING

from domain.cases.messages import BaseMessage, ReviewAnswered
from domain.cases.views import AnsweredLine, CaseStatus
from domain.decisions.decision_makers import ByLaw, ByReviewer, ByRule
from domain.journal import RULE, UMPIRE, Actor, EntryKind
from domain.plain_language.phrases import count_phrase
from domain.requests.request import StayPurpose
from domain.stays.avoidable_days import Attribution, AvoidableDay
from domain.stays.case import StayCase
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.orders import requested_quantity
from domain.stays.parts import (
    DAY,
    DayDetermination,
    DayStatus,
    PastStayReview,
    StayReview,
    StayReviewLine,
    consecutive_ranges,
    days_between,
    describe_days,
    describe_range,
)
from domain.stays.round_planning import earliest_end
from domain.vocabulary import LineOutcome, Lob


def apply_review_answer(stay: StayCase, message: ReviewAnswered, now: datetime) -> str:
    """Apply the answer of the review under way. Of a past review only an approval counts that the law puts in place of its
    denial; the answer of any other review changes nothing."""
    planned = stay.round
    if planned is None or planned.case_id != message.case_id:
        return _apply_approval_by_law(stay, message)
    if stay.notice_asks_once and takes_notice_back(stay, message):
        stay.admission_noticed_at = None
    stay.round = None
    stay.look_needed = True
    decided_at = message.decided_at or message.at
    match planned.purpose:
        case StayPurpose.REDUCTION:
            says = _apply_reduction(stay, planned, message, decided_at)
        case StayPurpose.SECOND_LOOK:
            says = _apply_second_look(stay, planned, message, decided_at)
        case _:
            says = _apply_days(stay, planned, message, decided_at)
    stay.add_past_review(
        PastStayReview(
            number=planned.number,
            purpose=planned.purpose,
            case_id=planned.case_id,
            first=planned.lines[0].first,
            last=planned.lines[-1].last,
            answer=message.status.value,
            decided_at=message.decided_at,
        )
    )
    stay.note(
        EntryKind.ROUND_ANSWERED, message.at, f"Round {planned.number} ({planned.case_id}): {says}", _answerer(message)
    )
    _record_payer_delay(stay, planned, message, decided_at)
    return says


def takes_notice_back(stay: StayCase, message: BaseMessage) -> bool:
    """Whether it withdraws the review that the notice of the admission asked for: then only an update or a request asks again,
    with its own receipt. A notice that came after the review still asks for its days."""
    if not isinstance(message, ReviewAnswered) or message.status is not CaseStatus.WITHDRAWN:
        return False
    planned, noticed = stay.round, stay.admission_noticed_at
    if planned is None or planned.case_id != message.case_id or noticed is None:
        return False
    return planned.at_admission and noticed <= planned.received_at


def _record_payer_delay(stay: StayCase, planned: StayReview, message: ReviewAnswered, decided_at: datetime) -> None:
    """Record the days of a late review as avoidable days of the payer, without anybody having to report them."""
    due, left = message.missed_due_at, stay.course.discharged_at
    if due is None or message.status is CaseStatus.WITHDRAWN or planned.purpose not in _ASKS_FOR_DAYS:
        return
    last = stay.day(min(decided_at, left) if left is not None else decided_at)
    first = stay.day(due)
    if stay.first_day is not None:
        first = max(first, stay.first_day)  # no day before the stay can have been lost
    for day in days_between(first, last):
        entry = AvoidableDay(
            day=day,
            reason="payer_decision_pending",
            attribution=Attribution.PAYER,
            note=f"{planned.case_id} was due {stay.local(due)} and decided {stay.local(decided_at)}.",
        )
        stay.avoidable = (*stay.avoidable, entry)
        stay.note(
            EntryKind.AVOIDABLE_DAY,
            message.at,
            f"{day} is recorded as avoidable, attributed to the payer: {entry.note}",
            entry=entry.model_dump(mode="json"),
        )


_ASKS_FOR_DAYS = frozenset({StayPurpose.ADMISSION, StayPurpose.CONTINUED_STAY, StayPurpose.LEVEL_OF_CARE})


def _apply_days(stay: StayCase, planned: StayReview, message: ReviewAnswered, decided_at: datetime) -> str:
    if message.status is CaseStatus.WITHDRAWN:
        return "withdrawn; its days are open again."
    certified: list[date] = []
    denied: list[date] = []
    for answer in message.lines:
        line = planned.line(answer.line_id)
        if line is None:
            continue
        # Days that an earlier authorization approved in the meantime stay approved.
        open_days = [day for day in days_between(line.first, line.last) if stay.determination_for(day) is None]
        meant = _approved_days(stay, line, answer)
        approved = [day for day in open_days if day in meant]
        refused = [day for day in open_days if day not in meant]
        certified += approved
        denied += refused
        _add_determinations(stay, line, answer, message, decided_at, approved, DayStatus.CERTIFIED)
        _add_determinations(stay, line, answer, message, decided_at, refused, DayStatus.DENIED)
    return _describe_answer(certified, denied)


def _approved_days(stay: StayCase, line: StayReviewLine, answer: AnsweredLine) -> list[date]:
    """The days of a line that its answer approves. A line that needs no authorization counts as approved.

    A quantity is in the unit that was asked for, hours where the level is counted in hours; a day begun is approved.
    """
    every = list(days_between(line.first, line.last))
    match answer.outcome:
        case LineOutcome.DENIED:
            return []
        case LineOutcome.APPROVED_IN_PART:
            first, last = answer.approved_start or line.first, answer.approved_end or line.last
            within = [day for day in every if first <= day <= last]
            if answer.approved_end is None and answer.approved_quantity is not None:
                of_a_day = requested_quantity(stay.require_context().terms_of(line.level), line) / line.length
                within = within[: int((answer.approved_quantity / of_a_day).to_integral_value(ROUND_CEILING))]
            return within
        case LineOutcome.APPROVED | None:
            return every


def _add_determinations(
    stay: StayCase,
    line: StayReviewLine,
    answer: AnsweredLine,
    message: ReviewAnswered,
    decided_at: datetime,
    found: list[date],
    stand: DayStatus,
) -> None:
    lower = answer.approved_level if stand is DayStatus.CERTIFIED else None
    for first, last in consecutive_ranges(found):
        span = DayDetermination(
            first=first,
            last=last,
            stand=stand,
            level=LevelOfCare(lower) if lower in set(LevelOfCare) else line.level,
            case_id=message.case_id,
            line_id=answer.line_id,
            by=str(answer.by or "no authorization required"),
            decided_at=decided_at,
        )
        stay.spans = (*stay.spans, span)


def _apply_second_look(stay: StayCase, planned: StayReview, message: ReviewAnswered, decided_at: datetime) -> str:
    """Apply a second look: approved days overturn their denial; upheld days keep their first determination."""
    overturned: list[date] = []
    covered = 0
    for answer in message.lines:
        line = planned.line(answer.line_id)
        if line is None or message.status is CaseStatus.WITHDRAWN:
            continue
        meant = _approved_days(stay, line, answer)
        # Days covered by the QIO or an authorization during this review already have their determination.
        approved = [day for day in meant if day in stay.denied_days(day, day)]
        covered += len(meant) - len(approved)
        overturned += approved
        _mark_days(stay, approved, DayStatus.DENIED, overturned_by=message.case_id)
        _add_determinations(stay, line, answer, message, decided_at, approved, DayStatus.CERTIFIED)
    if not overturned:
        return "its days were covered meanwhile." if covered else "the denial stands."
    reopened = " The decision was reopened (42 CFR 422.616)." if stay.lob is Lob.MEDICARE_ADVANTAGE else ""
    return f"{count_phrase(len(overturned), 'denied day')} approved after all, by {_decider_names(message)}.{reopened}"


def _apply_approval_by_law(stay: StayCase, message: ReviewAnswered) -> str:
    """Certify the days that a past review denied and that the law has approved since, because nobody was told in time."""
    overturned: list[date] = []
    for answer in message.lines:
        if answer.outcome is not LineOutcome.APPROVED or not isinstance(answer.by, ByLaw):
            continue
        for span in stay.spans:
            of_line = (span.case_id, span.line_id) == (message.case_id, answer.line_id)
            if not of_line or not span.counts or span.stand is not DayStatus.DENIED:
                continue
            days = list(days_between(span.first, span.last))
            overturned += days
            _mark_days(stay, days, DayStatus.DENIED, overturned_by=message.case_id)
            by_law = {
                "stand": DayStatus.CERTIFIED,
                "by": str(answer.by),
                "decided_at": message.decided_at or message.at,
            }
            stay.spans = (*stay.spans, span.model_copy(update=by_law))
    if not overturned:
        return "The stay waits for no such answer."
    stay.look_needed = True
    says = f"{describe_days(overturned)} certified: by law the denial came too late."
    stay.note(EntryKind.ROUND_ANSWERED, message.at, f"{message.case_id}: {says}")
    return says


def continue_coverage(stay: StayCase, plan_id: str, at: datetime) -> None:
    """Continue coverage by QIO decision (42 CFR 422.626(d), 422.622(d)): the denied days at its end are covered."""
    denied: list[date] = []
    day = max((span.last for span in stay.spans if span.counts), default=None)
    while day is not None and (span := stay.determination_for(day)) is not None and span.stand is DayStatus.DENIED:
        denied.append(day)
        day -= DAY
    rows = [(span, day) for day in denied if (span := stay.determination_for(day)) is not None]
    _mark_days(stay, denied, DayStatus.DENIED, overturned_by=plan_id)
    for span, day in reversed(rows):
        covered = {"first": day, "last": day, "stand": DayStatus.CERTIFIED, "by": "QIO", "decided_at": at}
        stay.spans = (*stay.spans, span.model_copy(update=covered))
    if denied:
        says = f"{describe_days(denied)} certified: the QIO decided that coverage goes on."
        stay.note(EntryKind.ROUND_ANSWERED, at, says)


def _apply_reduction(stay: StayCase, planned: StayReview, message: ReviewAnswered, decided_at: datetime) -> str:
    """Apply a reduction: only days denied by signature end, and none sooner than the notice allows."""
    ended: list[date] = []
    rule = stay.require_context().reduction
    earliest = earliest_end(stay, rule, decided_at) if rule is not None else date.max
    for answer in message.lines:
        line = planned.line(answer.line_id)
        adverse = answer.outcome in (LineOutcome.DENIED, LineOutcome.APPROVED_IN_PART)
        if line is None or not adverse or message.status is CaseStatus.WITHDRAWN:
            continue
        meant = _approved_days(stay, line, answer)
        refused = [day for day in stay.certified_days(line.first, line.last) if day not in meant and day >= earliest]
        ended += refused
        _mark_days(stay, refused, DayStatus.CERTIFIED, ended_by=message.case_id)
        _add_determinations(stay, line, answer, message, decided_at, refused, DayStatus.DENIED)
    if not ended:
        return "the approval stands as it was."
    return f"{count_phrase(len(ended), 'approved day')} end early, from {min(ended)}, by {_decider_names(message)}."


def _answerer(message: ReviewAnswered) -> Actor:
    """The actor of a round's answer in the journal: its one reviewer or the rule; Umpire where several did, or the law."""
    makers = {answer.by for answer in message.lines if answer.by is not None}
    if len(makers) == 1 and isinstance(maker := next(iter(makers)), ByReviewer):
        return Actor(kind="reviewer", id=maker.reviewer_id)
    return RULE if makers and all(isinstance(maker, ByRule) for maker in makers) else UMPIRE


def _decider_names(message: ReviewAnswered) -> str:
    return (
        ", ".join(sorted({str(answer.by) for answer in message.lines if answer.by is not None}))
        or "nobody who is named"
    )


def _mark_days(stay: StayCase, found: list[date], stand: DayStatus, **mark: str) -> None:
    """Mark these days in their determinations; the days beside them keep theirs."""
    wanted, spans = set(found), []
    for span in stay.spans:
        inside = [day for day in days_between(span.first, span.last) if day in wanted]
        if not span.counts or span.stand is not stand or not inside:
            spans.append(span)
            continue
        outside = [day for day in days_between(span.first, span.last) if day not in wanted]
        for first, last in consecutive_ranges(outside):
            spans.append(span.model_copy(update={"first": first, "last": last}))
        for first, last in consecutive_ranges(inside):
            spans.append(span.model_copy(update={"first": first, "last": last} | mark))
    stay.spans = tuple(spans)


def apply_prior_authorizations(stay: StayCase, now: datetime) -> None:
    """Certify the days that an earlier authorization already approves, once."""
    for found in stay.require_context().authorizations:
        key = f"{found.case_id}/{found.line_id}"
        if key in stay.taken_over:
            continue
        stay.taken_over = (*stay.taken_over, key)
        free = [day for day in days_between(found.first, found.last) if stay.determination_for(day) is None]
        for first, last in consecutive_ranges(free):
            stay.spans = (
                *stay.spans,
                DayDetermination(
                    first=first,
                    last=last,
                    stand=DayStatus.CERTIFIED,
                    level=found.level,
                    case_id=found.case_id,
                    line_id=found.line_id,
                    by=found.by,
                    decided_at=found.decided_at,
                ),
            )
        number = f" (authorization {found.authorization_number})" if found.authorization_number else ""
        stay.note(
            EntryKind.AUTHORIZATION_MATCHED,
            now,
            f"{found.case_id}{number} approves {describe_range(found.first, found.last)} of this stay.",
            RULE,
        )


def _describe_answer(certified: list[date], denied: list[date]) -> str:
    parts = [f"{describe_days(certified)} certified"] if certified else []
    parts += [f"{describe_days(denied)} denied"] if denied else []
    return "; ".join(parts) + "." if parts else "nothing was answered."
