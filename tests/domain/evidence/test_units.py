"""Units of the dictionary: a slip of the pen is told with the code that was meant."""

from __future__ import annotations

import pytest

from domain.evidence.units import known_units, misspelt_unit


@pytest.mark.parametrize(
    ("written", "meant"),
    [("mmHg", "mm[Hg]"), ("mm[HG]", "mm[Hg]"), ("mmgh", "mm[Hg]"), ("percent", "%"), ("days", "d"), ("kg/m²", "kg/m2")],
)
def test_another_spelling_or_a_slip_is_told_with_the_code(written: str, meant: str) -> None:
    assert misspelt_unit(written) == meant


@pytest.mark.parametrize(
    "unit", [None, "{events}", "mg", "ug", "mmol/L", "ng/mL", "10*9/L", *(code for code, *_ in known_units())]
)
def test_a_code_and_a_unit_like_none_of_the_list_stand(unit: str | None) -> None:
    assert misspelt_unit(unit) is None
