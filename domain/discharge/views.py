"""The summaries of a discharge plan in lists and screens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime

from pydantic import AwareDatetime

from domain.cases import journal_rows, waiting
from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseStatusSummary, CaseSummary, CaseView, Waiting
from domain.discharge import after_discharge, before_discharge
from domain.discharge import qio as discharge_qio
from domain.discharge.case import DischargeCase
from domain.discharge.notice_duties import DUTY_RULES, HOSPITAL_FORM_RULES, completed_duties, coverage_end
from domain.discharge.notices import rule_of
from domain.discharge.parts import LinkedReadmission, NoticeDelivery, TransitionGap
from domain.discharge.policy import NeedAnswer, unanswered_domains
from domain.discharge.risk_scores import Score, hospital, lace
from domain.journal import canonical_json
from domain.letters.stay_facts import Appointment, ProviderChoice
from domain.model import Model
from domain.vocabulary import ProcessKind


class ChecklistItemView(Model):
    """One item of the checklist; `done_at` None is not done."""

    item: str
    title: str
    done_at: AwareDatetime | None


class DutyView(Model):
    """A required notice, by its rule; `falls_away` states why it is not required after all."""

    rule: str
    title: str
    due_at: AwareDatetime
    done_at: AwareDatetime | None
    judged: str | None
    falls_away: str | None


class QioReviewView(Model):
    """A review by the QIO; `upheld` None: not decided."""

    about: str
    asked_at: AwareDatetime
    in_time: bool | None
    decided_at: AwareDatetime | None
    upheld: bool | None


class NextSettingReviewView(Model):
    case_id: str
    setting: str
    provider_npi: str
    answer: str | None


class DischargeSummary(Model):
    """A discharge plan for the planner. Days are of the plan's zone, instants UTC; None is unknown."""

    stay_id: str
    facility: str
    target_setting: str | None
    target_date: date | None
    leaves_on: date | None
    needs: tuple[NeedAnswer, ...]
    not_answered: tuple[str, ...]
    lace: str
    hospital_score: str
    scores: tuple[Score, ...]
    choices: tuple[ProviderChoice, ...]
    chosen_npi: str | None
    checklist: tuple[ChecklistItemView, ...]
    next_setting: tuple[NextSettingReviewView, ...]
    notices: tuple[DutyView, ...]
    deliveries: tuple[NoticeDelivery, ...]
    qio: tuple[QioReviewView, ...]
    coverage_ends: date | None
    waits_for_qio: bool
    owes_nothing_before: AwareDatetime | None
    appointments: tuple[Appointment, ...]
    discharged_at: AwareDatetime | None
    not_done: tuple[str, ...]
    done_after: dict[str, AwareDatetime]
    call_attempts: int
    gaps: tuple[TransitionGap, ...]
    referrals: tuple[str, ...]
    readmissions: tuple[LinkedReadmission, ...]


def summary_of(plan: DischargeCase, now: datetime) -> DischargeSummary:
    """The summary of the plan. Raises ImpossibleState before the first lookup."""
    scores, items = (lace(plan.lace_inputs), hospital(plan.hospital_inputs)), before_discharge.checklist_items(plan)
    names = {item.item for item in items}
    return DischargeSummary(
        stay_id=plan.picture.stay_id,
        facility=plan.picture.facility,
        target_setting=plan.target.setting.value if plan.target is not None else None,
        target_date=plan.target.on if plan.target is not None else None,
        leaves_on=plan.planned_discharge_day(now),
        needs=tuple(plan.needs.values()),
        not_answered=tuple(domain.value for domain in unanswered_domains(plan.needs.values())),
        lace=str(scores[0]),
        hospital_score=str(scores[1]),
        scores=scores,
        choices=plan.choices,
        chosen_npi=plan.chosen_npi,
        checklist=tuple(
            ChecklistItemView(item=one.item, title=one.title, done_at=plan.done.get(one.item)) for one in items
        ),
        next_setting=tuple(
            NextSettingReviewView(
                case_id=one.case_id,
                setting=one.setting.value,
                provider_npi=one.provider_npi,
                answer=one.status.value if one.status is not None else None,
            )
            for one in plan.reviews
        ),
        notices=tuple(_duty_views(plan, now)),
        deliveries=tuple(plan.deliveries),
        qio=tuple(
            QioReviewView(
                about=one.about,
                asked_at=one.asked_at,
                in_time=one.timely,
                decided_at=one.decided_at,
                upheld=one.upheld,
            )
            for one in plan.qio
        ),
        coverage_ends=coverage_end(plan, now),
        waits_for_qio=discharge_qio.is_decision_pending(plan),
        owes_nothing_before=discharge_qio.member_liable_from(plan),
        appointments=plan.appointments,
        discharged_at=plan.picture.discharged_at,
        not_done=plan.left_undone,
        done_after={name: at for name, at in plan.done.items() if name not in names},
        call_attempts=len(plan.calls),
        gaps=tuple(plan.gaps),
        referrals=tuple(one.case_id for one in plan.referrals),
        readmissions=tuple(plan.readmissions),
    )


