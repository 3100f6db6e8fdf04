"""The context of a stay as the rulebook has it: when updates are due, a long stay begins, a second look ends. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendars import Calendar, local_day, utc_of_local_time
from domain.cases.member_case import MemberContext
from domain.cases.views import CaseView, LineView
from domain.requests.request import AuthorizationRequest
from domain.stays.day_counts import GmlosEntry, next_review_opens_at
from domain.stays.levels_of_care import CareLevels, CountedIn, LevelOfCare, LevelRule
from domain.stays.orders import AdmissionRequest, LevelTerms, StayContext, StayInput
from domain.stays.parts import PreauthorizedDays, ReductionRule
from domain.stays.policy import AfterDenialRule, ReductionPolicy, RequestWindow, StayPolicy
from domain.stays.readmissions import ReadmissionLink
from domain.vocabulary import Lob

_CRITERIA_LEVEL_NAMES = {
    "inpatient_stay": "inpatient",
    "skilled_nursing_facility": "snf",
    "inpatient_rehabilitation": "irf",
}
"""The criteria's name of a level of care, by its service group in the table of levels."""

_REQUEST_LEVEL_NAMES = {
    "inpatient": LevelOfCare.INPATIENT_WARD,
    "acute_inpatient": LevelOfCare.INPATIENT_WARD,
    "skilled_nursing_facility": LevelOfCare.SNF,
    "inpatient_rehabilitation": LevelOfCare.IRF,
    "inpatient_psychiatric": LevelOfCare.PSYCH_IP,
}
_EARLY_ARRIVAL = timedelta(days=2)
"""A planned admission is matched to its authorization also when the patient comes a little before the approved days."""


@dataclass(frozen=True)
class BindingRules:
    """The rules that bind one stay: by its line of business (None is unknown), with days of its zone. Results are UTC."""

    policy: StayPolicy
    levels: CareLevels
    calendar: Calendar
    zone: ZoneInfo
    lob: Lob | None

    @property
    def after_denial(self) -> AfterDenialRule | None:
        return self.policy.after_denial_for(self.lob) if self.lob is not None else None

    @property
    def reduction(self) -> ReductionPolicy | None:
        return self.policy.reduction_for(self.lob) if self.lob is not None else None

    def update_due_at(self, order: StayInput) -> datetime:
        """Due instant of an update asked for now: the first one by the time for a first review, except under observation."""
        if order.decided_through is None and order.level is not LevelOfCare.OBSERVATION:
            return self.policy.first_review_due(order.now, self.calendar, self.zone)
        level = order.level or LevelOfCare.INPATIENT_WARD
        return self.policy.clinical_update_due(order.now, level, self.calendar, self.zone)

    def long_stay_from(self, admitted_at: datetime | None) -> datetime | None:
        """The local midnight at which a stay is a long one."""
        if admitted_at is None:
            return None
        day = local_day(admitted_at, self.zone) + timedelta(days=self.policy.long_stay_days.value)
        return utc_of_local_time(day, time(0), self.zone)

    def observation_question_at(self, began_at: datetime | None) -> datetime | None:
        """The instant at which the hospital is asked whether it discharges or admits."""
        hours = timedelta(hours=self.policy.observation_question_hours.value)
        return began_at.astimezone(UTC) + hours if began_at is not None else None

    def second_look_until(self, denied_at: datetime | None) -> datetime | None:
        """The end of the time for a peer-to-peer about denied days."""
        return self._window_end(self.after_denial.peer_to_peer if self.after_denial is not None else None, denied_at)

    def reopening_until(self, denied_at: datetime | None) -> datetime | None:
        """The end of the time for a reopening of denied days."""
        return self._window_end(self.after_denial.reopening if self.after_denial is not None else None, denied_at)

    def _window_end(self, window: RequestWindow | None, decided_at: datetime | None) -> datetime | None:
        if window is None or decided_at is None:
            return None
        return window.ends(decided_at, self.calendar, self.zone)

    def reduction_rule(self) -> ReductionRule | None:
        """The notice that approved days need before they may end early; None where they may not."""
        rule = self.reduction
        if rule is None or rule.days_of_notice is None:
            return None
        return ReductionRule(days_of_notice=rule.days_of_notice, citation=rule.source)

    def admission_request(self) -> AdmissionRequest | None:
        """The notice of an admission as a request for its days; None where it is none."""
        rule = self.policy.admission_request_for(self.lob) if self.lob is not None else None
        if rule is None:
            return None
        return AdmissionRequest(opens_after_hours=rule.opens_after_hours, citation=rule.source)

    def no_reduction_because(self) -> str:
        """The explanation for a person whose proposal to end approved days early is rejected."""
        rule = self.reduction
        return (
            f"{rule.because} ({rule.source})" if rule else "No rule of the rulebook lets approved days end early here."
        )

    def move_question(self, leaving: LevelOfCare | None, entering: LevelOfCare | None) -> str:
        """The reason for a person to check a move between levels; empty when nobody has to, or a level is unknown."""
        if leaving is None or entering is None or leaving is entering:
            return ""
        move = self.levels.move(leaving, entering)
        if move is not None:
            return move.asks_person
        return "The rulebook does not list this move between levels of care: somebody says what it needs."


