"""Benefit limits with the units that approvals reserved against them, and the temporary supplies that cases claimed.

A `benefit_id` stands for one limit of one coverage in one benefit period; the base comes from the plan's systems with
the coverage, reservations are Umpire's own.
"""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus
from domain.errors import NotOnFile
from domain.pharmacy.temporary_supplies import SupplyOffer
from store import cases, tables
from store.dialect import acquire_named_lock, insert_new, upsert
from store.read_cache import forget_reads, read_once

_B, _RES, _CLAIMS = tables.benefit_limits, tables.benefit_reservations, tables.supply_claims
_BASE = select(_B.c.allowed, _B.c.used_before).where(_B.c.benefit_id == bindparam("benefit_id"))
_RESERVED = select(_RES.c.units).where(_RES.c.benefit_id == bindparam("benefit_id"))
_RELEASE_ALL = delete(_RES).where(_RES.c.case_id == bindparam("of_case"))


def reserve(s: Session, case_id: str, line_id: str, benefit_id: str, units: Decimal) -> Decimal:
    """Count `units` of a line against the limit and return what remains; a second call for the line replaces its units.

    Nothing is rejected here: below zero means that the limit is exceeded, which the caller decides about.
    Raises NotOnFile for an unknown benefit and ValueError for units below zero.
    """
    if not units >= 0:
        raise ValueError("reserved units cannot be below zero")
    acquire_named_lock(s, f"benefit:{benefit_id}")
    forget_reads(s)
    upsert(s, _RES, [{"case_id": case_id, "line_id": line_id, "benefit_id": benefit_id, "units": units}])
    return remaining(s, benefit_id)


def release(s: Session, case_id: str, line_id: str, benefit_id: str | None = None) -> None:
    """Release the units that the line reserved (of one benefit, or of all); nothing happens when it has none."""
    forget_reads(s)
    query = delete(_RES).where(_RES.c.case_id == case_id, _RES.c.line_id == line_id)
    s.execute(query if benefit_id is None else query.where(_RES.c.benefit_id == benefit_id))


def release_all(s: Session, case_id: str) -> None:
    """Release every unit that the case reserved."""
    forget_reads(s)
    s.execute(_RELEASE_ALL, {"of_case": case_id})


def used(s: Session, benefit_id: str) -> Decimal:
    """Units that the plan counted before, plus all reserved ones. Raises NotOnFile for an unknown benefit."""
    return read_once(s, (_RES, benefit_id), lambda: _base(s, benefit_id)[1] + _reserved(s, benefit_id))


def remaining(s: Session, benefit_id: str) -> Decimal:
    """Units that remain of the limit; below zero when it is exceeded. Raises NotOnFile for an unknown benefit."""
    allowed, before = _base(s, benefit_id)
    return allowed - before - _reserved(s, benefit_id)


def _base(s: Session, benefit_id: str) -> tuple[Decimal, Decimal]:
    row = s.execute(_BASE, {"benefit_id": benefit_id}).first()
    if row is None:
        raise NotOnFile(f"There is no benefit {benefit_id}.")
    return row.allowed, row.used_before


def _reserved(s: Session, benefit_id: str) -> Decimal:
    return sum(s.scalars(_RESERVED, {"benefit_id": benefit_id}), Decimal(0))


# -- temporary supplies ----------------------------------------------------------------------------------------------------


def claim_supply(s: Session, case_id: str, member_id: str, offer: SupplyOffer) -> bool:
    """Claim the supply for the case before it is granted: of two cases that ask at once, one supplies the drug. False where
    another case of the member has it; claiming it again changes nothing.

    A case that ended without supplying the drug holds its claim no longer. Raises ValueError for an offer without its day.
    """
    if offer.day is None:
        raise ValueError("a supply is claimed for a day")
    acquire_named_lock(s, f"supply:{member_id}")
    rows = s.execute(select(_CLAIMS).where(_CLAIMS.c.member_id == member_id, _CLAIMS.c.code == offer.code)).all()
    if any(row.case_id == case_id and row.rule_id == offer.rule_id for row in rows):
        return True
    others = (row.case_id for row in rows if row.case_id != case_id and offer.is_given_by(row.rule_id, row.day))
    if any(_holds(s, other) for other in others):
        return False
    row = {"case_id": case_id, "rule_id": offer.rule_id, "code": offer.code, "member_id": member_id, "day": offer.day}
    return insert_new(s, _CLAIMS, row)


def _holds(s: Session, case_id: str) -> bool:
    view = cases.get(s, case_id)
    is_open = view is None or view.status is CaseStatus.OPEN
    return is_open or any(line.supply is not None for line in cases.lines(s, case_id))
