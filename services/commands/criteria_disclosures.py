"""Criteria that are told or sent to somebody who asked: nothing is kept without caller, rule, version and way.

What is sent is a letter, written in the transaction that records who asked; the worker hands it over.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.criteria.statements import CriteriaText
from domain.errors import refusal
from domain.letters.standalone import LetterWay, StandaloneKind, StandalonePrinter
from domain.plain_language.phrases import day_phrase
from services import access, destinations
from services.commands.case_actions import reviewer_actor
from services.commands.standalone_mail import put_on_file
from services.context import ServiceContext
from services.fitting_work import plan_zone
from store.disclosures import criteria_disclosures
from store.disclosures.criteria_disclosures import CriteriaDisclosure, DisclosureWay

SENT_BY = {
    DisclosureWay.MAIL: LetterWay.MAIL,
    DisclosureWay.EMAIL: LetterWay.EMAIL,
    DisclosureWay.FAX: LetterWay.FAX,
}
"""The ways by which Umpire sends; whatever goes another way, people have told or handed over."""


@dataclass(frozen=True)
class CriteriaOrder:
    """The criteria as they were stated to the caller, and the printer of their letter. `on_file` is the member number or NPI
    whose address is used; `plan_id` the plan that writes, where there are several."""

    text: CriteriaText
    print_letter: StandalonePrinter
    on_file: str = ""
    plan_id: str = ""


async def record_disclosure(
    services: ServiceContext, one: CriteriaDisclosure, order: CriteriaOrder
) -> CriteriaDisclosure:
    """Record who asked, and write the letter where it is to be sent; the same form twice is one. Raises Refused."""
    return await services.write(_keep, one, order)


def _keep(s: Session, one: CriteriaDisclosure, order: CriteriaOrder) -> CriteriaDisclosure:
    access.require_active(s, reviewer_actor(one.by))
    known = criteria_disclosures.of_act(s, one.act)
    if known is not None:
        return known
    way = SENT_BY.get(one.way)
    if way is None:
        return criteria_disclosures.keep(s, one)
    if order.on_file and one.sent_to:
        problem = "Where it goes is said twice: as a number on file, and as an address."
        raise refusal("criteria.sent_to", problem, "Leave out one of them.")
    if order.on_file:
        to = destinations.find_destination(s, way, order.on_file)
    else:
        name = ", ".join(filter(None, (one.caller_name, one.caller_organization)))
        to = destinations.read_destination(way, name, one.sent_to)
    plan = destinations.find_plan(s, one.at, order.plan_id, order.on_file)
    letter_id = f"criteria:{hashlib.sha256(one.act.encode()).hexdigest()[:20]}"
    facts = {
        "asked_on": day_phrase(one.at, plan.zone or plan_zone(s)),
        "title": order.text.title,
        "version": order.text.version,
    }
    kind = StandaloneKind.CRITERIA_ASKED_FOR
    put_on_file(s, kind, letter_id, one.guideline_id, plan, to, order.print_letter, facts, one.at)
    return criteria_disclosures.keep(s, one.model_copy(update={"sent_to": to.sent_to, "letter_id": letter_id}))
