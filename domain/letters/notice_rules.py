"""Rules of notices: the elements that the law requires in each letter, and the appeal rights that it must state.

The data comes from the rulebook (`rulebook/notices/`); here are its types and what follows from them. Deadlines
are calendar days counted from a date; nothing here knows the time of day.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field, field_validator, model_validator

from domain.clocks.consequences import LiableParty
from domain.clocks.rules import Confidence, MissedClockEffect
from domain.decisions.benefits import SignedBenefitDecision
from domain.errors import UmpireError
from domain.letters.blanks import blanks_of
from domain.letters.context import ElementCondition, LetterContext, NoticeElement
from domain.letters.request_facts import (
    AcknowledgmentFacts,
    AdverseFacts,
    ApprovalFacts,
    InformationRequestFacts,
    MissedDeadlineFacts,
    NotCoveredFacts,
    OtherBenefitFacts,
    RequestFacts,
    TemporarySupplyFacts,
)
from domain.letters.stay_conditions import is_stay_condition_met
from domain.model import Model
from domain.vocabulary import APPROVING_OUTCOMES, PART_B, Audience, Lob, NoticeKind, ServiceKind, Urgency


class NoNoticeRule(UmpireError):  # noqa: N818 - named as the other errors of the domain
    """The rulebook has no rule (or no appeal rights) for this notice, so the letter cannot be written."""

    code = "no_notice_rule"


class RecipientNeed(StrEnum):
    """Whether a notice always goes to an audience, or only where staff decide that it is needed."""

    ALWAYS = "always"
    WHEN_NEEDED = "when_needed"


class NoticeForm(Model):
    """A form of the government whose content the letter carries. `omb` is the OMB control number."""

    form_id: str
    omb: str
    note: str


class TextDirection(StrEnum):
    """The direction in which a language is written."""

    LTR = "ltr"
    RTL = "rtl"


class Tagline(Model):
    """A short line in another language about free language assistance. `language` is a BCP 47 tag."""

    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")
    name: str
    direction: TextDirection
    words: str

    @field_validator("words")
    @classmethod
    def _words_have_known_blanks(cls, words: str) -> str:
        blanks_of(words)
        return words


class NoticeRule(Model):
    """One notice for one audience under one line of business.

    The words of `elements` may have the blanks of `domain.letters.blanks`. Several elements may share a key: the first whose
    condition holds is the one that counts. `partial_title` is the title where some line was approved, `care_given_title` and
    `care_given_partial_title` where the care was given before it was decided, and `appeal_title` and `appeal_partial_title`
    those on an appeal, whichever care it is about. `consequences` are the effects of a missed clock
    that this notice can state; `never_for` and `never_when` name what the law forbids this notice for (an extension of a Part B
    drug request). `advance_days` is how many calendar days before its effect the notice has to be sent, at the least, with
    `advance_citation`. `version` is a hash of the rulebook's files.
    """

    kind: NoticeKind
    audience: Audience
    lob: Lob
    need: RecipientNeed = RecipientNeed.ALWAYS
    title: str
    partial_title: str | None = None
    care_given_title: str | None = None
    care_given_partial_title: str | None = None
    appeal_title: str | None = None
    appeal_partial_title: str | None = None
    form: NoticeForm | None = None
    elements: tuple[NoticeElement, ...] = Field(min_length=1)
    consequences: tuple[MissedClockEffect, ...] = ()
    never_for: tuple[ServiceKind, ...] = ()
    never_when: tuple[Urgency, ...] = ()
    never_citation: str | None = None
    advance_days: int | None = Field(default=None, gt=0)
    advance_citation: str | None = None
    taglines: tuple[Tagline, ...] = ()
    version: str = ""

    def required(self, context: LetterContext) -> tuple[NoticeElement, ...]:
        """The elements that this letter must contain, one for each key, in the rulebook's order."""
        chosen: dict[str, NoticeElement] = {}
        for element in self.elements:
            if element.key not in chosen and is_condition_met(element.when, context):
                chosen[element.key] = element
        return tuple(chosen.values())

    @property
    def tells_outcome(self) -> bool:
        """Whether the notice states a decision, so that every service line must show its outcome."""
        return self.kind in (NoticeKind.APPROVAL, NoticeKind.ADVERSE_DETERMINATION)

    @property
    def tells_rights(self) -> bool:
        """Whether the notice states how to appeal, so that it cannot be written without the appeal rights."""
        return any(element.key == "appeal_deadline" for element in self.elements)


