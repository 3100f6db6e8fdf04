"""Step therapy and quantity limits of drugs and supplies: rules and their evaluation, never a decision.

`met` means that the limit is no obstacle; `not_met` and `unknown` go to a person. A history that is not known,
or that begins after the look-back does, never counts as a history without the drug.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field, PositiveInt, model_validator

from domain.evidence.units import same_unit
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import Lob, ServiceKind

_DIGITS_OF_NDC = (5, 4, 2)
_MOST_DAYS_ASKED = 366
"""Longer is no supply that a limit was made for: a person looks."""


def normalize_code(code: str) -> str:
    """Normalize a code: a National Drug Code to its eleven digits, however it is hyphenated; others as they are.

    ``99999-0123-45``, ``99999-123-45`` and ``99999012345`` are one code. A last part ``*`` stays, for a prefix.
    """
    parts = code.split("-")
    if len(parts) != len(_DIGITS_OF_NDC) or not all(part.isdigit() or part == "*" for part in parts):
        return code
    return "".join(part if part == "*" else part.zfill(n) for part, n in zip(parts, _DIGITS_OF_NDC, strict=True))


class DrugSelector(Model):
    """A set of drugs by codes and service groups; a trailing ``*`` makes a code a prefix. `title` is its display name."""

    title: str = ""
    codes: tuple[str, ...] = ()
    service_groups: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.codes or self.service_groups):
            raise ValueError("names nothing; give codes or service_groups")
        return self

    def holds(self, code: str, groups: Collection[str] = ()) -> bool:
        asked = normalize_code(code)
        named = (normalize_code(one) for one in self.codes)
        by_code = any(asked.startswith(one[:-1]) if one.endswith("*") else asked == one for one in named)
        return by_code or not set(self.service_groups).isdisjoint(groups)


class Supply(Model):
    """One supply in the member's history: from `day` for `days` (None: not stated), `quantity` in `unit`.

    Without a `unit` the quantity is in the unit of the limit that it is compared with.
    """

    code: str
    service_groups: tuple[str, ...] = ()
    day: date
    days: PositiveInt | None = None
    quantity: Decimal | None = None
    unit: str | None = None

    @property
    def last_day(self) -> date:
        """The last certain day: the first day, where the length of the supply is not stated."""
        return self.day + timedelta(days=(self.days or 1) - 1)


class DrugHistory(Model):
    """The earlier supplies of a member. `known_since` is the first day from which the record is complete."""

    known_since: date
    supplies: tuple[Supply, ...] = ()


class MissingLimitFact(StrEnum):
    """A fact that is missing to evaluate a limit."""

    HISTORY = "history"
    """The earlier supplies, with their length and amount."""
    DAYS_SUPPLY = "days_supply"
    """The number of days that the requested amount is meant to last."""
    QUANTITY = "quantity"
    """The requested amount, in the unit of the limit."""


class LimitFinding(Model):
    """The result of a rule for a request, and the reason, in words without values of the record.

    `lacking` and `unanswered` (ids of exceptions) state what keeps it unknown.
    """

    rule_id: str
    state: Tri
    because: str
    cite: str
    lacking: tuple[MissingLimitFact, ...] = ()
    unanswered: tuple[str, ...] = ()


class LimitRule(Model):
    """The fields that step and quantity rules share. Both days count; the date is the first day of service."""

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    drug: DrugSelector
    lobs: tuple[Lob, ...] = ()
    first_day: date
    last_day: date | None = None
    because: str = Field(min_length=1)
    cite: str = Field(min_length=1)

    def binds(self, lob: Lob, day: date, code: str, groups: Collection[str] = ()) -> bool:
        in_force = self.first_day <= day and (self.last_day is None or day <= self.last_day)
        return in_force and (not self.lobs or lob in self.lobs) and self.drug.holds(code, groups)


class StepTestCase(Model):
    """A test case of a step rule. `history` None means that nothing is known of earlier supplies."""

    name: str
    day: date
    history: DrugHistory | None = None
    exceptions: dict[str, bool] = {}
    expect: Tri


class StepTherapyDrug(Model):
    """One drug that may come first, given for at least `min_days` days within the look-back."""

    drug: DrugSelector
    min_days: PositiveInt


class StepException(Model):
    """A reason for which the step is not required. `text` is the question for the provider; `fact` is the yes-or-no fact of the
    dictionary that holds the answer (None: only a person can find it in the record)."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: str = Field(min_length=1)
    fact: str | None = None


