"""Intake findings: the effect of an assessment on the authorization case; the first one opens the case.

What the law gives at once, such as a temporary supply of a drug, follows from the assessment as well; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.authorization import expedite
from domain.authorization.assessment import Assessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.orders import ReviewContext
from domain.authorization.parts import PeerToPeer
from domain.authorization.routing import cancel_outdated_reviews
from domain.authorization.views import line_rows
from domain.cases.journal_rows import clock_rows
from domain.cases.views import CANCELLED, LineView
from domain.clocks.engine import ClockEvent, EventKind
from domain.decisions.decision_makers import ByLaw
from domain.follow_ups.reopening import describe_finding
from domain.follow_ups.wording import cancelled_words
from domain.journal import RULE, Actor, EntryKind
from domain.pharmacy.other_benefit import BenefitNotice
from domain.pharmacy.temporary_supplies import SupplyOffer
from domain.plain_language.phrases import count_phrase
from domain.requests.request import StayPurpose
from domain.vocabulary import Lob, NoticeKind

MOVED_TO_MEDICAL_BENEFIT = (
    "By the facts Part B pays for what is asked, and one plan covers both: the request goes on under the medical benefit,"
    " with its receipt and with the times of a Part B drug (42 CFR 422.568(b)(3), 422.572(a)(2))."
)
MOVED_TO_DRUG_BENEFIT = (
    "By the facts Part D pays for what is asked, and one plan covers both: the request goes on under the drug benefit,"
    " with its receipt and with the times of a coverage determination (42 CFR 423.568(b), 423.572(a))."
)


def record_assessment(case: AuthorizationCase, look: ReviewContext, now: datetime) -> None:
    """Record an assessment. The first one opens the case and queues the acknowledgment."""
    told = case.adopt_file(look.received_at, look.request_version)
    moved = look.moved_version is not None and look.moved_version != case.request_version
    case.request_version = look.moved_version or case.request_version
    cancelled = _cancelled_lines(case, look.assessment)
    case.apply_assessment(look.assessment, look.clocks)
    case.cancelled = (*case.cancelled, *(row.description for row in cancelled))
    case.awaited = look.awaited
    case.service_kind, case.review_kind, case.stay = look.service_kind, look.review_kind, look.stay
    case.adopt_finding_after_decision(look.after)
    if not case.is_opened:
        open_case(case, look, now)
    if told:
        case.note(EntryKind.MESSAGE_REFUSED, now, f"Refused: start - {told}")
    if moved:
        to_drugs = look.assessment.lob is Lob.PART_D
        says = MOVED_TO_DRUG_BENEFIT if to_drugs else MOVED_TO_MEDICAL_BENEFIT
        case.note(EntryKind.REQUEST_CORRECTED, now, says, RULE)
    _tell_other_benefit(case, look, now)
    cancel_outdated_reviews(case, now)
    case.note(
        EntryKind.CRITERIA_EVALUATED,
        now,
        describe_assessment(look.assessment),
        RULE,
        lines=[*line_rows(case), *(row.model_dump(mode="json") for row in cancelled)],
        clocks=clock_rows(case),
    )


def _cancelled_lines(case: AuthorizationCase, found: Assessment) -> tuple[LineView, ...]:
    """The lines that the request no longer asks for, as cancelled."""
    if case.assessment is None:
        return ()
    left = {line.line_id for line in found.lines}
    return tuple(
        LineView(line_id=line.line_id, code=line.code, description=line.description, route=CANCELLED)
        for line in case.assessment.lines
        if line.line_id not in left
    )


def tell_cancelled_lines(case: AuthorizationCase, *, by_letter: bool) -> None:
    """Queue the letter on the lines that were taken out of the request. A withdrawal has its own;
    cases of older releases go on without."""
    services, case.cancelled = case.cancelled, ()
    if by_letter and services and case.withdrawal is None:
        case.tell_change(cancelled_words(services, rest_goes_on=True))


def open_case(case: AuthorizationCase, look: ReviewContext, now: datetime) -> None:
    """Open the case: its first journal entry, with the request received and its urgency."""
    case.member_id, case.requesting_npi = look.member_id, look.requesting_npi
    case.expediting.receive(look.urgency)
    sender = Actor(kind=look.urgency_asked_by.value, id=look.requesting_npi)
    if look.after is not None:
        sender = look.after.asked.speaker(look.requesting_npi, look.member_id)
    case.note(
        EntryKind.REQUEST_RECEIVED,
        case.received_at,
        _reception_text(look),
        sender,
    )
    if case.is_put_on_record:
        pass  # its letter says at once what was put on record
    elif case.stay is None or case.stay.purpose is StayPurpose.APPEAL:
        case.queue_notice(NoticeKind.ACKNOWLEDGMENT)
    elif case.stay.purpose is StayPurpose.POST_SERVICE:
        case.clock_events.append(ClockEvent(kind=EventKind.CLAIM_RECEIVED, at=case.received_at))
    if case.stay is not None and case.stay.peer_to_peer_held_at is not None:
        held = case.stay.peer_to_peer_held_at
        case.peer_to_peer = PeerToPeer(offered_at=held, until=held, result="held")
    if look.urgency_unread or expedite.needs_decision(look.urgency, look.urgency_asked_by, look.physician_statement):
        expedite.record_request_at_receipt(case, look.urgency_asked_by, look.physician_statement, sender)


def due_supplies(case: AuthorizationCase) -> Iterator[tuple[str, SupplyOffer]]:
    """Each line that waits for its decision, with the supply that the law offers and that it was not given."""
    for line in case.unresolved_lines():
        if line.supply is not None and not case.supplying.is_given(line.line_id, line.supply):
            yield line.line_id, line.supply


def unclaimed_supplies(case: AuthorizationCase) -> tuple[SupplyOffer, ...]:
    """The due supplies that have to be claimed before they are granted."""
    return case.supplying.unclaimed(offer for _, offer in due_supplies(case))


def grant_temporary_supplies(case: AuthorizationCase, now: datetime) -> None:
    """Grant the temporary supply of every line that waits for its decision, once; member and prescriber are written to.

    The line itself stays where it is: a supply neither approves nor denies it.
    """
    granted = []
    for line_id, supply in due_supplies(case):
        if case.supplying.is_given(line_id, supply) or not case.supplying.may_grant(supply):
            continue
        case.supplying.grant(line_id, supply)
        by = str(ByLaw(supply.rule_id))
        granted.append({"line_id": line_id, "days": supply.days, "by": by, "citation": supply.citation})
    if not granted:
        return
    told = "; ".join(
        f"line {row['line_id']} is supplied for {count_phrase(int(str(row['days'])), 'day')} by law ({row['citation']})"
        for row in granted
    )
    case.happened(EventKind.TEMPORARY_SUPPLY_GRANTED, now)
    case.queue_notice(NoticeKind.TEMPORARY_SUPPLY)
    case.note(
        EntryKind.SUPPLY_GRANTED, now, told[0].upper() + told[1:] + ".", RULE, supplies=granted, lines=line_rows(case)
    )


def _tell_other_benefit(case: AuthorizationCase, look: ReviewContext, now: datetime) -> None:
    """Have member and prescriber told by letter, once, that another benefit pays for a drug, and start the clock of the letter.

    Care that was given, and reviews that another case asked for, are answered where they were asked.
    """
    notice = _benefit_notice(look)
    if notice is None or case.stay is not None or case.withdrawal is not None or case.benefit_notice == notice:
        return
    case.benefit_notice = notice
    case.happened(EventKind.OTHER_BENEFIT_FOUND, now)
    case.queue_notice(NoticeKind.OTHER_BENEFIT)
    lines = ", ".join(notice.line_ids)
    case.note(
        EntryKind.OTHER_BENEFIT_FOUND,
        now,
        f"{notice.paid_by} pays for line {lines} ({notice.citation}): member and prescriber are told.",
        RULE,
        other_benefit=notice.model_dump(mode="json"),
    )


def _benefit_notice(look: ReviewContext) -> BenefitNotice | None:
    lines, because = look.assessment.lines, look.moved_because
    moved = because is not None and because.is_to_tell
    found = because if moved else next((one for line in lines if (one := line.other_benefit) and one.is_to_tell), None)
    if found is None or found.paid_by is None:
        return None
    told = [line.line_id for line in lines if moved or (line.other_benefit and line.other_benefit.is_to_tell)]
    return BenefitNotice(
        line_ids=tuple(told), paid_by=found.paid_by, citation=found.citation, same_plan=found.same_plan, moved=moved
    )


def _reception_text(look: ReviewContext) -> str:
    text = f"Request received: {count_phrase(len(look.assessment.lines), 'service line')}, {look.urgency.value}."
    if look.urgency_unread:
        text += " How urgent it is could not be read: it is expedited until a clinician has decided."
    if look.renews is not None:
        text += f" It takes up {look.renews}, whose withdrawal was taken back."
    if look.after is not None:
        text += f" {describe_finding(look.after)}"
    if look.assessment.remarks:
        text += f" {count_phrase(len(look.assessment.remarks), 'remark')} on what was not read."
    return text


def describe_assessment(found: Assessment) -> str:
    """Describe an assessment for the journal."""
    lines = []
    for line in found.lines:
        criteria = (
            f"{line.criteria.guideline_id} {line.criteria.state.replace('_', ' ')}"
            if line.criteria
            else "no criteria on file"
        )
        required = f", {line.required_set.in_words}" if line.required_set else ""
        need = {
            True: "authorization required",
            False: "no authorization required",
            None: "need for authorization unknown",
        }
        limits = "".join(f", {limit.rule_id} {limit.state.value.replace('_', ' ')}" for limit in line.limits)
        wish = f", exception {line.exception.value}" if line.exception else ""
        lines.append(f"line {line.line_id}: {need[line.requirement.required]}, {criteria}{required}{limits}{wish}")
    return f"Coverage {found.coverage.value.replace('_', ' ')}; " + "; ".join(lines) + "."
