"""Effects of accepted messages on a stay."""

from __future__ import annotations

from datetime import datetime

from domain.authorization.messages import WithdrawRequest
from domain.case_numbers import plan_number
from domain.cases import receipt, task_messages
from domain.cases.messages import CompleteTask, MessageResult, ReviewAnswered
from domain.cases.task_forms import read_form
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.journal import Actor, EntryKind
from domain.stays import round_answers
from domain.stays.adt import (
    AdtKind,
    StayEvent,
    changed_fields,
    last_known_event,
)
from domain.stays.case import StayCase
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.message_checks import violations
from domain.stays.messages import (
    ClinicalUpdate,
    LevelAnswer,
    LongStayFindings,
    ProposeReduction,
    RecordAvoidableDay,
    RequestSecondLook,
    StatusAnswer,
    StayMessage,
    UpdateFollowUp,
)
from domain.stays.parts import PendingUpdateRequest, describe_range
from domain.stays.plan_messages import DischargePlanUpdated
from domain.stays.question_tasks import close_silence_task, says_below_order
from domain.stays.start import AdtEventReceived
from domain.stays.timeline import build_timeline
from domain.vocabulary import AskedBy


def build_facility_withdrawal(stay: StayCase, case_id: str, now: datetime) -> WithdrawRequest:
    """The facility's withdrawal of a review, in its own name: it reported that the admission did not take place."""
    return WithdrawRequest(
        message_id=f"{case_id}-withdrawn",
        at=now,
        actor=Actor(kind="provider", id=stay.facility_npi or stay.facility),
        by=AskedBy.PROVIDER,
        why="The facility took the admission back.",
    )


def receive_message(stay: StayCase, message: StayMessage, now: datetime) -> MessageResult:
    """Apply a message, or record it as rejected. `now` is the workflow's clock (UTC)."""
    return receipt.receive_message(stay, message, now, violations, _apply_message)


def _apply_message(stay: StayCase, message: StayMessage, now: datetime) -> str:
    match message:
        case AdtEventReceived():
            return _record_event(stay, message)
        case ClinicalUpdate():
            return _record_update(stay, message)
        case RequestSecondLook():
            return _record_second_look(stay, message)
        case ProposeReduction():
            return _record_reduction_proposal(stay, message)
        case RecordAvoidableDay():
            return _record_avoidable_day(stay, message)
        case ReviewAnswered():
            return round_answers.apply_review_answer(stay, message, now)
        case DischargePlanUpdated():
            return _apply_plan_update(stay, message)
        case _:
            if isinstance(message, CompleteTask) and message.outcome is TaskOutcome.RETRY and stay.lob is None:
                stay.look_needed = True  # the coverage was corrected together with the letters
            return task_messages.apply_task_message(stay, message, now, _complete_task)


# -- events of the hospital ------------------------------------------------------------------------------------------------


def _record_event(stay: StayCase, message: AdtEventReceived) -> str:
    """Record the event and request a new context: the patient's level is looked up before anything follows from it."""
    event = message.event
    if event.event_id in stay.events:
        return "Already recorded on the stay."
    before = last_known_event(event for key, event in stay.events.items() if key not in stay.spoken)
    stay.events[event.event_id] = event
    # Messages before the next context already see the patient there; the level of care follows with the context.
    was_admitted = stay.course.admitted_at is not None
    rebuild_timeline(stay)
    if stay.course.is_voided or stay.course.admitted_at is None:
        stay.admission_noticed_at = None
    elif not was_admitted:
        stay.admission_noticed_at = message.at
    stay.look_needed = True
    close_silence_task(stay, message.at)
    late = before is not None and event.happened_at < before.happened_at
    compared = changed_fields(before, event) if before is not None and event.kind is AdtKind.UPDATE and not late else ()
    what = _EVENT_WORDS[event.kind]
    more = f": {', '.join(compared)} changed" if compared else ""
    more += " (received late, placed in order)" if late else ""
    stay.note(
        EntryKind.STAY_EVENT,
        message.at,
        f"The facility reports {what} at {stay.local(event.happened_at)}{more}.",
        message.actor,
        event=event.model_dump(mode="json"),
    )
    return "Recorded on the stay."


