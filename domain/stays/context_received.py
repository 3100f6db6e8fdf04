"""The context of a stay's review: its lookup input, and the changes that a new context makes to the stay."""

from __future__ import annotations

from datetime import datetime

from domain.journal import UMPIRE, EntryKind
from domain.stays import message_effects, round_answers
from domain.stays.case import StayCase, StayRun
from domain.stays.contradictions import read_cancels
from domain.stays.levels_of_care import OrderedStatus, status_after
from domain.stays.orders import PatientLocation, StayContext, StayInput
from domain.stays.parts import DayStatus
from domain.stays.timeline import effective_events
from domain.stays.views import summary_data


def open_case(start: StayRun) -> StayCase:
    """Open the case of a new stay. Its journal begins with its receipt, before any event."""
    stay = StayCase(
        case_id=start.stay_id,
        received_at=start.received_at,
        member_id=start.member_id,
        facility=start.facility,
        facility_npi=start.facility_npi,
        visit_number=start.visit_number,
    )
    stay.note(EntryKind.STAY_OPENED, start.received_at, f"Stay at {start.facility} opened.", UMPIRE)
    return stay


def context_input(stay: StayCase, now: datetime) -> StayInput:
    """The input of the context lookup. Events without a known level are looked up again, because tables change."""
    phases = stay.course.phases
    denied = [span.decided_at for span in stay.spans if span.counts and span.stand is DayStatus.DENIED]
    return StayInput(
        stay_id=stay.case_id,
        member_id=stay.member_id,
        facility_npi=stay.facility_npi,
        now=now,
        began_at=stay.course.began_at,
        admitted_at=stay.course.admitted_at,
        observation_began_at=stay.course.observation_began_at,
        first_day=stay.day(stay.course.began_at) if stay.course.began_at and stay.person else None,
        decided_through=stay.decided_through,
        level=phases[-1].level if phases else None,
        left_level=phases[-2].level if len(phases) > 1 else None,
        working_drg=stay.working_drg,
        placings=_locations_without_level(stay),
        denied_at=max(denied, default=None),
        person_known=stay.lob is not None,
        care_zone=stay.care_zone,
    )


def _locations_without_level(stay: StayCase) -> tuple[PatientLocation, ...]:
    """Status and unit after each event; an event without one of them keeps that of the event before."""
    found: list[PatientLocation] = []
    status: OrderedStatus | None = None
    unit: str | None = None
    for event in effective_events(stay.events.values(), read_cancels(stay.events.values(), stay.spoken)):
        status, unit = status_after(event, status), event.unit or unit
        if stay.levels.get(event.event_id) is None:
            found.append(PatientLocation(event_id=event.event_id, status=status, unit=unit))
    return tuple(found)


def apply_context(stay: StayCase, found: StayContext, now: datetime) -> None:
    """Apply a context, and rebuild the timeline with it. If that moved the patient, one more lookup follows."""
    before, links = stay.course, stay.look.readmissions if stay.look is not None else ()
    if found.person is not None:
        stay.set_member_context(found.person)
    if stay.look is None:
        stay.care_zone = found.care_zone
    if stay.care_zone is not None:
        stay.zone = stay.care_zone
    for event_id, level in found.levels.items():
        if stay.levels.get(event_id) is None:
            stay.levels[event_id] = level
    stay.look = found.model_copy(update={"person": None})
    stay.looked_at_instant = now
    message_effects.rebuild_timeline(stay)
    # This context did not know the new levels and dates yet: look up once more, with them.
    stay.look_needed = stay.course != before
    if stay.look_needed:
        return
    answered = stay.decided_through
    round_answers.apply_prior_authorizations(stay, now)
    # The next review's date follows from the last decided day.
    stay.look_needed = stay.decided_through != answered
    for link in found.readmissions:
        if link not in links:
            related = {True: "related", False: "not related", None: "relation unknown"}[link.related]
            stay.note(
                EntryKind.READMISSION_LINKED,
                now,
                f"Admitted {link.days_since} days after {link.case_id} ended ({related}): shown, and nothing is decided by it.",
                link=link.model_dump(mode="json"),
            )
    stay.note(EntryKind.STAY_CHANGED, now, _describe_stay(stay), **summary_data(stay, now))


def _describe_stay(stay: StayCase) -> str:
    course, phase = stay.course, stay.course.current_phase
    if course.is_voided:
        return "The admission was canceled by the facility."
    if phase is None:
        return (
            "The patient is expected."
            if course.planned_for is not None
            else "No arrival of the patient is reported yet."
        )
    where = phase.level.value.replace("_", " ") if phase.level is not None else "not known yet"
    status = phase.status.value if phase.status is not None else "not known"
    if course.discharged_at is not None:
        return f"Discharged {stay.local(course.discharged_at)}; the last level of care: {where}."
    through = f", certified through {stay.certified_through}" if stay.certified_through is not None else ""
    return f"Level of care: {where}; status: {status}{through}."
