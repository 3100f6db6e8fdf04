"""What is known of the drugs that a member had before: from the plan's own claims and from records that came with a request.

A supply is a coded statement: the code of the drug, the day on which it was given, and either the days that it lasts (unit
``d``) or the quantity in any other unit; two statements of one resource about the same drug are one supply. How far back
records of a provider reach is a fact of its own (`rx.history_days`): without it, or a history of the plan, nothing tells that
a drug which is not mentioned was not given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal

from domain.drug_limits.rules import History, Supply, one_spelling
from domain.evidence.clinical_data import DRUG_SYSTEMS, ClinicalStatement
from domain.evidence.reading import Reading
from domain.evidence.units import same_unit

HISTORY_DAYS = "rx.history_days"
DAYS_SUPPLY = "rx.days_supply"
PRESCRIBER_STATEMENT = "rx.exception_statement"
FACTS = (HISTORY_DAYS, DAYS_SUPPLY, PRESCRIBER_STATEMENT)
"""The facts of the dictionary that limits read besides the exceptions of their own rules."""

_MOST_DAYS = 36500
GroupsOf = Callable[[str], Collection[str]]
"""The service groups of a code, under the code map of the rulebook."""


def history_of(
    statements: Iterable[ClinicalStatement],
    reaches: Reading,
    of_plan: History | None,
    groups_of: GroupsOf,
    day: date,
) -> History | None:
    """Everything that is known on the first day of service `day`; None when nothing is.

    `reaches` is the reading of HISTORY_DAYS. A supply that the plan and a provider both tell of counts once, as
    the plan has it.
    """
    told = _supplies(statements, groups_of)
    since = [known for known in (_since(reaches), of_plan.known_since if of_plan else None) if known is not None]
    if not told and not since:
        return None
    own = {(one_spelling(one.code), one.day): one for one in told}
    of_claims = {
        (one_spelling(one.code), one.day): _grouped(one, groups_of) for one in (of_plan.supplies if of_plan else ())
    }
    return History(known_since=min(since, default=day), supplies=tuple((own | of_claims).values()))


def days_supply(reading: Reading) -> int | None:
    """For how many days the amount asked for is meant, when somebody says so in a sensible number."""
    value = reading.value if reading.gap is None else None
    return int(value) if isinstance(value, int | float) and 1 <= value <= _MOST_DAYS and value == int(value) else None


def _since(reaches: Reading) -> date | None:
    """The first day that the records cover: so many days before the day on which they were made."""
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
        found[key] = before.model_copy(update=_told(one))
    return tuple(found.values())


def _told(one: ClinicalStatement) -> dict[str, object]:
    value = one.value
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return {}
    if same_unit(one.unit, "d"):
        return {"days": int(value)} if 1 <= int(value) <= _MOST_DAYS else {}
    return {"quantity": Decimal(str(value)), "unit": one.unit}


def _grouped(one: Supply, groups_of: GroupsOf) -> Supply:
    groups = {*one.service_groups, *groups_of(one.code)}
    return one.model_copy(update={"service_groups": tuple(sorted(groups))})