_EVENT_WORDS = {
    AdtKind.ADMIT: "an admission",
    AdtKind.REGISTER: "an arrival",
    AdtKind.PREADMIT: "a planned admission",
    AdtKind.TRANSFER: "a move",
    AdtKind.DISCHARGE: "a discharge",
    AdtKind.TO_INPATIENT: "a change to inpatient",
    AdtKind.TO_OUTPATIENT: "a change to outpatient",
    AdtKind.UPDATE: "an update",
    AdtKind.CANCEL_ADMIT: "a canceled admission",
    AdtKind.CANCEL_TRANSFER: "a canceled move",
    AdtKind.CANCEL_DISCHARGE: "a canceled discharge",
    AdtKind.MERGE: "a merge of records",
    AdtKind.OTHER: "something that does not change the stay,",
}


def rebuild_timeline(stay: StayCase) -> None:
    """Rebuild the timeline from all events and their levels of care."""
    stay.course = build_timeline(stay.events.values(), stay.levels, stay.spoken)


# -- updates and second looks ----------------------------------------------------------------------------------------------


def _record_update(stay: StayCase, message: ClinicalUpdate) -> str:
    """Record an update. One that arrives during a review waits for it to end: one review at a time.

    One that arrives while another waits is merged with it: the next review has both, and the later of the days requested.
    """
    stay.update = _merge_with_waiting_update(stay, message)
    stay.working_drg = message.working_drg or stay.working_drg
    stay.expected_discharge = message.expected_discharge or stay.expected_discharge
    if stay.keeps_order and says_below_order(stay, message):
        _note_proposed_level(stay, message, message.level)
    elif message.level is not None and message.level is not stay.level:
        _record_stated_level(stay, message.level, message.message_id, message.at)
    stay.look_needed = True
    close_silence_task(stay, message.at)
    asks = f", asking for days through {message.through}" if message.through is not None else ""
    stay.note(
        EntryKind.UPDATE_RECEIVED,
        message.at,
        f"Clinical update received{asks}.",
        message.actor,
        update=message.update_id,
        post_stabilization=message.post_stabilization,
    )
    under_way = " The review under way is finished first." if stay.round is not None else ""
    return f"The update is on the stay.{under_way}"


def _merge_with_waiting_update(stay: StayCase, message: ClinicalUpdate) -> ClinicalUpdate:
    waiting = stay.update
    if waiting is None:
        return message
    if waiting.update_id != message.update_id:
        stay.earlier_updates = (*stay.earlier_updates, waiting.update_id)
    last = max((day for day in (waiting.through, message.through) if day is not None), default=None)
    said = message.post_stabilization if message.post_stabilization is not None else waiting.post_stabilization
    merged = {"through": last, "post_stabilization": said, "at": waiting.at, "level": message.level or waiting.level}
    return message.model_copy(update=merged)


def _note_proposed_level(stay: StayCase, message: ClinicalUpdate | CompleteTask, level: LevelOfCare | None) -> None:
    """Note a level below the hospital's order. It changes nothing; a review at the ordered level decides."""
    said = level.value.replace("_", " ") if level is not None else ""
    stay.note(
        EntryKind.STAY_CHANGED,
        message.at,
        f"A lower level than the hospital ordered is proposed: {said}. The order stands; the days are reviewed at its level, "
        "and only a physician can sign less, with notice.",
        message.actor,
        proposed_level=level.value if level is not None else None,
    )


def _record_stated_level(stay: StayCase, level: LevelOfCare, event_id: str, at: datetime) -> None:
    """Record a stated level of care beside the hospital's own messages."""
    said = StayEvent(event_id=event_id, kind=AdtKind.UPDATE, happened_at=at, recorded_at=at, facility=stay.facility)
    stay.events[event_id] = said
    stay.levels[event_id] = level
    stay.spoken = (*stay.spoken, event_id)
    rebuild_timeline(stay)


def _record_second_look(stay: StayCase, message: RequestSecondLook) -> str:
    stay.second_look = message
    how = "after a peer-to-peer" if message.how == "peer_to_peer" else "by a reopening"
    about = describe_range(message.first, message.last)
    stay.note(
        EntryKind.SECOND_LOOK_ASKED,
        message.at,
        f"A second look at the denied days {about} is asked for, {how}.",
        message.actor,
        note=message.note,
    )
    return "A physician looks at the days again."


def _record_reduction_proposal(stay: StayCase, message: ProposeReduction) -> str:
    stay.reduction = message
    stay.note(
        EntryKind.REDUCTION_PROPOSED,
        message.at,
        f"Ending the approved days on {message.effective_on} is proposed; a physician decides, after notice to the member.",
        message.actor,
        why=message.why,
    )
    return "A review of its own decides on it; until then the approved days stand."