class StepRule(LimitRule):
    """Another drug comes first: `needed` of the `steps`, within `lookback_days`, unless an exception holds.

    `new_starts_only`: members who had the drug itself within the look-back need no step. For drugs under the medical
    benefit of Medicare Advantage that and 365 days are the law (42 CFR 422.136(a)).
    """

    service_kinds: tuple[ServiceKind, ...] = ()
    steps: tuple[StepTherapyDrug, ...] = Field(min_length=1)
    needed: PositiveInt = 1
    lookback_days: PositiveInt
    new_starts_only: bool
    exceptions: tuple[StepException, ...] = Field(min_length=1)
    tests: tuple[StepTestCase, ...]

    @model_validator(mode="after")
    def _can_be_fulfilled(self) -> Self:
        if self.needed > len(self.steps):
            raise ValueError(f"needed is {self.needed} with {len(self.steps)} steps; nobody could fulfil it")
        if Lob.MEDICARE_ADVANTAGE in self.lobs or not self.lobs:
            under_medical = not self.service_kinds or ServiceKind.PART_B_DRUG in self.service_kinds
            if under_medical and not (self.new_starts_only and self.lookback_days >= 365):
                raise ValueError(
                    "under Medicare Advantage a step binds new starts only, with a look-back of at least 365 days"
                    " (42 CFR 422.136(a)); set new_starts_only: true and lookback_days: 365, or limit lobs"
                )
        return self


class QuantityTestCase(Model):
    """A test case of a quantity limit."""

    name: str
    day: date
    last_day: date | None = None
    quantity: Decimal | None = None
    history: DrugHistory | None = None
    expect: Tri


class QuantityRule(LimitRule):
    """At most `limit` of `unit` in any `per_days` days. `units` are other words for the unit in which senders count.

    Without `asks_history_at_first` a first request is not asked what was given before: a person looks where it is not known.
    """

    limit: Decimal = Field(gt=0)
    unit: str
    units: tuple[str, ...] = ()
    per_days: PositiveInt
    asks_history_at_first: bool = True
    tests: tuple[QuantityTestCase, ...]

    def counts_in(self, unit: str | None) -> bool:
        """Whether a quantity in this unit can be compared with the limit."""
        return unit is not None and any(same_unit(unit.lower(), known.lower()) for known in (self.unit, *self.units))


def evaluate_step(
    rule: StepRule, day: date, history: DrugHistory | None, exceptions: dict[str, bool] | None = None
) -> LimitFinding:
    """Evaluate a step rule on the first day of service. `exceptions` holds the answers, by id."""
    answered = exceptions or {}
    since = day - timedelta(days=rule.lookback_days)
    granted = [each.text for each in rule.exceptions if answered.get(each.id) is True]
    if granted:
        return _limit_finding(rule, Tri.MET, f"the step is not asked; answered with yes: {' '.join(granted)}")
    supplies = (
        () if history is None else tuple(one for one in history.supplies if since <= one.last_day and one.day < day)
    )
    if rule.new_starts_only and any(rule.drug.holds(one.code, one.service_groups) for one in supplies):
        return _limit_finding(rule, Tri.MET, "the drug asked for was given within the look-back: no new start")
    done = sum(1 for step in rule.steps if _days_supplied(step, supplies, since, day) >= step.min_days)
    if done >= rule.needed:
        return _limit_finding(rule, Tri.MET, f"{done} of the drugs that come first were given long enough")
    unanswered = tuple(each.id for each in rule.exceptions if each.id not in answered)
    if history is None or history.known_since > since:
        why = "the history of drugs does not cover the look-back"
        return _limit_finding(rule, Tri.UNKNOWN, why, (MissingLimitFact.HISTORY,), unanswered)
    if any(
        one.days is None and any(step.drug.holds(one.code, one.service_groups) for step in rule.steps)
        for one in supplies
    ):
        why = "a drug that comes first was given, and for how many days is not known"
        return _limit_finding(rule, Tri.UNKNOWN, why, (MissingLimitFact.HISTORY,), unanswered)
    if unanswered:
        questions = " ".join(each.text for each in rule.exceptions if each.id not in answered)
        why = f"no step in the history; not answered: {questions}"
        return _limit_finding(rule, Tri.UNKNOWN, why, unanswered=unanswered)
    return _limit_finding(rule, Tri.NOT_MET, f"{done} of {rule.needed} steps taken, and no exception holds")


