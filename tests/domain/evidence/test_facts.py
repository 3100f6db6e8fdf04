"""Facts: where a value comes from decides what it weighs, and no doubtful value counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.evidence.fact_reading import FactGap, FactReader, FactReading
from domain.evidence.facts import EvidenceTier, Fact, FactDefinition, FactDictionary, FactSource, SourceKind
from tests.domain.criteria.samples import DICTIONARY, TODAY, definition, fact


def read(fact_id: str, *seen: Fact) -> FactReading:
    return FactReader(definition(fact_id)).read(seen, TODAY)


@pytest.mark.parametrize(
    ("kind", "tier"),
    [
        (SourceKind.STRUCTURED_RESOURCE, EvidenceTier.STRUCTURED),
        (SourceKind.DOCUMENT, EvidenceTier.DOCUMENT),
        (SourceKind.ATTESTATION, EvidenceTier.ATTEST),
        (SourceKind.CLINICIAN_JUDGMENT, EvidenceTier.JUDGMENT),
    ],
)
def test_the_evidence_tier_follows_from_the_source(kind: SourceKind, tier: EvidenceTier) -> None:
    assert fact("t.yes", True, kind=kind).evidence is tier


def test_a_fact_cannot_claim_a_tier_of_its_own() -> None:
    with pytest.raises(ValidationError, match="evidence"):
        fact("t.yes", True, kind=SourceKind.ATTESTATION, evidence="structured")


@pytest.mark.parametrize("value", [True, False, 0, 1, 86, 86.5, "E0601", ("E11.9", "I10")])
def test_a_value_keeps_its_type_through_json(value: Any) -> None:
    before = Fact(id="t.yes", value=value, source=FactSource(kind=SourceKind.DOCUMENT, reference="d"))
    after = Fact.model_validate_json(before.model_dump_json())
    assert after == before
    assert type(after.value) is type(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, {"a": 1}, object()])
def test_a_value_that_is_none_of_the_types_is_refused_at_the_edge(value: Any) -> None:
    with pytest.raises(ValidationError):
        fact("t.level", value)


@pytest.mark.parametrize(
    ("fact_id", "value"),
    [
        ("t.yes", 1),
        ("t.yes", "true"),
        ("t.level", True),
        ("t.level", "86"),
        ("t.level", 10**400),
        ("t.cause", ("trauma",)),
        ("t.cause", ""),
        ("t.item", 86),
        ("t.dx", "I10"),
        ("t.dx", ()),
        ("t.dx", ("",)),
    ],
)
def test_a_value_of_another_type_leaves_the_fact_unknown(fact_id: str, value: Any) -> None:
    reading = read(fact_id, fact(fact_id, value))
    assert reading.gap is FactGap.WRONG_TYPE
    assert reading.detail is not None
    assert reading.detail.startswith("expected")
    assert reading.value == value


@pytest.mark.parametrize("unit", [None, "1", "{ratio}", "kg", "mm[Hg]"])
def test_a_value_in_another_unit_leaves_the_fact_unknown(unit: str | None) -> None:
    assert read("t.level", fact("t.level", 0.86, unit=unit)).gap is FactGap.WRONG_UNIT


@pytest.mark.parametrize("unit", [None, "1", "{events}", "{apneas}"])
def test_a_plain_count_needs_no_unit(unit: str | None) -> None:
    assert read("t.count", fact("t.count", 30, unit=unit)).gap is None


def test_a_unit_on_a_yes_or_no_is_not_ignored() -> None:
    assert read("t.yes", fact("t.yes", True, unit="%")).gap is FactGap.WRONG_UNIT


def test_a_word_outside_the_list_leaves_the_fact_unknown() -> None:
    assert read("t.cause", fact("t.cause", "Trauma")).gap is FactGap.VALUE_NOT_LISTED
    assert read("t.cause", fact("t.cause", "trauma")).gap is None


def test_a_fact_counts_through_its_last_fresh_day_and_not_after() -> None:
    last = TODAY - timedelta(days=180)
    assert read("t.weight", fact("t.weight", 80, effective=last)).gap is None
    expired = read("t.weight", fact("t.weight", 80, effective=last - timedelta(days=1)))
    assert (expired.gap, expired.value) == (FactGap.EXPIRED, 80)
    assert expired.detail is not None
    assert "181 days old" in expired.detail


def test_a_fact_that_can_expire_needs_a_date() -> None:
    assert read("t.weight", fact("t.weight", 80, effective=None)).gap is FactGap.UNDATED
    assert read("t.level", fact("t.level", 80, effective=None)).gap is None


def test_a_fact_of_tomorrow_is_unknown_today() -> None:
    assert read("t.level", fact("t.level", 80, effective=TODAY + timedelta(days=1))).gap is FactGap.FUTURE_DATED
    assert read("t.level", fact("t.level", 80, effective=TODAY)).gap is None


@pytest.mark.parametrize("kind", [kind for kind in SourceKind if kind is not SourceKind.CLINICIAN_JUDGMENT])
def test_no_source_but_a_clinician_answers_a_judgment(kind: SourceKind) -> None:
    assert read("t.judged", fact("t.judged", True, kind=kind)).gap is FactGap.NOT_A_JUDGMENT


@pytest.mark.parametrize("recorded_by", [None, "", "  "])
def test_a_judgment_without_a_named_clinician_does_not_count(recorded_by: str | None) -> None:
    assert read("t.judged", fact("t.judged", True, recorded_by=recorded_by)).gap is FactGap.NOT_A_JUDGMENT


def test_two_values_that_differ_are_a_conflict_and_both_are_shown() -> None:
    reading = read("t.level", fact("t.level", 86, reference="a"), fact("t.level", 93, reference="b"))
    assert (reading.gap, reading.seen) == (FactGap.CONFLICT, None)
    assert [entry.seen.value for entry in reading.set_aside] == [86, 93]


def test_values_that_agree_are_one_and_the_best_supported_is_shown() -> None:
    said = fact("t.level", 86, kind=SourceKind.ATTESTATION)
    measured = fact("t.level", 86.0, effective=TODAY - timedelta(days=3))
    assert read("t.level", said, measured).seen == measured


def test_sets_of_codes_agree_whatever_their_order() -> None:
    assert read("t.dx", fact("t.dx", ("A", "B")), fact("t.dx", ("B", "A"))).gap is None


def test_the_newest_wins_only_where_the_dictionary_says_so() -> None:
    old, new = fact("t.weight", 90, effective=TODAY - timedelta(days=40)), fact("t.weight", 80)
    assert read("t.weight", old, new).value == 80
    assert read("t.weight", new, old).value == 80


def test_two_newest_values_of_one_day_stay_a_conflict() -> None:
    old = fact("t.weight", 80, effective=TODAY - timedelta(days=1))
    assert read("t.weight", old, fact("t.weight", 80), fact("t.weight", 81)).gap is FactGap.CONFLICT


def test_a_value_that_does_not_count_never_outvotes_one_that_does() -> None:
    reading = read("t.level", fact("t.level", 86), fact("t.level", "see attached"), fact("t.level", 0.91, unit="1"))
    assert reading.value == 86
    assert [entry.gap for entry in reading.set_aside] == [FactGap.WRONG_TYPE, FactGap.WRONG_UNIT]


def test_an_answer_that_replaces_a_value_ends_the_conflict() -> None:
    first, second = fact("t.level", 93, reference="a"), fact("t.level", 91, reference="b")
    answer = fact("t.level", 86, reference="c", replaces=("a", "b"))
    reading = read("t.level", first, second, answer)
    assert (reading.gap, reading.value) == (None, 86)
    assert [entry.gap for entry in reading.set_aside] == [FactGap.REPLACED, FactGap.REPLACED]


def test_an_answer_that_does_not_count_replaces_nothing() -> None:
    assert read("t.level", fact("t.level", 93, reference="a"), fact("t.level", "86", replaces=("a",))).value == 93


def test_values_that_replace_each_other_stay_a_conflict() -> None:
    one, other = (
        fact("t.level", 93, reference="a", replaces=("b",)),
        fact("t.level", 86, reference="b", replaces=("a",)),
    )
    assert read("t.level", one, other).gap is FactGap.CONFLICT


def test_the_newest_of_several_refused_values_is_shown() -> None:
    old = fact("t.weight", 80, effective=date(2024, 1, 1), reference="old")
    older = fact("t.weight", 90, effective=date(2023, 1, 1), reference="older")
    reading = read("t.weight", older, old)
    assert reading.seen == old
    assert [entry.seen.source.reference for entry in reading.set_aside] == ["older"]


def test_a_dictionary_refuses_the_same_fact_twice() -> None:
    with pytest.raises(ValidationError, match="same id"):
        FactDictionary(facts=(definition("t.yes"), definition("t.yes")))


@pytest.mark.parametrize(
    "wrong", [{"type": "bool", "unit": "%"}, {"type": "number", "values": ["a"]}, {"max_age_days": 0}, {"id": "Yes"}]
)
def test_a_definition_that_does_not_fit_its_type_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FactDefinition.model_validate(
            {"id": "a.b", "type": "bool", "evidence": "document", "label": "l", "ask": "?", **wrong}
        )


def test_a_changed_dictionary_has_another_hash_even_as_a_copy() -> None:
    before = DICTIONARY.content_hash
    changed = DICTIONARY.model_copy(update={"facts": DICTIONARY.facts[:-1]})
    assert changed.content_hash != before
    assert "t.dx" not in changed.by_id
    assert DICTIONARY.model_copy(deep=True).content_hash == before


@pytest.mark.parametrize("value", [0.86, 0, -5, 101, 860])
def test_a_measurement_that_cannot_be_leaves_the_fact_unknown_and_says_so(value: float) -> None:
    ranged = definition("t.level").model_copy(update={"plausible": (30, 100)})
    reading = FactReader(ranged).read((fact("t.level", value, unit=ranged.unit),), TODAY)
    assert reading.gap is FactGap.IMPLAUSIBLE
    assert reading.detail is not None and "30 to 100" in reading.detail


@pytest.mark.parametrize("value", [30, 86.5, 100])
def test_the_bounds_of_what_can_be_count_themselves(value: float) -> None:
    ranged = definition("t.level").model_copy(update={"plausible": (30, 100)})
    assert FactReader(ranged).read((fact("t.level", value, unit=ranged.unit),), TODAY).value == value


@pytest.mark.parametrize(("type_", "plausible"), [("bool", (0, 1)), ("number", (5, 1))])
def test_only_a_number_has_a_plausible_range_with_the_smaller_number_first(type_: str, plausible: Any) -> None:
    with pytest.raises(ValidationError, match="plausible"):
        FactDefinition(id="t.x", type=type_, label="x", ask="x", evidence="attest", plausible=plausible)
