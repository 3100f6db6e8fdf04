"""Context of letters about a hospital stay and the time after it, built from the order, the directory and the rulebook."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from activities.letters.parties import letter_id, load_member_and_plan, load_party
from domain.errors import LetterIncomplete
from domain.letters.context import LetterContext, Party
from domain.letters.stay_facts import ReviewOrganization, StayFacts, StayLetterOrder
from domain.requests.request import ProviderReference
from domain.vocabulary import Audience
from rulebook.notice_rules import NoticeBook
from store import directory


def stay_audiences(order: StayLetterOrder, notices: NoticeBook) -> tuple[Audience, ...]:
    """The audiences of the notice: those that always get it, and those that get it when needed and are named by the order.

    Raises NoNoticeRule when the line of business has no such notice.
    """
    always = notices.audiences(order.notice, order.lob)
    needed = notices.audiences_when_needed(order.notice, order.lob)
    named = {audience for audience in needed if audience.value in order.recipients}
    return tuple(audience for audience in Audience if audience in always or audience in named)


def stay_context(s: Session, order: StayLetterOrder, audience: Audience, notices: NoticeBook) -> LetterContext:
    """The complete context of one letter. Raises LetterIncomplete when the member, the plan or the recipient is not known."""
    member, plan = load_member_and_plan(s, order, order.member_id, audience)
    full_name = f"{member.given_name} {member.family_name}"
    member_party = Party(name=full_name, address=member.address)
    return LetterContext(
        notice=order.notice,
        audience=audience,
        lob=order.lob,
        state=order.state,
        zone=order.zone,
        issue_date=order.now.astimezone(ZoneInfo(order.zone)).date(),
        case_number=order.case_id,
        letter_number=letter_id(order, audience),
        recipient=member_party if audience is Audience.MEMBER else _load_recipient(s, order, audience),
        plan=plan,
        member_name=full_name,
        member_id=member.member_id,
        service_kind=order.facts.service_kind,
        respond_by=order.facts.respond_by,
        stay=_with_facility_name(s, order.facts),
        qio=_qio(order, notices),
    )


def _with_facility_name(s: Session, facts: StayFacts) -> StayFacts:
    """The facts with the facility's name from the directory; ADT messages name it by a code."""
    known = directory.provider(s, facts.facility_npi) if facts.facility_npi else None
    return facts.model_copy(update={"facility": known.name}) if known is not None else facts


def _load_recipient(s: Session, order: StayLetterOrder, audience: Audience) -> Party:
    npi = order.recipients.get(audience.value)
    if not npi:
        raise LetterIncomplete(
            order.notice.value, audience.value, ("recipient_address",), f"the order names no {audience.value}"
        )
    return load_party(s, ProviderReference(npi=npi))


def _qio(order: StayLetterOrder, notices: NoticeBook) -> ReviewOrganization | None:
    """The review organization of the place of care."""
    region = notices.qio(order.facts.facility_state or order.state)
    return region.organization if region else None
