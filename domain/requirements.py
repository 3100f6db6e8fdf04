"""Whether a service needs authorization, and which specialties fit it: rules as data, and how they are matched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from domain.assessment import Requirement
from domain.model import Model
from domain.plan import NetworkStatus
from domain.request import ServiceLine
from domain.vocabulary import Lob, ServiceKind


class Need(StrEnum):
    REQUIRED = "required"
    NOT_REQUIRED = "not_required"


class RequirementRule(Model):
    """One line of the plan's list of what needs authorization. Every condition that is given has to hold.

    Codes are matched whole or, with a trailing ``*``, by their beginning. `first_day` and `last_day` bound the date of service.
    """

    rule_id: str
    lobs: tuple[Lob, ...] = ()
    service_kinds: tuple[ServiceKind, ...] = ()
    codes: tuple[str, ...] = ()
    service_groups: tuple[str, ...] = ()
    places_of_service: tuple[str, ...] = ()
    network: NetworkStatus | None = None
    first_day: date | None = None
    last_day: date | None = None
    need: Need
    because: str
    cite: str

    @model_validator(mode="after")
    def _frees_only_what_it_names(self) -> Self:
        if self.need is Need.NOT_REQUIRED and not (self.codes or self.service_groups):
            raise ValueError("what needs no authorization has to be named by codes or service_groups")
        if any(code.strip() in ("", "*") for code in self.codes):
            raise ValueError("a code is written whole, or as its beginning and *")
        return self


class FittingSpecialties(Model):
    """The specialties whose physicians may decide a service adversely. `service_groups` and `codes` as in the requirements."""

    service_groups: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    service_kinds: tuple[ServiceKind, ...] = ()
    specialties: tuple[str, ...] = Field(min_length=1)
    because: str

    @property
    def fits_everything(self) -> bool:
        return not (self.service_groups or self.codes or self.service_kinds)


class LineOfCase(Model):
    """What the rules look at."""

    lob: Lob
    service_kind: ServiceKind
    line: ServiceLine
    service_groups: frozenset[str]
    network: NetworkStatus | None


def requirement_for(rules: Iterable[RequirementRule], asked: LineOfCase) -> Requirement:
    """The first rule that matches, in the order of the list; when none does, the need is unknown (None), never 'no'."""
    for rule in rules:
        if _matches(rule, asked):
            return Requirement(
                required=rule.need is Need.REQUIRED, because=rule.because, citation=f"{rule.cite} ({rule.rule_id})"
            )
    return Requirement(required=None, because="no rule of the plan names this service", citation="treated as required")


def specialties_for(rules: Iterable[FittingSpecialties], asked: LineOfCase) -> tuple[str, ...]:
    """The fitting specialties of the first rule that names the service; empty when none does: then nobody fits."""
    for rule in rules:
        by_kind = not rule.service_kinds or asked.service_kind in rule.service_kinds
        named = rule.codes or rule.service_groups
        by_code = (
            not named or _names(rule.codes, asked.line.code) or not asked.service_groups.isdisjoint(rule.service_groups)
        )
        if by_kind and by_code:
            return rule.specialties
    return ()


def _matches(rule: RequirementRule, asked: LineOfCase) -> bool:
    day = asked.line.start
    named = rule.codes or rule.service_groups
    return (
        (not rule.lobs or asked.lob in rule.lobs)
        and (not rule.service_kinds or asked.service_kind in rule.service_kinds)
        and (
            not named or _names(rule.codes, asked.line.code) or not asked.service_groups.isdisjoint(rule.service_groups)
        )
        and (not rule.places_of_service or asked.line.place_of_service in rule.places_of_service)
        and (rule.network is None or asked.network is rule.network)
        and (rule.first_day is None or (day is not None and day >= rule.first_day))
        and (rule.last_day is None or (day is not None and day <= rule.last_day))
    )


def _names(patterns: tuple[str, ...], code: str) -> bool:
    return any(code.startswith(p.removesuffix("*")) if p.endswith("*") else code == p for p in patterns)
