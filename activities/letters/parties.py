"""Parties of a letter (member, plan, providers), loaded from the directory."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.coverage.directory import Member
from domain.errors import LetterIncomplete
from domain.letters.context import Party, PlanContact
from domain.letters.orders import LetterOrder
from domain.requests.request import ProviderReference
from domain.vocabulary import Audience
from store import directory


def load_member_and_plan(
    s: Session, order: LetterOrder, member_id: str, audience: Audience
) -> tuple[Member, PlanContact]:
    """Load the member and the plan's contact. Raises LetterIncomplete when the directory lacks one of them."""
    member = directory.member(s, member_id)
    plan = directory.plan_contact(s, order.plan_id)
    missing = tuple(name for name, found in (("member_name", member), ("help_phone", plan)) if found is None)
    if member is None or plan is None:
        raise LetterIncomplete(order.notice.value, audience.value, missing, "the directory does not know it")
    return member, plan


def load_party(s: Session, reference: ProviderReference) -> Party:
    """Load the provider from the directory; what it lacks comes from the request."""
    known = directory.provider(s, reference.npi)
    return Party(
        name=known.name if known else (reference.name or f"NPI {reference.npi}"),
        address=known.address if known and known.address else reference.address,
        phone=(known.phone if known else None) or reference.phone,
        fax=(known.fax if known else None) or reference.fax,
        npi=reference.npi,
    )
