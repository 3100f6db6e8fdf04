"""Vocabulary of utilization management, as closed lists."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

ConcernKind = Literal["quality", "safety", "care_management"]


class ProcessKind(StrEnum):
    """The kind of process that runs a case."""

    REQUEST = "request"
    STAY = "stay"
    DISCHARGE_PLAN = "discharge_plan"
    RETROSPECTIVE_REVIEW = "retrospective_review"
    CALLBACK = "callback"
    CONCERN = "concern"
    APPEAL = "appeal"


class Lob(StrEnum):
    """Line of business: it determines which law binds a case."""

    MEDICARE_ADVANTAGE = "medicare_advantage"
    PART_D = "part_d"
    MEDICAID = "medicaid"
    CHIP = "chip"
    COMMERCIAL_ERISA = "commercial_erisa"
    COMMERCIAL_ACA = "commercial_aca"
    QHP = "qhp"


MEDICARE_LOBS = frozenset({Lob.MEDICARE_ADVANTAGE, Lob.PART_D})
"""Lines of business of Medicare's private plans."""


class ReviewKind(StrEnum):
    PROSPECTIVE = "prospective"
    CONCURRENT = "concurrent"
    RETROSPECTIVE = "retrospective"


class Urgency(StrEnum):
    STANDARD = "standard"
    EXPEDITED = "expedited"


class AskedBy(StrEnum):
    """The requester: a physician's statement of urgency binds the plan; a member's request to expedite is decided."""

    MEMBER = "member"
    REPRESENTATIVE = "representative"
    PROVIDER = "provider"
    PLAN = "plan"


class ServiceKind(StrEnum):
    """Kinds of requested service that the law distinguishes."""

    MEDICAL = "medical"
    BEHAVIORAL = "behavioral"
    PART_B_DRUG = "part_b_drug"
    PHARMACY_DRUG = "pharmacy_drug"


PART_B, PART_D = "Medicare Part B", "Medicare Part D"
"""The parts of Medicare that pay for drugs, as letters name them."""
DRUG_SERVICES = frozenset({ServiceKind.PHARMACY_DRUG, ServiceKind.PART_B_DRUG})


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
    """Notices that are due during a hospital stay, and the review of a discharge."""
    END_OF_SERVICES = "end_of_services"
    """The end of covered care in a nursing facility, at home or in a rehabilitation facility."""
    CONTINUITY = "continuity"


class Circumstance(StrEnum):
    """Special circumstances of a case. They count only where they are stated: an ordinary case has none of them."""

    POST_STABILIZATION = "post_stabilization"
    LIFE_THREATENING = "life_threatening"
    HOSPITALIZED = "hospitalized"
    INPATIENT_REHABILITATION = "inpatient_rehabilitation"
    DRUG_EXCEPTION = "drug_exception"
    TIER_EXCEPTION = "tier_exception"
    """A lower cost-sharing tier is asked for; it is an exception to the formulary as well (42 CFR 423.578(a))."""
    DRUG_EMERGENCY = "drug_emergency"
    """The drug is needed at once, before a decision can be made."""
    LEVEL_OF_CARE_CHANGE = "level_of_care_change"
    """The member has just moved between home, hospital and facility, and takes the drug already."""
    FEE_FOR_SERVICE = "fee_for_service"
    INTEGRATED_DUAL_PLAN = "integrated_dual_plan"
    TWO_APPEAL_LEVELS = "two_appeal_levels"
    NEW_MEMBER = "new_member"


REQUEST_CIRCUMSTANCES = frozenset(
    {
        Circumstance.POST_STABILIZATION,
        Circumstance.LIFE_THREATENING,
        Circumstance.HOSPITALIZED,
        Circumstance.INPATIENT_REHABILITATION,
        Circumstance.DRUG_EXCEPTION,
        Circumstance.TIER_EXCEPTION,
        Circumstance.DRUG_EMERGENCY,
        Circumstance.LEVEL_OF_CARE_CHANGE,
    }
)
"""Circumstances that the sender of a request may state. The others are the plan's, and belong to the coverage."""


class Accreditor(StrEnum):
    """Accreditors of plans. Their clocks bind only a plan that states its accreditation."""

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
    HL7_V2 = "hl7_v2"


HAND_CHANNELS = (Channel.PHONE, Channel.FAX, Channel.MAIL)
"""Channels of what no program can read: the plan's staff enters it by hand."""


