"""Authorization requirements and fitting specialties of services: the rules and their matching."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from domain.cited_value import Confidence
from domain.coverage.directory import NetworkStatus
from domain.decisions.other_deciders import FieldOfProfession
from domain.model import Model
from domain.requests.request import ServiceLine
from domain.vocabulary import DRUG_SERVICES, Lob, ServiceKind


class Requirement(Model):
    """The authorization requirement of a line; None when no rule matches, which is treated as required."""

    required: bool | None
    because: str
    citation: str


class AuthorizationNeed(StrEnum):
    REQUIRED = "required"
    NOT_REQUIRED = "not_required"


class RequirementRule(Model):
    """One line of the plan's list of what needs authorization. Every condition that is given has to hold.

    Codes are matched whole or, with a trailing ``*``, as a prefix. `first_day` and `last_day` bound the date of service.
    A condition on something that is not known (a place, a network, a day) does not hold. `judged_without_criteria` says why
    no guideline is about what the rule lists.
    """

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    plan_ids: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    lobs: tuple[Lob, ...] = ()
    service_kinds: tuple[ServiceKind, ...] = ()
    codes: tuple[str, ...] = ()
    service_groups: tuple[str, ...] = ()
    places_of_service: tuple[str, ...] = ()
    levels_of_care: tuple[str, ...] = ()
    network: NetworkStatus | None = None
    first_day: date | None = None
    last_day: date | None = None
    need: AuthorizationNeed
    because: str = Field(min_length=1)
    cite: str = Field(min_length=1)
    judged_without_criteria: str | None = None

    @model_validator(mode="after")
    def _frees_only_what_itnames_code(self) -> Self:
        if self.need is AuthorizationNeed.NOT_REQUIRED and not (self.codes or self.service_groups):
            raise ValueError("what needs no authorization has to be named by codes or service_groups")
        if any(code.strip() in ("", "*") for code in self.codes):
            raise ValueError("a code is written whole, or as its beginning and *")
        return self


class AuthorizationBan(Model):
    """The law of States (two letters) by which no prior authorization may be asked for a service, from `first_day` on.

    `service_groups` and `codes` as in the requirements; both days count, and are days of service.
    """

    ban_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    states: tuple[str, ...] = Field(min_length=1)
    lobs: tuple[Lob, ...] = Field(min_length=1)
    service_groups: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    first_day: date
    last_day: date | None = None
    because: str = Field(min_length=1)
    cite: str = Field(min_length=1)
    confidence: Confidence

    @model_validator(mode="after")
    def _names_a_service(self) -> Self:
        if not (self.codes or self.service_groups):
            raise ValueError("what needs no authorization has to be named by codes or service_groups")
        return self

    def forbids(self, asked: LineInContext, self_funded: bool | None, day: date) -> bool:
        """Whether no authorization may be asked for on this day; only a plan known to be funded by the employer is free."""
        named = names_code(self.codes, asked.line.code) or not asked.service_groups.isdisjoint(self.service_groups)
        in_force = self.first_day <= day and (self.last_day is None or day <= self.last_day)
        return named and in_force and asked.lob in self.lobs and asked.state in self.states and self_funded is not True


class FittingSpecialties(Model):
    """The specialties whose physicians may decide a service adversely. `service_groups` and `codes` as in the requirements.

    One match in the groups, the codes or the `levels_of_care` of a stay is enough, whatever code the stay is sent under.
    `others` are the fields of clinicians who are no physicians and know the service; the law says whether they may sign.
    """

    service_groups: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    levels_of_care: tuple[str, ...] = ()
    service_kinds: tuple[ServiceKind, ...] = ()
    specialties: tuple[str, ...] = Field(min_length=1)
    others: tuple[FieldOfProfession, ...] = ()
    because: str

    @property
    def fits_everything(self) -> bool:
        return not (self.service_groups or self.codes or self.levels_of_care or self.service_kinds)


class LineInContext(Model):
    """A service line with the context that the rules match on."""

    lob: Lob
    service_kind: ServiceKind
    line: ServiceLine
    service_groups: frozenset[str]
    network: NetworkStatus | None
    plan_id: str | None = None
    state: str | None = None


def find_requirement(rules: Iterable[RequirementRule], asked: LineInContext) -> Requirement:
    """Find the requirement by the first rule that matches, in list order; without one it is unknown (None), never 'no'."""
    for rule in rules:
        if rule_matches(rule, asked):
            return Requirement(
                required=rule.need is AuthorizationNeed.REQUIRED,
                because=rule.because,
                citation=f"{rule.cite} ({rule.rule_id})",
            )
    return Requirement(required=None, because="no rule of the plan names this service", citation="treated as required")


def hides(earlier: RequirementRule, later: RequirementRule) -> bool:
    """Whether the earlier rule matches everything that the later one matches, so that the later never applies."""
    return (
        _named_within(earlier, later)
        and all(_within(getattr(later, key), getattr(earlier, key)) for key in _LISTS)
        and (earlier.network is None or earlier.network is later.network)
        and (earlier.first_day is None or (later.first_day is not None and later.first_day >= earlier.first_day))
        and (earlier.last_day is None or (later.last_day is not None and later.last_day <= earlier.last_day))
    )


_LISTS = ("plan_ids", "states", "lobs", "service_kinds", "places_of_service", "levels_of_care")


def _within(later: tuple[str, ...], earlier: tuple[str, ...]) -> bool:
    return not earlier or (bool(later) and set(later) <= set(earlier))


def _named_within(earlier: RequirementRule, later: RequirementRule) -> bool:
    if not (earlier.codes or earlier.service_groups):
        return True
    if not (later.codes or later.service_groups) or not set(later.service_groups) <= set(earlier.service_groups):
        return False
    return all(code in earlier.codes or names_code(earlier.codes, code.removesuffix("*")) for code in later.codes)


def find_specialties(rules: Iterable[FittingSpecialties], asked: LineInContext) -> tuple[str, ...]:
    """Find the fitting specialties by the first rule that names the service; empty when none does: then nobody fits."""
    found = _fitting_rule(rules, asked)
    return found.specialties if found is not None else ()


def find_fields_of_others(rules: Iterable[FittingSpecialties], asked: LineInContext) -> tuple[FieldOfProfession, ...]:
    """Find the fields of other professions that know the service. Stays and drugs are a physician's to decide."""
    found = _fitting_rule(rules, asked)
    if found is None or asked.service_kind in DRUG_SERVICES or asked.line.level_of_care is not None:
        return ()
    return found.others


