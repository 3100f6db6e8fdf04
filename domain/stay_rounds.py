"""Rounds of review: when the facility is asked, which days a review is about, and what its answer does to them.

One review at a time, so that no day is in two. An approved day stays approved; the only way back is a reduction, announced in
advance and signed (`ProposeReduction`). Denied days may be looked at again, and then the later answer counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal

from domain.avoidable_days import Attribution, AvoidableDay
from domain.journal import RULE, EntryKind
from domain.levels_of_care import ACUTE_INPATIENT, LevelOfCare
from domain.messages import ReviewAnswered
from domain.request import StayPurpose
from domain.stay import Stay
from domain.stay_days import days_to_certify, midnight_expectation
from domain.stay_orders import LevelTerms, OpenReview, ReviewLine
from domain.stay_parts import (
    DAY,
    MOST_ASKED,
    PastRound,
    ReductionRule,
    Round,
    RoundLine,
    Span,
    Stand,
    UpdateAsked,
    days,
)
from domain.stay_view import sheet_of
from domain.tasks import TaskKind
from domain.views import AnsweredLine, CaseStatus
from domain.vocabulary import LineOutcome, Lob, NoticeKind, Role
from domain.wording import counted

INPATIENT = ACUTE_INPATIENT | {LevelOfCare.LTCH, LevelOfCare.IRF, LevelOfCare.SNF, LevelOfCare.PSYCH_IP}
"""Levels to which somebody is admitted: the first of their days is judged as an admission."""

ASKED_FOR = (
    "The level of care, and what makes it needed: vital signs, findings, and what was done in the last 24 hours.",
    "The plan for the coming days, and the last day that you ask for.",
    "The working DRG, the day on which you expect the discharge, and where to.",
)
"""What an update should tell, in the words of the letter."""


# -- asking the facility ---------------------------------------------------------------------------------------------------


def would_ask(stay: Stay, now: datetime) -> bool:
    """Whether days are open or the next round is due, and nobody has been asked, or in vain."""
    if stay.update is not None or stay.round is not None or stay.course.began_at is None or stay.course.is_voided:
        return False
    if stay.asked is not None and (now < stay.asked.due_at or stay.asked.times >= MOST_ASKED):
        return False
    due = stay.looked_at().next_review_at
    certified = stay.looked_at().terms_of(stay.level) is not None
    round_is_due = stay.course.is_present and due is not None and due <= now and certified
    return round_is_due or bool(stay.undecided(stay.owed_through(now) or date.min))


def ask_facility(stay: Stay, now: datetime) -> None:
    """Ask how the patient is, where `would_ask`."""
    if not would_ask(stay, now):
        return
    open_days = stay.undecided(stay.owed_through(now) or date.min)
    times = stay.asked.times + 1 if stay.asked is not None else 1
    first = open_days[0] if open_days else (stay.decided_through or stay.day(now)) + DAY
    due_at = stay.looked_at().update_due_at
    stay.asked = UpdateAsked(asked_at=now, due_at=due_at, from_day=first, times=times)
    if can_write(stay):
        stay.owe(NoticeKind.CLINICAL_UPDATE_REQUEST)
    again = "" if times == 1 else f", for the {_ORDINALS[times]} time"
    stay.note(
        EntryKind.UPDATE_REQUESTED,
        now,
        f"The facility is asked how the patient is{again}, for the days from {first}; due {stay.local(due_at)}.",
    )
    if stay.open_task(TaskKind.CLINICAL_UPDATE) is None:
        call = "" if can_write(stay) else " No letter can go out, as the facility's NPI is not known: call."
        why = f"Get the clinical update for the days from {first}; nothing is decided against anybody meanwhile.{call}"
        stay.new_task(
            TaskKind.CLINICAL_UPDATE,
            Role.NURSE,
            why,
            now,
            due_at,
            professions=stay.looked_up().nurse_professions,
        )


def stop_asking(stay: Stay, now: datetime) -> None:
    """Take the open question back when the patient has left and every day has its answer: it is about no day any more."""
    if stay.asked is None or stay.course.discharged_at is None or stay.update is not None or stay.round is not None:
        return
    if stay.undecided(stay.owed_through(now) or date.min):
        return
    stay.asked = None
    stay.cancel_tasks(now, "every day up to the discharge has its answer", *stay.open_tasks(TaskKind.CLINICAL_UPDATE))


def can_write(stay: Stay) -> bool:
    """Whether a letter can go to the facility: it is addressed by its NPI."""
    return stay.facility_npi is not None


_ORDINALS = {2: "second", 3: "third"}


# -- which days a review is about ------------------------------------------------------------------------------------------


def plan_round(stay: Stay, now: datetime) -> Round | None:
    """The next review, if one can begin now. Nothing is opened beside a review that is under way."""
    if stay.round is not None or stay.course.is_voided:
        return None
    _drop_pointless(stay, now)
    return _reduction(stay) or _second_look(stay) or _days(stay, now)


def earliest_end(stay: Stay, rule: ReductionRule, now: datetime) -> date:
    """The first day on which approved days may end when the notice is sent now: the days of notice lie between."""
    return stay.day(now) + (rule.days_of_notice + 1) * DAY


def _drop_pointless(stay: Stay, now: datetime) -> None:
    """What was asked for while another review was under way, and what that review has settled."""
    if stay.second_look is not None and _second_look(stay) is None:
        stay.second_look = None
        stay.note(
            EntryKind.STAY_CHANGED, now, "No second look: none of the days that it was asked for stands denied now."
        )
    proposed, rule = stay.reduction, stay.looked_at().reduction
    if proposed is not None and rule is not None and proposed.effective_on < earliest_end(stay, rule, now):
        stay.reduction = None
        says = f"No reduction: not enough notice is left before {proposed.effective_on}. The approval stands as it is."
        stay.note(EntryKind.STAY_CHANGED, now, says)
    if stay.reduction is not None and _reduction(stay) is None:
        stay.reduction = None
        stay.note(
            EntryKind.STAY_CHANGED, now, "No reduction: no approved day lies on or after the day proposed for it."
        )


def _days(stay: Stay, now: datetime) -> Round | None:
    """The days that an update asks for, or that have waited for one in vain."""
    update, asked = stay.update, stay.asked
    in_vain = asked is not None and asked.times >= MOST_ASKED and now >= asked.due_at
    if update is None and not in_vain:
        return None
    owed = stay.owed_through(now)
    if owed is None:
        return None
    open_days = stay.undecided(owed)
    first = open_days[0] if open_days else _next_day(stay, now)
    last = _last_day(stay, first, owed, now)
    wanted = [*open_days, *(day for day in days(max(owed + DAY, first), last) if stay.answer_of(day) is None)]
    lines = _lines(stay, wanted)
    if not lines or any(stay.level_on(min(day, owed)) is None for day in wanted):
        return None
    admission = not any(span.level in INPATIENT for span in stay.spans) and any(
        line.level in INPATIENT for line in lines
    )
    return Round(
        number=stay.rounds + 1,
        purpose=StayPurpose.ADMISSION if admission else StayPurpose.CONTINUED_STAY,
        at_admission=admission,
        case_id=review_id(stay.case_id, stay.rounds + 1),
        lines=lines,
        received_at=update.at if update is not None else now,
        update_id=update.update_id if update is not None else None,
        earlier_updates=stay.earlier_updates,
        asked_in_vain=update is None,
        post_stabilization=update.post_stabilization if update is not None else None,
    )


def _next_day(stay: Stay, now: datetime) -> date:
    last = stay.decided_through
    return stay.day(now) if last is None else last + DAY


def _last_day(stay: Stay, first: date, owed: date, now: datetime) -> date:
    """What was asked for, else as far as the policy goes at the present level; of a stay that is over, its last day."""
    if stay.course.discharged_at is not None:
        return owed
    update, terms = stay.update, stay.looked_at().terms_of(stay.level)
    if update is not None and update.through is not None and update.through >= first:
        return max(update.through, owed)
    if terms is None:
        return owed
    began = stay.day(stay.course.admitted_at or stay.course.began_at or now)
    elapsed = max((first - began).days, 0)
    return max(first + (days_to_certify(terms.days, stay.looked_at().gmlos, elapsed) - 1) * DAY, owed)


def _lines(stay: Stay, wanted: Iterable[date]) -> tuple[RoundLine, ...]:
    """Days in a row at one level, each row a line. Days to come are at the present level."""
    lines: list[RoundLine] = []
    for day in wanted:
        level = stay.level_on(day)
        if level is None or stay.looked_at().terms_of(level) is None:
            continue
        last = lines[-1] if lines else None
        if last is not None and last.level is level and last.last + DAY == day:
            lines[-1] = last.model_copy(update={"last": day})
        else:
            lines.append(RoundLine(line_id=str(len(lines) + 1), level=level, first=day, last=day))
    return tuple(lines)


def _second_look(stay: Stay) -> Round | None:
    asked = stay.second_look
    if asked is None:
        return None
    denied = stay.denied_days(asked.first, asked.last)
    before = {span.case_id for day in denied if (span := stay.answer_of(day)) is not None}
    lines = _lines_as_decided(stay, denied)
    if not lines:
        return None
    return Round(
        number=stay.rounds + 1,
        purpose=StayPurpose.SECOND_LOOK,
        at_admission=any(past.case_id in before and past.purpose is StayPurpose.ADMISSION for past in stay.past_rounds),
        case_id=review_id(stay.case_id, stay.rounds + 1),
        lines=lines,
        received_at=asked.at,
        update_id=asked.update_id,
        second_look_at=min(before),
        peer_to_peer_held_at=asked.held_at,
    )


def _reduction(stay: Stay) -> Round | None:
    proposed, last, rule = stay.reduction, stay.certified_through, stay.looked_at().reduction
    if proposed is None:
        return None
    if rule is None or last is None:
        return None
    found = ((day, stay.answer_of(day)) for day in days(proposed.effective_on, last))
    approved = [day for day, span in found if span is not None and span.stand is Stand.CERTIFIED]
    lines = _lines_as_decided(stay, approved)
    if not lines:
        return None
    return Round(
        number=stay.rounds + 1,
        purpose=StayPurpose.REDUCTION,
        case_id=review_id(stay.case_id, stay.rounds + 1),
        lines=lines,
        received_at=proposed.at,
        effective_on=proposed.effective_on,
        notice=rule,
    )


def _lines_as_decided(stay: Stay, wanted: Iterable[date]) -> tuple[RoundLine, ...]:
    lines: list[RoundLine] = []
    for day in wanted:
        span = stay.answer_of(day)
        if span is None:
            continue
        last = lines[-1] if lines else None
        if last is not None and last.level is span.level and last.last + DAY == day:
            lines[-1] = last.model_copy(update={"last": day})
        else:
            lines.append(RoundLine(line_id=str(len(lines) + 1), level=span.level, first=day, last=day))
    return tuple(lines)


def review_id(stay_id: str, number: int) -> str:
    """The case number of a round: it follows from the stay, so that opening it twice opens one."""
    return f"PA-{stay_id.removeprefix('ST-')}-R{number}"


# -- opening and answering -------------------------------------------------------------------------------------------------


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


def _quantity(terms: LevelTerms | None, line: RoundLine) -> Decimal:
    """How much of a line is asked for: hours where its level is counted in hours, else days."""
    hours = terms.hours if terms is not None else None
    return Decimal(hours if hours is not None and line.length == 1 else line.length * (24 if hours else 1))


def _criteria(terms: LevelTerms | None, line: RoundLine, admission: bool) -> str:
    if terms is None:
        return line.level.value
    return terms.criteria_at_admission if admission else terms.criteria


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


def in_rows(found: Iterable[date]) -> list[tuple[date, date]]:
    """Days as rows without gaps: first and last day of each."""
    rows: list[tuple[date, date]] = []
    for day in sorted(found):
        if rows and rows[-1][1] + DAY == day:
            rows[-1] = (rows[-1][0], day)
        else:
            rows.append((day, day))
    return rows


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


def _rows_words(found: list[date]) -> str:
    return ", ".join(_span_words(first, last) for first, last in in_rows(found))


def _span_words(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
