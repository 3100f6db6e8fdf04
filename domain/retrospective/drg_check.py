"""DRG validation after a stay: whether the billed DRG follows from the codes on the bill, for a coder and a physician.

A grouper is pluggable. Without one, or where it cannot answer, the billed DRG is compared with the DRG on the
authorization and the DRG that a coder assigned. Neither changes a payment: a difference is a question.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Protocol

from pydantic import Field

from domain.model import Model


class Sex(StrEnum):
    FEMALE = "F"
    MALE = "M"


class BilledDiagnosis(Model):
    """An ICD-10-CM code as billed. `present_on_admission` is Y, N, U, W or 1; None is not stated."""

    code: str = Field(pattern=r"^[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?$")
    present_on_admission: str | None = Field(default=None, pattern=r"^[YNUW1]$")


class BilledStay(Model):
    """The data of a bill that a grouper needs. The first diagnosis is the principal diagnosis; None is not stated.

    `discharged` chooses the version of the grouper. `age_days` matters for newborns, whom not every grouper can group.
    """

    billed_drg: str = Field(pattern=r"^[0-9]{3}$")
    discharged: date
    diagnoses: tuple[BilledDiagnosis, ...] = Field(min_length=1)
    procedures: tuple[str, ...] = ()
    sex: Sex | None = None
    discharge_status: str | None = Field(default=None, pattern=r"^[0-9]{2}$")
    age_days: int | None = Field(default=None, ge=0)


class DiagnosisSeverity(StrEnum):
    """Severity of a secondary diagnosis: complication or comorbidity (CC), or a major one (MCC)."""

    CC = "CC"
    MCC = "MCC"


class DrgGrouping(Model):
    """A grouper's result: the DRG, the version used, and which secondary diagnoses are CC or MCC in that version."""

    ms_drg: str = Field(pattern=r"^[0-9]{3}$")
    grouper: str
    severities: dict[str, DiagnosisSeverity] = Field(default_factory=dict)


class CannotGroup(Model):
    """The reason that a stay was not grouped: data missing on the bill, or a limit of the grouper."""

    because: str
    missing: tuple[str, ...] = ()


class DrgGrouper(Protocol):
    """A grouper. It answers from what is stated and says when that is not enough; it never fills in a default."""

    def group(self, stay: BilledStay) -> DrgGrouping | CannotGroup: ...


class DrgDrivingCode(Model):
    """A secondary diagnosis without which the DRG changes: the medical record has to support it."""

    code: str
    severity: DiagnosisSeverity
    drg_without: str


class DrgDifference(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


class DrgCheck(Model):
    """The findings. `against` names each DRG that the billed one was compared with, and by whom it was stated.

    `carried_by` are the CC and MCC codes whose removal changes the DRG; only a grouper can find them.
    """

    billed_drg: str
    against: tuple[tuple[str, str], ...]
    difference: DrgDifference
    carried_by: tuple[DrgDrivingCode, ...] = ()
    grouper: str | None = None
    not_grouped: CannotGroup | None = None

    @property
    def asks_person(self) -> bool:
        """Whether a coder has to review: a difference, a stay that was not compared, or a DRG that one code drives."""
        return self.difference is not DrgDifference.SAME or bool(self.carried_by)


NO_GROUPER = CannotGroup(because="no grouper is installed")


def check_drg(
    stay: BilledStay, grouper: DrgGrouper | None, authorized: str | None = None, coder: str | None = None
) -> DrgCheck:
    """Compare the billed DRG with a regrouped one, the authorized one and a coder's, as far as there are any."""
    answer = grouper.group(stay) if grouper is not None else NO_GROUPER
    against = [("authorization", authorized), ("coder", coder)]
    carried: tuple[DrgDrivingCode, ...] = ()
    if isinstance(answer, DrgGrouping) and grouper is not None:
        against.insert(0, ("grouper", answer.ms_drg))
        carried = tuple(_driving_codes(stay, answer, grouper))
    stated = tuple((who, drg.zfill(3)) for who, drg in against if drg is not None)
    return DrgCheck(
        billed_drg=stay.billed_drg,
        against=stated,
        difference=_difference(stay.billed_drg, [drg for _, drg in stated]),
        carried_by=carried,
        grouper=answer.grouper if isinstance(answer, DrgGrouping) else None,
        not_grouped=None if isinstance(answer, DrgGrouping) else answer,
    )


def _difference(billed: str, others: list[str]) -> DrgDifference:
    if not others:
        return DrgDifference.UNKNOWN
    return DrgDifference.SAME if set(others) == {billed} else DrgDifference.DIFFERS


def _driving_codes(stay: BilledStay, found: DrgGrouping, grouper: DrgGrouper) -> list[DrgDrivingCode]:
    """Group again without each CC or MCC in turn."""
    carrying: list[DrgDrivingCode] = []
    for place, diagnosis in enumerate(stay.diagnoses[1:], start=1):
        severity = found.severities.get(diagnosis.code)
        if severity is None:
            continue
        without = stay.model_copy(update={"diagnoses": (*stay.diagnoses[:place], *stay.diagnoses[place + 1 :])})
        other = grouper.group(without)
        if isinstance(other, DrgGrouping) and other.ms_drg != found.ms_drg:
            carrying.append(DrgDrivingCode(code=diagnosis.code, severity=severity, drg_without=other.ms_drg))
    return carrying
