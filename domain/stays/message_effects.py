"""What each message does to a stay, once `stay_checks` has let it through."""

from __future__ import annotations

from datetime import datetime

from domain.authorization.messages import Withdraw
from domain.cases import receipt as reception
from domain.cases import task_messages as task_desk
from domain.cases.messages import Answer, CompleteTask, ReviewAnswered
from domain.cases.task_forms import read
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.journal import Actor, EntryKind
from domain.stays import round_answers as stay_rounds
from domain.stays import views as stay_view
from domain.stays.adt import COMPARED, SILENT, AdtKind, StayEvent, changes, in_order
from domain.stays.case import Stay
from domain.stays.course import fold
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.message_checks import refusals
from domain.stays.messages import (
    AskSecondLook,
    ClinicalUpdate,
    LevelAnswer,
    LookedInto,
    NoteAvoidableDay,
    ProposeReduction,
    StatusAnswer,
    StayMessage,
    UpdateChased,
)
from domain.stays.parts import UpdateAsked
from domain.stays.plan_messages import PlanNews
from domain.stays.start import TellStay
from domain.vocabulary import AskedBy


def withdrawal_by_facility(stay: Stay, case_id: str, now: datetime) -> Withdraw:
    """The facility's withdrawal of a round, in its own name: it said that the admission did not take place."""
    return Withdraw(
        message_id=f"{case_id}-withdrawn",
        at=now,
        actor=Actor(kind="provider", id=stay.facility_npi or stay.facility),
        by=AskedBy.PROVIDER,
        why="The facility took the admission back.",
    )


def receive(stay: Stay, message: StayMessage, now: datetime) -> Answer:
    """Carry out a message, or keep it as refused. `now` is the workflow's clock (UTC)."""
    return reception.receive(stay, message, now, refusals, _apply)


def _apply(stay: Stay, message: StayMessage, now: datetime) -> str:
    match message:
        case TellStay():
            return _event(stay, message)
        case ClinicalUpdate():
            return _update(stay, message)
        case AskSecondLook():
            return _second_look(stay, message)
        case ProposeReduction():
            return _reduction(stay, message)
        case NoteAvoidableDay():
            return _avoidable(stay, message)
        case ReviewAnswered():
            return stay_rounds.answered(stay, message, now)
        case PlanNews():
            return _plan(stay, message)
        case _:
            if isinstance(message, CompleteTask) and message.outcome is TaskOutcome.RETRY and stay.lob is None:
                stay.look_needed = True  # whoever mended the letters corrected the coverage
            return task_desk.carry_out(stay, message, now, _done)


# -- what the hospital says ------------------------------------------------------------------------------------------------


def _event(stay: Stay, message: TellStay) -> str:
    """Keep the event and look anew: where it puts the patient is looked up before anything follows from it."""
    event = message.event
    if event.event_id in stay.events:
        return "The stay has this already."
    before = _known(stay)
    stay.events[event.event_id] = event
    # Whoever speaks before the next look finds the patient there; the level of care follows with the look.
    refold(stay)
    stay.look_needed = True
    late = before is not None and event.happened_at < before.happened_at
    compared = changes(before, event) if before is not None and event.kind is AdtKind.UPDATE and not late else ()
    what = _WHAT[event.kind]
    more = f": {', '.join(compared)} changed" if compared else ""
    more += " (told late, set in its place)" if late else ""
    stay.note(
        EntryKind.STAY_EVENT,
        message.at,
        f"The facility tells of {what} at {stay.local(event.happened_at)}{more}.",
        message.actor,
        event=event.model_dump(mode="json"),
    )
    return "The stay has it."


_WHAT = {
    AdtKind.ADMIT: "an admission",
    AdtKind.REGISTER: "an arrival",
    AdtKind.PREADMIT: "a planned admission",
    AdtKind.TRANSFER: "a move",
    AdtKind.DISCHARGE: "a discharge",
    AdtKind.TO_INPATIENT: "a change to inpatient",
    AdtKind.TO_OUTPATIENT: "a change to outpatient",
    AdtKind.UPDATE: "an update",
    AdtKind.CANCEL_ADMIT: "a cancelled admission",
    AdtKind.CANCEL_TRANSFER: "a cancelled move",
    AdtKind.CANCEL_DISCHARGE: "a cancelled discharge",
    AdtKind.MERGE: "a merge of records",
    AdtKind.OTHER: "something that does not change the stay,",
}


