"""The quality improvement organization (QIO) at work: who is protected while it looks, and what its decision does.

A request in time means that the member of a hospital owes nothing before noon of the day after the decision (42 CFR 422.622),
and that coverage of other care ends only as the decision says (42 CFR 422.626). Where nobody said whether the request was in
time, it is taken to be.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from domain.calendars import NOON, at_local, local_day
from domain.discharge.before_discharge import replan
from domain.discharge.case import DischargePlan
from domain.discharge.notice_duties import NOMNC, coverage_end
from domain.discharge.parts import QioReview
from domain.journal import EntryKind
from domain.stays.plan_messages import QioNews

NOTICE_DAYS = timedelta(days=2)
"""Coverage ends no sooner than two days after a valid notice (42 CFR 422.624(b), 422.626)."""


def hear(plan: DischargePlan, message: QioNews) -> str:
    """Take in what the QIO said."""
    review = next((one for one in plan.qio if one.is_open and one.about == message.about), None)
    if review is None:
        # News of a review of which nobody told that it was asked for: it was asked for now, at the latest.
        review = _asked(plan, message)
    elif message.what == "asked":
        review.timely = message.timely if message.timely is not None else review.timely
        return "The QIO was asked already."
    if message.what == "has_information":
        review.has_information_at = message.at
    elif message.what == "decided":
        _decided(plan, review, message)
    words = {"asked": "was asked", "has_information": "has the records", "decided": "has decided"}[message.what]
    plan.note(EntryKind.QIO_HEARD, message.at, f"The QIO {words}: {_said(plan, review)}.", message.actor)
    return "Noted."


def _asked(plan: DischargePlan, message: QioNews) -> QioReview:
    ends = coverage_end(plan, message.at) if message.about == "end_of_services" else None
    review = QioReview(
        number=len(plan.qio) + 1,
        about=message.about,
        asked_at=message.at,
        timely=message.timely,
        ends_on=ends,
    )
    plan.qio.append(review)
    return review


def _decided(plan: DischargePlan, review: QioReview, message: QioNews) -> None:
    review.decided_at, review.upheld = message.at, message.upheld
    if review.upheld is not False:
        return
    if review.about == "end_of_services" and review.ends_on is not None:
        plan.reversed_ends = (*plan.reversed_ends, review.ends_on)
    if plan.picture.discharged_at is None and plan.target is not None:
        plan.target = plan.target.model_copy(update={"on": None})
        replan(plan, "The QIO decided that the care goes on. Set a new day when the time has come")


def _said(plan: DischargePlan, review: QioReview) -> str:
    what = "the end of coverage" if review.about == "end_of_services" else "the discharge"
    if review.is_open:
        late = "" if review.protects else ", asked too late to stop anything"
        return f"{what}{late}"
    match review.upheld:
        case True:
            until = owes_nothing_before(plan)
            held = f"; nothing is owed before {plan.local(until)}" if until is not None else ""
            return f"{what} stands{held}"
        case False:
            return f"{what} does not stand, the care goes on"
        case None:
            return f"{what}; what it decided is not known"


def waits(plan: DischargePlan) -> bool:
    """Whether something waits for the QIO: it was asked in time and has not decided, or nobody knows what it decided."""
    return any(review.protects and (review.is_open or review.upheld is None) for review in plan.qio)


def goes_on(plan: DischargePlan) -> bool | None:
    """Whether the latest decision of the QIO was for the member; None without any."""
    decided = [review for review in plan.qio if review.upheld is not None]
    return not decided[-1].upheld if decided else None


def owes_nothing_before(plan: DischargePlan) -> datetime | None:
    """Noon of the day after the QIO's decision on a discharge that was asked about in time (UTC); None without one."""
    about = [review for review in plan.qio if review.about == "discharge" and review.protects and review.decided_at]
    if not about or about[-1].decided_at is None:
        return None
    day = local_day(about[-1].decided_at, plan.tz) + timedelta(days=1)
    return at_local(day, NOON, plan.tz)


def ends_not_before(plan: DischargePlan, now: datetime) -> date | None:
    """The first day on which coverage may end after the notice that was given for it; None while no notice was given."""
    end = coverage_end(plan, now)
    if end is None:
        return None
    given = [one.form.delivered_at for one in plan.deliveries if one.rule_id == NOMNC and one.about == end.isoformat()]
    return max(end, plan.day(min(given)) + NOTICE_DAYS) if given else None
