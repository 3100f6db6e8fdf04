"""Earlier drugs as known: from the plan's claims and from records, and never more than either says."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from domain.drug_limits.history import DAYS_SUPPLY, HISTORY_DAYS, build_history, days_supply
from domain.drug_limits.rules import DrugHistory, Supply
from domain.evidence.clinical_data import ClinicalStatement
from domain.evidence.fact_reading import FactGap, FactReading
from domain.evidence.facts import Fact, FactSource, FactValue, SourceKind

DAY = date(2026, 6, 1)
NOTHING = FactReading(HISTORY_DAYS, gap=FactGap.MISSING)


def told(value: FactValue, effective: date | None = DAY, fact: str = HISTORY_DAYS) -> FactReading:
    source = FactSource(kind=SourceKind.DOCUMENT, reference="list")
    return FactReading(fact, Fact(id=fact, value=value, unit="d", effective=effective, source=source))


def given(value: float | None, unit: str | None, reference: str = "fill-1", **more: object) -> ClinicalStatement:
    words = {"code_system": "NDC", "code": "99999-0200-30", "effective": date(2026, 4, 1)} | more
    return ClinicalStatement(value=value, unit=unit, reference=reference, **words)  # type: ignore[arg-type]


def groups_of(code: str) -> frozenset[str]:
    return frozenset({"first_line"}) if code.startswith("99999-0200") else frozenset()


def known(
    *statements: ClinicalStatement, reaches: FactReading = NOTHING, of_plan: DrugHistory | None = None
) -> DrugHistory | None:
    return build_history(statements, reaches, of_plan, groups_of, DAY)


def test_nothing_told_is_no_history_and_not_an_empty_one() -> None:
    assert known() is None


def test_days_and_quantity_of_one_dispense_are_one_supply() -> None:
    history = known(given(28, "d"), given(4, "tablet"))
    assert history is not None
    (supply,) = history.supplies
    assert (supply.days, supply.quantity, supply.unit) == (28, Decimal(4), "tablet")
    assert supply.service_groups == ("first_line",)


def test_a_drug_without_days_is_a_supply_whose_days_are_not_known() -> None:
    history = known(given(None, None))
    assert history is not None and history.supplies[0].days is None


def test_records_that_do_not_say_how_far_back_they_reach_cover_no_look_back() -> None:
    history = known(given(28, "d"))
    assert history is not None and history.known_since == DAY


def test_how_far_back_records_reach_counts_from_the_day_on_which_they_were_made() -> None:
    history = known(reaches=told(365, DAY - timedelta(days=10)))
    assert history == DrugHistory(known_since=DAY - timedelta(days=375))


def test_a_reach_without_a_day_or_beyond_measure_tells_nothing() -> None:
    assert known(reaches=told(365, None)) is None
    assert known(reaches=told(10**9)) is None


def test_the_claims_of_the_plan_and_the_records_of_a_provider_add_up_and_count_once() -> None:
    claims = DrugHistory(
        known_since=date(2026, 1, 1),
        supplies=(
            Supply(code="99999-0200-30", day=date(2026, 4, 1), days=30),
            Supply(code="99999-0200-30", day=date(2026, 5, 1), days=30),
        ),
    )
    history = known(given(28, "d"), given(28, "d", "fill-0", effective=date(2025, 12, 1)), of_plan=claims)
    assert history is not None and history.known_since == date(2026, 1, 1)
    assert {(one.day, one.days) for one in history.supplies} == {
        (date(2025, 12, 1), 28),
        (date(2026, 4, 1), 30),
        (date(2026, 5, 1), 30),
    }
    assert all(one.service_groups == ("first_line",) for one in history.supplies)


def test_a_measurement_is_no_supply() -> None:
    assert known(given(7.1, "%", code_system="LOINC", code="4548-4")) is None


def test_the_days_of_an_amount_are_taken_only_as_a_sensible_whole_number() -> None:
    assert days_supply(told(28, fact=DAYS_SUPPLY)) == 28
    for value in (0, -3, 2.5, 10**9, True):
        assert days_supply(told(value, fact=DAYS_SUPPLY)) is None or value is True
    assert days_supply(FactReading(DAYS_SUPPLY, gap=FactGap.MISSING)) is None