def events_in_order(stay: Stay) -> tuple[StayEvent, ...]:
    """Everything that was said of the stay, in the order in which it happened."""
    return in_order(stay.events.values())


def _known(stay: Stay) -> StayEvent | None:
    """The last event, with what the hospital said before where it is silent."""
    known: StayEvent | None = None
    for event in events_in_order(stay):
        if event.event_id in stay.spoken:
            continue
        said = {name: value for name in COMPARED if (value := getattr(event, name)) not in SILENT}
        known = (known or event).model_copy(update={"happened_at": event.happened_at} | said)
    return known


def refold(stay: Stay) -> None:
    """The course anew, from all events and the levels at which they put the patient."""
    stay.course = fold(stay.events.values(), stay.levels, stay.spoken)


# -- updates and second looks ----------------------------------------------------------------------------------------------


def _update(stay: Stay, message: ClinicalUpdate) -> str:
    """An update that comes while a review is under way waits for it to end: one review at a time.

    One that comes while another waits stands beside it: the next review has what both say, and the last day either asks for.
    """
    stay.update = _beside(stay, message)
    stay.working_drg = message.working_drg or stay.working_drg
    stay.expected_discharge = message.expected_discharge or stay.expected_discharge
    if message.level is not None and message.level is not stay.level:
        _moved_to(stay, message.level, message.message_id, message.at)
    stay.look_needed = True
    asks = f", asking for days through {message.through}" if message.through is not None else ""
    stay.note(
        EntryKind.UPDATE_RECEIVED,
        message.at,
        f"A clinical update came{asks}.",
        message.actor,
        update=message.update_id,
        post_stabilization=message.post_stabilization,
    )
    under_way = " The review under way is finished first." if stay.round is not None else ""
    return f"The update is on the stay.{under_way}"


def _beside(stay: Stay, message: ClinicalUpdate) -> ClinicalUpdate:
    waiting = stay.update
    if waiting is None:
        return message
    if waiting.update_id != message.update_id:
        stay.earlier_updates = (*stay.earlier_updates, waiting.update_id)
    last = max((day for day in (waiting.through, message.through) if day is not None), default=None)
    said = message.post_stabilization if message.post_stabilization is not None else waiting.post_stabilization
    return message.model_copy(update={"through": last, "post_stabilization": said, "at": waiting.at})


def _moved_to(stay: Stay, level: LevelOfCare, event_id: str, at: datetime) -> None:
    """Somebody says where the patient is now: kept beside what the hospital's messages say."""
    said = StayEvent(event_id=event_id, kind=AdtKind.UPDATE, happened_at=at, recorded_at=at, facility=stay.facility)
    stay.events[event_id] = said
    stay.levels[event_id] = level
    stay.spoken = (*stay.spoken, event_id)
    refold(stay)


def _second_look(stay: Stay, message: AskSecondLook) -> str:
    stay.second_look = message
    how = "after a peer-to-peer" if message.how == "peer_to_peer" else "by a reopening"
    about = f"{message.first}" if message.first == message.last else f"{message.first} to {message.last}"
    stay.note(
        EntryKind.SECOND_LOOK_ASKED,
        message.at,
        f"A second look at the denied days {about} is asked for, {how}.",
        message.actor,
        note=message.note,
    )
    return "A physician looks at the days again."


def _reduction(stay: Stay, message: ProposeReduction) -> str:
    stay.reduction = message
    stay.note(
        EntryKind.REDUCTION_PROPOSED,
        message.at,
        f"Ending the approved days on {message.effective_on} is proposed; a physician decides, and the member is told before.",
        message.actor,
        why=message.why,
    )
    return "A review of its own decides on it; until then the approved days stand."


def _avoidable(stay: Stay, message: NoteAvoidableDay) -> str:
    if message.entry in stay.avoidable:
        return "The day is recorded already."
    stay.avoidable = (*stay.avoidable, message.entry)
    stay.look_needed = True
    stay.note(
        EntryKind.AVOIDABLE_DAY,
        message.at,
        f"{message.entry.day} is recorded as avoidable: {message.entry.reason.replace('_', ' ')}, "
        f"laid to {message.entry.attribution.value.replace('_', ' ')}.",
        message.actor,
        entry=message.entry.model_dump(mode="json"),
    )
    return "The day is recorded."


