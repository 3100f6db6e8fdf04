"""Format checks of codes and quantities: enough to detect a typing error, not whether the code exists."""

from __future__ import annotations

import re
from decimal import Decimal

from domain.vocabulary import CodeSystem
from interop.limits import largest_quantity

CODE_SHAPES = {
    CodeSystem.HCPCS: (
        re.compile(r"[A-V][0-9]{4}|[0-9]{4}[0-9AFMTU]"),
        "a HCPCS code such as E1390, or a CPT code of five characters",
    ),
    CodeSystem.ICD10PCS: (
        re.compile(r"[0-9BCDFGHX][A-HJ-NP-Z0-9]{6}"),
        "seven letters or digits, without I and O, the first a section of ICD-10-PCS: 0 to 9, B, C, D, F, G, H or X",
    ),
    CodeSystem.NDC: (
        re.compile(r"[0-9]{10,11}|[0-9]{4}-[0-9]{4}-[0-9]{2}|[0-9]{5}-[0-9]{3}-[0-9]{2}|[0-9]{5}-[0-9]{4}-[0-9]{1,2}"),
        "ten or eleven digits, with hyphens as 4-4-2, 5-3-2, 5-4-1 or 5-4-2",
    ),
    CodeSystem.SERVICE_TYPE: (re.compile(r"[A-Z0-9]{1,2}"), "one or two letters or digits"),
}
ICD10CM_PATTERN = r"([A-Z][0-9][0-9AB])\.?([0-9A-Z]{0,4})"
REVENUE_PATTERN = "[0-9]{3,4}"
_ICD10CM = re.compile(ICD10CM_PATTERN)


def shape_mismatch(system: CodeSystem, code: str) -> str | None:
    """The expected format when the code does not have it; None when it does or the system is not known."""
    pattern, wanted = CODE_SHAPES.get(system, (None, None))
    return wanted if pattern is not None and not pattern.fullmatch(code) else None


def icd10cm_code(code: str) -> str | None:
    """The diagnosis code in capitals and with its dot, or None when it cannot be an ICD-10-CM code."""
    match = _ICD10CM.fullmatch(code.strip().upper())
    if match is None:
        return None
    category, rest = match.groups()
    return f"{category}.{rest}" if rest else category


def is_quantity(value: Decimal, unit: str | None = None, zero_allowed: bool = False) -> bool:
    """Whether this quantity of the unit can be authorized; a canceled line may have zero."""
    return value.is_finite() and (value > 0 or (zero_allowed and value == 0)) and value <= largest_quantity(unit)
