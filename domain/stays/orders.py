"""Activity inputs and results of a hospital stay's review."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime, Field

from domain.cases.member_case import MemberContext
from domain.model import Model
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from domain.stays.parts import PreauthorizedDays, ReductionRule, StayReview, StayReviewLine
from domain.stays.readmissions import ReadmissionLink


class PatientLocation(Model):
    """The patient's location by the hospital's event; the rulebook has its level of care."""

    event_id: str
    status: OrderedStatus | None
    unit: str | None


class StayInput(Model):
    """The input of the context lookup. `decided_through` is the last day that has a determination."""

    stay_id: str
    member_id: str
    facility_npi: str | None
    now: AwareDatetime
    began_at: AwareDatetime | None
    admitted_at: AwareDatetime | None
    observation_began_at: AwareDatetime | None
    first_day: date | None
    decided_through: date | None
    level: LevelOfCare | None
    left_level: LevelOfCare | None
    working_drg: str | None
    placings: tuple[PatientLocation, ...]
    denied_at: AwareDatetime | None
    person_known: bool
    care_zone: str | None = Field(default=None, exclude_if=lambda stated: stated is None)


class LevelTerms(Model):
    """The terms of one review at a level: at most `days`, or `hours` where it is counted in hours."""

    level: LevelOfCare
    title: str
    days: int
    hours: int | None
    criteria_at_admission: str
    criteria: str


def requested_quantity(terms: LevelTerms | None, line: StayReviewLine) -> Decimal:
    """Requested quantity of a line: hours where its level is counted in hours, else days."""
    hours = terms.hours if terms is not None else None
    return Decimal(hours if hours is not None and line.length == 1 else line.length * (24 if hours else 1))


class AdmissionRequest(Model):
    """The notice of an admission as a request for its days: the review opens by `opens_after_hours` from its receipt."""

    opens_after_hours: int
    citation: str


class StayContext(Model):
    """The context of a stay. Instants are UTC. `terms` has the levels with certified days; others need no authorization.

    `update_due_at` is the due date of an answer to a question asked now; `next_review_at` the opening of the next review;
    `second_look_until` and `reopening_until` are the ends of a second look at denied days without an appeal; `move_asks` is the
    reason for a person to check the last move; `care_zone` the facility's zone, in which a new stay counts its days of care;
    `admission_request` is there where the notice of an admission asks for its days; `silence_question_hours` is how long a stay
    may wait for nothing but the hospital's next message (None: looked up by an earlier release, which asked nothing);
    `talks_end_at_discharge`: talks about how the stay can end are over when the patient has left.
    """

    person: MemberContext | None
    levels: dict[str, LevelOfCare | None]
    terms: tuple[LevelTerms, ...]
    authorizations: tuple[PreauthorizedDays, ...]
    readmissions: tuple[ReadmissionLink, ...]
    gmlos: Decimal | None
    drg_title: str | None
    update_due_at: AwareDatetime
    next_review_at: AwareDatetime | None
    long_stay_from: AwareDatetime | None
    long_stay_days: int
    long_stay_every_days: int
    huddle_at: Decimal
    director_round_at: Decimal
    observation_question_at: AwareDatetime | None
    second_look_until: AwareDatetime | None
    reopening_until: AwareDatetime | None
    reduction: ReductionRule | None
    no_reduction_because: str
    move_asks: str
    open_after_discharge_days: int
    care_zone: str | None = Field(default=None, exclude_if=lambda stated: stated is None)
    admission_request: AdmissionRequest | None = Field(default=None, exclude_if=lambda found: found is None)
    silence_question_hours: int | None = Field(default=None, exclude_if=lambda hours: hours is None)
    talks_end_at_discharge: bool = Field(default=False, exclude_if=lambda end: not end)

    def terms_of(self, level: LevelOfCare | None) -> LevelTerms | None:
        return next((one for one in self.terms if one.level is level), None)


class ReviewRequestLine(Model):
    """A line of the review request: `level_of_care` is its name in the criteria; quantities in `unit`."""

    line_id: str
    code: str
    description: str
    level_of_care: str
    quantity: Decimal
    unit: str
    first: date
    last: date


class StayReviewInput(Model):
    """The input for a review's request, which is built and stored. Repeating it changes nothing.

    `expected_midnights` counts those before the inpatient order and those expected after it; None: unknown.
    """

    stay_id: str
    member_id: str
    facility: str
    facility_npi: str | None
    attending_npi: str | None
    diagnoses: tuple[str, ...]
    round: StayReview
    lines: tuple[ReviewRequestLine, ...]
    course_ends_at: AwareDatetime | None
    expected_midnights: int | None = None


class OpenedStayReview(Model):
    """A review whose request is stored; `decide_by` is when its decision is due, None where no clock binds."""

    case_id: str
    request_version: int
    decide_by: AwareDatetime | None = None
