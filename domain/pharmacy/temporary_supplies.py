"""Temporary supplies that the law grants while a request is decided: Part D's transition fill, Medicaid's emergency supply.

A supply is no decision on the request: the request goes on, and whatever becomes of it, the supply stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, PositiveInt, model_validator

from domain.cited_value import Confidence
from domain.drug_limits.outcomes import LimitKind, LimitOutcome
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import Circumstance, Lob, ServiceKind


class SupplyKind(StrEnum):
    TRANSITION = "transition"
    """A new member, or one whose level of care changed, keeps a drug for a month (42 CFR 423.120(b)(3))."""
    EMERGENCY = "emergency"
    """In an emergency, at least 72 hours of a drug (section 1927(d)(5)(B) of the Social Security Act)."""


class SupplyRule(Model):
    """A temporary supply of `days` days. Days count by the first day of service or of the request's receipt.

    `new_member_days`: it is due within so many days from the first day of coverage, that day included. `circumstances`: or
    where the sender states one of them.
    """

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    kind: SupplyKind
    lobs: tuple[Lob, ...] = Field(min_length=1)
    service_kinds: tuple[ServiceKind, ...] = Field(min_length=1)
    first_day: date
    last_day: date | None = None
    days: PositiveInt
    new_member_days: PositiveInt | None = None
    circumstances: tuple[Circumstance, ...] = ()
    because: str = Field(min_length=1)
    cite: str = Field(min_length=1)
    confidence: Confidence

    @model_validator(mode="after")
    def _is_due_some_time(self) -> Self:
        if self.new_member_days is None and not self.circumstances:
            raise ValueError("never due; give new_member_days or circumstances")
        return self


class SupplyOffer(Model):
    """A temporary supply that the law grants for a line: `days` days of the drug, and why.

    `code` names the drug in any package, `day` is that of its receipt or of its first day of service, whichever is later. What
    the same rule supplied of it on a day from `once_since` to `once_until` (None: ever after) was this supply. Offers of older
    releases have none of these.
    """

    rule_id: str
    kind: SupplyKind
    days: PositiveInt
    because: str
    citation: str
    code: str = Field(default="", exclude_if=lambda code: not code)
    day: date | None = Field(default=None, exclude_if=lambda day: day is None)
    once_since: date | None = Field(default=None, exclude_if=lambda day: day is None)
    once_until: date | None = Field(default=None, exclude_if=lambda day: day is None)

    def is_given_by(self, rule_id: str, day: date) -> bool:
        """Whether a supply of the drug by that rule, of that day, was this one."""
        since, until = self.once_since or date.min, self.once_until or date.max
        return rule_id == self.rule_id and since <= day <= until

    @property
    def claim_key(self) -> str:
        """The name of the supply among those of a case."""
        return f"{self.rule_id}/{self.code}"

    def is_of_drug(self, other: SupplyOffer) -> bool:
        """Whether both are supplies of one drug."""
        return bool(self.code) and self.code == other.code


class EarlierSupply(Model):
    """A temporary supply of the drug that the law granted in another case of the member. `day`: that of its receipt or of
    its first day of service, whichever is later."""

    rule_id: str
    day: date


class DrugRequestSituation(Model):
    """The situation in which a drug is requested. `received_on` and `start` are calendar days in the case's zone;
    `covered_since` is the first day of the coverage; `taken_already` is the provider's answer (None: not given),
    `earlier` the temporary supplies of the drug in other cases."""

    lob: Lob
    service_kind: ServiceKind
    received_on: date
    start: date | None
    covered_since: date
    circumstances: frozenset[Circumstance] = frozenset()
    taken_already: bool | None = None
    earlier: tuple[EarlierSupply, ...] = ()


def find_supply(
    rules: Iterable[SupplyRule], asked: DrugRequestSituation, limits: Collection[LimitOutcome]
) -> SupplyOffer | None:
    """The first temporary supply that the law grants, or None.

    A drug that another benefit pays for has no transition fill of this one, and a therapy that the provider says is new is no
    transition; where nothing is said, the drug counts as taken already. A supply is granted once, under whatever number the
    request comes again: a new member's once in the coverage, and one for a stated circumstance again when the earlier one has
    run out.
    """
    other_benefit = any(one.kind is LimitKind.BENEFIT and one.state is Tri.NOT_MET for one in limits)
    for rule in rules:
        in_force = rule.first_day <= asked.received_on and (rule.last_day is None or asked.received_on <= rule.last_day)
        if not in_force or asked.lob not in rule.lobs or asked.service_kind not in rule.service_kinds:
            continue
        if rule.kind is SupplyKind.TRANSITION and (other_benefit or asked.taken_already is False):
            continue
        why = _why_due(rule, asked)
        if why is None:
            continue
        offer = _offer(rule, asked, why)
        if not any(offer.is_given_by(one.rule_id, one.day) for one in asked.earlier):
            return offer
    return None


def _offer(rule: SupplyRule, asked: DrugRequestSituation, why: str) -> SupplyOffer:
    """The supply, with the days on which another one by the same rule would be the same: for a new member all of the coverage,
    for a stated circumstance those until it has run out."""
    day = max(asked.received_on, asked.start or asked.received_on)
    since, until = asked.covered_since, None
    if asked.circumstances.intersection(rule.circumstances):
        since, until = day - timedelta(days=rule.days - 1), day + timedelta(days=rule.days - 1)
    return SupplyOffer(
        rule_id=rule.rule_id,
        kind=rule.kind,
        days=rule.days,
        because=f"{rule.because}: {why}",
        citation=rule.cite,
        day=day,
        once_since=since,
        once_until=until,
    )


def _why_due(rule: SupplyRule, asked: DrugRequestSituation) -> str | None:
    stated = sorted(asked.circumstances.intersection(rule.circumstances))
    if stated:
        return stated[0].value.replace("_", " ")
    if rule.new_member_days is None:
        return None
    last = asked.covered_since + timedelta(days=rule.new_member_days - 1)
    days = (asked.received_on, *((asked.start,) if asked.start is not None else ()))
    if any(asked.covered_since <= day <= last for day in days):
        return f"covered since {asked.covered_since.isoformat()}"
    return None
