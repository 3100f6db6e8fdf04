"""Effects of ending a request without a determination, and of vacating a dismissal."""

from __future__ import annotations

from datetime import date, datetime

from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import CloseUndecided, VacateDismissal
from domain.authorization.views import line_rows
from domain.cases import letter_tracking
from domain.cases.tasks import DECIDING_TASKS, TaskKind
from domain.clocks.engine import DueKind, EventKind
from domain.decisions.closings import Closing, Dismissal, ImproperFiling, Misdirection, OutsideCoverage
from domain.errors import ImpossibleState
from domain.journal import EntryKind
from domain.vocabulary import NoticeKind

NOTICE_OF: dict[str, NoticeKind] = {
    "dismissed": NoticeKind.DISMISSAL,
    "not_covered": NoticeKind.NOT_COVERED,
    "misdirected": NoticeKind.MISDIRECTED,
    "not_filed": NoticeKind.IMPROPER_FILING,
}
"""The letter of each end."""


def close_undecided(case: AuthorizationCase, message: CloseUndecided) -> str:
    """End the request, or leave out the days that are not covered, and journal it with all its facts."""
    closing = message.closing
    covered = _covered_days(case, closing)
    if covered is not None:
        return _leave_out_days(case, message, covered)
    if case.left_out is not None and NOTICE_OF[closing.kind] is not NoticeKind.NOT_COVERED:
        _take_letter_back(case, NoticeKind.NOT_COVERED, "the whole request was closed", message.at)
    case.close_undecided(closing, message.reviewer_id)
    moot = case.open_tasks(*DECIDING_TASKS, TaskKind.CASE_FORWARDING, TaskKind.ORAL_NOTICE)
    case.cancel_tasks(message.at, "the request was closed without a decision", *moot)
    case.note(
        EntryKind.CLOSED_UNDECIDED,
        message.at,
        _told(closing),
        message.actor,
        closing=closing.model_dump(mode="json"),
        **_rule_of(case, closing),
    )
    if isinstance(closing, Dismissal):
        case.happened(EventKind.REQUEST_DISMISSED, message.at)
    if isinstance(closing, ImproperFiling) and closing.told_at is not None and closing.in_writing is not True:
        case.mark_done(DueKind.PROCEDURE_NOTICE, closing.told_at)
    return "The request is closed without a decision; letters say why, and what the reader can do."


def vacate_dismissal(case: AuthorizationCase, message: VacateDismissal, now: datetime) -> str:
    """Take the dismissal back: the review goes on, and the time for which it stood does not count."""
    case.reinstate(now)
    _take_letter_back(case, NoticeKind.DISMISSAL, "the dismissal was vacated", now)
    case.queue_notice(NoticeKind.ACKNOWLEDGMENT)
    case.happened(EventKind.DISMISSAL_VACATED, message.at)
    case.note(
        EntryKind.DISMISSAL_VACATED,
        message.at,
        f"The dismissal is vacated for good cause, as the {message.by.value} asked; receipt and clocks stand.",
        message.actor,
        good_cause=message.good_cause,
        asked=message.asked.model_dump(mode="json"),
    )
    return "The dismissal is vacated; the review goes on with its receipt and its clocks."


def _take_letter_back(case: AuthorizationCase, told: NoticeKind, why: str, now: datetime) -> None:
    """Write this letter no more, and recall it where it was not mailed: it is not true any longer."""
    case.owed_letters = [notice for notice in case.owed_letters if notice is not told]
    case.blocked_letters = [notice for notice in case.blocked_letters if notice is not told]
    letter_tracking.recall_letters(case, told, why, now)


def _covered_days(case: AuthorizationCase, closing: Closing) -> date | None:
    """The last covered day, where some day of the request is covered and goes on to be decided."""
    if not isinstance(closing, OutsideCoverage) or closing.covered_through is None:
        return None
    last = closing.covered_through
    begins = [line.start for line in case.require_context().lines]
    return last if any(start is None or start <= last for start in begins) else None


def _leave_out_days(case: AuthorizationCase, message: CloseUndecided, last: date) -> str:
    case.end_coverage(last)
    case.left_out = message.closing if isinstance(message.closing, OutsideCoverage) else None
    reviews = case.open_tasks(TaskKind.COVERAGE_QUESTION)
    case.cancel_tasks(message.at, "enrollment has answered it", *reviews)
    case.queue_notice(NoticeKind.NOT_COVERED)
    case.note(
        EntryKind.COVERAGE_ENDED,
        message.at,
        f"Coverage ended on {last}: the days up to it are decided, and about those after it nothing is.",
        message.actor,
        closing=message.closing.model_dump(mode="json"),
        lines=line_rows(case),
    )
    return f"The days through {last} are decided; about those after it nothing is, and the requester is told."


def _told(closing: Closing) -> str:
    match closing:
        case Dismissal():
            return f"The request is dismissed: {closing.reason.value.replace('_', ' ')}."
        case OutsideCoverage():
            return "The request is closed: no day of it is covered."
        case Misdirection():
            return f"The request is another plan's and was forwarded by {closing.channel.value.replace('_', ' ')}."
        case ImproperFiling():
            return "The request was not filed properly; its claimant is told how to file it."
    raise ImpossibleState("an end of a request that nobody knows")


def _rule_of(case: AuthorizationCase, closing: Closing) -> dict[str, str]:
    """The rule and the citation by which the request was closed, where it needs one."""
    rules = case.require_context().closings
    if rules is None:
        return {}
    if isinstance(closing, Dismissal) and rules.dismissal is not None:
        ground = rules.dismissal.ground(closing.reason)
        return {"rule": rules.dismissal.rule_id, "citation": ground.cite if ground is not None else ""}
    if isinstance(closing, ImproperFiling) and rules.filing is not None:
        return {"rule": rules.filing.rule_id, "citation": rules.filing.cite}
    return {}
