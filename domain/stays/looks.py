"""The beginning of a stay's review, and what each look at it changes."""

from __future__ import annotations

from datetime import datetime

from domain.journal import UMPIRE, EntryKind
from domain.stays import message_effects as staywork
from domain.stays import round_answers as stay_rounds
from domain.stays.case import Stay
from domain.stays.course import as_they_count, status_after
from domain.stays.levels_of_care import OrderedStatus
from domain.stays.orders import Placing, StayLook, StayLookOrder
from domain.stays.parts import Stand
from domain.stays.run import StayRun
from domain.stays.views import sheet_of


def opened(start: StayRun) -> Stay:
    """A stay that just became known. Its journal begins with its receipt, before anything is told of it."""
    stay = Stay(
        case_id=start.stay_id,
        received_at=start.received_at,
        member_id=start.member_id,
        facility=start.facility,
        facility_npi=start.facility_npi,
        visit_number=start.visit_number,
    )
    stay.note(EntryKind.STAY_OPENED, start.received_at, f"A stay at {start.facility} became known.", UMPIRE)
    return stay


def look_order(stay: Stay, now: datetime) -> StayLookOrder:
    """What the look has to know. Every event whose level nobody knows is placed anew: tables change."""
    phases = stay.course.phases
    denied = [span.decided_at for span in stay.spans if span.counts and span.stand is Stand.DENIED]
    return StayLookOrder(
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
        placings=_placings(stay),
        denied_at=max(denied, default=None),
        person_known=stay.lob is not None,
    )


def _placings(stay: Stay) -> tuple[Placing, ...]:
    """Status and unit as each event leaves them: an event that is silent on one of them has that of the one before."""
    found: list[Placing] = []
    status: OrderedStatus | None = None
    unit: str | None = None
    for event in as_they_count(stay.events.values()):
        status, unit = status_after(event, status), event.unit or unit
        if stay.levels.get(event.event_id) is None:
            found.append(Placing(event_id=event.event_id, status=status, unit=unit))
    return tuple(found)


def looked(stay: Stay, found: StayLook, now: datetime) -> None:
    """Take in what a look found, and fold the course anew with it. When that moved the patient, one more look follows."""
    before, links = stay.course, stay.look.readmissions if stay.look is not None else ()
    if found.person is not None:
        stay.take_person(found.person)
    for event_id, level in found.levels.items():
        if stay.levels.get(event_id) is None:
            stay.levels[event_id] = level
    stay.look = found.model_copy(update={"person": None})
    stay.looked_at_instant = now
    staywork.refold(stay)
    # Levels and dates that this look could not know yet: look once more, with them.
    stay.look_needed = stay.course != before
    if stay.look_needed:
        return
    answered = stay.decided_through
    stay_rounds.take_over(stay, now)
    # When the next round is due follows from the last day that has an answer.
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
    stay.note(EntryKind.STAY_CHANGED, now, _in_words(stay), sheet=sheet_of(stay, now))


def _in_words(stay: Stay) -> str:
    course, phase = stay.course, stay.course.now_in
    if course.is_voided:
        return "The admission was taken back by the facility."
    if phase is None:
        return (
            "The patient is expected."
            if course.planned_for is not None
            else "Nobody has said yet that the patient came."
        )
    where = phase.level.value.replace("_", " ") if phase.level is not None else "not known yet"
    status = phase.status.value if phase.status is not None else "not known"
    if course.discharged_at is not None:
        return f"Discharged {stay.local(course.discharged_at)}; the last level of care: {where}."
    through = f", certified through {stay.certified_through}" if stay.certified_through is not None else ""
    return f"Level of care: {where}; status: {status}{through}."
