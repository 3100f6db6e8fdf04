"""Which lines of a request ask for days of a stay, and at which level of care, by the words of those who send requests."""

from __future__ import annotations

from domain.requests.request import AuthorizationRequest, RequestAction, ServiceLine
from domain.stays.adt import PatientClass
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import CertificationType

_IN_HOSPITAL = frozenset({"inpatient", "acute_inpatient", "inpatient_psychiatric"}) | {
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
"""Days in a hospital. Somebody who lies in one can ask for them and mean nothing else."""

_ELSEWHERE = frozenset({"skilled_nursing_facility", "inpatient_rehabilitation", "residential"}) | {
    level.value for level in (LevelOfCare.SNF, LevelOfCare.IRF, LevelOfCare.RESIDENTIAL)
}
"""Days of a stay elsewhere. Asked for from a hospital bed they are the next setting; only a sender who says that the review is
concurrent means the stay that goes on there."""


def asked_lines(request: AuthorizationRequest) -> tuple[ServiceLine, ...]:
    """The lines that ask for something, and do not take it back."""
    if request.action is RequestAction.CANCEL:
        return ()
    return tuple(line for line in request.lines if line.certification is not CertificationType.CANCEL)


def are_hospital_days(lines: tuple[ServiceLine, ...]) -> bool:
    """Whether every line asks for days in a hospital."""
    return bool(lines) and all(line.level_of_care in _IN_HOSPITAL for line in lines)


def are_days(lines: tuple[ServiceLine, ...]) -> bool:
    """Whether every line asks for days of a stay, wherever it is."""
    return bool(lines) and all(line.level_of_care in _IN_HOSPITAL | _ELSEWHERE for line in lines)


def level_of(lines: tuple[ServiceLine, ...]) -> LevelOfCare | None:
    """The level of care, where the lines name one of the rulebook's and only one; 'inpatient' alone names none."""
    named = {line.level_of_care for line in lines}
    found = next(iter(named), None)
    return LevelOfCare(found) if len(named) == 1 and found in set(LevelOfCare) else None


def class_of(lines: tuple[ServiceLine, ...]) -> PatientClass:
    """The patient class of an admission that the request itself announces."""
    observed = all(line.level_of_care == LevelOfCare.OBSERVATION for line in lines)
    return PatientClass.OBSERVATION if observed else PatientClass.INPATIENT
