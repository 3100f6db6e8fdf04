"""Activities that look up what quality concerns and member callbacks need: the member, the plan's rules, due dates."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from temporalio import activity

from activities.members import MemberLookups
from domain.callbacks.case import CallbackContext
from domain.callbacks.orders import CallbackInput
from domain.cases.due_dates import DueDates, DueDatesInput, compute_due_dates, due_after_business_days
from domain.cases.member_case import MemberInput
from domain.concerns.case import ConcernContext
from domain.concerns.orders import ConcernInput, InvolvedReviewers, InvolvedReviewersInput
from domain.office_hours import CallbackHours, callback_window
from engine.activity_errors import translate_errors
from rulebook.rulebook import Rulebook
from store import directory, journal, tasks
from store.session import Store

REVIEWER = "reviewer"


class TaskCaseLookups:
    """Activities of quality concerns and member callbacks. They read and change nothing."""

    def __init__(self, store: Store, rulebook: Rulebook, people: MemberLookups) -> None:
        self._store, self._rulebook, self._people = store, rulebook, people

    @activity.defn(no_thread_cancel_exception=True)
    def look_into_concern(self, order: ConcernInput) -> ConcernContext:
        """Look up the member, the rules on concerns, and the reviewers involved in the case that the concern is about."""
        person = self._people.look_up_person(MemberInput(member_id=order.member_id, now=order.now))
        with translate_errors(), self._store.read() as s:
            involved = _involved_reviewers(s, order.about_case_id)
        rules = self._rulebook.review.concerns
        days = rules.triage_rule(order.kind).business_days
        zone = ZoneInfo(person.plan_zone)
        due = due_after_business_days(order.raised_at, days, self._hours, self._rulebook.calendar, zone)
        return ConcernContext(person=person, policy=rules, involved=involved, triage_due=due)

    @activity.defn(no_thread_cancel_exception=True)
    def read_involved(self, order: InvolvedReviewersInput) -> InvolvedReviewers:
        """Load the reviewers who are involved in a case by now."""
        with translate_errors(), self._store.read() as s:
            return InvolvedReviewers(reviewer_ids=_involved_reviewers(s, order.about_case_id))

    @activity.defn(no_thread_cancel_exception=True)
    def look_into_callback(self, order: CallbackInput) -> CallbackContext:
        """Look up the member if there is one, the rules on calls, the plan's zone, and the window to return the call."""
        person = self._people.look_up_person(MemberInput(member_id=order.member_id, now=order.now))
        zone = person.plan_zone if person.plan_id else self._zone_of(order.plan_id) or person.plan_zone
        window = callback_window(order.left_at, self._hours, self._rulebook.calendar, ZoneInfo(zone))
        return CallbackContext(person=person, policy=self._rulebook.review.callbacks, plan_zone=zone, window=window)

    @activity.defn(no_thread_cancel_exception=True)
    def plan_dues(self, order: DueDatesInput) -> DueDates:
        """Compute when work that begins now is due, and the window in which to return a call left now."""
        return compute_due_dates(order, self._hours, self._rulebook.calendar)

    @property
    def _hours(self) -> CallbackHours:
        return self._rulebook.stays.policy.callback_hours

    def _zone_of(self, plan_id: str | None) -> str | None:
        if plan_id is None:
            return None
        with translate_errors(), self._store.read() as s:
            contact = directory.plan_contact(s, plan_id)
        return contact.zone if contact is not None else None


def _involved_reviewers(s: Session, case_id: str) -> tuple[str, ...]:
    """The reviewers who acted on a case or hold one of its tasks."""
    acted = {entry.actor.id for entry in journal.entries(s, case_id) if entry.actor.kind == REVIEWER}
    held = {task.assignee for task in tasks.of_case(s, case_id) if task.assignee is not None}
    return tuple(sorted(acted | held))
