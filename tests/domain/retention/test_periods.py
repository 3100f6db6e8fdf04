from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.retention.periods import MINORS, KeptUntil, RetentionPolicy, add_years, keep_until
from domain.vocabulary import Lob
from rulebook.retention_rules import load_retention_policy

ADULT = date(1960, 5, 1)
TODAY = date(2040, 1, 1)


@pytest.fixture(scope="module")
def policy() -> RetentionPolicy:
    return load_retention_policy()


def kept(policy: RetentionPolicy, lob: Lob, last_act: date, born: date = ADULT, state: str = "IL") -> KeptUntil | None:
    return keep_until(policy, lob, state, born, last_act, TODAY)


@pytest.mark.parametrize(
    ("lob", "last_day", "rule"),
    [
        (Lob.MEDICARE_ADVANTAGE, date(2036, 12, 31), "MA-10"),
        (Lob.PART_D, date(2036, 12, 31), "PART-D-10"),
        (Lob.MEDICAID, date(2036, 12, 31), "MEDICAID-10"),
        (Lob.CHIP, date(2036, 12, 31), "CHIP-10"),
        (Lob.COMMERCIAL_ERISA, date(2033, 12, 31), "ERISA-6"),
        (Lob.COMMERCIAL_ACA, date(2036, 12, 31), "INSURANCE-10"),
        (Lob.QHP, date(2036, 12, 31), "QHP-10"),
    ],
)
def test_each_line_of_business_keeps_its_records_as_long_as_its_law_says(
    policy: RetentionPolicy, lob: Lob, last_day: date, rule: str
) -> None:
    assert kept(policy, lob, date(2026, 3, 2)) == KeptUntil(last_day, (rule,))


def test_the_record_of_a_child_outlasts_its_line_of_business(policy: RetentionPolicy) -> None:
    until = kept(policy, Lob.MEDICAID, date(2026, 3, 2), born=date(2024, 2, 29))
    assert until == KeptUntil(date(2052, 2, 29), (MINORS,))


def test_a_line_of_business_without_a_rule_of_its_own_keeps_everything(policy: RetentionPolicy) -> None:
    general = policy.model_copy(update={"periods": tuple(rule for rule in policy.periods if not rule.lobs)})
    assert general.periods and kept(general, Lob.MEDICAID, date(2001, 1, 1)) is None


def test_a_rule_of_a_state_binds_that_state_and_the_longest_rule_counts(policy: RetentionPolicy) -> None:
    (medicaid,) = (rule for rule in policy.periods if rule.rule_id == "MEDICAID-10")
    longer = medicaid.model_copy(update={"rule_id": "MEDICAID-TX", "states": ("TX",), "years": 15})
    both = policy.model_copy(update={"periods": (*policy.periods, longer)})
    assert kept(both, Lob.MEDICAID, date(2026, 3, 2), state="TX") == KeptUntil(date(2041, 12, 31), ("MEDICAID-TX",))
    assert kept(both, Lob.MEDICAID, date(2026, 3, 2), state="IL") == KeptUntil(date(2036, 12, 31), ("MEDICAID-10",))


def test_a_rule_that_ended_goes_on_binding_what_was_closed_under_it(policy: RetentionPolicy) -> None:
    (old,) = (rule for rule in policy.periods if rule.rule_id == "MA-10")
    old = old.model_copy(update={"ends": date(2030, 1, 1), "years": 12})
    new = old.model_copy(update={"rule_id": "MA-5", "years": 5, "effective": date(2030, 1, 1), "ends": None})
    changed = policy.model_copy(update={"periods": (old, new)})
    assert kept(changed, Lob.MEDICARE_ADVANTAGE, date(2029, 6, 1)) == KeptUntil(date(2041, 12, 31), ("MA-10",))
    assert kept(changed, Lob.MEDICARE_ADVANTAGE, date(2030, 6, 1)) == KeptUntil(date(2035, 12, 31), ("MA-5",))


def test_years_are_counted_by_the_calendar_and_never_end_a_day_early() -> None:
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert add_years(date(2024, 2, 29), 6) == date(2030, 3, 1)
    assert add_years(date(2026, 3, 2), 10) - date(2026, 3, 2) == timedelta(days=3653)


def test_every_period_says_where_it_stands(policy: RetentionPolicy) -> None:
    assert all(rule.source and rule.confidence for rule in policy.periods)
    named = {lob for rule in policy.periods for lob in rule.lobs}
    assert named == set(Lob), "no line of business is left to nobody's rule"
