"""Directory of the plan, loaded from its own systems: contacts, members, coverages, providers, reviewers."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, Table, and_, bindparam, delete, false, or_, select
from sqlalchemy.orm import Session

from domain.coverage.directory import BenefitLimit, Coverage, Member, Provider
from domain.decisions.reviewers import Reviewer
from domain.letters.context import PlanContact
from domain.model import Model
from domain.vocabulary import Role
from store import tables
from store.dialect import insert_missing, upsert
from store.read_cache import forget_reads, read_once

_C, _B, _RES = tables.coverages, tables.benefit_limits, tables.benefit_reservations
M = TypeVar("M", bound=Model)

_W = tables.directory_words
_PARTS = re.compile(r"[^\W_]+")
_SIGNS = "".join(chr(code) for code in range(128) if not chr(code).isalnum())
_LAST = "\U0010ffff"
"""The last character that there is: what begins with a word lies between the word and the word with this behind it."""


class _WordKind(StrEnum):
    """The kind of a word by which somebody is found."""

    MEMBER = "member"
    MEMBER_ID = "member_id"
    BORN = "born"
    PROVIDER = "provider"


_COVERAGES = (
    select(_C.c.coverage)
    .where(_C.c.member_id == bindparam("member_id"))
    .order_by(_C.c.effective.desc(), _C.c.coverage_id)
)
_LIMITS = (
    select(_B, _RES.c.units)
    .join(_C, _C.c.coverage_id == _B.c.coverage_id)
    .outerjoin(_RES, _RES.c.benefit_id == _B.c.benefit_id)
    .where(_C.c.member_id == bindparam("member_id"))
    .order_by(_B.c.coverage_id, _B.c.position, _B.c.benefit_id)
)


def plan_contact(s: Session, plan_id: str) -> PlanContact | None:
    """The plan's contact data, as printed in its letters."""
    return _one(s, tables.plans, plan_id, PlanContact)


def plans(s: Session) -> dict[str, PlanContact]:
    """Every plan of the directory, by its id."""
    rows = s.execute(select(tables.plans).order_by(tables.plans.c.plan_id)).mappings()
    return {row["plan_id"]: PlanContact.model_validate(row["contact"]) for row in rows}


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


def providers(s: Session) -> tuple[Provider, ...]:
    """Every provider, in order of their NPI."""
    table = tables.providers
    return tuple(Provider.model_validate(one) for one in s.scalars(select(table.c.provider).order_by(table.c.npi)))


def reviewers_of(s: Session, reviewer_ids: Collection[str]) -> dict[str, Reviewer]:
    """The reviewers among these ids that are on file, by id."""
    query = select(tables.reviewers.c.reviewer).where(tables.reviewers.c.reviewer_id.in_(reviewer_ids))
    found = (Reviewer.model_validate(row) for row in s.scalars(query))
    return {reviewer.reviewer_id: reviewer for reviewer in found}


def members_of(s: Session, member_ids: Collection[str]) -> dict[str, Member]:
    """The members among these ids that are on file, by id."""
    query = select(tables.members.c.member).where(tables.members.c.member_id.in_(member_ids))
    found = (Member.model_validate(row) for row in s.scalars(query))
    return {member.member_id: member for member in found}


def providers_of(s: Session, npis: Collection[str]) -> dict[str, Provider]:
    """The providers among these NPIs that are on file, by NPI."""
    query = select(tables.providers.c.provider).where(tables.providers.c.npi.in_(npis))
    found = (Provider.model_validate(row) for row in s.scalars(query))
    return {provider.npi: provider for provider in found}


def find_members(s: Session, words: str, limit: int) -> tuple[Member, ...]:
    """Members by id, date of birth (YYYY-MM-DD) or the beginnings of their names, in any order, by name."""
    data = tables.members.c.member
    exact = select(_W.c.subject).where(
        _W.c.kind.in_((_WordKind.MEMBER_ID, _WordKind.BORN)), _W.c.word == words.casefold()
    )
    query = select(data).where(tables.members.c.member_id.in_(exact.union(_named(_WordKind.MEMBER, words))))
    ordered = query.order_by(data["family_name"].as_string(), tables.members.c.member_id).limit(limit)
    return tuple(Member.model_validate(row) for row in s.scalars(ordered))


def find_providers(s: Session, words: str, limit: int) -> tuple[Provider, ...]:
    """Providers by NPI or the beginnings of words of the name, in any order, by name."""
    data, npi = tables.providers.c.provider, tables.providers.c.npi
    matches = or_(npi == words, npi.in_(_named(_WordKind.PROVIDER, words)))
    query = select(data).where(matches).order_by(data["name"].as_string(), npi).limit(limit)
    return tuple(Provider.model_validate(row) for row in s.scalars(query))


def members_born_on(s: Session, day: date) -> tuple[Member, ...]:
    """Every member with this date of birth, by id."""
    born = select(_W.c.subject).where(_W.c.kind == _WordKind.BORN, _W.c.word == day.isoformat())
    table = tables.members.c
    rows = s.scalars(select(table.member).where(table.member_id.in_(born)).order_by(table.member_id))
    return tuple(Member.model_validate(row) for row in rows)


