"""The field's own words, as closed lists."""

from __future__ import annotations

from enum import StrEnum


class Lob(StrEnum):
    """Line of business: it decides which law binds a case."""

    MEDICARE_ADVANTAGE = "medicare_advantage"
    PART_D = "part_d"
    MEDICAID = "medicaid"
    CHIP = "chip"
    COMMERCIAL_ERISA = "commercial_erisa"
    COMMERCIAL_ACA = "commercial_aca"
    QHP = "qhp"


class ReviewKind(StrEnum):
    PROSPECTIVE = "prospective"
    CONCURRENT = "concurrent"
    RETROSPECTIVE = "retrospective"


class Urgency(StrEnum):
    STANDARD = "standard"
    EXPEDITED = "expedited"


class AskedBy(StrEnum):
    """Who asked for something: a physician's word on urgency binds the plan, a member's is decided on."""

    MEMBER = "member"
    REPRESENTATIVE = "representative"
    PROVIDER = "provider"
    PLAN = "plan"


class ServiceKind(StrEnum):
    """What is asked for, as far as the law tells kinds apart."""

    MEDICAL = "medical"
    BEHAVIORAL = "behavioral"
    PART_B_DRUG = "part_b_drug"
    PHARMACY_DRUG = "pharmacy_drug"


class Proceeding(StrEnum):
    """The step that a case is in. A rule that names none is about the first decision on a request for care."""

    AUTHORIZATION = "authorization"
    REDUCTION = "reduction"
    """Ending, suspending or reducing what was approved before."""
    APPEAL = "appeal"
    EXTERNAL_REVIEW = "external_review"
    HEARING = "hearing"
    GRIEVANCE = "grievance"
    HOSPITAL_STAY = "hospital_stay"
    """Notices owed while somebody is in a hospital, and the review of a discharge."""
    END_OF_SERVICES = "end_of_services"
    """The end of covered care in a nursing facility, at home or in a rehabilitation facility."""
    CONTINUITY = "continuity"


class Circumstance(StrEnum):
    """What is special about a case. It counts only where it is stated: an ordinary case has none of them."""

    POST_STABILIZATION = "post_stabilization"
    LIFE_THREATENING = "life_threatening"
    HOSPITALIZED = "hospitalized"
    INPATIENT_REHABILITATION = "inpatient_rehabilitation"
    DRUG_EXCEPTION = "drug_exception"
    FEE_FOR_SERVICE = "fee_for_service"
    INTEGRATED_DUAL_PLAN = "integrated_dual_plan"
    TWO_APPEAL_LEVELS = "two_appeal_levels"


class Accreditor(StrEnum):
    """Who accredits a plan. Its clocks bind only a plan that says it is accredited."""

    NCQA = "ncqa"
    URAC = "urac"


class Channel(StrEnum):
    FHIR_PAS = "fhir_pas"
    PORTAL = "portal"
    API = "api"
    FAX = "fax"
    PHONE = "phone"
    MAIL = "mail"
    COMMAND_LINE = "command_line"


class Role(StrEnum):
    INTAKE = "intake"
    NURSE = "nurse"
    PHYSICIAN = "physician"
    PHARMACIST = "pharmacist"
    MEDICAL_DIRECTOR = "medical_director"
    DISCHARGE_PLANNER = "discharge_planner"
    APPEALS = "appeals"
    COMPLIANCE = "compliance"
    SUPERVISOR = "supervisor"
    CODER = "coder"


class CertificationType(StrEnum):
    """Why a line is sent (X12 element 1322, in words): a first request, a change, or an end."""

    INITIAL = "initial"
    RENEWAL = "renewal"
    REVISED = "revised"
    EXTENSION = "extension"
    CANCEL = "cancel"
    APPEAL = "appeal"


class CodeSystem(StrEnum):
    HCPCS = "hcpcs"
    ICD10PCS = "icd10pcs"
    NDC = "ndc"
    SERVICE_TYPE = "service_type"
    OTHER = "other"


class LineOutcome(StrEnum):
    """The answer for one service line."""

    APPROVED = "approved"
    APPROVED_IN_PART = "approved_in_part"
    DENIED = "denied"


ADVERSE_OUTCOMES = frozenset({LineOutcome.APPROVED_IN_PART, LineOutcome.DENIED})


class NoticeKind(StrEnum):
    """Every letter that Umpire can send for a prior authorization."""

    ACKNOWLEDGMENT = "acknowledgment"
    INFORMATION_REQUEST = "information_request"
    EXTENSION = "extension"
    APPROVAL = "approval"
    ADVERSE_DETERMINATION = "adverse_determination"
    NOT_REQUIRED = "not_required"
    WITHDRAWN = "withdrawn"
    EXPEDITE_NOT_GRANTED = "expedite_not_granted"
    PEER_TO_PEER_OFFER = "peer_to_peer_offer"
    MISSED_DEADLINE = "missed_deadline"


class Audience(StrEnum):
    """For whom a letter is written; each kind has a version for each of its audiences."""

    MEMBER = "member"
    PROVIDER = "provider"
