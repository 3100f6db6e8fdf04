"""Readmission risk scores: LACE and HOSPITAL. They are signals for planning; no decision rests on them.

An unknown value is never assumed to be harmless: the score is then "at least" what the known values make, and its
band is the lowest that it can still be in.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from pydantic import Field, NonNegativeInt

from domain.model import Model

T = TypeVar("T")


class RiskBand(StrEnum):
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class Score(Model):
    """A score out of `most`. With nothing missing `at_least` and `at_most` are equal, and that is the score.

    `band` is the band of `at_least`; `band_may_be` names the higher bands that the missing values could still lead to.
    """

    name: str
    at_least: NonNegativeInt
    at_most: NonNegativeInt
    most: NonNegativeInt
    missing: tuple[str, ...]
    band: RiskBand
    band_may_be: tuple[RiskBand, ...]
    citation: str

    @property
    def is_complete(self) -> bool:
        return not self.missing

    def __str__(self) -> str:
        if self.is_complete:
            return f"{self.name} {self.at_least} of {self.most} ({self.band.value})"
        lacking = ", ".join(self.missing)
        return (
            f"{self.name} at least {self.at_least} of {self.most} ({self.band.value} or higher; not known: {lacking})"
        )


class LaceValues(Model):
    """The inputs of LACE. None is unknown.

    `length_of_stay_days` counts midnights in hospital, `charlson` is the comorbidity index, `emergency_visits` are those
    of the six months before, without the one that led to this stay.
    """

    length_of_stay_days: NonNegativeInt | None = Field(default=None, description="Midnights in hospital.")
    emergent_admission: bool | None = Field(default=None, description="Whether the admission was an emergency.")
    charlson: NonNegativeInt | None = Field(default=None, description="The Charlson comorbidity index.")
    emergency_visits: NonNegativeInt | None = Field(
        default=None, description="Emergency visits of the six months before this stay."
    )


class HospitalValues(Model):
    """The inputs of HOSPITAL at discharge. None is unknown.

    `hemoglobin` is in g/dL, `sodium` in mmol/L (mEq/L); `procedure` is any procedure coded during the stay.
    """

    hemoglobin: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="Hemoglobin at discharge, in g/dL."
    )
    oncology_service: bool | None = Field(default=None, description="Whether an oncology service discharges.")
    sodium: float | None = Field(default=None, ge=0, allow_inf_nan=False, description="Sodium at discharge, in mmol/L.")
    procedure: bool | None = Field(default=None, description="Whether any procedure was coded in the stay.")
    urgent_admission: bool | None = Field(default=None, description="Whether the admission was urgent.")
    admissions_last_year: NonNegativeInt | None = Field(default=None, description="Admissions of the year before.")
    length_of_stay_days: NonNegativeInt | None = Field(default=None, description="Days in hospital.")


_LACE_MOST, _HOSPITAL_MOST = 19, 13
LACE_CITATION = "van Walraven and others, CMAJ 2010;182:551-557"
HOSPITAL_CITATION = "Donzé and others, JAMA Internal Medicine 2013;173:632-638"


def lace(values: LaceValues) -> Score:
    """LACE, 0 to 19; 10 and more is high (the source has no other band: below 5 is shown as low)."""
    parts = {
        "length of stay": _points(values.length_of_stay_days, _lace_length, 7),
        "emergent admission": _points(values.emergent_admission, lambda urgent: 3 if urgent else 0, 3),
        "Charlson index": _points(values.charlson, lambda index: index if index <= 3 else 5, 5),
        "emergency visits in six months": _points(values.emergency_visits, lambda visits: min(visits, 4), 4),
    }
    return _score("LACE", _LACE_MOST, parts, ((10, RiskBand.HIGH), (5, RiskBand.MODERATE)), LACE_CITATION)


def hospital(values: HospitalValues) -> Score:
    """HOSPITAL, 0 to 13: 0-4 low, 5-6 moderate, 7 and more high."""
    parts = {
        "hemoglobin": _points(values.hemoglobin, lambda found: 1 if found < 12 else 0, 1),
        "oncology service": _points(values.oncology_service, lambda yes: 2 if yes else 0, 2),
        "sodium": _points(values.sodium, lambda found: 1 if found < 135 else 0, 1),
        "procedure": _points(values.procedure, lambda yes: 1 if yes else 0, 1),
        "urgent admission": _points(values.urgent_admission, lambda yes: 1 if yes else 0, 1),
        "admissions in the last year": _points(values.admissions_last_year, _hospital_admissions, 5),
        "length of stay": _points(values.length_of_stay_days, lambda days: 2 if days >= 5 else 0, 2),
    }
    return _score("HOSPITAL", _HOSPITAL_MOST, parts, ((7, RiskBand.HIGH), (5, RiskBand.MODERATE)), HOSPITAL_CITATION)


def _lace_length(days: int) -> int:
    if days <= 3:
        return days
    return 4 if days <= 6 else 5 if days <= 13 else 7


def _hospital_admissions(count: int) -> int:
    return 0 if count <= 1 else 2 if count <= 5 else 5


_Part = tuple[int, int, bool]
"""Least points, most points, whether the value is missing."""


def _points(value: T | None, of: Callable[[T], int], most: int) -> _Part:
    if value is None:
        return 0, most, True
    found = of(value)
    return found, found, False


def _score(
    name: str, most: int, parts: dict[str, _Part], bands: tuple[tuple[int, RiskBand], ...], citation: str
) -> Score:
    least, reachable = sum(part[0] for part in parts.values()), sum(part[1] for part in parts.values())
    order = list(RiskBand)
    low, high = _band(least, bands), _band(reachable, bands)
    return Score(
        name=name,
        at_least=least,
        at_most=reachable,
        most=most,
        missing=tuple(what for what, part in parts.items() if part[2]),
        band=low,
        band_may_be=tuple(order[order.index(low) + 1 : order.index(high) + 1]),
        citation=citation,
    )


def _band(points: int, bands: tuple[tuple[int, RiskBand], ...]) -> RiskBand:
    return next((band for least, band in bands if points >= least), RiskBand.LOW)
