"""Request lines for days of a stay, and the level of care that they ask for, in the senders' own terms."""

from __future__ import annotations

from domain.requests.request import AuthorizationRequest, RequestAction, ServiceLine
from domain.stays.adt import PatientClass
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import CertificationType

_HOSPITAL_LEVELS = frozenset({"inpatient", "acute_inpatient", "inpatient_psychiatric"}) | {
    level.value
    for level in (
        LevelOfCare.OBSERVATION,
        LevelOfCare.INPATIENT_WARD,
        LevelOfCare.STEPDOWN,
        LevelOfCare.ICU,
        LevelOfCare.LTCH,
        LevelOfCare.PSYCH_IP,
    )
}
"""Days in a hospital. Requested for an inpatient they can only mean the current stay."""

_OTHER_LEVELS = frozenset({"skilled_nursing_facility", "inpatient_rehabilitation", "residential"}) | {
    level.value for level in (LevelOfCare.SNF, LevelOfCare.IRF, LevelOfCare.RESIDENTIAL)
}
"""Days of a stay elsewhere. Requested for an inpatient they are the next level of care; only with a concurrent review do they
mean the ongoing stay there."""


def requested_lines(request: AuthorizationRequest) -> tuple[ServiceLine, ...]:
    """The lines that request services, without cancelled lines."""
    if request.action is RequestAction.CANCEL:
        return ()
    return tuple(line for line in request.lines if line.certification is not CertificationType.CANCEL)


def are_hospital_days(lines: tuple[ServiceLine, ...]) -> bool:
    """Whether every line asks for days in a hospital."""
    return bool(lines) and all(line.level_of_care in _HOSPITAL_LEVELS for line in lines)


def are_stay_days(lines: tuple[ServiceLine, ...]) -> bool:
    """Whether every line asks for days of a stay in any setting."""
    return bool(lines) and all(line.level_of_care in _HOSPITAL_LEVELS | _OTHER_LEVELS for line in lines)


def requested_level(lines: tuple[ServiceLine, ...]) -> LevelOfCare | None:
    """The level of care, where the lines name exactly one of the rulebook's levels; 'inpatient' alone names none."""
    named = {line.level_of_care for line in lines}
    found = next(iter(named), None)
    return LevelOfCare(found) if len(named) == 1 and found in set(LevelOfCare) else None


def requested_patient_class(lines: tuple[ServiceLine, ...]) -> PatientClass:
    """The patient class of an admission that the request itself reports."""
    observed = all(line.level_of_care == LevelOfCare.OBSERVATION for line in lines)
    return PatientClass.OBSERVATION if observed else PatientClass.INPATIENT
