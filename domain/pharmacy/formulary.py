"""The formulary of a plan: which drugs it lists, on which tier, and what an exception to either asks for.

A drug that is not listed, or for which a lower tier is asked, is a question for people and the prescriber; nothing here denies.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Self

from pydantic import Field, PositiveInt, model_validator

from domain.drug_limits.outcomes import LimitKind, LimitOutcome
from domain.drug_limits.rules import DrugSelector
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import Lob, ServiceKind


class FormularyTier(Model):
    """A tier of the formulary. From a `specialty` tier the plan need not grant a lower one (42 CFR 423.578(a)(6)(iii))."""

    number: PositiveInt
    title: str = Field(min_length=1)
    specialty: bool = False


class FormularyDrug(Model):
    """A drug on its tier. The first entry that matches a code counts."""

    drug: DrugSelector
    tier: PositiveInt


class Formulary(Model):
    """The formulary of these plans for these lines of business. Both days count (first day of service)."""

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    plan_ids: tuple[str, ...] = Field(min_length=1)
    lobs: tuple[Lob, ...] = Field(min_length=1)
    first_day: date
    last_day: date | None = None
    tiers: tuple[FormularyTier, ...] = Field(min_length=1)
    drugs: tuple[FormularyDrug, ...] = Field(min_length=1)
    cite: str = Field(min_length=1)

    @model_validator(mode="after")
    def _tiers_are_there(self) -> Self:
        numbers = [tier.number for tier in self.tiers]
        if len(set(numbers)) < len(numbers):
            raise ValueError("a tier is there twice")
        unknown = sorted({one.tier for one in self.drugs} - set(numbers))
        if unknown:
            raise ValueError(f"a drug stands on tier {unknown[0]}, which is not among the tiers")
        return self

    def binds(self, plan_id: str, lob: Lob, service_kind: ServiceKind, day: date) -> bool:
        in_force = self.first_day <= day and (self.last_day is None or day <= self.last_day)
        of_plan = plan_id in self.plan_ids and lob in self.lobs
        return in_force and of_plan and service_kind is ServiceKind.PHARMACY_DRUG

    def tier_of(self, code: str, groups: Collection[str] = ()) -> FormularyTier | None:
        """The tier on which the drug is listed; None for a drug that is not on the formulary."""
        number = next((one.tier for one in self.drugs if one.drug.holds(code, groups)), None)
        return next((tier for tier in self.tiers if tier.number == number), None)


def evaluate_formulary(
    formulary: Formulary, code: str, groups: Collection[str], *, lower_tier_asked: bool
) -> LimitOutcome | None:
    """Evaluate a drug by the formulary; None where it is listed and no lower tier is asked for."""
    tier = formulary.tier_of(code, groups)
    if tier is None:
        return _formulary_outcome(
            formulary,
            LimitKind.FORMULARY,
            Tri.NOT_MET,
            "the drug is not on the formulary",
            "A drug of the formulary, or the prescriber's statement that those would be less effective or harmful.",
        )
    if not lower_tier_asked:
        return None
    if tier.specialty:
        why = f"the drug is on tier {tier.number} ({tier.title}), from which the plan grants no lower tier by itself"
        return _formulary_outcome(formulary, LimitKind.TIER, Tri.NOT_MET, why, "A decision by people to grant it.")
    return _formulary_outcome(
        formulary,
        LimitKind.TIER,
        Tri.UNKNOWN,
        f"a lower tier than {tier.number} ({tier.title}) is asked for",
        "The prescriber's statement that the drugs on the lower tier would be less effective or harmful.",
    )


def _formulary_outcome(formulary: Formulary, kind: LimitKind, state: Tri, because: str, change: str) -> LimitOutcome:
    return LimitOutcome(
        rule_id=formulary.rule_id,
        kind=kind,
        title="The plan's list of drugs",
        state=state,
        because=because,
        reason="the plan covers the drugs of its formulary, each on its tier",
        citation=formulary.cite,
        what_would_change=change,
    )
