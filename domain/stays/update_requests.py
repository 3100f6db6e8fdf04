"""Carried out of domain/stay_rounds.py."""

from __future__ import annotations

from datetime import date, datetime

from domain.cases.tasks import TaskKind
from domain.journal import EntryKind
from domain.stays.case import Stay
from domain.stays.parts import DAY, MOST_ASKED, UpdateAsked
from domain.vocabulary import NoticeKind, Role

ASKED_FOR = (
    "The level of care, and what makes it needed: vital signs, findings, and what was done in the last 24 hours.",
    "The plan for the coming days, and the last day that you ask for.",
    "The working DRG, the day on which you expect the discharge, and where to.",
)
"""What an update should tell, in the words of the letter."""


def would_ask(stay: Stay, now: datetime) -> bool:
    """Whether days are open or the next round is due, and nobody has been asked, or in vain."""
    if stay.update is not None or stay.round is not None or stay.course.began_at is None or stay.course.is_voided:
        return False
    if stay.asked is not None and (now < stay.asked.due_at or stay.asked.times >= MOST_ASKED):
        return False
    due = stay.looked_at().next_review_at
    certified = stay.looked_at().terms_of(stay.level) is not None
    round_is_due = stay.course.is_present and due is not None and due <= now and certified
    return round_is_due or bool(stay.undecided(stay.owed_through(now) or date.min))


def ask_facility(stay: Stay, now: datetime) -> None:
    """Ask how the patient is, where `would_ask`."""
    if not would_ask(stay, now):
        return
    open_days = stay.undecided(stay.owed_through(now) or date.min)
    times = stay.asked.times + 1 if stay.asked is not None else 1
    first = open_days[0] if open_days else (stay.decided_through or stay.day(now)) + DAY
    due_at = stay.looked_at().update_due_at
    stay.asked = UpdateAsked(asked_at=now, due_at=due_at, from_day=first, times=times)
    if can_write(stay):
        stay.owe(NoticeKind.CLINICAL_UPDATE_REQUEST)
    again = "" if times == 1 else f", for the {_ORDINALS[times]} time"
    stay.note(
        EntryKind.UPDATE_REQUESTED,
        now,
        f"The facility is asked how the patient is{again}, for the days from {first}; due {stay.local(due_at)}.",
    )
    if stay.open_task(TaskKind.CLINICAL_UPDATE) is None:
        call = "" if can_write(stay) else " No letter can go out, as the facility's NPI is not known: call."
        why = f"Get the clinical update for the days from {first}; nothing is decided against anybody meanwhile.{call}"
        stay.new_task(
            TaskKind.CLINICAL_UPDATE,
            Role.NURSE,
            why,
            now,
            due_at,
            professions=stay.looked_up().nurse_professions,
        )


def stop_asking(stay: Stay, now: datetime) -> None:
    """Take the open question back when the patient has left and every day has its answer: it is about no day any more."""
    if stay.asked is None or stay.course.discharged_at is None or stay.update is not None or stay.round is not None:
        return
    if stay.undecided(stay.owed_through(now) or date.min):
        return
    stay.asked = None
    stay.cancel_tasks(now, "every day up to the discharge has its answer", *stay.open_tasks(TaskKind.CLINICAL_UPDATE))


def can_write(stay: Stay) -> bool:
    """Whether a letter can go to the facility: it is addressed by its NPI."""
    return stay.facility_npi is not None


_ORDINALS = {2: "second", 3: "third"}
