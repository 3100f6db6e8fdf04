"""The letters of a discharge plan: the facts that each of them may state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.cases import letter_tracking
from domain.discharge.case import DischargeCase
from domain.discharge.notice_duties import IM, coverage_end
from domain.discharge.parts import PendingLetter
from domain.letters.orders import LetterOrder
from domain.letters.stay_facts import StayFacts
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Audience, NoticeKind, ServiceKind

_SERVICE_NAMES = {
    LevelOfCare.SNF: "care in the skilled nursing facility",
    LevelOfCare.HOME_HEALTH: "home health care",
    LevelOfCare.OBSERVATION: "observation care in the hospital",
}
_QIO_REQUEST_RULE = {
    NoticeKind.NOMNC: "MA-FT-REQUEST",
    NoticeKind.DENC: "MA-FT-REQUEST",
    NoticeKind.IMPORTANT_MESSAGE: "MA-DISCHARGE-QIO-REQUEST",
    NoticeKind.DND: "MA-DISCHARGE-QIO-REQUEST",
}
"""The rule of the window for a QIO request, by the notice that states it."""


def requeue_repaired(plan: DischargeCase) -> None:
    """Queue the repaired letters again. A member whose health plan was not known is looked up again."""
    if not plan.owed_letters:
        return
    again = [letter for letter in plan.blocked if letter.notice in plan.owed_letters]
    plan.blocked = [letter for letter in plan.blocked if letter.notice not in plan.owed_letters]
    plan.owed = [*again, *(letter for letter in plan.owed if letter not in again)]
    plan.owed_letters = []
    if plan.lob is None:
        plan.person = None


def requeue(plan: DischargeCase, notice: NoticeKind, about: str, at: datetime) -> None:
    """Queue an undeliverable letter again, because its facts have changed."""
    letter = PendingLetter(notice=notice, about=about)
    if letter in plan.blocked:
        drop_blocked(plan, letter, at)
        plan.owed.append(letter)


def drop_blocked(plan: DischargeCase, letter: PendingLetter, at: datetime) -> None:
    """Drop an undeliverable letter; nobody has to repair it any more."""
    plan.blocked.remove(letter)
    if letter.notice in plan.blocked_letters:
        plan.blocked_letters.remove(letter.notice)
    letter_tracking.close_repair_tasks(plan, at)


def letter_order(plan: DischargeCase, letter: PendingLetter, now: datetime) -> LetterOrder | None:
    """The order for one letter; None while the member's health plan is unknown."""
    person, picture = plan.member_context(), plan.picture
    if plan.lob is None:
        return None
    recipients = {Audience.PROVIDER.value: picture.facility_npi, Audience.PCP.value: person.pcp_npi}
    return LetterOrder(
        case_id=plan.case_id,
        notice=letter.notice,
        round=letter_tracking.next_letter_sequence(plan, letter.notice),
        plan_id=person.plan_id,
        lob=plan.lob,
        state=plan.state,
        zone=plan.zone,
        now=now,
        recipients={audience: npi for audience, npi in recipients.items() if npi is not None},
        facts=StayFacts(member_id=picture.member_id, **_stay_facts(plan, letter, now), **_notice_facts(plan, letter)),
    )


def _stay_facts(plan: DischargeCase, letter: PendingLetter, now: datetime) -> dict[str, Any]:
    """The facts of the stay in every letter. Only the second copy of the Important Message names the day of the discharge."""
    picture = plan.picture
    began, left = picture.admitted_at or picture.care_began_at, picture.discharged_at
    asking = next((one for one in plan.clocks if one.rule_id == _QIO_REQUEST_RULE.get(letter.notice)), None)
    return {
        "facility": picture.facility,
        "facility_npi": picture.facility_npi,
        "service": _SERVICE_NAMES.get(picture.level, "care in the hospital") if picture.level is not None else None,
        "admitted_on": plan.day(began) if began is not None else None,
        "observation_began": picture.observation_began_at,
        "certified_through": picture.certified_through,
        "last_covered_day": coverage_end(plan, now),
        "discharge_on": None
        if letter.about == IM
        else plan.day(left)
        if left is not None
        else plan.planned_discharge_day(now),
        "setting": _setting_title(plan),
        "qio_request_by": asking.due[0].at if asking is not None else None,
        "service_kind": ServiceKind.BEHAVIORAL if picture.behavioral else ServiceKind.MEDICAL,
    }


def _setting_title(plan: DischargeCase) -> str | None:
    if plan.target is None:
        return None
    needs = plan.rules().transitions.by_setting.get(plan.target.setting)
    return needs.title if needs is not None else plan.target.setting.value.replace("_", " ")


def _notice_facts(plan: DischargeCase, letter: PendingLetter) -> dict[str, Any]:
    """The facts that only this notice states."""
    match letter.notice:
        case NoticeKind.DENC | NoticeKind.DND | NoticeKind.MOON:
            return _explanation_facts(plan, letter)
        case NoticeKind.CHOICE_LIST:
            return {"choices": plan.choices}
        case NoticeKind.DISCHARGE_SUMMARY:
            return _summary_facts(plan)
        case NoticeKind.APPOINTMENT_REMINDER:
            about = (one for one in plan.appointments if one.appointment_id == letter.about)
            return {"appointment": next(about, None)}
        case NoticeKind.PROVIDER_FEEDBACK:
            first, last = letter.about.split(" to ")
            return {"gaps": tuple(gap.what for gap in plan.gaps[int(first) : int(last)])}
    return {}


def _explanation_facts(plan: DischargeCase, letter: PendingLetter) -> dict[str, Any]:
    found = plan.explanations.get(letter.about)
    if found is None:
        return {}
    return {
        "reason": found.reason,
        "basis": found.basis,
        "facts_of_case": found.facts_of_case,
        "signed_by": found.decided_by,
        "what_would_change": found.what_would_change,
        "changed_since": found.changed_since,
        "qio_ruled_before": True if plan.reversed_ends and letter.notice is NoticeKind.DENC else None,
    }


def _summary_facts(plan: DischargeCase) -> dict[str, Any]:
    return {
        "appointments": plan.appointments,
        "medicines": plan.medicines.medicines if plan.medicines is not None else (),
        "takes_no_medicines": None if plan.medicines is None else not plan.medicines.medicines,
        "equipment": plan.equipment.items if plan.equipment is not None else (),
        "teaching": plan.teaching.topics if plan.teaching is not None else (),
        "warning_signs": plan.teaching.warning_signs if plan.teaching is not None else (),
    }
