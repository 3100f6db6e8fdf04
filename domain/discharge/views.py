"""What lists and screens show of a discharge plan."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime

from pydantic import AwareDatetime

from domain.cases.escalation_ladders import Holder
from domain.cases.tasks import Task
from domain.cases.views import CaseStanding, CaseView, ProcessKind, Sheet, Waiting
from domain.cases.waiting import BESIDE, in_a_sentence
from domain.discharge import before_discharge as discharge_before
from domain.discharge import qio as discharge_qio
from domain.discharge.case import DischargePlan
from domain.discharge.notice_duties import OWED, coverage_end, done
from domain.discharge.parts import Delivery, Gap, LinkedReadmission
from domain.discharge.policy import NeedAnswer, open_domains
from domain.discharge.risk_scores import Score, hospital, lace
from domain.journal import canonical
from domain.letters.stay_facts import Appointment, Choice
from domain.model import Model
from domain.plain_language.phrases import someone
from domain.vocabulary import ReviewKind, ServiceKind, Urgency


class ItemView(Model):
    """One item of the checklist; `done_at` None is not done."""

    item: str
    title: str
    done_at: AwareDatetime | None


class DutyView(Model):
    """A notice that is owed, by its rule; `falls_away` says why it is not owed after all."""

    rule: str
    title: str
    due_at: AwareDatetime
    done_at: AwareDatetime | None
    judged: str | None
    falls_away: str | None


class QioView(Model):
    """A review by the QIO; `upheld` None: not decided."""

    about: str
    asked_at: AwareDatetime
    in_time: bool | None
    decided_at: AwareDatetime | None
    upheld: bool | None


class ReviewView(Model):
    case_id: str
    setting: str
    provider_npi: str
    answer: str | None


class DischargeSheet(Model):
    """A discharge plan, as a planner reads it. Days are of the plan's zone, instants UTC; None is not known."""

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
    choices: tuple[Choice, ...]
    chosen_npi: str | None
    checklist: tuple[ItemView, ...]
    next_setting: tuple[ReviewView, ...]
    notices: tuple[DutyView, ...]
    deliveries: tuple[Delivery, ...]
    qio: tuple[QioView, ...]
    coverage_ends: date | None
    waits_for_qio: bool
    owes_nothing_before: AwareDatetime | None
    appointments: tuple[Appointment, ...]
    discharged_at: AwareDatetime | None
    not_done: tuple[str, ...]
    done_after: dict[str, AwareDatetime]
    call_attempts: int
    gaps: tuple[Gap, ...]
    referrals: tuple[str, ...]
    readmissions: tuple[LinkedReadmission, ...]


def sheet(plan: DischargePlan, now: datetime) -> DischargeSheet:
    """The plan as it stands. Raises LookupError before the first look."""
    scores, items = (lace(plan.lace_known), hospital(plan.hospital_known)), discharge_before.items(plan)
    names = {item.item for item in items}
    return DischargeSheet(
        stay_id=plan.picture.stay_id,
        facility=plan.picture.facility,
        target_setting=plan.target.setting.value if plan.target is not None else None,
        target_date=plan.target.on if plan.target is not None else None,
        leaves_on=plan.planned_day(now),
        needs=tuple(plan.needs.values()),
        not_answered=tuple(domain.value for domain in open_domains(plan.needs.values())),
        lace=str(scores[0]),
        hospital_score=str(scores[1]),
        scores=scores,
        choices=plan.choices,
        chosen_npi=plan.chosen_npi,
        checklist=tuple(ItemView(item=one.item, title=one.title, done_at=plan.done.get(one.item)) for one in items),
        next_setting=tuple(
            ReviewView(
                case_id=one.case_id,
                setting=one.setting.value,
                provider_npi=one.provider_npi,
                answer=one.status.value if one.status is not None else None,
            )
            for one in plan.reviews
        ),
        notices=tuple(_duties(plan, now)),
        deliveries=tuple(plan.deliveries),
        qio=tuple(
            QioView(
                about=one.about,
                asked_at=one.asked_at,
                in_time=one.timely,
                decided_at=one.decided_at,
                upheld=one.upheld,
            )
            for one in plan.qio
        ),
        coverage_ends=coverage_end(plan, now),
        waits_for_qio=discharge_qio.waits(plan),
        owes_nothing_before=discharge_qio.owes_nothing_before(plan),
        appointments=plan.appointments,
        discharged_at=plan.picture.discharged_at,
        not_done=plan.left_undone,
        done_after={name: at for name, at in plan.done.items() if name not in names},
        call_attempts=len(plan.calls),
        gaps=tuple(plan.gaps),
        referrals=tuple(one.case_id for one in plan.referrals),
        readmissions=tuple(plan.readmissions),
    )


