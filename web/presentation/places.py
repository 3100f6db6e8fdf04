"""Places of service and kinds of service as forms offer them."""

from __future__ import annotations

from domain.vocabulary import ServiceKind

PLACES: tuple[tuple[str, str], ...] = (
    ("11", "Office"),
    ("12", "Home"),
    ("10", "Telehealth, at home"),
    ("02", "Telehealth, elsewhere"),
    ("21", "Inpatient hospital"),
    ("22", "Outpatient hospital, on campus"),
    ("19", "Outpatient hospital, off campus"),
    ("23", "Emergency room"),
    ("24", "Ambulatory surgical center"),
    ("31", "Skilled nursing facility"),
    ("32", "Nursing facility"),
    ("34", "Hospice"),
    ("51", "Inpatient psychiatric facility"),
    ("52", "Psychiatric facility, partial hospitalization"),
    ("55", "Residential substance use treatment"),
    ("57", "Non-residential substance use treatment"),
    ("61", "Inpatient rehabilitation facility"),
    ("65", "Dialysis facility"),
    ("81", "Laboratory"),
)
"""CMS's two-digit codes with their names, the most used first."""
KINDS: tuple[tuple[str, str], ...] = (
    (ServiceKind.MEDICAL.value, "Medical service or equipment"),
    (ServiceKind.BEHAVIORAL.value, "Behavioral health"),
    (ServiceKind.PART_B_DRUG.value, "Drug given in a clinic"),
    (ServiceKind.PHARMACY_DRUG.value, "Drug from a pharmacy"),
)
"""The kinds of service, in words."""


def describe_place(code: str | None) -> str:
    """The name of a place of service; the code where the list has no name for it, empty for none."""
    return dict(PLACES).get(code or "", code or "")
