"""Letters of a decision before it is one: tried when it is signed, and shown to its signer while it is written.

A decision nobody could be told of is none. Everything here works on a copy of the case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from pydantic import ValidationError

from domain.authorization import conclusion, message_checks, message_effects, task_outcomes
from domain.authorization.case import AuthorizationCase
from domain.authorization.letter_events import DECISION_NOTICES
from domain.authorization.letter_orders import blocked_order, build_draft_order, plan_letters
from domain.authorization.messages import AuthorizationMessage
from domain.authorization.parts import CasePhase
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskOutcome
from domain.errors import RuleViolation, violation
from domain.letters.orders import BlockedLetter, LetterOrder, NoticeFactMissing
from domain.vocabulary import NoticeKind

Planned = tuple[tuple[LetterOrder, ...], tuple[BlockedLetter, ...]]
"""The letters, and those that could not even be ordered."""


def letters_of_decision(case: AuthorizationCase, message: AuthorizationMessage, now: datetime) -> Planned:
    """The letters that would follow if this message were accepted.

    Only a signed decision that breaks no rule and decides the last open line has any. The case itself is not changed.
    """
    trial = _try_decision(case, message, now)
    return _decision_letters(trial, now) if trial is not None and trial.phase is CasePhase.ANSWERED else ((), ())


def letters_of_signed_lines(case: AuthorizationCase, message: AuthorizationMessage, now: datetime) -> Planned:
    """The letters of a signed decision that leaves other lines open, as if its own lines were the whole request: what its
    letter lacks today it would lack on the last day, too. The case itself is not changed."""
    trial = _try_decision(case, message, now)
    if trial is None or trial.phase is CasePhase.ANSWERED:
        return (), ()
    _keep_lines(trial, {line.line_id for made in trial.adverse[-1:] for line in made.lines})
    return _decision_letters(trial, now)


def letters_as_drafted(case: AuthorizationCase, message: CompleteTask, now: datetime) -> Planned:
    """The letters on a decision as far as it is written, whatever rules stand against it: for its signer to read before.

    Nothing is decided by it, and the case itself is not changed. A decision that leaves other lines open is told alone, as in
    `letters_of_signed_lines`. One without an answer to any line has no letter.
    """
    trial, task = case.model_copy(deep=True), case.tasks[message.task_id]
    lines = message.signed.lines if message.signed is not None else message.lines
    for line in lines:
        if not line.is_adverse:
            task_outcomes.approve_line(trial, task, line, message, now)
    decided = {line.line_id for line in lines}
    if not decided:
        return (), ()
    if any(line.line_id not in decided for line in trial.unresolved_lines()):
        _keep_lines(trial, decided)
    if message.signed is None or not any(line.is_adverse for line in lines):
        trial.determinations.mark_decided(message.at)
        return _decision_letters(trial, now)
    try:
        return (build_draft_order(trial, message.signed, now),), ()
    except (NoticeFactMissing, ValidationError):
        return (), (blocked_order(NoticeKind.ADVERSE_DETERMINATION),)


def _keep_lines(trial: AuthorizationCase, line_ids: Collection[str]) -> None:
    """Take these lines of the copy as the whole request."""
    found = trial.require_context()
    trial.assessment = found.model_copy(update={"lines": tuple(one for one in found.lines if one.line_id in line_ids)})
    trial.determinations.keep_lines(line_ids)


def _try_decision(case: AuthorizationCase, message: AuthorizationMessage, now: datetime) -> AuthorizationCase | None:
    """A copy of the case in which the signed decision was accepted; None for any other message, and where a rule is broken."""
    if not isinstance(message, CompleteTask) or message.outcome is not TaskOutcome.DECIDE:
        return None
    if case.phase >= CasePhase.CONCLUDED or message_checks.violations(case, message, now):
        return None
    trial = case.model_copy(deep=True)
    message_effects.receive_message(trial, message, now)
    return trial


def _decision_letters(trial: AuthorizationCase, now: datetime) -> Planned:
    """The letters of the determination on this copy of the case."""
    trial.owed_letters = []
    conclusion.make_determination(trial, conclusion.case_outcome(trial), now)
    notices = tuple(notice for notice in trial.owed_letters if notice in DECISION_NOTICES)
    return plan_letters(trial, notices, now)


def unwritable_violations(blocked: Iterable[BlockedLetter]) -> tuple[RuleViolation, ...]:
    """One violation for each letter that could not be written, with what it lacks."""
    return tuple(
        violation(
            "decision.letter",
            f"The {one.notice.value.replace('_', ' ')} letter could not be written: {one.why}",
            "Add what is missing to the decision, such as the approved first and last day, or have the record completed; "
            "then sign again.",
        )
        for one in blocked
    )
