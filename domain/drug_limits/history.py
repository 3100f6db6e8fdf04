"""The drug history of a member: from the plan's own claims and from records submitted with a request.

A supply is a coded statement: the code of the drug, the day on which it was given, and either the days that it lasts (unit
``d``) or the quantity in any other unit; two statements of one resource about the same drug are one supply. The period
that a provider's records cover is a fact of its own (`rx.history_days`): without it, or a history of the plan, a drug that is
not mentioned may still have been given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal

from domain.drug_limits.rules import DrugHistory, Supply, normalize_code
from domain.evidence.clinical_data import DRUG_SYSTEMS, ClinicalStatement
from domain.evidence.fact_reading import FactReading
from domain.evidence.units import same_unit

HISTORY_DAYS = "rx.history_days"
DAYS_SUPPLY = "rx.days_supply"
PRESCRIBER_STATEMENT = "rx.exception_statement"

_MOST_DAYS = 36500
GroupsOf = Callable[[str], Collection[str]]
"""The service groups of a code, under the code map of the rulebook."""


def build_history(
    statements: Iterable[ClinicalStatement],
    reaches: FactReading,
    of_plan: DrugHistory | None,
    groups_of: GroupsOf,
    day: date,
) -> DrugHistory | None:
    """Build the drug history as known on the first day of service `day`; None when nothing is known.

    `reaches` is the reading of HISTORY_DAYS. A supply that both the plan and a provider report counts once, as the plan
    reports it.
    """
    reported = _supplies(statements, groups_of)
    since = [
        known for known in (_first_covered_day(reaches), of_plan.known_since if of_plan else None) if known is not None
    ]
    if not reported and not since:
        return None
    own = {(normalize_code(one.code), one.day): one for one in reported}
    of_claims = {
        (normalize_code(one.code), one.day): _grouped(one, groups_of) for one in (of_plan.supplies if of_plan else ())
    }
    return DrugHistory(known_since=min(since, default=day), supplies=tuple((own | of_claims).values()))


def days_supply(reading: FactReading) -> int | None:
    """The days that the requested amount is meant to last, when stated as a plausible number."""
    value = reading.value if reading.gap is None else None
    return int(value) if isinstance(value, int | float) and 1 <= value <= _MOST_DAYS and value == int(value) else None


def _first_covered_day(reaches: FactReading) -> date | None:
    """The first day that the records cover: the stated number of days before they were made."""
    value = reaches.value if reaches.gap is None else None
    made = reaches.seen.effective if reaches.seen is not None else None
    if made is None or not isinstance(value, int | float) or not 0 <= value <= _MOST_DAYS:
        return None
    return made - timedelta(days=int(value))


def _supplies(statements: Iterable[ClinicalStatement], groups_of: GroupsOf) -> tuple[Supply, ...]:
    found: dict[tuple[str, str, date], Supply] = {}
    for one in statements:
        coded = [code for system, code in one.codes if system in DRUG_SYSTEMS]
        if not coded or one.effective is None:
            continue
        key = (one.reference, coded[0], one.effective)
        before = found.get(key) or Supply(code=coded[0], day=one.effective, service_groups=tuple(groups_of(coded[0])))
        found[key] = before.model_copy(update=_supply_details(one))
    return tuple(found.values())


def _supply_details(one: ClinicalStatement) -> dict[str, object]:
    value = one.value
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return {}
    if same_unit(one.unit, "d"):
        return {"days": int(value)} if 1 <= int(value) <= _MOST_DAYS else {}
    return {"quantity": Decimal(str(value)), "unit": one.unit}


def _grouped(one: Supply, groups_of: GroupsOf) -> Supply:
    groups = {*one.service_groups, *groups_of(one.code)}
    return one.model_copy(update={"service_groups": tuple(sorted(groups))})