def build_context(
    order: StayInput,
    rules: BindingRules,
    drg: GmlosEntry | None,
    person: MemberContext | None,
    authorizations: tuple[PreauthorizedDays, ...],
    readmissions: tuple[ReadmissionLink, ...],
) -> StayContext:
    """The context of a stay, from its rules and from what is on file about the member. `drg` is its working DRG's entry."""
    policy, levels = rules.policy, rules.levels
    return StayContext(
        person=person,
        levels={
            one.event_id: levels.level_of_patient(one.unit, one.status, order.facility_npi) for one in order.placings
        },
        terms=tuple(_level_terms(rule) for rule in levels.levels if rule.is_certified),
        authorizations=authorizations,
        readmissions=readmissions,
        gmlos=drg.gmlos if drg is not None else None,
        drg_title=drg.title if drg is not None else None,
        update_due_at=rules.update_due_at(order),
        next_review_at=next_review_opens_at(order.decided_through, rules.calendar, rules.zone)
        if order.decided_through is not None
        else None,
        long_stay_from=rules.long_stay_from(order.admitted_at),
        long_stay_days=policy.long_stay_days.value,
        long_stay_every_days=policy.long_stay_review_days.value,
        huddle_at=policy.huddle_at_variance_days.value,
        director_round_at=policy.medical_director_round_at_variance_days.value,
        observation_question_at=rules.observation_question_at(order.observation_began_at),
        second_look_until=rules.second_look_until(order.denied_at),
        reopening_until=rules.reopening_until(order.denied_at),
        reduction=rules.reduction_rule(),
        no_reduction_because=rules.no_reduction_because(),
        move_asks=rules.move_question(order.left_level, order.level),
        open_after_discharge_days=policy.open_after_discharge_days.value,
        admission_request=rules.admission_request(),
        silence_question_hours=policy.silence_question_hours.value,
        talks_end_at_discharge=policy.talks_end_at_discharge,
    )


def preauthorized_days(
    case: CaseView, asked: AuthorizationRequest, line: LineView, day: date
) -> PreauthorizedDays | None:
    """The approved days of a planned admission's line for a stay that begins on `day`; None when it is about other days."""
    stated = asked.line(line.line_id).level_of_care or ""
    level = _REQUEST_LEVEL_NAMES.get(stated) or (LevelOfCare(stated) if stated in set(LevelOfCare) else None)
    first, last = line.approved_start, line.approved_end
    if level is None or first is None or last is None or line.decided_by is None or case.decided_at is None:
        return None
    if not first - _EARLY_ARRIVAL <= day <= last:
        return None
    return PreauthorizedDays(
        case_id=case.case_id,
        line_id=line.line_id,
        first=max(first, day),
        last=last,
        level=level,
        by=str(line.decided_by),
        decided_at=case.decided_at,
        authorization_number=case.authorization_number,
    )


def _level_terms(rule: LevelRule) -> LevelTerms:
    cap = rule.cap or 1
    in_hours = rule.counted_in is CountedIn.HOURS
    return LevelTerms(
        level=rule.level,
        title=rule.title,
        days=-(-cap // 24) if in_hours else cap,
        hours=cap if in_hours else None,
        criteria_at_admission=_CRITERIA_LEVEL_NAMES.get(rule.admission_group or "", rule.level.value),
        criteria=_CRITERIA_LEVEL_NAMES.get(rule.continued_group or "", rule.level.value),
    )