def evaluate_quantity(
    rule: QuantityRule, day: date, last_day: date | None, quantity: Decimal | None, history: DrugHistory | None
) -> LimitFinding:
    """Evaluate whether a request from `day` to `last_day` stays within the limit, with the supplies of the window before.

    A request over several windows may take the limit once for each window that it begins. One without a
    stated length (`last_day` None) is within the limit if it would be for a single window, and else unknown. A quantity that
    nobody can be given, and more than a year at once, are unknown; an amount before that is none (a claim taken back) is no
    amount that could make room.
    """
    if quantity is None or not quantity.is_finite() or quantity <= 0:
        return _limit_finding(
            rule, Tri.UNKNOWN, "the request states no quantity that can be compared", (MissingLimitFact.QUANTITY,)
        )
    span = 1 if last_day is None else (last_day - day).days + 1
    if not 1 <= span <= _MOST_DAYS_ASKED:
        why = "the days asked for are not those of one approval, so that the limit of the whole time says nothing"
        return _limit_finding(rule, Tri.UNKNOWN, why, (MissingLimitFact.DAYS_SUPPLY,))
    allowed = rule.limit * -(-span // rule.per_days)
    if quantity > allowed and last_day is None:
        why = "more than the limit of one time, and for how many days is not known"
        return _limit_finding(rule, Tri.UNKNOWN, why, (MissingLimitFact.DAYS_SUPPLY,))
    if quantity > allowed:
        return _limit_finding(rule, Tri.NOT_MET, f"asked for more than {allowed:f} {rule.unit} for the time asked")
    since = day - timedelta(days=rule.per_days - 1)
    earlier = (
        ()
        if history is None
        else tuple(
            one for one in history.supplies if since <= one.day < day and rule.drug.holds(one.code, one.service_groups)
        )
    )
    amounts = tuple(
        one.quantity
        if (one.unit is None or rule.counts_in(one.unit)) and one.quantity is not None and one.quantity > 0
        else None
        for one in earlier
    )
    known = sum((amount for amount in amounts if amount is not None), Decimal(0))
    if quantity + known > allowed and last_day is None:
        why = "with what was given before, more than the limit of one time, and for how many days is not known"
        return _limit_finding(rule, Tri.UNKNOWN, why, (MissingLimitFact.DAYS_SUPPLY,))
    if quantity + known > allowed:
        return _limit_finding(rule, Tri.NOT_MET, f"with what was given before, more than {allowed:f} {rule.unit}")
    complete = history is not None and history.known_since <= since and None not in amounts
    if not complete:
        why = "what was given in the window before is not fully known"
        return _limit_finding(rule, Tri.UNKNOWN, why, (MissingLimitFact.HISTORY,))
    return _limit_finding(rule, Tri.MET, f"within {allowed:f} {rule.unit} for the time asked")


def failing_step_tests(rule: StepRule) -> Iterable[tuple[int, Tri]]:
    """Position and outcome of each test case of a step rule that fails."""
    for position, vector in enumerate(rule.tests):
        got = evaluate_step(rule, vector.day, vector.history, vector.exceptions).state
        if got is not vector.expect:
            yield position, got


def failing_quantity_tests(rule: QuantityRule) -> Iterable[tuple[int, Tri]]:
    """Position and outcome of each test case of a quantity limit that fails."""
    for position, vector in enumerate(rule.tests):
        got = evaluate_quantity(rule, vector.day, vector.last_day, vector.quantity, vector.history).state
        if got is not vector.expect:
            yield position, got


def _days_supplied(step: StepTherapyDrug, supplies: Iterable[Supply], since: date, day: date) -> int:
    """Different days within [since, day) on which the drug was supplied."""
    covered: set[date] = set()
    for one in supplies:
        if step.drug.holds(one.code, one.service_groups):
            covered.update(one.day + timedelta(days=offset) for offset in range(one.days or 1))
    return sum(1 for each in covered if since <= each < day)


def _limit_finding(
    rule: LimitRule,
    state: Tri,
    because: str,
    lacking: tuple[MissingLimitFact, ...] = (),
    unanswered: tuple[str, ...] = (),
) -> LimitFinding:
    return LimitFinding(
        rule_id=rule.rule_id, state=state, because=because, cite=rule.cite, lacking=lacking, unanswered=unanswered
    )
