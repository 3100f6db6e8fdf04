"""The plan's directory as its systems feed it: contacts, members, coverages, providers, reviewers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from domain.letters import PlanContact
from domain.model import Model
from domain.plan import BenefitLimit, Coverage, Member, Provider, Reviewer
from domain.vocabulary import Role
from store import tables
from store.writing import upsert

_C, _B, _RES = tables.coverages, tables.benefit_limits, tables.benefit_reservations
M = TypeVar("M", bound=Model)


def plan_contact(s: Session, plan_id: str) -> PlanContact | None:
    """How the plan is reached, as printed in its letters."""
    return _one(s, tables.plans, plan_id, PlanContact)


def member(s: Session, member_id: str) -> Member | None:
    return _one(s, tables.members, member_id, Member)


def provider(s: Session, npi: str) -> Provider | None:
    return _one(s, tables.providers, npi, Provider)


def reviewer(s: Session, reviewer_id: str) -> Reviewer | None:
    return _one(s, tables.reviewers, reviewer_id, Reviewer)


def reviewers(s: Session, role: Role | None = None) -> tuple[Reviewer, ...]:
    """Every reviewer (with this role), by id."""
    rows = s.scalars(select(tables.reviewers.c.reviewer).order_by(tables.reviewers.c.reviewer_id))
    found = (Reviewer.model_validate(row) for row in rows)
    return tuple(reviewer for reviewer in found if role is None or role in reviewer.roles)


def coverages(s: Session, member_id: str) -> tuple[Coverage, ...]:
    """Every coverage of the member, the latest first. `used` of each benefit counts what was reserved since."""
    query = select(_C.c.coverage).where(_C.c.member_id == member_id)
    rows = s.scalars(query.order_by(_C.c.effective.desc(), _C.c.coverage_id))
    found = [Coverage.model_validate(row) for row in rows]
    return tuple(coverage.model_copy(update={"benefits": _benefits(s, coverage.coverage_id)}) for coverage in found)


def coverage_on(s: Session, member_id: str, day: date) -> Coverage | None:
    """The coverage that binds on this day; of several, the one that began last."""
    return next((coverage for coverage in coverages(s, member_id) if coverage.covers(day)), None)


def put_plan(s: Session, plan_id: str, contact: PlanContact) -> None:
    upsert(s, tables.plans, [{"plan_id": plan_id, "contact": _json(contact)}])


def put_member(s: Session, member: Member) -> None:
    upsert(s, tables.members, [{"member_id": member.member_id, "member": _json(member)}])


def put_coverage(s: Session, coverage: Coverage) -> None:
    """Insert or replace the coverage with its benefit limits; what was reserved against them stays."""
    row = {
        "coverage_id": coverage.coverage_id,
        "member_id": coverage.member_id,
        "effective": coverage.effective,
        "last_day": coverage.end,
        "coverage": _json(coverage.model_copy(update={"benefits": ()})),
    }
    upsert(s, _C, [row])
    s.execute(delete(_B).where(_B.c.coverage_id == coverage.coverage_id))
    limits = [_limit(coverage.coverage_id, place, benefit) for place, benefit in enumerate(coverage.benefits)]
    if limits:
        s.execute(_B.insert(), limits)


def put_provider(s: Session, provider: Provider) -> None:
    upsert(s, tables.providers, [{"npi": provider.npi, "provider": _json(provider)}])


def put_reviewer(s: Session, reviewer: Reviewer) -> None:
    upsert(s, tables.reviewers, [{"reviewer_id": reviewer.reviewer_id, "reviewer": _json(reviewer)}])


def _benefits(s: Session, coverage_id: str) -> tuple[BenefitLimit, ...]:
    rows = s.execute(select(_B).where(_B.c.coverage_id == coverage_id).order_by(_B.c.position)).all()
    reserved: dict[str, Decimal] = {}
    if rows:
        ids = [row.benefit_id for row in rows]
        for benefit_id, units in s.execute(select(_RES.c.benefit_id, _RES.c.units).where(_RES.c.benefit_id.in_(ids))):
            reserved[benefit_id] = reserved.get(benefit_id, Decimal(0)) + units
    return tuple(
        BenefitLimit.model_validate({**row.benefit, "used": row.used_before + reserved.get(row.benefit_id, Decimal(0))})
        for row in rows
    )


def _limit(coverage_id: str, position: int, benefit: BenefitLimit) -> dict[str, Any]:
    return {
        "benefit_id": benefit.benefit_id,
        "coverage_id": coverage_id,
        "position": position,
        "allowed": benefit.limit,
        "used_before": benefit.used,
        "benefit": _json(benefit),
    }


def _one(s: Session, table: Table, key: str, model: type[M]) -> M | None:
    key_column, value_column = table.columns[0], table.columns[1]
    value = s.execute(select(value_column).where(key_column == key)).scalar_one_or_none()
    return None if value is None else model.model_validate(value)


def _json(value: Model) -> dict[str, Any]:
    return value.model_dump(mode="json")
