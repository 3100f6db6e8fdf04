"""Requests for clinical updates from the facility."""

from __future__ import annotations

from datetime import date, datetime

from domain.cases.tasks import TaskKind
from domain.journal import EntryKind
from domain.stays.case import StayCase
from domain.stays.parts import DAY, MAX_UPDATE_REQUESTS, PendingUpdateRequest
from domain.vocabulary import NoticeKind, Role

UPDATE_TOPICS = (
    "The level of care, and what makes it needed: vital signs, findings, and what was done in the last 24 hours.",
    "The plan for the coming days, and the last day that you ask for.",
    "The working DRG, the day on which you expect the discharge, and where to.",
)
"""The contents of an update, as the letter requests them."""


def update_is_due(stay: StayCase, now: datetime) -> bool:
    """Whether an update request is due: days are undecided or the next review is due, and no request is pending."""
    if stay.update is not None or stay.round is not None or stay.course.began_at is None or stay.course.is_voided:
        return False
    if stay.asked is not None and (now < stay.asked.due_at or stay.asked.times >= MAX_UPDATE_REQUESTS):
        return False
    due = stay.require_context().next_review_at
    certified = stay.require_context().terms_of(stay.level) is not None
    round_is_due = stay.course.is_present and due is not None and due <= now and certified
    return round_is_due or bool(stay.undecided_days(stay.review_required_through(now) or date.min))


def request_update(stay: StayCase, now: datetime) -> None:
    """Request a clinical update, where `update_is_due`."""
    if not update_is_due(stay, now):
        return
    open_days = stay.undecided_days(stay.review_required_through(now) or date.min)
    times = stay.asked.times + 1 if stay.asked is not None else 1
    first = open_days[0] if open_days else (stay.decided_through or stay.day(now)) + DAY
    due_at = stay.require_context().update_due_at
    stay.asked = PendingUpdateRequest(asked_at=now, due_at=due_at, from_day=first, times=times)
    if can_send_letter(stay):
        stay.queue_notice(NoticeKind.CLINICAL_UPDATE_REQUEST)
    again = "" if times == 1 else f", for the {_ORDINALS[times]} time"
    stay.note(
        EntryKind.UPDATE_REQUESTED,
        now,
        f"The facility is asked how the patient is{again}, for the days from {first}; due {stay.local(due_at)}.",
    )
    if stay.open_task(TaskKind.CLINICAL_UPDATE) is None:
        call = "" if can_send_letter(stay) else " No letter can go out, as the facility's NPI is not known: call."
        why = f"Get the clinical update for the days from {first}; nothing is decided against anybody meanwhile.{call}"
        stay.add_task(
            TaskKind.CLINICAL_UPDATE,
            Role.NURSE,
            why,
            now,
            due_at,
            professions=stay.member_context().nurse_professions,
        )


def cancel_update_request(stay: StayCase, now: datetime) -> None:
    """Cancel the pending request when the patient has left and every day is decided: it is about no day any more."""
    if stay.asked is None or stay.course.discharged_at is None or stay.update is not None or stay.round is not None:
        return
    if stay.undecided_days(stay.review_required_through(now) or date.min):
        return
    stay.asked = None
    stay.cancel_tasks(now, "every day up to the discharge has its answer", *stay.open_tasks(TaskKind.CLINICAL_UPDATE))


def can_send_letter(stay: StayCase) -> bool:
    """Whether a letter can go to the facility: it is addressed by its NPI."""
    return stay.facility_npi is not None


_ORDINALS = {2: "second", 3: "third"}