def is_on_appeal(context: LetterContext) -> bool:
    """Whether the letter is about an appeal of an earlier decision."""
    return isinstance(context.facts, RequestFacts) and context.facts.request.on_appeal


def is_condition_met(condition: ElementCondition, context: LetterContext) -> bool:
    """Whether an element with this condition belongs in the letter for this context."""
    outcomes, facts = {line.outcome for line in context.lines}, context.facts
    match condition:
        case ElementCondition.ALWAYS:
            return True
        case ElementCondition.SOMETHING_APPROVED:
            return bool(outcomes & APPROVING_OUTCOMES)
        case ElementCondition.NOTHING_APPROVED:
            return not outcomes & APPROVING_OUTCOMES
        case ElementCondition.NO_DECISION_CLOCK:
            return isinstance(facts, RequestFacts) and facts.request.decision_due is None
        case ElementCondition.STANDARD:
            return context.urgency is Urgency.STANDARD
        case ElementCondition.EXPEDITED:
            return context.urgency is Urgency.EXPEDITED
        case ElementCondition.INFORMATION_ASKED:
            return bool(context.asked)
        case ElementCondition.PEER_TO_PEER_OPEN:
            return isinstance(facts, AdverseFacts) and facts.peer_to_peer_until is not None
        case ElementCondition.DECIDED_BY_RULE:
            return isinstance(facts, ApprovalFacts) and facts.approved_by_rule is not None
        case ElementCondition.FAIR_HEARING_OFFICE_KNOWN:
            return context.fair_hearing is not None
        case ElementCondition.IN_CARE:
            return context.in_care
        case ElementCondition.CARE_TO_COME:
            return not context.in_care
        case ElementCondition.CARE_LATER:
            first = context.care_from
            return not context.in_care and first is not None and first > context.issue_date
        case ElementCondition.CHANGES_AUTHORIZATION:
            return isinstance(facts, AcknowledgmentFacts | ApprovalFacts) and facts.follows == "change"
        case ElementCondition.REOPENED:
            return isinstance(facts, AcknowledgmentFacts | ApprovalFacts) and facts.follows == "reopening"
        case ElementCondition.FIRST_DECISION:
            return not is_on_appeal(context)
        case ElementCondition.ON_APPEAL:
            return is_on_appeal(context)
        case ElementCondition.APPEAL_UPHELD:
            return is_on_appeal(context) and not outcomes & APPROVING_OUTCOMES
        case ElementCondition.APPEAL_GRANTED_IN_PART:
            return is_on_appeal(context) and bool(outcomes & APPROVING_OUTCOMES)
        case ElementCondition.HEARING_OFFICE_AFTER_APPEAL:
            return is_on_appeal(context) and context.fair_hearing is not None
        case ElementCondition.APPEALABLE_CARE_GIVEN:
            return context.care_given and not is_on_appeal(context)
        case ElementCondition.SERVICE_REDUCED:
            return isinstance(facts, AdverseFacts) and facts.effective_on is not None
        case ElementCondition.DECIDED_SINCE:
            return isinstance(facts, MissedDeadlineFacts) and facts.decided_since
        case ElementCondition.CARE_GIVEN:
            return context.care_given
        case ElementCondition.ANSWERED_LATE:
            return isinstance(facts, ApprovalFacts) and facts.answered_late
        case ElementCondition.APPROVED_BY_LAW:
            return isinstance(facts, ApprovalFacts) and facts.approved_by_law
        case ElementCondition.DEEMED_ADVERSE:
            return isinstance(facts, MissedDeadlineFacts) and facts.consequence == MissedClockEffect.DEEMED_ADVERSE
        case ElementCondition.EXCEPTION_GRANTED:
            return isinstance(facts, ApprovalFacts) and facts.exception_until is not None
        case ElementCondition.LOWER_TIER_GRANTED:
            return isinstance(facts, ApprovalFacts) and facts.lower_tier
        case ElementCondition.ASKED_BEFORE:
            return isinstance(facts, InformationRequestFacts) and facts.asked_before
        case ElementCondition.EMERGENCY_SUPPLY:
            return isinstance(facts, TemporarySupplyFacts) and facts.emergency
        case ElementCondition.TRANSITION_SUPPLY:
            return isinstance(facts, TemporarySupplyFacts) and not facts.emergency
        case ElementCondition.BENEFIT_DECISION:
            return isinstance(facts, AdverseFacts) and isinstance(facts.signed, SignedBenefitDecision)
        case ElementCondition.OTHER_PAYER_KNOWN:
            return isinstance(facts, NotCoveredFacts) and facts.other_payer is not None
        case ElementCondition.SOME_DAYS_COVERED:
            return isinstance(facts, NotCoveredFacts) and facts.covered_until is not None
        case ElementCondition.NO_DAY_COVERED:
            return isinstance(facts, NotCoveredFacts) and facts.covered_until is None
        case ElementCondition.BENEFIT_MOVED:
            return isinstance(facts, OtherBenefitFacts) and facts.moved
        case ElementCondition.BENEFIT_OF_SAME_PLAN:
            return isinstance(facts, OtherBenefitFacts) and facts.same_plan
        case ElementCondition.PAID_BY_PART_B:
            return isinstance(facts, OtherBenefitFacts | AdverseFacts) and facts.paid_by == PART_B
        case ElementCondition.OTHER_PAYER:
            return isinstance(facts, AdverseFacts) and facts.paid_by is not None
        case ElementCondition.PLAN_PAYS:
            return context.liability is not None and context.liability.bearer is LiableParty.PLAN
        case _:
            return is_stay_condition_met(condition, context.stay)


