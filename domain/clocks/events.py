"""Events of a case that start, extend, toll or meet its clocks."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, Field

from domain.model import Model


class EventKind(StrEnum):
    """Events that start, extend, toll, replace or meet a clock."""

    REQUEST_RECEIVED = "request_received"
    """Always the receipt instant of the facts."""
    EXPEDITED_REQUEST_RECEIVED = "expedited_request_received"
    """Derived: receipt when the request came as expedited, else the receipt of the upgrade request in force."""
    UPGRADE_REQUESTED = "upgrade_requested"
    EXPEDITE_REFUSED = "expedite_refused"
    INFORMATION_REQUESTED = "information_requested"
    INFORMATION_RECEIVED = "information_received"
    NECESSARY_INFORMATION_RECEIVED = "necessary_information_received"
    COMPLETE_SUBMISSION = "complete_submission"
    COMMUNICATION_RECEIVED = "communication_received"
    PROCEDURE_NOTICE_SENT = "procedure_notice_sent"
    EXTENSION_DECIDED = "extension_decided"
    EXTENSION_NOTICE_SENT = "extension_notice_sent"
    EXPEDITE_REFUSAL_NOTICE_SENT = "expedite_refusal_notice_sent"
    DECISION_MADE = "decision_made"
    ORAL_NOTICE_GIVEN = "oral_notice_given"
    WRITTEN_NOTICE_SENT = "written_notice_sent"
    PROVIDER_NOTICE_SENT = "provider_notice_sent"
    PAYMENT_MADE = "payment_made"
    TIME_EXPIRED = "time_expired"
    REQUEST_DISMISSED = "request_dismissed"
    DISMISSAL_NOTICE_SENT = "dismissal_notice_sent"
    DISMISSAL_VACATED = "dismissal_vacated"

    TEMPORARY_SUPPLY_GRANTED = "temporary_supply_granted"
    OTHER_BENEFIT_FOUND = "other_benefit_found"
    PRESCRIBER_STATEMENT_RECEIVED = "prescriber_statement_received"
    CLAIM_RECEIVED = "claim_received"
    GRIEVANCE_RECEIVED = "grievance_received"
    EXPEDITED_GRIEVANCE_RECEIVED = "expedited_grievance_received"
    """A grievance about more time taken, or about a refusal to expedite, while the request is open."""
    GRIEVANCE_ANSWERED = "grievance_answered"
    NOTICE_DATED = "notice_dated"
    NOTICE_SENT = "notice_sent"
    NOTICE_RECEIVED = "notice_received"
    EFFECTIVE_DATE_OF_ACTION = "effective_date_of_action"
    PLANNED_CHANGE = "planned_change"
    APPROVAL_GIVEN = "approval_given"

    APPEAL_RECEIVED = "appeal_received"
    APPEAL_AFFIRMED = "appeal_affirmed"
    APPEAL_REQUESTED = "appeal_requested"
    HEARING_REQUESTED = "hearing_requested"
    CASE_FILE_SENT = "case_file_sent"
    CASE_FILE_RECEIVED = "case_file_received"
    REVERSAL_NOTICE_RECEIVED = "reversal_notice_received"
    EFFECTUATED = "effectuated"
    EXTERNAL_REVIEW_REQUESTED = "external_review_requested"
    PRELIMINARY_REVIEW_COMPLETED = "preliminary_review_completed"
    REVIEWER_ASSIGNED = "reviewer_assigned"
    REVIEWER_RECEIVED_REQUEST = "reviewer_received_request"

    INPATIENT_ADMISSION = "inpatient_admission"
    OBSERVATION_BEGAN = "observation_began"
    COVERAGE_END = "coverage_end"
    DISCHARGE = "discharge"
    QIO_NOTIFIED = "qio_notified"
    QIO_HAS_INFORMATION = "qio_has_information"
    QIO_DECIDED = "qio_decided"
    FORM_DELIVERED = "form_delivered"
    ENROLLMENT_EFFECTIVE = "enrollment_effective"


class ExtensionReason(StrEnum):
    """Reasons for an extension. A rule may list the reasons it allows; any other reason makes the extension invalid."""

    ENROLLEE_ASKED = "enrollee_asked"
    MISSING_INFORMATION = "missing_information"
    PLAN_JUSTIFIED = "plan_justified"


class ClockEvent(Model):
    """One event, stamped at the edge where it happened.

    `on` is the date that the event names, where it names one (the date printed on a notice, the day coverage ends); day
    counts then start from it and not from the local date of `at`. `days_given` / `hours_given` is the time that a
    request or an extension notice gives for the answer. `decision_by` is the last day that an extension notice promises
    for the decision. `rules` limits the event to some rules (empty: it concerns all).
    """

    kind: EventKind
    at: AwareDatetime
    on: date | None = None
    reason: ExtensionReason | None = None
    days_given: int | None = Field(default=None, ge=0)
    hours_given: int | None = Field(default=None, ge=0)
    decision_by: date | None = None
    rules: tuple[str, ...] = ()
