"""Rounds of review: when the facility is asked, which days a review is about, and what its answer does to them.

One review at a time, so that no day is in two. An approved day stays approved; the only way back is a reduction, announced in
advance and signed (`ProposeReduction`). Denied days may be looked at again, and then the later answer counts.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_CEILING

from domain.cases.messages import ReviewAnswered
from domain.cases.views import AnsweredLine, CaseStatus
from domain.journal import RULE, EntryKind
from domain.plain_language.phrases import counted
from domain.requests.request import StayPurpose
from domain.stays.avoidable_days import Attribution, AvoidableDay
from domain.stays.case import Stay
from domain.stays.day_rows import _quantity, _rows_words, _span_words, in_rows
from domain.stays.parts import (
    DAY,
    PastRound,
    Round,
    RoundLine,
    Span,
    Stand,
    days,
)
from domain.stays.round_planning import earliest_end
from domain.vocabulary import LineOutcome, Lob

# -- asking the facility ---------------------------------------------------------------------------------------------------


# -- which days a review is about ------------------------------------------------------------------------------------------


# -- opening and answering -------------------------------------------------------------------------------------------------


def answered(stay: Stay, message: ReviewAnswered, now: datetime) -> str:
    """Take the answer of the review under way. One that is not, or no longer, under way changes nothing."""
    planned = stay.round
    if planned is None or planned.case_id != message.case_id:
        return "The stay waits for no such answer."
    stay.round = None
    stay.look_needed = True
    decided_at = message.decided_at or message.at
    match planned.purpose:
        case StayPurpose.REDUCTION:
            says = _take_reduction(stay, planned, message, decided_at)
        case StayPurpose.SECOND_LOOK:
            says = _take_second_look(stay, planned, message, decided_at)
        case _:
            says = _take_days(stay, planned, message, decided_at)
    stay.remember(
        PastRound(
            number=planned.number,
            purpose=planned.purpose,
            case_id=planned.case_id,
            first=planned.lines[0].first,
            last=planned.lines[-1].last,
            answer=message.status.value,
            decided_at=message.decided_at,
        )
    )
    stay.note(EntryKind.ROUND_ANSWERED, message.at, f"Round {planned.number} ({planned.case_id}): {says}", RULE)
    _own_delay(stay, planned, message, decided_at)
    return says


def _own_delay(stay: Stay, planned: Round, message: ReviewAnswered, decided_at: datetime) -> None:
    """A review that answered late: the days in which the patient waited for it are the plan's own, and nobody has to say so."""
    due, left = message.missed_due_at, stay.course.discharged_at
    if due is None or message.status is CaseStatus.WITHDRAWN or planned.purpose not in _ASKS_FOR_DAYS:
        return
    last = stay.day(min(decided_at, left) if left is not None else decided_at)
    for day in days(stay.day(due), last):
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
            f"{day} is recorded as avoidable, laid to the payer: {entry.note}",
            entry=entry.model_dump(mode="json"),
        )


_ASKS_FOR_DAYS = frozenset({StayPurpose.ADMISSION, StayPurpose.CONTINUED_STAY, StayPurpose.LEVEL_OF_CARE})


def _take_days(stay: Stay, planned: Round, message: ReviewAnswered, decided_at: datetime) -> str:
    if message.status is CaseStatus.WITHDRAWN:
        return "withdrawn; its days are open again."
    certified: list[date] = []
    denied: list[date] = []
    for answer in message.lines:
        line = planned.line(answer.line_id)
        if line is None:
            continue
        # What an authorization from before the stay approves meanwhile stays approved.
        open_days = [day for day in days(line.first, line.last) if stay.answer_of(day) is None]
        meant = _approved(stay, line, answer)
        approved = [day for day in open_days if day in meant]
        refused = [day for day in open_days if day not in meant]
        certified += approved
        denied += refused
        _add(stay, line, answer, message, decided_at, approved, Stand.CERTIFIED)
        _add(stay, line, answer, message, decided_at, refused, Stand.DENIED)
    return _words(certified, denied)


def _approved(stay: Stay, line: RoundLine, answer: AnsweredLine) -> list[date]:
    """The days of a line that its answer approves. A line that needs no authorization may be rendered like an approved one.

    A quantity is in the unit that was asked for, hours where the level is counted in hours; a day begun is approved.
    """
    every = list(days(line.first, line.last))
    match answer.outcome:
        case LineOutcome.DENIED:
            return []
        case LineOutcome.APPROVED_IN_PART:
            first, last = answer.approved_start or line.first, answer.approved_end or line.last
            within = [day for day in every if first <= day <= last]
            if answer.approved_end is None and answer.approved_quantity is not None:
                of_a_day = _quantity(stay.looked_at().terms_of(line.level), line) / line.length
                within = within[: int((answer.approved_quantity / of_a_day).to_integral_value(ROUND_CEILING))]
            return within
        case LineOutcome.APPROVED | None:
            return every


def _add(
    stay: Stay,
    line: RoundLine,
    answer: AnsweredLine,
    message: ReviewAnswered,
    decided_at: datetime,
    found: list[date],
    stand: Stand,
) -> None:
    for first, last in in_rows(found):
        span = Span(
            first=first,
            last=last,
            stand=stand,
            level=line.level,
            case_id=message.case_id,
            line_id=answer.line_id,
            by=answer.by or "no authorization required",
            decided_at=decided_at,
        )
        stay.spans = (*stay.spans, span)