class CountedFrom(StrEnum):
    """The event from which the time to appeal is counted."""

    NOTICE_DATE = "notice_date"
    RECEIPT = "receipt"


class FilingWindow(Model):
    """The filing window of an appeal, in calendar days."""

    days: int = Field(gt=0)
    counted_from: CountedFrom
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence

    def last_day(self, issue_date: date) -> date:
        """The last day to appeal, counted from the date on the letter.

        Where the law counts from receipt this is the earliest day on which the time can end: the letter must also say
        that it runs from the day it was received.
        """
        return issue_date + timedelta(days=self.days)


class AppealTimeUnit(StrEnum):
    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"


class DecisionTime(Model):
    """The time for the plan to decide an appeal, counted from its receipt."""

    value: int = Field(gt=0)
    unit: AppealTimeUnit
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence

    def __str__(self) -> str:
        return f"{self.value} {self.unit.replace('_', ' ')}"


class FurtherLevel(Model):
    """A level of appeal after the plan's own: its decider, and how it begins."""

    name: str
    decided_by: str
    begins: str
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence


class ContinuationOfBenefits(Model):
    """The right to keep getting a service while the appeal runs. `days` are calendar days after the notice was sent."""

    days: int = Field(gt=0)
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence


class OutsideHelp(Model):
    """An organization outside the plan that helps members with appeals, free of charge."""

    name: str
    phone: str
    tty: str | None = None


class AppealRights(Model):
    """The rights to appeal an adverse determination of a line of business, for the kinds of service named.

    `after_care_decision` is the time for an appeal about care that was given; None where it is not known, and then no letter
    about such care can be written. `hearing_within` is the least time to ask the State for a hearing after the plan's appeal.
    """

    lob: Lob
    service_kinds: tuple[ServiceKind, ...] = Field(min_length=1)
    file_within: FilingWindow
    standard_decision: DecisionTime
    expedited_decision: DecisionTime
    further_levels: tuple[FurtherLevel, ...] = ()
    after_care_decision: DecisionTime | None = None
    continuation: ContinuationOfBenefits | None = None
    hearing_within: FilingWindow | None = None
    outside_help: OutsideHelp | None = None
    version: str = ""

    @field_validator("service_kinds")
    @classmethod
    def _each_kind_once(cls, kinds: tuple[ServiceKind, ...]) -> tuple[ServiceKind, ...]:
        if len(set(kinds)) != len(kinds):
            raise ValueError("a kind of service is written twice")
        return kinds

    @model_validator(mode="after")
    def _fast_is_not_slower(self) -> AppealRights:
        if _hours(self.expedited_decision) > _hours(self.standard_decision):
            raise ValueError("the fast appeal takes longer than the standard one")
        return self


def _hours(length: DecisionTime) -> int:
    return length.value * (24 if length.unit is AppealTimeUnit.CALENDAR_DAYS else 1)
