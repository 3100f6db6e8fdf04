"""Checks of how staff end a request without a determination: who may, on which facts, and by which rule of the line.

Nothing here is a clinician's no, and nothing of it can stand for one: a request that a clinician has begun to decide is not
taken out of their hands by whoever reviews it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.authorization.case import AuthorizationCase
from domain.authorization.closings.window import vacate_until
from domain.authorization.messages import CloseUndecided, VacateDismissal
from domain.authorization.parts import CasePhase
from domain.authorization.party_checks import REVIEWS, statement_violations
from domain.cases.assignment import sender_violations
from domain.clocks.events import EventKind
from domain.decisions.closing_facts import misdirection_violations
from domain.decisions.closings import (
    ContactEffort,
    Dismissal,
    DismissalReason,
    ImproperFiling,
    Misdirection,
    OutsideCoverage,
)
from domain.decisions.determination import STAMP_SKEW
from domain.decisions.reviewers import Reviewer
from domain.errors import RuleViolation, violation
from domain.plain_language.printable import unprintable_reason
from domain.vocabulary import Role, StaffDuty

DUTY_OF = {Dismissal: StaffDuty.DISMISSALS, OutsideCoverage: StaffDuty.ENROLLMENT}
"""The credential that each of these needs; intake forwards what is another plan's, and says how to file."""
INTAKE = frozenset({Role.INTAKE, Role.SUPERVISOR})
_DUTY_WORDS = {StaffDuty.DISMISSALS: "dismissals", StaffDuty.ENROLLMENT: "enrollment"}


def closing_violations(case: AuthorizationCase, message: CloseUndecided, now: datetime) -> Iterator[RuleViolation]:
    """Every rule that the message breaks. `now` is the workflow's clock (UTC)."""
    yield from sender_violations(message)
    if case.stay is not None:
        yield violation(
            "closing.stay",
            "A stay or a claim asked for this review and waits for its answer.",
            "End it where it began.",
        )
        return
    if case.phase >= CasePhase.ANSWERED:
        yield violation("case.decided", "The case is answered already.", "Let its letters go out.")
        return
    yield from _staff_violations(case, message, now)
    if not isinstance(message.closing, OutsideCoverage) and case.effective_determinations():
        yield violation(
            "closing.signed",
            "A signed decision on a part of the request stands, and its notice is owed.",
            "Have the rest decided as well.",
        )
    match message.closing:
        case Dismissal() as dismissal:
            yield from _dismissal_violations(case, dismissal, message.at)
        case OutsideCoverage() as finding:
            yield from _not_covered_violations(case, finding, message.at)
        case Misdirection() as sent:
            yield from misdirection_violations(case.received_at, sent, message.at)
        case ImproperFiling() as filing:
            yield from _filing_violations(case, filing, message.at)


def vacating_violations(case: AuthorizationCase, message: VacateDismissal, now: datetime) -> Iterator[RuleViolation]:
    """Every rule that vacating a dismissal breaks."""
    yield from sender_violations(message)
    if not isinstance(case.closing, Dismissal):
        yield violation("vacate.none", "The request is not dismissed.", "Nothing needs to be vacated.")
        return
    yield from _credential_violations(case.reviewers.get(message.reviewer_id), StaffDuty.DISMISSALS, case, now)
    until = vacate_until(case)
    if until is not None and message.at > until:
        yield violation(
            "vacate.time",
            f"A dismissal is vacated until {case.local(until)} at the latest.",
            "Take it as a request for a review of the dismissal, or as a new request.",
        )
    dismissed = max((one.at for one in case.clock_events if one.kind is EventKind.REQUEST_DISMISSED), default=None)
    if dismissed is not None and message.at < dismissed:  # the clocks would stand still for good
        yield violation("message.stamp", "It is vacated before it was dismissed.", "Correct the clock and send again.")
    wrong = unprintable_reason(message.good_cause)
    if wrong is not None:
        yield violation("vacate.good_cause", f"Vacating needs its good cause ({wrong}).", "Say what the good cause is.")
    yield from statement_violations(message.asked, message.at, "vacate.statement")


# -- who -------------------------------------------------------------------------------------------------------------------


def _staff_violations(case: AuthorizationCase, message: CloseUndecided, now: datetime) -> Iterator[RuleViolation]:
    who = case.reviewers.get(message.reviewer_id)
    duty = DUTY_OF.get(type(message.closing))
    if duty is not None:
        yield from _credential_violations(who, duty, case, now)
    elif who is None or not who.active or not INTAKE & set(who.roles):
        yield violation("closing.role", "Only intake or a supervisor does this.", "Ask one of them.")
    if message.reviewer_id in {task.assignee for task in case.tasks.values() if task.kind in REVIEWS}:
        yield violation(
            "closing.reviewer",
            "Whoever reviews the case decides it, and does not close it undecided.",
            "Let a colleague who does not review it look at it.",
        )


def _credential_violations(
    who: Reviewer | None, duty: StaffDuty, case: AuthorizationCase, now: datetime
) -> Iterator[RuleViolation]:
    day = case.day(now)
    if who is None or not who.active:
        yield violation("reviewer.unknown", "Who acts is not in the directory.", "Act under your own name.")
    elif who.credential_on(duty, day) is None:
        yield violation(
            "closing.credential",
            f"This needs a current credential for {_DUTY_WORDS[duty]}.",
            "Leave it to somebody who has one, or have the directory record yours.",
        )
    elif who.training_valid_through is None or who.training_valid_through < day:
        yield violation("closing.training", "The training is not current.", "Complete it, or leave it to a colleague.")