def _plan(stay: Stay, message: PlanNews) -> str:
    stay.target_setting = message.target_setting or stay.target_setting
    stay.expected_discharge = message.target_date or stay.expected_discharge
    before, stay.qio = stay.qio, message
    said = _of_the_qio(message)
    if said and (before is None or _of_the_qio(before) != said):
        stay.note(EntryKind.QIO_HEARD, message.at, said, message.actor)
    if message.goes_on is True and (before is None or before.goes_on is not True):
        stay_rounds.goes_on(stay, stay_view.plan_id(stay.case_id), message.at)
    stay.look_needed = True
    return "The stay knows the plan."


def _of_the_qio(news: PlanNews) -> str:
    """What the review organization's part in it means for the stay."""
    found = []
    if news.waits_for_qio:
        found.append("The QIO was asked in time and has not decided: coverage does not end before it has.")
    if news.goes_on is True:
        found.append("The QIO decided that coverage goes on.")
    if news.goes_on is False:
        found.append("The QIO agrees with the end.")
    if news.owes_nothing_before is not None:
        found.append(f"The member owes nothing for days before {news.owes_nothing_before:%Y-%m-%d %H:%M} UTC.")
    if news.ends_not_before is not None:
        found.append(f"Coverage ends not before {news.ends_not_before}.")
    return " ".join(found)


# -- tasks -----------------------------------------------------------------------------------------------------------------


def _done(stay: Stay, task: Task, message: CompleteTask, now: datetime) -> str:
    match task.kind:
        case TaskKind.CLINICAL_UPDATE:
            return _chased(stay, read(UpdateChased, message.form), message, now)
        case TaskKind.LEVEL_QUESTION:
            return _level(stay, task, read(LevelAnswer, message.form), message)
        case TaskKind.STATUS_QUESTION:
            if stay.lob is None:
                # Whoever answered may have entered the coverage: look anew, and ask again while it is not there.
                stay.look_needed = True
                stay.signals = tuple(name for name in stay.signals if name != "coverage")
            found_midnights = read(StatusAnswer, message.form).expected_midnights
            stay.expected_midnights = stay.expected_midnights if found_midnights is None else found_midnights
            stay.look_needed = True
            return "The answer is on the stay."
        case TaskKind.LONG_STAY | TaskKind.DISCHARGE_HUDDLE | TaskKind.DIRECTOR_ROUND:
            found = read(LookedInto, message.form)
            stay.expected_discharge = found.expected_discharge or stay.expected_discharge
            return "The look is on the stay."
        case _:
            return "Noted."


def _chased(stay: Stay, chased: UpdateChased, message: CompleteTask, now: datetime) -> str:
    """A promise moves the time at which it is asked again, never beyond what the policy gives twice over."""
    if stay.asked is None:
        return "The update has come meanwhile."
    limit = stay.asked.due_at + (stay.asked.due_at - stay.asked.asked_at)
    until = min(chased.promised_by, limit) if chased.promised_by is not None else stay.asked.due_at
    stay.asked = UpdateAsked(
        asked_at=stay.asked.asked_at, due_at=max(until, now), from_day=stay.asked.from_day, times=stay.asked.times
    )
    return f"It is asked again at {stay.local(stay.asked.due_at)} if nothing comes."


def _level(stay: Stay, task: Task, answer: LevelAnswer, message: CompleteTask) -> str:
    """The answer counts for the whole of the phase that was asked about, since nobody knew its level."""
    phases = stay.course.phases
    place = next((n for n, phase in enumerate(phases) if phase.since.isoformat() == task.about), len(phases) - 1)
    phase, after = phases[place], phases[place + 1 : place + 2]
    for event in stay.events.values():
        within = phase.since <= event.happened_at and all(event.happened_at < one.since for one in after)
        if within and stay.levels.get(event.event_id) is None:
            stay.levels[event.event_id] = answer.level
    refold(stay)
    if any(one.since == phase.since and one.level is None for one in stay.course.phases):
        _moved_to(stay, answer.level, message.message_id, phase.since)
    stay.look_needed = True
    stay.note(
        EntryKind.LEVEL_ANSWERED,
        message.at,
        f"The level of care is {answer.level.value.replace('_', ' ')}, by the word of {message.reviewer_id}.",
        message.actor,
    )
    return "The level of care is known."
