"""Effects of completed forms on a discharge plan. A field left out stays unknown, and is asked again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from domain.cases import task_forms
from domain.cases.messages import CompleteTask
from domain.cases.tasks import Task, TaskKind
from domain.discharge import after_discharge, before_discharge, letters, next_setting
from domain.discharge.case import DischargeCase
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
    HandoffConfirmed,
    MedicationCheckIn,
    MedicationReconciliation,
    MemberContact,
    NeedsAssessment,
    NextSettingRequest,
    PcpNotified,
    PostDischargeCall,
    RecordsSent,
    ReferralAnswer,
    TargetPlan,
    TeachBack,
    TransportArranged,
    VisitStatus,
)
from domain.discharge.notice_duties import NOTICE_BY_RULE as FORMS_OF
from domain.discharge.notices import rule_of, subject_of
from domain.discharge.parts import DischargeTarget, NoticeDelivery
from domain.discharge.policy import NeedAnswer
from domain.journal import EntryKind
from domain.letters.stay_facts import Appointment
from domain.vocabulary import NoticeKind

_BEHAVIORAL_VISITS = ("behavioral_follow_up_7", "behavioral_follow_up_30")


def complete_task(plan: DischargeCase, task: Task, message: CompleteTask, now: datetime) -> str:
    """Apply a completed task; the result is a sentence. The form was validated before."""
    model, act = FORMS.get(task.kind), _HANDLERS.get(task.kind)
    if model is None or act is None:
        plan.finish(task.about or task.kind.value, message.at)
        return "Noted."
    return act(plan, task, task_forms.read_form(model, message.form), message)


def _record_needs(plan: DischargeCase, task: Task, form: NeedsAssessment, message: CompleteTask) -> str:
    day = plan.day(message.at)
    for answer in form.answers:
        known = plan.needs.get(answer.domain)
        if answer.needs is not None or known is None or known.needs is None:
            plan.needs[answer.domain] = NeedAnswer(domain=answer.domain, needs=answer.needs, note=answer.note, day=day)
    plan.lace_values = _merge_known(plan.lace_values, form.lace)
    plan.hospital_values = _merge_known(plan.hospital_values, form.hospital)
    plan.add_stated_facts(form.facts, message.reviewer_id)
    if not before_discharge.is_assessed(plan, message.at):
        return "Noted. What nobody could answer is asked again."
    plan.finish(before_discharge.ASSESSED, message.at)
    return "The needs are assessed."


def _merge_known(known: Any, given: Any) -> Any:
    """Merge a form into the known values; a field left out keeps its known value."""
    said = {name: value for name, value in given.model_dump().items() if value is not None}
    return known.model_copy(update=said)


def _record_target(plan: DischargeCase, task: Task, form: TargetPlan, message: CompleteTask) -> str:
    target = DischargeTarget(
        setting=form.setting,
        on=form.target_date,
        complexity=form.complexity,
        days=form.days,
        agreed_with_member=form.agreed_with_member,
        agreed_with_physician=form.agreed_with_physician,
    )
    before_discharge.set_target(plan, target, message.at)
    return "The target is set." if form.target_date is not None else "The setting is noted; its day is asked again."


def _record_choices(plan: DischargeCase, task: Task, form: ChoicesOffered, message: CompleteTask) -> str:
    plan.offer_choices(form.choices, form.chosen_npi)
    plan.finish(before_discharge.CHOICES, message.at)
    if before_discharge.missing_choices(plan, tuple(choice.npi for choice in form.choices)):
        words = f"No list of choices is sent, because there are too few: {form.why_fewer}"
        plan.note(EntryKind.PLAN_CHANGED, message.at, words, message.actor)
    elif form.choices:
        plan.queue_letter(NoticeKind.CHOICE_LIST, message.message_id)
    return "The choices are noted."


def _add_next_setting_review(plan: DischargeCase, task: Task, form: NextSettingRequest, message: CompleteTask) -> str:
    target = plan.target
    if target is None or target.on is None:
        return "The target has changed; nothing is asked for."
    plan.add_stated_facts(form.facts, message.reviewer_id)
    plan.chosen_npi = form.provider_npi
    plan.target = target.model_copy(update={"days": form.days})
    asking = form.requesting_npi or plan.picture.facility_npi or plan.picture.attending_npi
    if asking is None:
        return "The requesting provider is unknown."
    next_setting.add_review(plan, form.provider_npi, asking, plan.target, plan.facts)
    return "The authorization is begun."


def _record_referral(plan: DischargeCase, task: Task, form: ReferralAnswer, message: CompleteTask) -> str:
    if form.accepted is not True:
        return "Noted. The referral is still to be accepted."
    plan.chosen_npi = form.provider_npi
    plan.finish(before_discharge.ACCEPTED, message.at)
    return "The provider takes the member."


def _record_equipment(plan: DischargeCase, task: Task, form: EquipmentOrdered, message: CompleteTask) -> str:
    plan.equipment = form
    plan.finish("equipment_ordered", message.at)
    return "The equipment is noted."


def _record_medicines(plan: DischargeCase, task: Task, form: MedicationReconciliation, message: CompleteTask) -> str:
    plan.medicines = form
    plan.finish(before_discharge.RECONCILED, message.at)
    left = plan.picture.discharged_at
    if left is not None and plan.day(message.at) >= plan.day(left):
        plan.finish(after_discharge.RECONCILIATION, message.at)
    _record_gaps(plan, form.discrepancies, task, message)
    return "The medicines are reconciled."


def _record_gaps(plan: DischargeCase, what: tuple[str, ...], task: Task, message: CompleteTask) -> None:
    """Record gaps once the member has left; before that, planning takes care of them."""
    if plan.picture.discharged_at is not None:
        after_discharge.record_gaps(plan, what, message.actor, task.task_id, message.at)


def _record_teaching(plan: DischargeCase, task: Task, form: TeachBack, message: CompleteTask) -> str:
    plan.teaching = form
    if form.understood is not True:
        return "Noted. It is taught again."
    plan.finish("teach_back", message.at)
    return "Patient or caregiver could say it in their own words."


def _record_follow_up(plan: DischargeCase, task: Task, form: FollowUpBooked, message: CompleteTask) -> str:
    _add_appointments(plan, form.visits)
    plan.finish("follow_up_booked", message.at)
    return "The visits are booked."


def _add_appointments(plan: DischargeCase, visits: tuple[BookedVisit, ...]) -> None:
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


def _record_transport(plan: DischargeCase, task: Task, form: TransportArranged, message: CompleteTask) -> str:
    if form.arranged is not True:
        return "Noted. Transport is still to be arranged."
    plan.finish("transport_arranged", message.at)
    return "Transport is arranged."


def _record_reason(plan: DischargeCase, task: Task, form: DetailedReason, message: CompleteTask) -> str:
    about = task.about or ""
    plan.explanations[about] = form
    letters.requeue(plan, FORMS_OF[rule_of(task)], about, message.at)
    return "The notice is written; it has to be delivered next."


def _record_delivery(plan: DischargeCase, task: Task, form: FormDelivered, message: CompleteTask) -> str:
    plan.deliveries.append(NoticeDelivery(rule_id=rule_of(task), about=subject_of(task), form=form))
    plan.note(
        EntryKind.FORM_DELIVERED,
        form.delivered_at,
        f"{rule_of(task)}: delivered to the {form.to}, {form.signature.value.replace('_', ' ')}.",
        message.actor,
        rule=rule_of(task),
        signature=form.signature.value,
    )
    return "The delivery is on record."


def _record_files_sent(plan: DischargeCase, task: Task, form: RecordsSent, message: CompleteTask) -> str:
    plan.files_sent[task.about or ""] = form.sent_at
    return "The QIO has the records."


def _record_call(plan: DischargeCase, task: Task, form: PostDischargeCall, message: CompleteTask) -> str:
    plan.calls.append(form)
    _add_appointments(plan, form.booked)
    if not form.reached:
        if len(plan.calls) < plan.rules().transitions.call_attempts.value:
            return "Noted. The call will be repeated."
        plan.finish(after_discharge.CALL, message.at)
        not_reached = f"Nobody was reached in {len(plan.calls)} attempts."
        after_discharge.record_gaps(plan, (not_reached,), message.actor, task.task_id, message.at)
        return "Noted. Care management is informed that the member was not reached."
    plan.finish(after_discharge.CALL, message.at)
    left = plan.picture.discharged_at
    if left is not None and plan.day(form.called_at) > plan.day(left):
        plan.finish(after_discharge.CONTACT, form.called_at)
    found = {
        "The member does not take the medicines as planned.": form.taking_medicines,
        "Equipment has not arrived.": form.equipment_arrived,
        "The member does not know which warning signs need a call.": form.knows_warning_signs,
        "The member does not know the next appointment.": form.knows_appointment,
    }
    gaps = tuple(words for words, fine in found.items() if fine is False)
    after_discharge.record_gaps(plan, (*gaps, *form.gaps), message.actor, task.task_id, message.at)
    return "The call is on record."


def _record_visit(plan: DischargeCase, task: Task, form: VisitStatus, message: CompleteTask) -> str:
    _add_appointments(plan, form.booked)
    _record_gaps(plan, form.gaps, task, message)
    if form.happened is True:
        names = _BEHAVIORAL_VISITS if task.about in _BEHAVIORAL_VISITS else (task.about or "",)
        for name in names:
            plan.finish(name, message.at)
        return "The visit is on record."
    if form.happened is False and message.at >= task.due_at:
        _record_gaps(plan, (f"No visit took place by {plan.day(task.due_at)}.",), task, message)
        plan.finish(task.about or "", message.at)
        return "Noted. The provider and care management are informed that no visit took place."
    return "Noted. The visit is still awaited."


def _record_check_in(plan: DischargeCase, task: Task, form: MedicationCheckIn, message: CompleteTask) -> str:
    plan.finish(task.about or "", message.at)
    missed = ("The member does not take the medicines as planned.",) if form.taking_medicines is False else ()
    _record_gaps(plan, (*missed, *form.trouble, *form.gaps), task, message)
    return "The check-in is on record."


def _record_education(plan: DischargeCase, task: Task, form: Education, message: CompleteTask) -> str:
    _record_gaps(plan, form.gaps, task, message)
    if form.understood is not True:
        return "Noted. It is taught again."
    plan.finish(task.about or "", message.at)
    return "The teaching is on record."


def _record_equipment_check(plan: DischargeCase, task: Task, form: EquipmentCheck, message: CompleteTask) -> str:
    late = ("Equipment has not arrived.",) if form.arrived is False else ()
    broken = ("Equipment does not work.",) if form.works is False else ()
    _record_gaps(plan, (*late, *broken, *form.gaps), task, message)
    if form.arrived is None:
        return "Noted. It is asked again whether the equipment came."
    plan.finish(task.about or "", message.at)
    return "Noted."


def _record_handoff(plan: DischargeCase, task: Task, form: HandoffConfirmed, message: CompleteTask) -> str:
    lacking = ("The next provider has no summary.",) if form.has_summary is False else ()
    lost = ("The member has not arrived at the next provider.",) if form.has_member is False else ()
    _record_gaps(plan, (*lacking, *lost, *form.gaps), task, message)
    if form.has_member is None or form.has_summary is None:
        return "Noted. The next provider is asked again."
    plan.finish(task.about or "", message.at)
    return "Noted."


def _record_pcp_notice(plan: DischargeCase, task: Task, form: PcpNotified, message: CompleteTask) -> str:
    plan.finish(task.about or "", form.told_at or message.at)
    if form.told_at is None:
        lacking = "No primary care practitioner is known who could be informed of the discharge."
        _record_gaps(plan, (lacking,), task, message)
    return "Noted."


def _record_contact(plan: DischargeCase, task: Task, form: MemberContact, message: CompleteTask) -> str:
    _record_gaps(plan, form.gaps, task, message)
    if form.contacted_at is None:
        return "Noted. The member is still to be reached."
    plan.finish(task.about or "", form.contacted_at)
    return "The contact is on record."


_HANDLERS: dict[TaskKind, Callable[[DischargeCase, Task, Any, CompleteTask], str]] = {
    TaskKind.NEEDS_ASSESSMENT: _record_needs,
    TaskKind.TARGET_SETTING: _record_target,
    TaskKind.PROVIDER_CHOICES: _record_choices,
    TaskKind.NEXT_AUTHORIZATION: _add_next_setting_review,
    TaskKind.REFERRAL: _record_referral,
    TaskKind.EQUIPMENT: _record_equipment,
    TaskKind.MEDICATION_RECONCILIATION: _record_medicines,
    TaskKind.TEACH_BACK: _record_teaching,
    TaskKind.FOLLOW_UP_BOOKING: _record_follow_up,
    TaskKind.TRANSPORT: _record_transport,
    TaskKind.DETAILED_REASON: _record_reason,
    TaskKind.FORM_DELIVERY: _record_delivery,
    TaskKind.QIO_RECORDS: _record_files_sent,
    TaskKind.POST_DISCHARGE_CALL: _record_call,
    TaskKind.FOLLOW_UP_VISIT: _record_visit,
    TaskKind.MEDICATION_CHECK_IN: _record_check_in,
    TaskKind.EDUCATION: _record_education,
    TaskKind.EQUIPMENT_CHECK: _record_equipment_check,
    TaskKind.HAND_OVER: _record_handoff,
    TaskKind.PCP_NOTICE: _record_pcp_notice,
    TaskKind.MEMBER_CONTACT: _record_contact,
}
