"""What a form that was filled in does to the plan. What a form does not say stays unknown, and is asked again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from domain.cases import task_forms as forms
from domain.cases.messages import CompleteTask
from domain.cases.tasks import Task, TaskKind
from domain.discharge import after_discharge as discharge_after
from domain.discharge import before_discharge as discharge_before
from domain.discharge import letters as discharge_letters
from domain.discharge import next_setting as discharge_next_setting
from domain.discharge.case import DischargePlan
from domain.discharge.forms import (
    FORMS,
    BookedVisit,
    ChoicesOffered,
    DetailedReason,
    Education,
    EquipmentCheck,
    EquipmentOrdered,
    FollowUpBooked,
    FormDelivered,
    HandOverConfirmed,
    MedicationCheckIn,
    MedicationReconciliation,
    MemberContact,
    NeedsAssessment,
    NextSettingRequest,
    PcpTold,
    PostDischargeCall,
    RecordsSent,
    ReferralAnswer,
    TargetPlan,
    TeachBack,
    TransportArranged,
    VisitHappened,
)
from domain.discharge.notice_duties import FORMS as FORMS_OF
from domain.discharge.notices import rule_of, what_of
from domain.discharge.parts import Delivery, Target
from domain.discharge.policy import NeedAnswer
from domain.journal import EntryKind
from domain.letters.stay_facts import Appointment
from domain.vocabulary import NoticeKind

_VISITS_OF_BEHAVIORAL = ("behavioral_follow_up_7", "behavioral_follow_up_30")


def done(plan: DischargePlan, task: Task, message: CompleteTask, now: datetime) -> str:
    """Carry out the completion of a task; the answer in a sentence. The form was found to be readable before."""
    model, act = FORMS.get(task.kind), _ACTS.get(task.kind)
    if model is None or act is None:
        plan.finish(task.about or task.kind.value, message.at)
        return "Noted."
    return act(plan, task, forms.read(model, message.form), message)


def _needs(plan: DischargePlan, task: Task, form: NeedsAssessment, message: CompleteTask) -> str:
    day = plan.day(message.at)
    for answer in form.answers:
        known = plan.needs.get(answer.domain)
        if answer.needs is not None or known is None or known.needs is None:
            plan.needs[answer.domain] = NeedAnswer(domain=answer.domain, needs=answer.needs, note=answer.note, day=day)
    plan.lace_values = _newer(plan.lace_values, form.lace)
    plan.hospital_values = _newer(plan.hospital_values, form.hospital)
    plan.keep_facts(form.facts, message.reviewer_id)
    if not discharge_before.assessed(plan, message.at):
        return "Noted. What nobody could answer is asked again."
    plan.finish(discharge_before.ASSESSED, message.at)
    return "The needs are assessed."


def _newer(known: Any, given: Any) -> Any:
    """The known values with what the form says; what it leaves out stays as it was known."""
    said = {name: value for name, value in given.model_dump().items() if value is not None}
    return known.model_copy(update=said)


def _target(plan: DischargePlan, task: Task, form: TargetPlan, message: CompleteTask) -> str:
    target = Target(
        setting=form.setting,
        on=form.target_date,
        complexity=form.complexity,
        days=form.days,
        agreed_with_member=form.agreed_with_member,
        agreed_with_physician=form.agreed_with_physician,
    )
    discharge_before.retarget(plan, target, message.at)
    return "The target is set." if form.target_date is not None else "The setting is noted; its day is asked again."


def _choices(plan: DischargePlan, task: Task, form: ChoicesOffered, message: CompleteTask) -> str:
    plan.choices = form.choices
    plan.choices_unknown = any(choice.in_network is None for choice in form.choices)
    plan.chosen_npi = form.chosen_npi or plan.chosen_npi
    plan.finish(discharge_before.CHOICES, message.at)
    if discharge_before.too_few(plan, tuple(choice.npi for choice in form.choices)):
        words = f"No list of choices is sent, because there are too few: {form.why_fewer}"
        plan.note(EntryKind.PLAN_CHANGED, message.at, words, message.actor)
    elif form.choices:
        plan.owe_letter(NoticeKind.CHOICE_LIST, message.message_id)
    return "The choices are noted."


def _next_setting(plan: DischargePlan, task: Task, form: NextSettingRequest, message: CompleteTask) -> str:
    target = plan.target
    if target is None or target.on is None:
        return "The target has changed; nothing is asked for."
    plan.keep_facts(form.facts, message.reviewer_id)
    plan.chosen_npi = form.provider_npi
    plan.target = target.model_copy(update={"days": form.days})
    asking = form.requesting_npi or plan.picture.facility_npi or plan.picture.attending_npi
    if asking is None:
        return "Nobody is known who asks for it."
    discharge_next_setting.put(plan, form.provider_npi, asking, plan.target, plan.facts)
    return "The authorization is begun."


def _referral(plan: DischargePlan, task: Task, form: ReferralAnswer, message: CompleteTask) -> str:
    if form.accepted is not True:
        return "Noted. The referral is still to be accepted."
    plan.chosen_npi = form.provider_npi
    plan.finish(discharge_before.ACCEPTED, message.at)
    return "The provider takes the member."


def _equipment(plan: DischargePlan, task: Task, form: EquipmentOrdered, message: CompleteTask) -> str:
    plan.equipment = form
    plan.finish("equipment_ordered", message.at)
    return "The equipment is noted."


def _medicines(plan: DischargePlan, task: Task, form: MedicationReconciliation, message: CompleteTask) -> str:
    plan.medicines = form
    plan.finish(discharge_before.RECONCILED, message.at)
    left = plan.picture.discharged_at
    if left is not None and plan.day(message.at) >= plan.day(left):
        plan.finish(discharge_after.RECONCILIATION, message.at)
    _gaps_after(plan, form.discrepancies, task, message)
    return "The medicines are reconciled."


def _gaps_after(plan: DischargePlan, what: tuple[str, ...], task: Task, message: CompleteTask) -> None:
    """Gaps count once the member has left; before, they are what planning is there for."""
    if plan.picture.discharged_at is not None:
        discharge_after.find_gaps(plan, what, message.actor, task.task_id, message.at)


def _teach(plan: DischargePlan, task: Task, form: TeachBack, message: CompleteTask) -> str:
    plan.teaching = form
    if form.understood is not True:
        return "Noted. It is taught again."
    plan.finish("teach_back", message.at)
    return "Patient or caregiver could say it in their own words."


def _booked(plan: DischargePlan, task: Task, form: FollowUpBooked, message: CompleteTask) -> str:
    _book(plan, form.visits)
    plan.finish("follow_up_booked", message.at)
    return "The visits are booked."


def _book(plan: DischargePlan, visits: tuple[BookedVisit, ...]) -> None:
    for visit in visits:
        key = f"{plan.case_id}-A{len(plan.appointments) + 1}"
        booked = Appointment(
            appointment_id=key,
            with_whom=visit.with_whom,
            purpose=visit.purpose,
            at=visit.at.astimezone(UTC),
            place=visit.place,
            phone=visit.phone,
            npi=visit.npi,
        )
        plan.appointments = (*plan.appointments, booked)
        if visit.behavioral:
            plan.behavioral_visits = (*plan.behavioral_visits, key)


def _transport(plan: DischargePlan, task: Task, form: TransportArranged, message: CompleteTask) -> str:
    if form.arranged is not True:
        return "Noted. Transport is still to be arranged."
    plan.finish("transport_arranged", message.at)
    return "Transport is arranged."


def _explained(plan: DischargePlan, task: Task, form: DetailedReason, message: CompleteTask) -> str:
    about = task.about or ""
    plan.explanations[about] = form
    discharge_letters.write_again(plan, FORMS_OF[rule_of(task)], about, message.at)
    return "The notice is written; it has to be delivered next."


def _delivered(plan: DischargePlan, task: Task, form: FormDelivered, message: CompleteTask) -> str:
    plan.deliveries.append(Delivery(rule_id=rule_of(task), about=what_of(task), form=form))
    plan.note(
        EntryKind.FORM_DELIVERED,
        form.delivered_at,
        f"{rule_of(task)}: delivered to the {form.to}, {form.signature.value.replace('_', ' ')}.",
        message.actor,
        rule=rule_of(task),
        signature=form.signature.value,
    )
    return "The delivery is on record."


def _sent(plan: DischargePlan, task: Task, form: RecordsSent, message: CompleteTask) -> str:
    plan.files_sent[task.about or ""] = form.sent_at
    return "The QIO has the records."


def _call(plan: DischargePlan, task: Task, form: PostDischargeCall, message: CompleteTask) -> str:
    plan.calls.append(form)
    _book(plan, form.booked)
    if not form.reached:
        if len(plan.calls) < plan.rules().transitions.call_attempts.value:
            return "Noted. Somebody calls again."
        plan.finish(discharge_after.CALL, message.at)
        not_reached = f"Nobody was reached in {len(plan.calls)} attempts."
        discharge_after.find_gaps(plan, (not_reached,), message.actor, task.task_id, message.at)
        return "Noted. Care management is told that nobody was reached."
    plan.finish(discharge_after.CALL, message.at)
    left = plan.picture.discharged_at
    if left is not None and plan.day(form.called_at) > plan.day(left):
        plan.finish(discharge_after.CONTACT, form.called_at)
    found = {
        "The member does not take the medicines as planned.": form.taking_medicines,
        "Equipment has not arrived.": form.equipment_arrived,
        "The member does not know which warning signs need a call.": form.knows_warning_signs,
        "The member does not know the next appointment.": form.knows_appointment,
    }
    gaps = tuple(words for words, fine in found.items() if fine is False)
    discharge_after.find_gaps(plan, (*gaps, *form.gaps), message.actor, task.task_id, message.at)
    return "The call is on record."


def _visit(plan: DischargePlan, task: Task, form: VisitHappened, message: CompleteTask) -> str:
    _book(plan, form.booked)
    _gaps_after(plan, form.gaps, task, message)
    if form.happened is True:
        names = _VISITS_OF_BEHAVIORAL if task.about in _VISITS_OF_BEHAVIORAL else (task.about or "",)
        for name in names:
            plan.finish(name, message.at)
        return "The visit is on record."
    if form.happened is False and message.at >= task.due_at:
        _gaps_after(plan, (f"No visit took place by {plan.day(task.due_at)}.",), task, message)
        plan.finish(task.about or "", message.at)
        return "Noted. The provider and care management are told that no visit took place."
    return "Noted. The visit is still awaited."


def _medication(plan: DischargePlan, task: Task, form: MedicationCheckIn, message: CompleteTask) -> str:
    plan.finish(task.about or "", message.at)
    missed = ("The member does not take the medicines as planned.",) if form.taking_medicines is False else ()
    _gaps_after(plan, (*missed, *form.trouble, *form.gaps), task, message)
    return "The check-in is on record."


def _educated(plan: DischargePlan, task: Task, form: Education, message: CompleteTask) -> str:
    _gaps_after(plan, form.gaps, task, message)
    if form.understood is not True:
        return "Noted. It is taught again."
    plan.finish(task.about or "", message.at)
    return "The teaching is on record."


def _equipment_there(plan: DischargePlan, task: Task, form: EquipmentCheck, message: CompleteTask) -> str:
    late = ("Equipment has not arrived.",) if form.arrived is False else ()
    broken = ("Equipment does not work.",) if form.works is False else ()
    _gaps_after(plan, (*late, *broken, *form.gaps), task, message)
    if form.arrived is None:
        return "Noted. It is asked again whether the equipment came."
    plan.finish(task.about or "", message.at)
    return "Noted."


def _handed_over(plan: DischargePlan, task: Task, form: HandOverConfirmed, message: CompleteTask) -> str:
    lacking = ("The next provider has no summary.",) if form.has_summary is False else ()
    lost = ("The member has not arrived at the next provider.",) if form.has_member is False else ()
    _gaps_after(plan, (*lacking, *lost, *form.gaps), task, message)
    if form.has_member is None or form.has_summary is None:
        return "Noted. The next provider is asked again."
    plan.finish(task.about or "", message.at)
    return "Noted."


def _pcp(plan: DischargePlan, task: Task, form: PcpTold, message: CompleteTask) -> str:
    plan.finish(task.about or "", form.told_at or message.at)
    if form.told_at is None:
        lacking = "No primary care practitioner is known who could be told of the discharge."
        _gaps_after(plan, (lacking,), task, message)
    return "Noted."


def _contact(plan: DischargePlan, task: Task, form: MemberContact, message: CompleteTask) -> str:
    _gaps_after(plan, form.gaps, task, message)
    if form.contacted_at is None:
        return "Noted. The member is still to be reached."
    plan.finish(task.about or "", form.contacted_at)
    return "The contact is on record."


_ACTS: dict[TaskKind, Callable[[DischargePlan, Task, Any, CompleteTask], str]] = {
    TaskKind.NEEDS_ASSESSMENT: _needs,
    TaskKind.TARGET_SETTING: _target,
    TaskKind.PROVIDER_CHOICES: _choices,
    TaskKind.NEXT_AUTHORIZATION: _next_setting,
    TaskKind.REFERRAL: _referral,
    TaskKind.EQUIPMENT: _equipment,
    TaskKind.MEDICATION_RECONCILIATION: _medicines,
    TaskKind.TEACH_BACK: _teach,
    TaskKind.FOLLOW_UP_BOOKING: _booked,
    TaskKind.TRANSPORT: _transport,
    TaskKind.DETAILED_REASON: _explained,
    TaskKind.FORM_DELIVERY: _delivered,
    TaskKind.QIO_RECORDS: _sent,
    TaskKind.POST_DISCHARGE_CALL: _call,
    TaskKind.FOLLOW_UP_VISIT: _visit,
    TaskKind.MEDICATION_CHECK_IN: _medication,
    TaskKind.EDUCATION: _educated,
    TaskKind.EQUIPMENT_CHECK: _equipment_there,
    TaskKind.HAND_OVER: _handed_over,
    TaskKind.PCP_NOTICE: _pcp,
    TaskKind.MEMBER_CONTACT: _contact,
}
