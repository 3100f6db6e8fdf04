"""Protections from step therapy: grounds on which a State's law sets a step aside, and Part D's protected classes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from pydantic import Field, PositiveInt

from domain.cited_value import Confidence
from domain.drug_limits.rules import DrugHistory, DrugSelector, StepException, StepRule, normalize_code
from domain.model import Model
from domain.vocabulary import Lob

_NDC_DIGITS, _PRODUCT_DIGITS = 11, 9


class StepOverride(Model):
    """The grounds on which a State's law sets a step aside, in plans that it binds. Both days count (first day of service).

    A plan that an employer funds itself is free; where that, or the State, is not known, the law holds, as the careful
    reading for the member: a ground is a question, and asking it takes nothing from anybody.
    """

    override_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    states: tuple[str, ...] = Field(min_length=1)
    lobs: tuple[Lob, ...] = Field(min_length=1)
    first_day: date
    last_day: date | None = None
    grounds: tuple[StepException, ...] = Field(min_length=1)
    cite: str = Field(min_length=1)
    confidence: Confidence

    def holds_for(self, lob: Lob, state: str | None, self_funded: bool | None, day: date) -> bool:
        in_force = self.first_day <= day and (self.last_day is None or day <= self.last_day)
        named = (state or "").strip().upper()
        return in_force and lob in self.lobs and (not named or named in self.states) and self_funded is not True


class ProtectedClass(Model):
    """A class of drugs in which a plan may not step those who take the drug already.

    `new_starts_stepped` is false where nobody may be stepped at all. `lookback_days`: had within them, a drug is taken already.
    """

    class_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    title: str = Field(min_length=1)
    drug: DrugSelector
    lobs: tuple[Lob, ...] = Field(min_length=1)
    new_starts_stepped: bool
    lookback_days: PositiveInt
    cite: str = Field(min_length=1)
    confidence: Confidence


def with_override_grounds(
    rules: Iterable[StepRule],
    overrides: Iterable[StepOverride],
    lob: Lob,
    state: str | None,
    self_funded: bool | None,
    day: date,
) -> tuple[StepRule, ...]:
    """The step rules with the grounds of the State's law among their exceptions. A ground whose fact or id the rule has
    already is not asked twice."""
    grounds = [g for law in overrides if law.holds_for(lob, state, self_funded, day) for g in law.grounds]
    return tuple(_with_grounds(rule, grounds) for rule in rules)


def product_prefix(code: str) -> str:
    """The code of a drug in any package: labeler and product of a National Drug Code, other codes as they are. Whoever
    takes a drug takes it from the small and from the large package."""
    plain = normalize_code(code)
    return f"{plain[:_PRODUCT_DIGITS]}*" if len(plain) == _NDC_DIGITS and plain.isdigit() else code


def _with_grounds(rule: StepRule, grounds: Iterable[StepException]) -> StepRule:
    known = {one.id for one in rule.exceptions} | {one.fact for one in rule.exceptions if one.fact is not None}
    added = tuple(one for one in grounds if one.id not in known and (one.fact is None or one.fact not in known))
    return rule.model_copy(update={"exceptions": (*rule.exceptions, *added)}) if added else rule


def protection_from_steps(
    classes: Iterable[ProtectedClass],
    lob: Lob,
    code: str,
    groups: Collection[str],
    day: date,
    history: DrugHistory | None,
    said: bool | None,
) -> tuple[ProtectedClass, str] | None:
    """The class that protects the member from steps for this drug on `day`, and why; None where a step may be asked.

    `said` is the provider's answer on whether the drug was taken already. Where neither the history nor the provider shows that
    it is new, the member is treated as taking it.
    """
    found = next((one for one in classes if lob in one.lobs and one.drug.holds(code, groups)), None)
    if found is None:
        return None
    if not found.new_starts_stepped:
        return found, f"{found.title}: no step for anybody"
    since = day - timedelta(days=found.lookback_days)
    supplies = () if history is None else history.supplies
    asked = DrugSelector(codes=(product_prefix(code),), service_groups=tuple(groups))
    taken = any(
        since <= one.last_day and one.day < day and asked.holds(one.code, one.service_groups) for one in supplies
    )
    if taken or said is True:
        return found, f"{found.title}: the drug is taken already"
    is_new = said is False or (history is not None and history.known_since <= since)
    return None if is_new else (found, f"{found.title}: nothing shows that the drug is new for the member")
