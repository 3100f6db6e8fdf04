"""Grants of the temporary supplies that the law offers for lines that wait: claimed for this case first, then granted once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.views import line_rows
from domain.clocks.engine import EventKind
from domain.decisions.decision_makers import ByLaw
from domain.journal import RULE, EntryKind
from domain.pharmacy.temporary_supplies import SupplyOffer
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import NoticeKind


def unclaimed_supplies(case: AuthorizationCase) -> tuple[SupplyOffer, ...]:
    """The supplies that no other case of the member may grant any more once this one has claimed them."""
    if not case.claims_supplies:
        return ()
    found = {offer.claim_key: offer for _, offer in _due_supplies(case) if offer.day is not None}
    return tuple(offer for key, offer in found.items() if key not in case.claimed_supplies)


def grant_temporary_supplies(case: AuthorizationCase, now: datetime) -> None:
    """Grant the temporary supply of every line that waits for its decision, once; member and prescriber are written to.

    The line itself stays where it is: a supply neither approves nor denies it.
    """
    granted = []
    for line, supply in _due_supplies(case):
        if _is_supplied(case, line.line_id, supply) or not _is_ours(case, supply):
            continue
        case.grant_supply(line.line_id, supply)
        granted.append(
            {
                "line_id": line.line_id,
                "days": supply.days,
                "by": str(ByLaw(supply.rule_id)),
                "citation": supply.citation,
            }
        )
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


def _due_supplies(case: AuthorizationCase) -> Iterator[tuple[LineAssessment, SupplyOffer]]:
    """Each line that waits with the supply that it was not given yet."""
    for line in case.unresolved_lines():
        if line.supply is not None and not _is_supplied(case, line.line_id, line.supply):
            yield line, line.supply


def _is_supplied(case: AuthorizationCase, line_id: str, supply: SupplyOffer) -> bool:
    """Whether the drug was supplied in this case: under this line, or under another that was numbered anew."""
    of_line = case.supplies.get(line_id)
    if of_line is not None and not (of_line.code and supply.code):
        return True
    return any(given.is_of_drug(supply) for given in case.supplies.values())


def _is_ours(case: AuthorizationCase, supply: SupplyOffer) -> bool:
    """Whether this case claimed the supply. Cases of older releases, and offers without a day, need no claim."""
    return not case.claims_supplies or supply.day is None or case.claimed_supplies.get(supply.claim_key, False)
