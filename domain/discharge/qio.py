"""Reviews by the quality improvement organization (QIO): the protection of the member, and the effect of the decision.

A request in time means that the member of a hospital owes nothing before noon of the day after the decision (42 CFR 422.622),
and that coverage of other care ends only as the decision says (42 CFR 422.626). A request whose timeliness is unknown counts
as timely.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from domain.calendars import NOON, local_day, utc_of_local_time
from domain.discharge.before_discharge import require_new_plan
from domain.discharge.case import DischargeCase
from domain.discharge.notice_duties import NOMNC, coverage_end
from domain.discharge.parts import QioReview
from domain.journal import EntryKind
from domain.stays.plan_messages import QioUpdate

NOTICE_DAYS = timedelta(days=2)
"""Coverage ends no sooner than two days after a valid notice (42 CFR 422.624(b), 422.626)."""


def record_update(plan: DischargeCase, message: QioUpdate) -> str:
    """Record an update from the QIO."""
    review = next((one for one in plan.qio if one.is_open and one.about == message.about), None)
    if review is None:
        # An update on a review whose request was never reported: it was requested now, at the latest.
        review = _open_review(plan, message)
    elif message.what == "asked":
        review.timely = message.timely if message.timely is not None else review.timely
        return "The QIO was asked already."
    if message.what == "has_information":
        review.has_information_at = message.at
    elif message.what == "decided":
        _apply_decision(plan, review, message)
    words = {"asked": "was asked", "has_information": "has the records", "decided": "has decided"}[message.what]
    plan.note(EntryKind.QIO_HEARD, message.at, f"The QIO {words}: {_describe_review(plan, review)}.", message.actor)
    return "Noted."


def _open_review(plan: DischargeCase, message: QioUpdate) -> QioReview:
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


def _apply_decision(plan: DischargeCase, review: QioReview, message: QioUpdate) -> None:
    review.decided_at, review.upheld = message.at, message.upheld
    if review.upheld is not False:
        return
    if review.about == "end_of_services" and review.ends_on is not None:
        plan.reversed_ends = (*plan.reversed_ends, review.ends_on)
    if plan.picture.discharged_at is None and plan.target is not None:
        plan.target = plan.target.model_copy(update={"on": None})
        require_new_plan(plan, "The QIO decided that the care goes on. Set a new day when the time has come")


def _describe_review(plan: DischargeCase, review: QioReview) -> str:
    what = "the end of coverage" if review.about == "end_of_services" else "the discharge"
    if review.is_open:
        late = "" if review.protects_member else ", asked too late to stop anything"
        return f"{what}{late}"
    match review.upheld:
        case True:
            until = member_liable_from(plan)
            held = f"; nothing is owed before {plan.local(until)}" if until is not None else ""
            return f"{what} stands{held}"
        case False:
            return f"{what} does not stand, the care goes on"
        case None:
            return f"{what}; what it decided is not known"


def is_decision_pending(plan: DischargeCase) -> bool:
    """Whether a QIO decision is pending: it was requested in time and is not made, or its result is unknown."""
    return any(review.protects_member and (review.is_open or review.upheld is None) for review in plan.qio)


def coverage_continues(plan: DischargeCase) -> bool | None:
    """Whether the latest QIO decision was for the member; None without any."""
    decided = [review for review in plan.qio if review.upheld is not None]
    return not decided[-1].upheld if decided else None


def member_liable_from(plan: DischargeCase) -> datetime | None:
    """Noon of the day after the QIO decision on a discharge that was appealed in time (UTC); None without one."""
    about = [
        review for review in plan.qio if review.about == "discharge" and review.protects_member and review.decided_at
    ]
    if not about or about[-1].decided_at is None:
        return None
    day = local_day(about[-1].decided_at, plan.tz) + timedelta(days=1)
    return utc_of_local_time(day, NOON, plan.tz)


def earliest_coverage_end(plan: DischargeCase, now: datetime) -> date | None:
    """The first day on which coverage may end after its notice was delivered; None before the delivery."""
    end = coverage_end(plan, now)
    if end is None:
        return None
    given = [one.form.delivered_at for one in plan.deliveries if one.rule_id == NOMNC and one.about == end.isoformat()]
    return max(end, plan.day(min(given)) + NOTICE_DAYS) if given else None