def _duties(plan: DischargePlan, now: datetime) -> Iterator[DutyView]:
    finished = done(plan, now)
    for clock in plan.clocks:
        if clock.rule_id in OWED:
            judged = (word for key, word in plan.judged.items() if key.startswith(f"{clock.rule_id}/"))
            yield DutyView(
                rule=clock.rule_id,
                title=clock.title,
                due_at=clock.due[0].at,
                done_at=finished.get(clock.rule_id),
                judged=next(judged, None),
                falls_away=clock.set_aside,
            )


def show(plan: DischargePlan, now: datetime) -> None:
    """Put the sheet under the last entry that the store has not seen, if it says something new."""
    if not plan.pending or plan.policy is None:
        return
    content = sheet(plan, now).model_dump(mode="json")
    digest = hashlib.sha256(canonical(content)).hexdigest()
    if digest == plan.shown:
        return
    plan.shown, last = digest, plan.pending[-1]
    shown = Sheet(process=ProcessKind.DISCHARGE_PLAN, content=content).model_dump(mode="json")
    plan.pending[-1] = last.model_copy(update={"data": last.data | {"sheet": shown}})


def row(plan: DischargePlan, now: datetime) -> CaseView:
    """The plan's row for the lists. Raises LookupError before the first look."""
    owed = min((duty for duty in _duties(plan, now) if _is_open(duty)), key=lambda duty: duty.due_at, default=None)
    picture = plan.picture
    return CaseView(
        case_id=plan.case_id,
        process=ProcessKind.DISCHARGE_PLAN,
        title=f"Discharge from {picture.facility}",
        lob=plan.lob,
        state=plan.state,
        zone=plan.zone,
        review_kind=ReviewKind.CONCURRENT,
        service_kind=ServiceKind.BEHAVIORAL if picture.behavioral else ServiceKind.MEDICAL,
        urgency=Urgency.STANDARD,
        member_id=picture.member_id,
        requesting_npi=picture.facility_npi or "",
        request_version=0,
        received_at=plan.received_at,
        status=plan.status,
        waiting=waiting(plan),
        decision_due=owed.due_at if owed is not None and plan.is_open else None,
        governing_rule=owed.rule if owed is not None and plan.is_open else None,
        rulebook_version=plan.looked_up().rulebook_version,
        closed_at=plan.closed_at,
    )


def _is_open(duty: DutyView) -> bool:
    return duty.done_at is None and duty.judged is None and duty.falls_away is None


def waiting(plan: DischargePlan) -> Waiting | None:
    """What the plan waits for, who owes it, until when, and what happens then; None when it waits for nobody."""
    if not plan.is_open or plan.person is None:
        return None
    task = min(plan.open_tasks(), key=lambda task: (task.kind in BESIDE, task.due_at), default=None)
    if task is None:
        return _for_time(plan)
    owner = task.assignee or someone(task.role)
    return Waiting(what=task.kind.value.replace("_", " "), owner=owner, until=task.due_at, then=_then(plan, task))


def _for_time(plan: DischargePlan) -> Waiting:
    if plan.left_at is None:
        return Waiting(what="the discharge", owner="the hospital", until=None, then="the member is followed at home")
    return Waiting(what="the thirtieth day", owner="Umpire", until=None, then="the plan is closed")


def _then(plan: DischargePlan, task: Task) -> str:
    last = plan.ladders.for_task(task.kind.value, task.role).steps[-1].to
    return "a reminder goes out" if last is Holder.OWNER else f"{last.value.replace('_', ' ')} is told"


def standing(plan: DischargePlan) -> CaseStanding:
    """Where the plan stands, in a sentence that names the zone of its times."""
    wait = waiting(plan)
    if wait is not None:
        sentence = in_a_sentence(wait, plan.zone)
    elif plan.is_open:
        sentence = "The plan is being opened."
    else:
        sentence = f"Closed: {plan.status.value}."
    return CaseStanding(
        case_id=plan.case_id,
        sentence=sentence,
        status=plan.status,
        waiting=wait,
        open_tasks=tuple(task.task_id for task in plan.open_tasks()),
    )
