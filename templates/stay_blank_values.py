"""Values of the blanks about a stay: the facts of `StayFacts` and the review organization as text, or None."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from domain.letters.context import LetterContext
from domain.letters.stay_facts import StayFacts
from templates.dates import format_instant, weekday_date


def values_of_stay_blanks(context: LetterContext) -> dict[str, str | None]:
    """The text for every blank about a stay. Days are of the case's zone and carry their weekday.

    The day after the last covered one is the first that the member may have to pay for, and the one on which a change takes
    effect unless the context names another. Where no number to call is given it is the plan's own.
    """
    stay = context.stay or StayFacts()

    def at(value: datetime | None) -> str | None:
        return None if value is None else format_instant(value, context.zone)

    after = None if stay.last_covered_day is None else stay.last_covered_day + timedelta(days=1)
    visit = stay.appointment
    return {
        "facility": stay.facility,
        "service": stay.service,
        "admitted_on": _day(stay.admitted_on),
        "observation_began": at(stay.observation_began),
        "certified_through": _day(stay.certified_through),
        "review_from": _day(stay.review_from),
        "last_covered_day": _day(stay.last_covered_day),
        "liability_from": _day(after),
        "effective_on": _day(context.effective_on or after),
        "discharge_on": _day(stay.discharge_on),
        "setting": stay.setting,
        "call_number": stay.call_number or context.plan.phone,
        "reason": _sentence(stay.reason),
        "basis": _without_period(stay.basis),
        "plan_policy": _without_period(stay.plan_policy),
        "changed_since": _sentence(stay.changed_since),
        "what_would_change": _sentence(stay.what_would_change),
        "advance_exception": _without_period(stay.advance_exception),
        "signed_by": _without_period(stay.signed_by),
        "appointment_with": visit.with_whom if visit else None,
        "appointment_purpose": _without_period(visit.purpose) if visit else None,
        "appointment_at": at(visit.at) if visit else None,
        "appointment_place": visit.place if visit else None,
        "qio_name": context.qio.name if context.qio else None,
        "qio_phone": context.qio.phone if context.qio else None,
        "qio_tty": context.qio.tty if context.qio else None,
        "qio_request_by": at(stay.qio_request_by),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else weekday_date(day)


def _sentence(text: str | None) -> str | None:
    text = (text or "").strip()
    return text if not text or text.endswith((".", "!", "?")) else text + "."


def _without_period(text: str | None) -> str | None:
    """Text for use within one of our sentences, which has its own period."""
    return None if text is None else text.strip().removesuffix(".")
