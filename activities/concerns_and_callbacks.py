"""What concerns and callbacks look up: people, the plan's rules on both, its zone, and when work is due."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from temporalio import activity

from activities.members import People
from domain.callbacks.case import CallbackLook
from domain.callbacks.orders import CallbackOrder
from domain.cases.business_day_dues import Dues, DuesOrder, due_in, dues
from domain.cases.member_case import PersonOrder
from domain.concerns.case import ConcernLook
from domain.concerns.orders import ConcernOrder, Involved, InvolvedOrder
from domain.office_hours import CallbackHours, callback_window
from engine.activity_errors import translated
from rulebook.rulebook import Rulebook
from store import directory, journal, tasks
from store.session import Store

REVIEWER = "reviewer"


class Contacts:
    """Activities that look things up. They read and change nothing."""

    def __init__(self, store: Store, rulebook: Rulebook, people: People) -> None:
        self._store, self._rulebook, self._people = store, rulebook, people

    @activity.defn
    def look_into_concern(self, order: ConcernOrder) -> ConcernLook:
        """The person, the rules on concerns, and everybody who had a part in the dossier that it is about."""
        person = self._people.look_up_person(PersonOrder(member_id=order.member_id, now=order.now))
        with translated(), self._store.read() as s:
            involved = _involved(s, order.about_case_id)
        rules = self._rulebook.review.concerns
        days = rules.triage_of(order.kind).business_days
        zone = ZoneInfo(person.plan_zone)
        due = due_in(order.raised_at, days, self._hours, self._rulebook.calendar, zone)
        return ConcernLook(person=person, policy=rules, involved=involved, triage_due=due)

    @activity.defn
    def read_involved(self, order: InvolvedOrder) -> Involved:
        """Who had a part in a dossier by now."""
        with translated(), self._store.read() as s:
            return Involved(reviewer_ids=_involved(s, order.about_case_id))

    @activity.defn
    def look_into_callback(self, order: CallbackOrder) -> CallbackLook:
        """The person if there is one, the rules on calls, the plan's zone, and the window in which the call is returned."""
        person = self._people.look_up_person(PersonOrder(member_id=order.member_id, now=order.now))
        zone = person.plan_zone if person.plan_id else self._zone_of(order.plan_id) or person.plan_zone
        window = callback_window(order.left_at, self._hours, self._rulebook.calendar, ZoneInfo(zone))
        return CallbackLook(person=person, policy=self._rulebook.review.callbacks, plan_zone=zone, window=window)

    @activity.defn
    def plan_dues(self, order: DuesOrder) -> Dues:
        """When work is due that begins now, and the window of a call left now."""
        return dues(order, self._hours, self._rulebook.calendar)

    @property
    def _hours(self) -> CallbackHours:
        return self._rulebook.stays.policy.callback_hours

    def _zone_of(self, plan_id: str | None) -> str | None:
        if plan_id is None:
            return None
        with translated(), self._store.read() as s:
            contact = directory.plan_contact(s, plan_id)
        return contact.zone if contact is not None else None


def _involved(s: Session, case_id: str) -> tuple[str, ...]:
    """The reviewers who acted on a dossier or hold one of its tasks."""
    acted = {entry.actor.id for entry in journal.entries(s, case_id) if entry.actor.kind == REVIEWER}
    held = {task.assignee for task in tasks.of_case(s, case_id) if task.assignee is not None}
    return tuple(sorted(acted | held))
