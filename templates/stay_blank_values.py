"""Values of the blanks about a stay that are no facts by themselves, as text or None."""

from __future__ import annotations

from datetime import timedelta

from domain.letters.context import LetterContext
from templates.dates import format_instant, weekday_date


def values_of_stay_blanks(context: LetterContext) -> dict[str, str | None]:
    """The text for each of these blanks; nothing for a letter on a request.

    The day after the last covered one is the first that the member may have to pay for, and the one on which a change takes
    effect. Where no number to call is given it is the plan's own.
    """
    stay, qio = context.stay, context.qio
    if stay is None:
        return {}
    visit = stay.appointment
    after = None if stay.last_covered_day is None else weekday_date(stay.last_covered_day + timedelta(days=1))
    return {
        "liability_from": after,
        "effective_on": after,
        "call_number": stay.call_number or context.plan.phone,
        "appointment_with": visit.with_whom if visit else None,
        "appointment_purpose": visit.purpose.strip().removesuffix(".") if visit else None,
        "appointment_at": format_instant(visit.at, context.zone) if visit else None,
        "appointment_place": visit.place if visit else None,
        "qio_name": qio.name if qio else None,
        "qio_phone": qio.phone if qio else None,
        "qio_tty": qio.tty if qio else None,
    }
