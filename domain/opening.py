"""The first page of a case: what came, and how it is told."""

from __future__ import annotations

from datetime import datetime

from domain.assessment import Assessment
from domain.case import Case
from domain.journal import Actor, EntryKind
from domain.messages import RequestExpedite
from domain.orders import Look
from domain.vocabulary import AskedBy, NoticeKind, Urgency
from domain.wording import counted


def open_case(case: Case, look: Look, now: datetime) -> None:
    """The first entries of a case: what came, how urgent it is taken to be; and the acknowledgment it owes."""
    case.member_id, case.requesting_npi = look.member_id, look.requesting_npi
    case.lob, case.state, case.zone = look.assessment.lob, look.assessment.state, look.assessment.zone
    case.service_kind, case.urgency = look.service_kind, look.urgency
    sender = Actor(kind=look.urgency_asked_by.value, id=look.requesting_npi)
    case.note(
        EntryKind.REQUEST_RECEIVED,
        case.received_at,
        f"Request received: {counted(len(look.assessment.lines), 'service line')}, {look.urgency.value}.",
        sender,
    )
    case.owed_letters.append(NoticeKind.ACKNOWLEDGMENT)
    if _expediting_is_to_be_decided(look):
        case.expedite = RequestExpedite(
            message_id=f"{case.case_id}-receipt",
            at=case.received_at,
            actor=sender,
            asked_by=look.urgency_asked_by,
            physician_statement=look.physician_statement,
        )


def _expediting_is_to_be_decided(look: Look) -> bool:
    """A provider's word binds the plan; a member's wish is decided on, and until then the case runs as expedited."""
    asked = look.urgency_asked_by in (AskedBy.MEMBER, AskedBy.REPRESENTATIVE)
    return look.urgency is Urgency.EXPEDITED and asked and look.physician_statement is not True


def in_words(found: Assessment) -> str:
    """What a look found, for the journal."""
    lines = []
    for line in found.lines:
        criteria = (
            f"{line.criteria.guideline_id} {line.criteria.state.replace('_', ' ')}"
            if line.criteria
            else "no criteria on file"
        )
        need = {
            True: "authorization required",
            False: "no authorization required",
            None: "need for authorization unknown",
        }
        lines.append(f"line {line.line_id}: {need[line.requirement.required]}, {criteria}")
    return f"Coverage {found.coverage.value.replace('_', ' ')}; " + "; ".join(lines) + "."
