"""What a stay orders from the world, and what comes back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime

from domain.cases.member_case import PersonLook
from domain.model import Model
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from domain.stays.parts import Matched, ReductionRule, Round
from domain.stays.readmissions import ReadmissionLink


class Placing(Model):
    """Where somebody is, by the hospital's words; which level of care that is stands in the rulebook."""

    event_id: str
    status: OrderedStatus | None
    unit: str | None


class StayLookOrder(Model):
    """Look at everything that the review of a stay needs. `decided_through` is the last day that has an answer."""

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
    placings: tuple[Placing, ...]
    denied_at: AwareDatetime | None
    person_known: bool


class LevelTerms(Model):
    """What one round certifies at a level: at most `days`, or `hours` where it is counted in hours."""

    level: LevelOfCare
    title: str
    days: int
    hours: int | None
    criteria_at_admission: str
    criteria: str


class StayLook(Model):
    """What a look found. Instants are UTC. `terms` has the levels at which days are certified; others need no authorization.

    `update_due_at` is when an answer to a question asked now is due; `next_review_at` when the next round opens;
    `second_look_until` and `reopening_until` until when denied days may be looked at again without an appeal; `move_asks` why
    a person has to look at the last move.
    """

    person: PersonLook | None
    levels: dict[str, LevelOfCare | None]
    terms: tuple[LevelTerms, ...]
    authorizations: tuple[Matched, ...]
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

    def terms_of(self, level: LevelOfCare | None) -> LevelTerms | None:
        return next((one for one in self.terms if one.level is level), None)


class ReviewLine(Model):
    """A line as the review sees it: `level_of_care` is the name that the criteria go by; quantities in `unit`."""

    line_id: str
    code: str
    description: str
    level_of_care: str
    quantity: Decimal
    unit: str
    first: date
    last: date


class OpenReview(Model):
    """Put together the request that a round is about, and keep it in the store. Repeating it changes nothing.

    `expected_midnights` counts those before the inpatient order and those expected after it; None: nobody said.
    """

    stay_id: str
    member_id: str
    facility: str
    facility_npi: str | None
    attending_npi: str | None
    diagnoses: tuple[str, ...]
    round: Round
    lines: tuple[ReviewLine, ...]
    course_ends_at: AwareDatetime | None
    expected_midnights: int | None = None


class OpenedReview(Model):
    case_id: str
    request_version: int
