"""Cases that end without a determination, for the tests of who may end them, how, and what follows."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from domain.authorization import benefit_units, conclusion, message_effects, timers
from domain.authorization import path as pathway
from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import AuthorizationMessage, CloseUndecided, PartyStatement, VacateDismissal
from domain.cases import steps
from domain.cases.messages import MessageResult
from domain.clocks.engine import Clock, DueInstant
from domain.clocks.rules import Confidence, DueKind
from domain.decisions.closings import (
    Closing,
    ContactEffort,
    Dismissal,
    DismissalReason,
    ImproperFiling,
    Misdirection,
    OutsideCoverage,
)
from domain.journal import Actor
from domain.vocabulary import AskedBy, Channel, NoticeKind
from tests.domain.authorization.casebook import START

LATER = START + timedelta(days=3)
EFFORT = ContactEffort(at=START + timedelta(hours=2), channel=Channel.PHONE, person="The clinic", result="No answer")
NO_FORM = Dismissal(
    reason=DismissalReason.NO_REPRESENTATIVE_FORM,
    explanation="Your neighbor asked for you, and we do not have a form that says they may.",
    efforts=(EFFORT,),
    form_due=date(2026, 11, 4),
)
OUTSIDE = OutsideCoverage(checked_in="Enrollment system", checked_at=START + timedelta(hours=1))
ELSEWHERE = Misdirection(
    to="Prairie Health Plan",
    channel=Channel.FAX,
    address="1-800-555-0171",
    sent_at=START + timedelta(hours=1),
    proof="Confirmation 4711",
)
MISFILED = ImproperFiling(missing=("The name of the service.",), how_to_file="Send our form by fax.")
DIED = Dismissal(
    reason=DismissalReason.MEMBER_DIED,
    explanation="We are sorry for your loss.",
    died_on=date(2026, 11, 3),
    nobody_pursues=True,
)


def close(closing: Closing, who: str = "appeals", at: datetime = LATER, number: str = "close") -> CloseUndecided:
    return CloseUndecided(
        message_id=number, at=at, actor=Actor(kind="reviewer", id=who), reviewer_id=who, closing=closing
    )


def vacate(at: datetime, who: str = "appeals", **changes: object) -> VacateDismissal:
    asked = PartyStatement(person="Their daughter", channel=Channel.PHONE, at=at, note="She sent the form.")
    content: dict[str, object] = {
        "message_id": f"vacate-{at.isoformat()}-{who}",
        "at": at,
        "actor": Actor(kind="reviewer", id=who),
        "reviewer_id": who,
        "by": AskedBy.REPRESENTATIVE,
        "asked": asked,
        "good_cause": "The form was lost in the mail.",
    }
    return VacateDismissal.model_validate(content | changes)


def tell(case: AuthorizationCase, message: AuthorizationMessage, now: datetime | None = None) -> MessageResult:
    return message_effects.receive_message(case, message, now or message.at)


def rules(case: AuthorizationCase, message: AuthorizationMessage, now: datetime | None = None) -> set[str]:
    """The rules that a message breaks; the case is not changed."""
    return {broken.rule for broken in tell(case.model_copy(deep=True), message, now).refusals}


def work(case: AuthorizationCase, now: datetime = LATER, vacate_until: datetime | None = None) -> list[NoticeKind]:
    """Do what the workflow does until it waits, every letter going out at once; returns the letters. `vacate_until` ends the
    time of a notice of dismissal."""
    sent: list[NoticeKind] = []
    for _ in range(40):
        timers.fire_due_timers(case, now)
        match pathway.advance(case, now):
            case pathway.WriteNotices(notices):
                sent += notices
                case.owed_letters.clear()
                if NoticeKind.DISMISSAL in notices and vacate_until is not None:
                    case.clocks = (*case.clocks, window(vacate_until))
            case steps.ComputeClocks():
                case.clocks_stale = False
            case pathway.AssessRequest():
                case.apply_assessment(case.require_context(), case.clocks)
            case pathway.SendExtensionNotice():
                case.extending.end()
            case pathway.ReserveUnits(reservations):
                benefit_units.record_reservations(case, reservations, (), now)
            case pathway.MakeDetermination(status):
                conclusion.make_determination(case, status, now)
            case steps.CloseCase(status):
                conclusion.close_case(case, status, now)
            case steps.Wait() | steps.Finish():
                return sent
    raise AssertionError("the case does not come to rest")


def window(until: datetime) -> Clock:
    """The clock of the time in which a dismissal may be vacated."""
    cite = "42 CFR 422.568(h)"
    return Clock(
        rule_id="MA-DISMISSAL-VACATE",
        title="Vacate",
        citation=cite,
        confidence=Confidence.KNOWN,
        starts_at=LATER,
        base_due=until,
        due=(DueInstant(kind=DueKind.FILING, at=until, reason="test", citation=cite),),
    )
