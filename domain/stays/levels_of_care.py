"""Levels of care: the usual moves between them, and the review that each move needs.

A move that the table does not list is not forbidden: nobody has said what it needs, so a person is asked. The same
holds for a hospital unit whose name is not listed: its level is unknown and never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from typing import Self

from pydantic import Field, PositiveInt, model_validator

from domain.cited_value import CitedEntry
from domain.model import Model
from domain.stays.adt import AdtKind, PatientClass, StayEvent


class LevelOfCare(StrEnum):
    """The level at which care is given. Observation is outpatient care in a hospital, in whatever bed."""

    EMERGENCY = "emergency"
    OBSERVATION = "observation"
    INPATIENT_WARD = "inpatient_ward"
    STEPDOWN = "stepdown"
    ICU = "icu"
    LTCH = "ltch"
    IRF = "irf"
    SNF = "snf"
    HOME_HEALTH = "home_health"
    HOSPICE = "hospice"
    HOME = "home"
    ASSISTED_LIVING = "assisted_living"
    PSYCH_IP = "psych_ip"
    RESIDENTIAL = "residential"
    PHP = "php"
    IOP = "iop"


class OrderedStatus(StrEnum):
    """The status by the hospital's order. The order decides between outpatient and inpatient; a bed does not."""

    EMERGENCY = "emergency"
    OBSERVATION = "observation"
    INPATIENT = "inpatient"


ACUTE_INPATIENT = frozenset({LevelOfCare.INPATIENT_WARD, LevelOfCare.STEPDOWN, LevelOfCare.ICU})
"""The levels that make up one acute inpatient stay, under one admission."""


class CountedIn(StrEnum):
    """The unit that is certified at a level. Hours are elapsed hours; days are midnights or days of care."""

    DAYS = "days"
    HOURS = "hours"


class LevelRule(CitedEntry):
    """One level. `cap` is the most that one review certifies, in `counted_in`; both None where nothing is certified.

    `admission_group` and `continued_group` are the service groups whose criteria are asked at the start and in later
    rounds; None where the rulebook has no criteria, and a person judges alone.
    """

    level: LevelOfCare
    title: str = Field(min_length=1)
    counted_in: CountedIn | None = None
    cap: PositiveInt | None = None
    admission_group: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    continued_group: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")

    @model_validator(mode="after")
    def _cap_has_a_unit(self) -> Self:
        if (self.cap is None) is not (self.counted_in is None):
            raise ValueError("cap and counted_in come together: a number of days or hours, or neither")
        return self

    @property
    def is_certified(self) -> bool:
        """Whether days or hours are certified at this level at all."""
        return self.cap is not None


class MoveRule(CitedEntry):
    """A usual move. `new_line`: it opens a new authorization line, judged by the criteria of `criteria_group` if given.

    `asks_person` says why a person has to look at the move itself before anything is opened; empty when nobody has to.
    """

    from_levels: tuple[LevelOfCare, ...] = Field(min_length=1)
    to_level: LevelOfCare
    new_line: bool
    criteria_group: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    asks_person: str = ""

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.to_level in self.from_levels:
            raise ValueError(f"from_levels holds {self.to_level.value}, to which the move goes")
        if self.criteria_group is not None and not self.new_line:
            raise ValueError("criteria_group needs new_line: true; criteria are asked about a line")
        return self


class UnitNames(Model):
    """Names under which hospitals report units of one level. Upper and lower case, spaces and hyphens make no difference."""

    level: LevelOfCare
    names: tuple[str, ...] = Field(min_length=1)


class FacilityUnits(Model):
    """One facility's own names; they count before the general ones. `npi` is its ten-digit identifier."""

    npi: str = Field(pattern=r"^[0-9]{10}$")
    units: tuple[UnitNames, ...] = Field(min_length=1)