class ArrivalKind(StrEnum):
    """The kind of an arrival, set at its receipt: it determines the part of intake that processes it."""

    REQUEST = "request"
    RECORDS = "records"
    """Additional records for a case."""
    ADMISSION = "admission"
    """An ADT message or batch, or an admission entered by hand."""
    STAY_FORM = "stay_form"
    """A clinical update of a stay, or a request to reconsider its days."""
    CONTACT = "contact"
    """A callback message or a quality concern."""
    CLAIM = "claim"
    REINSTATEMENT = "reinstatement"
    """The words by which a party takes a withdrawal back."""
    AFTER_DECISION = "after_decision"
    """The words by which somebody asks to reopen a decision, or to change an authorization."""
    APPEAL = "appeal"
    """An appeal of a determination, as it was said or as somebody of the plan wrote it down."""
    CASE_ALERT = "case_alert"
    """Umpire's own word that a case does not run and only people can help; it is no arrival to process."""


class Role(StrEnum):
    INTAKE = "intake"
    NURSE = "nurse"
    PHYSICIAN = "physician"
    PHARMACIST = "pharmacist"
    PSYCHOLOGIST = "psychologist"
    MEDICAL_DIRECTOR = "medical_director"
    DISCHARGE_PLANNER = "discharge_planner"
    APPEALS = "appeals"
    COMPLIANCE = "compliance"
    SUPERVISOR = "supervisor"
    CODER = "coder"
    BENEFITS = "benefits"
    """Staff who decide what the plan's documents exclude or limit, without clinical judgment."""
    ENROLLMENT = "enrollment"


class StaffDuty(StrEnum):
    """The acts that staff without a clinical license do only with a credential for them."""

    DISMISSALS = "dismissals"
    ENROLLMENT = "enrollment"
    BENEFIT_DECISIONS = "benefit_decisions"


class CertificationType(StrEnum):
    """The reason that a line is sent (X12 element 1322, in words): a first request, a change, or an end."""

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
APPROVING_OUTCOMES = frozenset({LineOutcome.APPROVED, LineOutcome.APPROVED_IN_PART})
"""Outcomes that approve at least some of the service."""


class NoticeKind(StrEnum):
    """Every letter that Umpire can send: on a request for care, on a stay, and on the time after it."""

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
    TEMPORARY_SUPPLY = "temporary_supply"
    CHANGE_NOTICE = "change_notice"
    """Word of a change of a request or an authorization, or of what came after a decision and what becomes of it."""
    DISMISSAL = "dismissal"
    NOT_COVERED = "not_covered"
    """The care falls on days on which the person was not the plan's member: nothing is decided about it."""
    MISDIRECTED = "misdirected"
    IMPROPER_FILING = "improper_filing"
    OTHER_BENEFIT = "other_benefit"
    """Word that another benefit pays for a drug: Part B in place of Part D, or the other way round."""
    CLINICAL_UPDATE_REQUEST = "clinical_update_request"
    NOMNC = "nomnc"
    """Notice of Medicare Non-Coverage: care in a nursing facility, at home or in rehabilitation ends (CMS-10123)."""
    DENC = "denc"
    """Detailed Explanation of Non-Coverage: why it ends, once the member has appealed (CMS-10124)."""
    DND = "dnd"
    """Detailed Notice of Discharge: why care in the hospital ends, once the member has appealed (CMS-10066)."""
    IMPORTANT_MESSAGE = "important_message"
    """Important Message from Medicare about the rights of a hospital inpatient (CMS-10065)."""
    MOON = "moon"
    """Medicare Outpatient Observation Notice (CMS-10611)."""
    DISCHARGE_SUMMARY = "discharge_summary"
    APPOINTMENT_REMINDER = "appointment_reminder"
    PROVIDER_FEEDBACK = "provider_feedback"
    CHOICE_LIST = "choice_list"
    REDUCTION_NOTICE = "reduction_notice"


STAY_NOTICES = frozenset(
    {
        NoticeKind.CLINICAL_UPDATE_REQUEST,
        NoticeKind.NOMNC,
        NoticeKind.DENC,
        NoticeKind.DND,
        NoticeKind.IMPORTANT_MESSAGE,
        NoticeKind.MOON,
        NoticeKind.DISCHARGE_SUMMARY,
        NoticeKind.APPOINTMENT_REMINDER,
        NoticeKind.PROVIDER_FEEDBACK,
        NoticeKind.CHOICE_LIST,
        NoticeKind.REDUCTION_NOTICE,
    }
)
"""Letters about a stay and the time after it: they are written from `StayFacts`, not from the lines of a request."""


class Audience(StrEnum):
    """The audience of a letter; each kind has a version for each of its audiences."""

    MEMBER = "member"
    PROVIDER = "provider"
    PCP = "pcp"
    """The member's primary care practitioner."""
    SUPPLIER = "supplier"
    """The provider of the service, where somebody else asked for it."""