def _record_avoidable_day(stay: StayCase, message: RecordAvoidableDay) -> str:
    if message.entry in stay.avoidable:
        return "The day is recorded already."
    stay.avoidable = (*stay.avoidable, message.entry)
    stay.look_needed = True
    stay.note(
        EntryKind.AVOIDABLE_DAY,
        message.at,
        f"{message.entry.day} is recorded as avoidable: {message.entry.reason.replace('_', ' ')}, "
        f"attributed to {message.entry.attribution.value.replace('_', ' ')}.",
        message.actor,
        entry=message.entry.model_dump(mode="json"),
    )
    return "The day is recorded."


def _apply_plan_update(stay: StayCase, message: DischargePlanUpdated) -> str:
    stay.target_setting = message.target_setting or stay.target_setting
    stay.expected_discharge = message.target_date or stay.expected_discharge
    before, stay.qio = stay.qio, message
    said = message.describe_qio_status(stay.zone)
    if said and (before is None or before.describe_qio_status(stay.zone) != said):
        stay.note(EntryKind.QIO_HEARD, message.at, said, message.actor)
    if message.goes_on is True and (before is None or before.goes_on is not True):
        round_answers.continue_coverage(stay, plan_number(stay.case_id), message.at)
    stay.look_needed = True
    return "The discharge plan is recorded on the stay."


# -- tasks -----------------------------------------------------------------------------------------------------------------


def _complete_task(stay: StayCase, task: Task, message: CompleteTask, now: datetime) -> str:
    match task.kind:
        case TaskKind.CLINICAL_UPDATE:
            return _record_follow_up(stay, read_form(UpdateFollowUp, message.form), message, now)
        case TaskKind.LEVEL_QUESTION:
            return _record_level_answer(stay, task, read_form(LevelAnswer, message.form), message)
        case TaskKind.STATUS_QUESTION:
            if stay.lob is None:
                # The coverage may have been entered with the answer: look it up again, and ask again while it is missing.
                stay.look_needed = True
                stay.signals = tuple(name for name in stay.signals if name != "coverage")
            found_midnights = read_form(StatusAnswer, message.form).expected_midnights
            stay.expected_midnights = stay.expected_midnights if found_midnights is None else found_midnights
            stay.look_needed = True
            return "The answer is on the stay."
        case TaskKind.LONG_STAY | TaskKind.DISCHARGE_HUDDLE | TaskKind.DIRECTOR_ROUND:
            found = read_form(LongStayFindings, message.form)
            stay.expected_discharge = found.expected_discharge or stay.expected_discharge
            return "The findings are on the stay."
        case _:
            return "Noted."


def _record_follow_up(stay: StayCase, chased: UpdateFollowUp, message: CompleteTask, now: datetime) -> str:
    """Record a follow-up call. A promise moves the next request, at most to twice the policy's time."""
    if stay.asked is None:
        return "The update has arrived in the meantime."
    limit = stay.asked.due_at + (stay.asked.due_at - stay.asked.asked_at)
    until = min(chased.promised_by, limit) if chased.promised_by is not None else stay.asked.due_at
    stay.asked = PendingUpdateRequest(
        asked_at=stay.asked.asked_at, due_at=max(until, now), from_day=stay.asked.from_day, times=stay.asked.times
    )
    return f"It is asked again at {stay.local(stay.asked.due_at)} if nothing comes."


def _record_level_answer(stay: StayCase, task: Task, answer: LevelAnswer, message: CompleteTask) -> str:
    """Record the level of care for the whole phase that was asked about, since its level was unknown."""
    phases = stay.course.phases
    place = next((n for n, phase in enumerate(phases) if phase.since.isoformat() == task.about), len(phases) - 1)
    phase, after = phases[place], phases[place + 1 : place + 2]
    for event in stay.events.values():
        within = phase.since <= event.happened_at and all(event.happened_at < one.since for one in after)
        if within and stay.levels.get(event.event_id) is None:
            stay.levels[event.event_id] = answer.level
    rebuild_timeline(stay)
    if any(one.since == phase.since and one.level is None for one in stay.course.phases):
        _record_stated_level(stay, answer.level, message.message_id, phase.since)
    stay.look_needed = True
    if answer.proposed_level is not None and answer.proposed_level is not answer.level:
        stay.proposed_level = answer.proposed_level
        _note_proposed_level(stay, message, answer.proposed_level)
    stay.note(
        EntryKind.LEVEL_ANSWERED,
        message.at,
        f"The level of care is {answer.level.value.replace('_', ' ')}, as stated by {message.reviewer_id}.",
        message.actor,
    )
    return "The level of care is known."
