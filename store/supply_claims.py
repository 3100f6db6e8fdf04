"""Temporary supplies that cases claim before they grant them: of two cases that ask at once, one supplies the drug."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus
from domain.pharmacy.temporary_supplies import SupplyOffer
from store import cases, tables
from store.dialect import acquire_named_lock, insert_new

_C = tables.supply_claims


def claim(s: Session, case_id: str, member_id: str, offer: SupplyOffer) -> bool:
    """Claim the supply for the case: False where another case of the member has it. Claiming it again changes nothing.

    A case that ended without supplying the drug holds its claim no longer. Raises ValueError for an offer without its day.
    """
    if offer.day is None:
        raise ValueError("a supply is claimed for a day")
    acquire_named_lock(s, f"supply:{member_id}")
    rows = s.execute(select(_C).where(_C.c.member_id == member_id, _C.c.code == offer.code)).all()
    if any(row.case_id == case_id and row.rule_id == offer.rule_id for row in rows):
        return True
    others = (row.case_id for row in rows if row.case_id != case_id and offer.is_given_by(row.rule_id, row.day))
    if any(_holds(s, other) for other in others):
        return False
    row = {"case_id": case_id, "rule_id": offer.rule_id, "code": offer.code, "member_id": member_id, "day": offer.day}
    return insert_new(s, _C, row)


def _holds(s: Session, case_id: str) -> bool:
    view = cases.get(s, case_id)
    is_open = view is None or view.status is CaseStatus.OPEN
    return is_open or any(line.supply is not None for line in cases.lines(s, case_id))
