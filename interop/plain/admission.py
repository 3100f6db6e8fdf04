"""An admission entered by hand, from a call or a fax: ``umpire-admission/1``, with the same fields as a message."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field, ValidationError

from domain.errors import NotReadable
from domain.journal import canonical_json
from domain.model import Model
from domain.stays.adt import AdmissionType, AdtKind, AdtMessage, PatientClass, PatientIdentifier, StayEvent
from interop.hl7.times import CLOCK_TOLERANCE
from interop.issues import IssueCollector, require_within_limits
from interop.npi import has_npi_check_digit
from interop.plain.calendar_window import check_window
from interop.plain.validation_issues import add_validation_issues
from interop.service_codes import icd10cm_code

FORMAT: Literal["umpire-admission/1"] = "umpire-admission/1"
BY_HAND = "by hand"
_MARK = b'{"account_number":'
"""Beginning of the canonical form: its keys are sorted, and this one is always written."""


class Admission(Model):
    """A reported event of a stay. Instants with their offset; `facility` as its messages name it; `entered_by` a reviewer id
    or the arrival that reported it."""

    format: Literal["umpire-admission/1"] = Field(default=FORMAT, description="The name of this format.")
    kind: AdtKind = Field(default=AdtKind.ADMIT, description="The reported event.")
    facility: str = Field(description="The facility, as its admission messages name it.")
    facility_npi: str | None = Field(
        default=None, description="The facility's National Provider Identifier: ten digits with a right check digit."
    )
    visit_number: str | None = Field(default=None, description="The facility's visit number of the stay.")
    account_number: str | None = Field(
        default=None, description="The facility's account number, where there is no visit number."
    )
    member_id: str = Field(description="The member's id as printed on the plan's card.")
    patient_class: PatientClass = Field(description="The patient class at the event.")
    admitted_at: AwareDatetime | None = Field(
        default=None, description="The admission: an instant with its offset, such as 2026-03-02T14:00-06:00."
    )
    happened_at: AwareDatetime = Field(
        description=(
            "When the event happened: an instant with its offset. It is not in the future, except for a planned "
            "admission."
        )
    )
    discharged_at: AwareDatetime | None = Field(default=None, description="The discharge: an instant with its offset.")
    unit: str | None = Field(default=None, description="The unit of the facility, such as ICU.")
    disposition: str | None = Field(
        default=None, description="The discharge disposition (UB-04), two digits: 01 home, 03 nursing facility."
    )
    diagnoses: tuple[str, ...] = Field(default=(), description="ICD-10-CM codes, such as K35.80.")
    admission_type: AdmissionType | None = Field(
        default=None,
        description="How the hospital calls the admission; readmission scores count it. Left out: not told.",
        exclude_if=lambda stated: stated is None,
    )
    attending_npi: str | None = Field(
        default=None, description="The attending physician's National Provider Identifier."
    )
    entered_by: str = Field(description="The reviewer id of the one who entered it, or the arrival that reported it.")


def as_bytes(admission: Admission) -> bytes:
    """The form as it is stored: the same form always gives the same bytes."""
    return canonical_json(admission.model_dump(mode="json"))


def is_admission(raw: bytes) -> bool:
    """Whether these bytes are such a form, as `as_bytes` writes it."""
    return raw.startswith(_MARK) and f'"format":"{FORMAT}"'.encode() in raw[:4096]


def read_admission(raw: bytes, received_at: datetime) -> AdtMessage:
    """The form as a message. The member's number stands where a message has it. Raises NotReadable."""
    findings = IssueCollector()
    try:
        said = require_within_limits(Admission.model_validate_json(raw))
    except ValidationError as wrong:
        add_validation_issues(wrong, findings, FORMAT)
        raise NotReadable(findings.problems) from None
    check_window(said, findings)
    for path, npi in (("$.facility_npi", said.facility_npi), ("$.attending_npi", said.attending_npi)):
        if npi is not None and not (re.fullmatch(r"\d{10}", npi) and has_npi_check_digit(npi)):
            findings.problem(
                path, FORMAT, "this is no National Provider Identifier", "ten digits with a right check digit"
            )
    diagnoses = [icd10cm_code(code) for code in said.diagnoses]
    if None in diagnoses:
        findings.problem("$.diagnoses", FORMAT, "a diagnosis is no ICD-10-CM code", "a code such as K35.80")
    if said.kind is not AdtKind.PREADMIT and said.happened_at > received_at + CLOCK_TOLERANCE:
        findings.problem(
            "$.happened_at", FORMAT, "this has not happened yet", "an instant before now, or a planned admission"
        )
    findings.raise_if_any()
    event = StayEvent(
        event_id="EV-" + hashlib.sha256(raw).hexdigest()[:24],
        kind=said.kind,
        happened_at=said.happened_at,
        recorded_at=received_at,
        patient_class=said.patient_class,
        facility=said.facility,
        visit_number=said.visit_number,
        unit=said.unit,
        disposition=said.disposition,
        admitted_at=said.admitted_at,
        discharged_at=said.discharged_at,
        diagnoses=tuple(code for code in diagnoses if code is not None),
        attending_npi=said.attending_npi,
        admission_type=said.admission_type,
    )
    # Without a number of the hospital's, the member and the instant of admission identify the stay (`identity_of`).
    patient_key = said.member_id if said.visit_number is None and said.account_number is None else None
    return AdtMessage(
        control_id="",
        sending_application=BY_HAND,
        sending_facility=said.facility,
        trigger=said.kind.value,
        event=event,
        facility_npi=said.facility_npi,
        member_ids=(PatientIdentifier(value=said.member_id, type="MB"),),
        account_number=said.account_number,
        patient_key=patient_key,
    )
