"""The assessment of a request: coverage, authorization requirement, benefits and criteria, and the policy that routes it.

An activity makes it from the directory, the rulebook and the record. It is kept in the workflow's history, so that a replay
sees the same results even after the files have changed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from domain.cases.escalation_ladders import EscalationLadders
from domain.cited_value import Confidence
from domain.coverage.approval_lengths import ApprovalLength
from domain.coverage.continuity import ContinuityFinding
from domain.coverage.requirements import Requirement
from domain.coverage.validity_windows import ValidityWindow
from domain.criteria.required_sets import RequiredSetFinding
from domain.decisions.benefits import BenefitSignerRule, PlanProvision
from domain.decisions.citations import CitableRules
from domain.decisions.closings import ClosingRules
from domain.decisions.determination import DeciderRule
from domain.decisions.other_deciders import OtherDecider
from domain.drug_limits.outcomes import ExceptionRequest, LimitOutcome
from domain.evidence.facts import EvidenceTier
from domain.model import Model
from domain.office_hours import OfficeHours
from domain.pharmacy.other_benefit import OtherBenefit
from domain.pharmacy.temporary_supplies import SupplyOffer
from domain.requests.remarks import ReadingRemark
from domain.vocabulary import AskedBy, Lob, NoticeKind, Role


class CoverageFinding(StrEnum):
    """The eligibility result. `unavailable` means that no system answered: it is never read as 'not covered'."""

    ACTIVE = "active"
    NOT_ACTIVE = "not_active"
    UNAVAILABLE = "unavailable"


class BenefitFinding(Model):
    """The benefit limit that applies to a line. `fits` is None when the request states no quantity to compare."""

    benefit_id: str
    limit: Decimal
    used: Decimal
    requested: Decimal | None
    unit: str
    fits: bool | None


class CriteriaFinding(Model):
    """The short form of a criteria result; the whole trace is stored under `verdict_id`.

    `state` is met, not_met or unknown. `auto_approvable` is true only if the criteria are met, its evidence reaches the
    plan's floor and the guideline may approve by rule. `open_criteria` are the leaves that a clinician has to answer.
    `asks` are the facts that the provider is asked for first (None: not planned, then all missing ones), and `judged_now`
    the criteria that a clinician answers beside that question.
    `facts_held_by_plan` are missing in the plan's own records and not asked of the provider. `why_this_rule` states why no
    stronger kind of rule governs, where the rule is not of the strongest kind. `certifies_days` is the longest time that the
    policy lets one approval cover: a line that asks for more, or does not say for how long, is not approved by rule.
    `why_not_by_rule` is the reason, of the guideline itself, that its met criteria are never approved by rule.
    """

    guideline_id: str
    guideline_version: str
    citation: str
    state: str
    verdict_id: str
    auto_approvable: bool
    missing_facts: tuple[str, ...]
    open_criteria: tuple[str, ...]
    facts_held_by_plan: tuple[str, ...] = ()
    why_this_rule: str | None = None
    certifies_days: int | None = Field(default=None, exclude_if=lambda days: days is None)
    asks: tuple[str, ...] | None = Field(default=None, exclude_if=lambda asks: asks is None)
    judged_now: tuple[str, ...] = Field(default=(), exclude_if=lambda judged: not judged)
    why_not_by_rule: str | None = Field(default=None, exclude_if=lambda why: why is None)

    @property
    def facts_to_ask(self) -> tuple[str, ...]:
        """Ids of the facts that the next question to the provider is about."""
        return self.missing_facts if self.asks is None else self.asks


class LineAssessment(Model):
    """One line with all that routing needs. `overlapping_cases` are other cases of the member, open or approved, that ask
    for the same service on days of this line. `limits` are the steps, quantity limits and edits that bind a drug or supply, and
    `exception` whether the prescriber asks to leave them aside. `exception_until` is the last day on which it holds once it is
    granted, `supply` the temporary supply that the law grants meanwhile. `continuity` is the protection of care that a new
    member has under way, `least_length` how long an approval holds at least; None where no law says so.
    `required_set` is the set of criteria that the law names. `other_benefit`: another benefit than the one asked pays for the
    drug, or may. `provisions` are those of the plan file about the service, and `under_age` whether the member is under the age
    under which a clinician answers before benefit staff sign; None where the age is not known. `other_deciders` are clinicians
    who are no physicians and may sign the decision on it. `window` is the time within which it can be had, where it was asked
    for on one day."""

    line_id: str
    code: str
    description: str
    quantity: Decimal | None
    start: date | None
    end: date | None
    requirement: Requirement
    benefit: BenefitFinding | None
    criteria: CriteriaFinding | None
    overlapping_cases: tuple[str, ...] = ()
    limits: tuple[LimitOutcome, ...] = ()
    exception: ExceptionRequest | None = None
    exception_until: date | None = Field(default=None, exclude_if=lambda day: day is None)
    supply: SupplyOffer | None = Field(default=None, exclude_if=lambda supply: supply is None)
    continuity: ContinuityFinding | None = Field(default=None, exclude_if=lambda found: found is None)
    least_length: ApprovalLength | None = Field(default=None, exclude_if=lambda found: found is None)
    required_set: RequiredSetFinding | None = Field(default=None, exclude_if=lambda found: found is None)
    other_benefit: OtherBenefit | None = Field(default=None, exclude_if=lambda found: found is None)
    window: ValidityWindow | None = Field(default=None, exclude_if=lambda window: window is None)
    provisions: tuple[PlanProvision, ...] = Field(default=(), exclude_if=lambda found: not found)
    under_age: bool | None = Field(default=None, exclude_if=lambda known: known is None)
    fitting_specialties: tuple[str, ...]
    other_deciders: tuple[OtherDecider, ...] = Field(default=(), exclude_if=lambda others: not others)


def certified_end(line: LineAssessment, stated: date | None, decided_on: date) -> date | None:
    """The last approved day: as stated or asked for, else the least that a law lets an approval hold. None has no end."""
    end = stated or line.end
    if end is not None or line.least_length is None:
        return end
    return line.least_length.least_end(decided_on, None)


def approved_span(
    line: LineAssessment, decided_on: date, start: date | None = None, end: date | None = None
) -> tuple[date | None, date | None]:
    """First and last approved day of a line: as stated in `start` and `end`, else as asked for, in its window."""
    last = certified_end(line, end, decided_on)
    if line.window is None or start is not None or end is not None:
        return start or line.start, last
    first, through = line.window.span(line.start, line.end, decided_on)
    return first, max((day for day in (through, last) if day is not None), default=None)


class UrgentIncomplete(Model):
    """The time that the law allows for completing an urgent request: `hours_given`, if asked within `ask_within_hours`."""

    lob: Lob
    ask_within_hours: int = Field(gt=0)
    hours_given: int = Field(gt=0)
    cite: str


class BindingWord(Model):
    """Whose word to expedite binds in a line of business, on arrival and later alike: nobody may refuse it."""

    lob: Lob
    asked_by: AskedBy
    cite: str
    confidence: Confidence


class DeterminedLob(Model):
    """A line of business in which every request for coverage ends in a determination, also where no authorization is needed."""

    lob: Lob
    cite: str
    confidence: Confidence


class ExtensionGroundRule(Model):
    """The coded grounds on which the plan may take more time for this reason, in a line of business."""

    lob: Lob
    reason: str
    grounds: tuple[str, ...] = Field(min_length=1)
    second_person_if_expedited: bool
    cite: str
    confidence: Confidence


class ReviewPolicy(Model):
    """Waiting times as shares of a clock, and roles for tasks. Rulebook data, pinned with the case.

    `information_wait_share`: share of the time between asking and the decision instant that the provider gets;
    `peer_to_peer_share`: likewise for the offer before an adverse decision. The rest stays for people to decide.
    `questions_need_ground`: a reviewer's question asks for facts that open criteria or limits lack, or gives its reason.
    `question_rounds`: how often rules may ask the provider, the next branch of the criteria when an answer has ruled one out.
    `judgment_beside_question`: what only a clinician can judge goes to a nurse at once, and not after the provider's time.
    """

    information_wait_share: float = Field(gt=0, lt=1)
    peer_to_peer_share: float = Field(gt=0, lt=1)
    missed_clock_task_hours: int = Field(gt=0)
    letter_repair_hours: int = Field(gt=0)
    expedite_decision_hours: int = Field(gt=0)
    coverage_question_hours: int = Field(gt=0)
    expedite_decision_role: Role
    nurse_professions: tuple[str, ...] = Field(min_length=1)
    evidence_floor: EvidenceTier
    urgent_incomplete: tuple[UrgentIncomplete, ...] = ()
    always_determined: tuple[DeterminedLob, ...] = Field(default=(), exclude_if=lambda lobs: not lobs)
    extension_grounds: tuple[ExtensionGroundRule, ...] = Field(default=(), exclude_if=lambda rules: not rules)
    questions_need_ground: bool = Field(default=False, exclude_if=lambda needed: not needed)
    question_rounds: int = Field(default=1, ge=1, le=3, exclude_if=lambda rounds: rounds == 1)
    judgment_beside_question: bool = Field(default=False, exclude_if=lambda beside: not beside)
    expedite_words: tuple[BindingWord, ...] = Field(default=(), exclude_if=lambda words: not words)


class Assessment(Model):
    """Everything looked up about a request. `plan_office` are the hours in which the plan takes calls, `requester_office` those
    in which the requesting provider is reached, each in its own zone; None where an older release did not look.
    `earlier_reviewers` took part in the decision that is appealed, by the journals."""

    request_version: int
    coverage: CoverageFinding
    coverage_note: str
    lob: Lob
    state: str
    zone: str
    plan_id: str
    lines: tuple[LineAssessment, ...]
    decider: DeciderRule
    policy: ReviewPolicy
    ladders: EscalationLadders
    evidence: tuple[str, ...]
    codes: tuple[str, ...]
    involved_npis: tuple[str, ...]
    rulebook_version: str
    remarks: tuple[ReadingRemark, ...] = Field(default=(), exclude_if=lambda remarks: not remarks)
    citable: CitableRules | None = Field(default=None, exclude_if=lambda rules: rules is None)
    benefit_signer: BenefitSignerRule | None = Field(default=None, exclude_if=lambda rule: rule is None)
    closings: ClosingRules | None = Field(default=None, exclude_if=lambda rules: rules is None)
    plan_office: OfficeHours | None = Field(default=None, exclude_if=lambda office: office is None)
    requester_office: OfficeHours | None = Field(default=None, exclude_if=lambda office: office is None)
    earlier_reviewers: tuple[str, ...] = Field(default=(), exclude_if=lambda earlier: not earlier)

    def while_plan_is_open(self, deadline: datetime, since: datetime) -> datetime:
        """The deadline (UTC), rolled back into the hours in which the plan takes calls."""
        return deadline if self.plan_office is None else self.plan_office.roll_back(deadline, since)

    def while_requester_is_open(self, deadline: datetime, since: datetime) -> datetime:
        """The deadline (UTC), rolled back into the hours in which the requester is there to answer."""
        return deadline if self.requester_office is None else self.requester_office.roll_back(deadline, since)

    def deadline_zone(self, notice: NoticeKind) -> str | None:
        """The IANA zone of those for whom a deadline in this notice is: the plan for a call, else the requester. None where an
        older release did not look."""
        office = self.plan_office if notice is NoticeKind.PEER_TO_PEER_OFFER else self.requester_office
        return office.zone if office is not None else None

    def without_days_after(self, last: date) -> tuple[Assessment, tuple[str, ...]]:
        """The assessment with no line beyond this last covered day, and the ids of the lines that begin after it."""
        outside = tuple(line.line_id for line in self.lines if line.start is not None and line.start > last)
        lines = tuple(
            line if line.line_id in outside else line.model_copy(update={"end": min(line.end or last, last)})
            for line in self.lines
        )
        return self.model_copy(update={"lines": lines}), outside

    def remarks_on(self, line_ids: Collection[str]) -> tuple[ReadingRemark, ...]:
        """The remarks of the reading on these lines and on the whole request."""
        return tuple(remark for remark in self.remarks if remark.line_id is None or remark.line_id in line_ids)

    def not_understood(self, line_id: str) -> tuple[ReadingRemark, ...]:
        """The remarks by which part of what this line asks for was not understood: no rule may answer it."""
        return tuple(remark for remark in self.remarks_on((line_id,)) if remark.about_service)

    @property
    def offers_supply(self) -> bool:
        """Whether the law grants a temporary supply for some line."""
        return any(line.supply is not None for line in self.lines)

    def without_supplies(self) -> Assessment:
        """The assessment as a release without temporary supplies would have it."""
        return self.model_copy(update={"lines": tuple(line.model_copy(update={"supply": None}) for line in self.lines)})

    def line(self, line_id: str) -> LineAssessment:
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise KeyError(line_id)