def _take_second_look(stay: Stay, planned: Round, message: ReviewAnswered, decided_at: datetime) -> str:
    """Approved days overturn their denial; what is upheld stays as it was decided first."""
    overturned: list[date] = []
    covered = 0
    for answer in message.lines:
        line = planned.line(answer.line_id)
        if line is None or message.status is CaseStatus.WITHDRAWN:
            continue
        meant = _approved(stay, line, answer)
        # Days that the QIO, or an authorization, covered while this was under way have their answer.
        approved = [day for day in meant if day in stay.denied_days(day, day)]
        covered += len(meant) - len(approved)
        overturned += approved
        _split_off(stay, approved, Stand.DENIED, overturned_by=message.case_id)
        _add(stay, line, answer, message, decided_at, approved, Stand.CERTIFIED)
    if not overturned:
        return "its days were covered meanwhile." if covered else "the denial stands."
    reopened = " The decision was reopened (42 CFR 422.616)." if stay.lob is Lob.MEDICARE_ADVANTAGE else ""
    return f"{counted(len(overturned), 'denied day')} approved after all, by {_deciders(message)}.{reopened}"


def goes_on(stay: Stay, plan_id: str, at: datetime) -> None:
    """The QIO decided that coverage goes on (42 CFR 422.626(d), 422.622(d)): days that stand denied at its end are covered."""
    denied: list[date] = []
    day = max((span.last for span in stay.spans if span.counts), default=None)
    while day is not None and (span := stay.answer_of(day)) is not None and span.stand is Stand.DENIED:
        denied.append(day)
        day -= DAY
    rows = [(span, day) for day in denied if (span := stay.answer_of(day)) is not None]
    _split_off(stay, denied, Stand.DENIED, overturned_by=plan_id)
    for span, day in reversed(rows):
        covered = {"first": day, "last": day, "stand": Stand.CERTIFIED, "by": "QIO", "decided_at": at}
        stay.spans = (*stay.spans, span.model_copy(update=covered))
    if denied:
        says = f"{_rows_words(denied)} certified: the QIO decided that coverage goes on."
        stay.note(EntryKind.ROUND_ANSWERED, at, says)


def _take_reduction(stay: Stay, planned: Round, message: ReviewAnswered, decided_at: datetime) -> str:
    """Only what was signed against ends, and no day sooner than the notice allows, however long the review took."""
    ended: list[date] = []
    rule = stay.looked_at().reduction
    earliest = earliest_end(stay, rule, decided_at) if rule is not None else date.max
    for answer in message.lines:
        line = planned.line(answer.line_id)
        adverse = answer.outcome in (LineOutcome.DENIED, LineOutcome.APPROVED_IN_PART)
        if line is None or not adverse or message.status is CaseStatus.WITHDRAWN:
            continue
        meant = _approved(stay, line, answer)
        refused = [day for day in stay.certified_days(line.first, line.last) if day not in meant and day >= earliest]
        ended += refused
        _split_off(stay, refused, Stand.CERTIFIED, ended_by=message.case_id)
        _add(stay, line, answer, message, decided_at, refused, Stand.DENIED)
    if not ended:
        return "the approval stands as it was."
    return f"{counted(len(ended), 'approved day')} end early, from {min(ended)}, by {_deciders(message)}."


def _deciders(message: ReviewAnswered) -> str:
    return ", ".join(sorted({answer.by for answer in message.lines if answer.by is not None})) or "nobody who is named"


def _split_off(stay: Stay, found: list[date], stand: Stand, **mark: str) -> None:
    """Mark these days of the spans that answer them; the days beside them keep their answer."""
    wanted, spans = set(found), []
    for span in stay.spans:
        inside = [day for day in days(span.first, span.last) if day in wanted]
        if not span.counts or span.stand is not stand or not inside:
            spans.append(span)
            continue
        outside = [day for day in days(span.first, span.last) if day not in wanted]
        for first, last in in_rows(outside):
            spans.append(span.model_copy(update={"first": first, "last": last}))
        for first, last in in_rows(inside):
            spans.append(span.model_copy(update={"first": first, "last": last} | mark))
    stay.spans = tuple(spans)


def take_over(stay: Stay, now: datetime) -> None:
    """Days that an authorization from before the stay approves are certified by it, once."""
    for found in stay.looked_at().authorizations:
        key = f"{found.case_id}/{found.line_id}"
        if key in stay.taken_over:
            continue
        stay.taken_over = (*stay.taken_over, key)
        free = [day for day in days(found.first, found.last) if stay.answer_of(day) is None]
        for first, last in in_rows(free):
            stay.spans = (
                *stay.spans,
                Span(
                    first=first,
                    last=last,
                    stand=Stand.CERTIFIED,
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
            f"{found.case_id}{number} approves {_span_words(found.first, found.last)} of this stay.",
            RULE,
        )


def _words(certified: list[date], denied: list[date]) -> str:
    parts = [f"{_rows_words(certified)} certified"] if certified else []
    parts += [f"{_rows_words(denied)} denied"] if denied else []
    return "; ".join(parts) + "." if parts else "nothing was answered."
