"""Remarks on measurements that came in another unit than their fact is taken in: such a value is not converted and does not
count, and whoever sent or reviews it is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from domain.criteria.fact_extraction import named_definitions
from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.evidence.facts import Fact, FactDefinition, FactType, FactValue
from domain.evidence.units import clinic_unit, same_unit
from domain.requests.remarks import ReadingRemark

UNIT_RULE = "umpire-unit"
_WRITABLE = re.compile(r"[A-Za-z0-9%°²µ/*^.\[\]{}_-]{1,20}")


def find_foreign_units(
    dictionary: Mapping[str, FactDefinition],
    facts: Iterable[Fact] = (),
    statements: Iterable[ClinicalStatement] = (),
    answers: Iterable[QuestionnaireAnswer] = (),
) -> tuple[ReadingRemark, ...]:
    """Find the values whose unit the dictionary does not take for their fact, each kind once. Values are never quoted."""
    found = (
        *((one, fact.value, fact.unit) for fact in facts if (one := dictionary.get(fact.id)) is not None),
        *_of_statements(dictionary, statements),
        *(
            (one, answer.value, answer.unit)
            for answer in answers
            if answer.unit is not None and (one := dictionary.get(answer.link_id)) is not None
        ),
    )
    remarks = (_remark(*one) for one in found)
    return tuple({one.key: one for one in remarks if one is not None}.values())


def _of_statements(
    dictionary: Mapping[str, FactDefinition], statements: Iterable[ClinicalStatement]
) -> Iterator[tuple[FactDefinition, FactValue, str | None]]:
    for statement in statements:
        meant = named_definitions(dictionary, statement) if statement.value is not None else []
        if len(meant) == 1 and statement.value is not None:
            yield meant[0], statement.value, statement.unit


def _remark(definition: FactDefinition, value: FactValue, unit: str | None) -> ReadingRemark | None:
    if same_unit(unit, definition.unit):
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if definition.type is FactType.NUMBER and not is_number:
        return None
    wanted = clinic_unit(definition.unit) or "no unit"
    given = (unit or "").strip()
    came = "without a unit" if not given else f"in {given}" if _WRITABLE.fullmatch(given) else "in another unit"
    return ReadingRemark(
        path=definition.id,
        rule=UNIT_RULE,
        message=f"{definition.id} came {came} and counts in {wanted} only: units are never converted",
        expected=f"the value in {wanted}"
        + (f" (written {definition.unit})" if definition.unit not in (None, wanted) else ""),
    )