class CareLevels(Model):
    """Every level once, the usual moves, and the names of units."""

    levels: tuple[LevelRule, ...]
    moves: tuple[MoveRule, ...]
    units: tuple[UnitNames, ...] = ()
    facilities: tuple[FacilityUnits, ...] = ()

    @model_validator(mode="after")
    def _complete_and_unambiguous(self) -> Self:
        named = [rule.level for rule in self.levels]
        wrong = [level.value for level in LevelOfCare if named.count(level) != 1]
        if wrong:
            raise ValueError(f"levels needs exactly one entry for each level; look at {', '.join(wrong)}")
        pairs = [(start, move.to_level) for move in self.moves for start in move.from_levels]
        twice = sorted({f"{one.value} to {other.value}" for one, other in pairs if pairs.count((one, other)) > 1})
        if twice:
            raise ValueError(f"moves lists {', '.join(twice)} more than once")
        for where, units in (("units", self.units), *((one.npi, one.units) for one in self.facilities)):
            if (doubtful := _ambiguous_unit_name(units)) is not None:
                raise ValueError(f"the unit name {doubtful!r} stands for two levels in {where}")
        if len({one.npi for one in self.facilities}) != len(self.facilities):
            raise ValueError("facilities lists the same npi twice")
        return self

    @cached_property
    def _by_level(self) -> dict[LevelOfCare, LevelRule]:
        return {rule.level: rule for rule in self.levels}

    def rule(self, level: LevelOfCare) -> LevelRule:
        return self._by_level[level]

    def move(self, leaving: LevelOfCare, entering: LevelOfCare) -> MoveRule | None:
        """The rule of a move; None when the table lacks it, and then a person decides what it needs."""
        return next((m for m in self.moves if leaving in m.from_levels and m.to_level is entering), None)

    def level_of_unit(self, unit: str, facility_npi: str | None = None) -> LevelOfCare | None:
        """The level of a hospital unit by its name: by the facility's own names first. None is unknown: ask a person."""
        own = next((one.units for one in self.facilities if one.npi == facility_npi), ())
        return _level_named(own, unit) or _level_named(self.units, unit)

    def level_of_patient(
        self, unit: str | None, patient_class: OrderedStatus | None, facility_npi: str | None = None
    ) -> LevelOfCare | None:
        """The level at which a patient is, from the ordered status and the unit; None is unknown: ask a person.

        A patient under observation in a ward's bed is under observation. An inpatient in a unit that is not an inpatient
        unit (waiting in the emergency department for a bed) has no level that could be read off. Without a status, a unit
        does not tell an inpatient from a patient under observation.
        """
        if patient_class is OrderedStatus.OBSERVATION:
            return LevelOfCare.OBSERVATION
        if patient_class is OrderedStatus.EMERGENCY:
            return LevelOfCare.EMERGENCY
        if patient_class is None or unit is None:
            return None
        found = self.level_of_unit(unit, facility_npi)
        return None if found in (LevelOfCare.EMERGENCY, LevelOfCare.OBSERVATION) else found


def _level_named(units: Iterable[UnitNames], name: str) -> LevelOfCare | None:
    wanted = _normalized_unit_name(name)
    return next((one.level for one in units if wanted in map(_normalized_unit_name, one.names)), None)


def _ambiguous_unit_name(units: tuple[UnitNames, ...]) -> str | None:
    seen: dict[str, LevelOfCare] = {}
    for one in units:
        for name in one.names:
            if seen.setdefault(_normalized_unit_name(name), one.level) is not one.level:
                return name
    return None


def _normalized_unit_name(name: str) -> str:
    """A unit's name without case, spaces, hyphens, dots and underscores."""
    return re.sub(r"[\s\-_.]+", "", name).casefold()


_ORDERED_STATUS = {
    PatientClass.EMERGENCY: OrderedStatus.EMERGENCY,
    PatientClass.OBSERVATION: OrderedStatus.OBSERVATION,
    PatientClass.INPATIENT: OrderedStatus.INPATIENT,
    PatientClass.OBSTETRICS: OrderedStatus.INPATIENT,
}
"""A class that is not listed (outpatient, preadmit, recurring, unknown) does not tell the ordered status."""


def ends_stay(event: StayEvent) -> bool:
    """Whether a change to outpatient ends the stay. Class O may be observation as well, which is asked."""
    if event.arrival is not None and event.patient_class is PatientClass.OUTPATIENT:
        return event.discharged_at is not None
    return event.patient_class not in _ORDERED_STATUS and event.patient_class is not PatientClass.UNKNOWN


def status_after(event: StayEvent, before: OrderedStatus | None) -> OrderedStatus | None:
    """The ordered status after this event. None is unknown, and a person has to find out.

    A change to outpatient whose class nobody knows may be one to observation or the end: it is not guessed.
    """
    said = _ORDERED_STATUS.get(event.patient_class)
    if said is not None:
        return said
    if event.kind is AdtKind.TO_INPATIENT and event.patient_class is PatientClass.UNKNOWN:
        return OrderedStatus.INPATIENT
    if event.kind is AdtKind.TO_OUTPATIENT and event.patient_class is PatientClass.UNKNOWN:
        return None
    if event.kind is AdtKind.TO_OUTPATIENT and event.arrival is not None and not ends_stay(event):
        return None
    return before
