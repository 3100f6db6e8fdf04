"""Context of letters about a hospital stay and the time after it, built from the order, the directory and the rulebook."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from activities.letters.parties import load_member_and_plan, load_party
from domain.errors import LetterIncomplete
from domain.letters.context import LetterContext, Party, PlanContact
from domain.letters.orders import LetterOrder
from domain.letters.stay_facts import ReviewOrganization, StayFacts
from domain.requests.request import ProviderReference
from domain.vocabulary import Audience
from rulebook.notice_rules import NoticeBook
from rulebook.review_organizations import name_review_organization
from store import directory


def stay_context(
    s: Session, order: LetterOrder, facts: StayFacts, audience: Audience, notices: NoticeBook
) -> LetterContext:
    """The complete context of one letter. Raises LetterIncomplete when the member, the plan or the recipient is not known."""
    member, plan = load_member_and_plan(s, order, facts.member_id, audience)
    full_name = f"{member.given_name} {member.family_name}"
    member_party = Party(name=full_name, address=member.address)
    return LetterContext(
        notice=order.notice,
        audience=audience,
        lob=order.lob,
        zone=order.zone,
        issue_date=order.now.astimezone(ZoneInfo(order.zone)).date(),
        case_number=order.case_id,
        letter_number=order.letter_id(audience),
        recipient=member_party if audience is Audience.MEMBER else _load_recipient(s, order, audience),
        plan=plan,
        member_name=full_name,
        member_id=member.member_id,
        facts=_with_facility_name(s, facts),
        service_kind=facts.service_kind,
        qio=_qio(state_of_care(s, facts), plan, notices),
        consumer_help=notices.offices.consumer_help(order.state, plan),
        fair_hearing=notices.offices.hearing_office(order.state, order.lob, plan),
    )


def _with_facility_name(s: Session, facts: StayFacts) -> StayFacts:
    """The facts with the facility's name from the directory; ADT messages name it by a code."""
    known = directory.provider(s, facts.facility_npi) if facts.facility_npi else None
    return facts.model_copy(update={"facility": known.name}) if known is not None else facts


def _load_recipient(s: Session, order: LetterOrder, audience: Audience) -> Party:
    npi = order.recipients.get(audience.value)
    if not npi:
        raise LetterIncomplete(
            order.notice.value, audience.value, ("recipient_address",), f"the order names no {audience.value}"
        )
    return load_party(s, ProviderReference(npi=npi))


def state_of_care(s: Session, facts: StayFacts) -> str | None:
    """The State in which the care is given: that of the facility, never that in which the member lives. It is unknown for a
    facility that the directory does not place."""
    if facts.facility_state or facts.facility_npi is None:
        return facts.facility_state
    known = directory.provider(s, facts.facility_npi)
    return known.in_state if known is not None else None


def _qio(state: str | None, plan: PlanContact, notices: NoticeBook) -> ReviewOrganization | None:
    """The review organization of the place of care."""
    return name_review_organization(state, plan, notices.qio(state) if state is not None else None)
