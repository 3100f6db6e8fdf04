"""Who a letter is about and whom it goes to, from the directory; and the key that each letter has."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.coverage.directory import Member
from domain.errors import LetterIncomplete
from domain.letters.context import Party, PlanContact
from domain.letters.orders import LetterOrder
from domain.letters.stay_facts import StayLetterOrder
from domain.requests.request import ProviderReference
from domain.vocabulary import Audience
from store import directory


def letter_id(order: LetterOrder | StayLetterOrder, audience: Audience) -> str:
    """The idempotency key: case, notice, audience, round."""
    return f"{order.case_id}:{order.notice.value}:{audience.value}:{order.round}"


def known_member(
    s: Session, order: LetterOrder | StayLetterOrder, member_id: str, audience: Audience
) -> tuple[Member, PlanContact]:
    """The member and how the plan is reached. Raises LetterIncomplete when the directory knows one of them not."""
    member = directory.member(s, member_id)
    plan = directory.plan_contact(s, order.plan_id)
    missing = tuple(name for name, found in (("member_name", member), ("help_phone", plan)) if found is None)
    if member is None or plan is None:
        raise LetterIncomplete(order.notice.value, audience.value, missing, "the directory does not know it")
    return member, plan


def party(s: Session, reference: ProviderReference) -> Party:
    """The provider as the directory knows them, else as they named themselves."""
    known = directory.provider(s, reference.npi)
    return Party(
        name=known.name if known else (reference.name or f"NPI {reference.npi}"),
        address=known.address if known and known.address else reference.address,
        phone=(known.phone if known else None) or reference.phone,
        fax=(known.fax if known else None) or reference.fax,
        npi=reference.npi,
    )