def _duty_views(plan: DischargeCase, now: datetime) -> Iterator[DutyView]:
    finished = completed_duties(plan, now)
    for clock in plan.clocks:
        if clock.rule_id in DUTY_RULES:
            judged = (word for key, word in plan.judged.items() if key.startswith(f"{clock.rule_id}/"))
            yield DutyView(
                rule=clock.rule_id,
                title=clock.title,
                due_at=clock.due[0].at,
                done_at=finished.get(clock.rule_id),
                judged=next(judged, None),
                falls_away=clock.set_aside,
            )


def attach_summary(plan: DischargeCase, now: datetime) -> None:
    """Attach the summary to the last journal entry not stored yet, if it changed."""
    if not plan.pending or plan.policy is None:
        return
    content = summary_of(plan, now).model_dump(mode="json")
    digest = hashlib.sha256(canonical_json(content)).hexdigest()
    if digest == plan.shown:
        return
    plan.shown = digest
    journal_rows.attach_summary(plan, CaseSummary(process=ProcessKind.DISCHARGE_PLAN, content=content))


def case_view(plan: DischargeCase, now: datetime) -> CaseView:
    """The plan's row in the lists. Raises ImpossibleState before the policy was looked up."""
    open_duties = (duty for duty in _duty_views(plan, now) if plan.is_open and _is_open(duty))
    owed = min(open_duties, key=lambda duty: duty.due_at, default=None)
    return journal_rows.member_case_view(
        plan,
        ProcessKind.DISCHARGE_PLAN,
        f"Discharge from {plan.picture.facility}",
        plan.status,
        current_wait(plan),
        requesting_npi=plan.picture.facility_npi or "",
        decision_due=owed.due_at if owed is not None else None,
        governing_rule=owed.rule if owed is not None else None,
    )


def _is_open(duty: DutyView) -> bool:
    return duty.done_at is None and duty.judged is None and duty.falls_away is None


def current_wait(plan: DischargeCase) -> Waiting | None:
    """The current wait of the plan; None when it waits for nobody."""
    if not plan.is_open or plan.person is None:
        return None
    return waiting.task_wait(plan, is_idle=lambda task: _is_of_the_stay(plan, task)) or _wait_for_time(plan)


def _is_of_the_stay(plan: DischargeCase, task: Task) -> bool:
    """Whether the task is about the days in hospital of a member who has left: it may be recorded still, and nothing waits for
    it."""
    if plan.left_at is None:
        return False
    if task.kind is TaskKind.FORM_DELIVERY:
        return rule_of(task) in HOSPITAL_FORM_RULES
    return task.kind is TaskKind.TARGET_SETTING


def _wait_for_time(plan: DischargeCase) -> Waiting:
    if plan.left_at is None or plan.picture.discharged_at is None:
        return Waiting(what="the discharge", owner="the hospital", until=None, then="the member is followed at home")
    end = after_discharge.ends_at(plan)
    return Waiting(what="the thirtieth day", owner="Umpire", until=end, then="the plan is closed")


def status_summary(plan: DischargeCase) -> CaseStatusSummary:
    """The status of the plan, with a sentence that names the zone of its times."""
    return waiting.status_summary(plan, plan.status, current_wait(plan))