def member_words(member: Member) -> list[dict[str, str]]:
    """The rows of words by which the search finds the member."""
    named = {*_starts(member.given_name), *_starts(member.family_name)}
    found = [(_WordKind.MEMBER_ID, member.member_id.casefold()), (_WordKind.BORN, member.birth_date.isoformat())]
    found += [(_WordKind.MEMBER, word) for word in sorted(named)]
    return [{"kind": kind.value, "word": word, "subject": member.member_id} for kind, word in found]


def _named(kind: _WordKind, words: str) -> Select[Any]:
    """Whose names have a word that begins with each of these; nobody's where there are none."""
    parts = [part.lstrip(_SIGNS) for part in words.casefold().split()]
    found = select(_W.c.subject).where(_W.c.kind == kind)
    ranges = [
        and_(_W.c.word >= part, _W.c.word < part + _LAST) for part in sorted(parts, key=len, reverse=True) if part
    ]
    if not ranges:
        return found.where(false())
    others = [_W.c.subject.in_(found.where(one)) for one in ranges[1:]]
    return found.where(ranges[0], *others)


def _starts(name: str) -> set[str]:
    """The words of a name, and what follows a hyphen or apostrophe in one."""
    return {word[at.start() :] for word in name.casefold().split() for at in _PARTS.finditer(word)}


def coverages(s: Session, member_id: str) -> tuple[Coverage, ...]:
    """Every coverage of the member, the latest first. `used` of each benefit counts what was reserved since."""
    return read_once(s, (_C, member_id), lambda: _coverages(s, member_id))


def coverage_on(s: Session, member_id: str, day: date) -> Coverage | None:
    """The coverage that binds on this day; of several, the one that began last."""
    return next((coverage for coverage in coverages(s, member_id) if coverage.covers(day)), None)


def put_plan(s: Session, plan_id: str, contact: PlanContact) -> None:
    forget_reads(s)
    upsert(s, tables.plans, [{"plan_id": plan_id, "contact": _json(contact)}])


def put_member(s: Session, member: Member) -> None:
    forget_reads(s)
    upsert(s, tables.members, [{"member_id": member.member_id, "member": _json(member)}])
    _put_words(s, (_WordKind.MEMBER_ID, _WordKind.BORN, _WordKind.MEMBER), member.member_id, member_words(member))


def put_coverage(s: Session, coverage: Coverage) -> None:
    """Insert or replace the coverage with its benefit limits; what was reserved against them stays."""
    forget_reads(s)
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
    forget_reads(s)
    upsert(s, tables.providers, [{"npi": provider.npi, "provider": _json(provider)}])
    kind = _WordKind.PROVIDER
    rows = [{"kind": kind.value, "word": word, "subject": provider.npi} for word in sorted(_starts(provider.name))]
    _put_words(s, (kind,), provider.npi, rows)


def put_reviewer(s: Session, reviewer: Reviewer) -> None:
    forget_reads(s)
    upsert(s, tables.reviewers, [{"reviewer_id": reviewer.reviewer_id, "reviewer": _json(reviewer)}])


def _put_words(s: Session, kinds: Collection[_WordKind], subject: str, rows: list[dict[str, str]]) -> None:
    s.execute(delete(_W).where(_W.c.subject == subject, _W.c.kind.in_(kinds)))
    insert_missing(s, _W, rows)


def _coverages(s: Session, member_id: str) -> tuple[Coverage, ...]:
    found = [Coverage.model_validate(row) for row in s.scalars(_COVERAGES, {"member_id": member_id})]
    limits = _limits(s, member_id) if found else {}
    return tuple(
        coverage.model_copy(update={"benefits": tuple(limits.get(coverage.coverage_id, ()))}) for coverage in found
    )


def _limits(s: Session, member_id: str) -> dict[str, list[BenefitLimit]]:
    """The limits by coverage, in order. A limit has as many rows as there are reservations against it, or one."""
    stated: dict[str, tuple[str, dict[str, Any]]] = {}
    used: dict[str, Decimal] = {}
    for row in s.execute(_LIMITS, {"member_id": member_id}):
        stated[row.benefit_id] = (row.coverage_id, row.benefit)
        used[row.benefit_id] = used.get(row.benefit_id, row.used_before) + (row.units or 0)
    limits: dict[str, list[BenefitLimit]] = {}
    for benefit_id, (coverage_id, benefit) in stated.items():
        limit = BenefitLimit.model_validate({**benefit, "used": used[benefit_id]})
        limits.setdefault(coverage_id, []).append(limit)
    return limits


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
    return read_once(s, (table, key), lambda: _read(s, table, key, model))


def _read(s: Session, table: Table, key: str, model: type[M]) -> M | None:
    value = s.execute(_by_key(table), {"key": key}).scalar_one_or_none()
    return None if value is None else model.model_validate(value)


@cache
def _by_key(table: Table) -> Select[Any]:
    key_column, value_column = table.columns[0], table.columns[1]
    return select(value_column).where(key_column == bindparam("key"))


def _json(value: Model) -> dict[str, Any]:
    return value.model_dump(mode="json")
