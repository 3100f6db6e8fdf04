"""Record of criteria that were told or sent to somebody who asked: nothing is kept without caller, rule, version and way."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.errors import refusal
from services import access
from services.commands.case_actions import reviewer_actor
from services.context import ServiceContext
from store.disclosures import criteria_disclosures
from store.disclosures.criteria_disclosures import CriteriaDisclosure, DisclosureWay

_SENT = frozenset({DisclosureWay.MAIL, DisclosureWay.EMAIL, DisclosureWay.FAX})


async def record_disclosure(services: ServiceContext, one: CriteriaDisclosure) -> CriteriaDisclosure:
    """Record that criteria went to who asked. Sending them is up to people: no letter is made of it. Raises Refused."""
    if one.way in _SENT and not one.sent_to.strip():
        raise refusal("criteria.sent_to", "Where they were sent is missing.", "Write the address, number or mailbox.")
    return await services.write(_keep, one)


def _keep(s: Session, one: CriteriaDisclosure) -> CriteriaDisclosure:
    access.require_active(s, reviewer_actor(one.by))
    return criteria_disclosures.keep(s, one)