# -- on which facts ----------------------------------------------------------------------------------------------------------


def _dismissal_violations(case: AuthorizationCase, dismissal: Dismissal, at: datetime) -> Iterator[RuleViolation]:
    rules = case.require_context().closings
    rule = rules.dismissal if rules is not None else None
    ground = rule.ground(dismissal.reason) if rule is not None else None
    if rule is None or ground is None:
        yield violation(
            "dismissal.rule",
            f"No rule of {case.require_context().lob.value.replace('_', ' ')} knows this dismissal.",
            "Decide the request, or ask for what it lacks; its party may withdraw it.",
        )
        return
    if case.forwarding is not None:
        yield violation(
            f"{rule.rule_id}.late",
            "The time to decide has ended, and by law the case file goes to the independent reviewer.",
            "Send the case file; the reviewer decides what becomes of it.",
        )
    wrong = unprintable_reason(dismissal.explanation)
    if wrong is not None:
        yield violation(
            f"{rule.rule_id}.explanation", f"It needs its explanation ({wrong}).", "Say why, in words for the member."
        )
    if len(dismissal.efforts) < ground.least_efforts:
        yield violation(
            f"{rule.rule_id}.efforts",
            "Nobody is on record as having asked for what is missing.",
            "Ask for it, give time, and record when you asked, how, whom, and what came of it.",
        )
    yield from _effort_violations(case, dismissal.efforts, at)
    yield from _reason_violations(case, dismissal, at)


def _effort_violations(
    case: AuthorizationCase, efforts: tuple[ContactEffort, ...], at: datetime
) -> Iterator[RuleViolation]:
    for effort in efforts:
        if not case.received_at - STAMP_SKEW <= effort.at <= at + STAMP_SKEW:
            yield violation(
                "dismissal.effort",
                "An effort lies before the receipt of the request or ahead of now.",
                "Correct its time.",
            )
        if not effort.person.strip() or not effort.result.strip():
            yield violation(
                "dismissal.effort", "An effort lacks whom it reached for, or its result.", "Say both of each effort."
            )


def _reason_violations(case: AuthorizationCase, dismissal: Dismissal, at: datetime) -> Iterator[RuleViolation]:
    today = case.day(at)
    match dismissal.reason:
        case DismissalReason.NO_REPRESENTATIVE_FORM:
            if dismissal.form_due is None or dismissal.form_due >= today:
                yield violation(
                    "dismissal.form_due",
                    "The time given for the representative's form has not ended, or is not told.",
                    "Wait until the day after it, and tell the last day that was given.",
                )
            elif any(case.day(effort.at) > dismissal.form_due for effort in dismissal.efforts):
                yield violation(
                    "dismissal.effort", "An effort came after the last day for the form.", "Give time, then look again."
                )
        case DismissalReason.MEMBER_DIED:
            if dismissal.died_on is None or dismissal.died_on > today:
                yield violation("dismissal.died_on", "The day of death is not told, or lies ahead.", "Tell the day.")
            if dismissal.nobody_pursues is not True:
                yield violation(
                    "dismissal.interest",
                    "It is not stated that neither spouse nor estate nor anybody else pursues the request.",
                    "Ask them. Whoever has a financial interest may go on with it: then decide it.",
                )
        case _:
            pass


def _not_covered_violations(case: AuthorizationCase, finding: OutsideCoverage, at: datetime) -> Iterator[RuleViolation]:
    if not finding.checked_in.strip():
        yield violation("not_covered.source", "It is not told where the enrollment was looked up.", "Name the system.")
    if not case.received_at - STAMP_SKEW <= finding.checked_at <= at + STAMP_SKEW:
        yield violation(
            "message.stamp", "The enrollment was looked up before the receipt or ahead of now.", "Look it up again."
        )
    last = finding.covered_through
    ends = [line.end for line in case.require_context().lines]
    if last is not None and all(end is not None and end <= last for end in ends):
        yield violation(
            "not_covered.days", "All days of the request are covered by this.", "Decide them; nothing is to be closed."
        )


def _filing_violations(case: AuthorizationCase, filing: ImproperFiling, at: datetime) -> Iterator[RuleViolation]:
    rules = case.require_context().closings
    if rules is None or rules.filing is None:
        yield violation(
            "filing.rule",
            f"{case.require_context().lob.value.replace('_', ' ')} knows no request that is not properly filed.",
            "Take it as it came, and ask for what is missing.",
        )
        return
    wrong = unprintable_reason(filing.how_to_file)
    if wrong is not None or not filing.missing or any(unprintable_reason(text) for text in filing.missing):
        yield violation(
            f"{rules.filing.rule_id}.missing",
            "The claimant has to learn what is missing, and how to file it.",
            "Say both in words for the member.",
        )
    if filing.told_at is not None and not filing.is_told_orally:
        yield violation(f"{rules.filing.rule_id}.told", "It is not told who was called.", "Name the person.")
    if filing.told_at is not None and not case.received_at - STAMP_SKEW <= filing.told_at <= at + STAMP_SKEW:
        yield violation("message.stamp", "The call lies before the receipt or ahead of now.", "Correct its time.")