def _fitting_rule(rules: Iterable[FittingSpecialties], asked: LineInContext) -> FittingSpecialties | None:
    for rule in rules:
        by_kind = not rule.service_kinds or asked.service_kind in rule.service_kinds
        named = rule.codes or rule.service_groups or rule.levels_of_care
        by_code = (
            not named
            or names_code(rule.codes, asked.line.code)
            or not asked.service_groups.isdisjoint(rule.service_groups)
            or asked.line.level_of_care in rule.levels_of_care
        )
        if by_kind and by_code:
            return rule
    return None


def rule_matches(rule: RequirementRule, asked: LineInContext) -> bool:
    """Whether every condition of the rule holds."""
    day = asked.line.start
    named = rule.codes or rule.service_groups
    return (
        (not rule.lobs or asked.lob in rule.lobs)
        and (not rule.plan_ids or asked.plan_id in rule.plan_ids)
        and (not rule.states or asked.state in rule.states)
        and (not rule.levels_of_care or asked.line.level_of_care in rule.levels_of_care)
        and (not rule.service_kinds or asked.service_kind in rule.service_kinds)
        and (
            not named
            or names_code(rule.codes, asked.line.code)
            or not asked.service_groups.isdisjoint(rule.service_groups)
        )
        and (not rule.places_of_service or asked.line.place_of_service in rule.places_of_service)
        and (rule.network is None or asked.network is rule.network)
        and (rule.first_day is None or (day is not None and day >= rule.first_day))
        and (rule.last_day is None or (day is not None and day <= rule.last_day))
    )


def names_code(patterns: tuple[str, ...], code: str) -> bool:
    """Whether a code is among those listed, whole or by its beginning."""
    return any(code.startswith(p.removesuffix("*")) if p.endswith("*") else code == p for p in patterns)
