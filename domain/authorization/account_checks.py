"""Checks of the account that reviewers give of their work: an approval is claimed and has its reason and its criteria, and what
is said to be opened was opened.

Reviewers of older releases gave none: what they completed stands, so these checks are apart from the others.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.authorization.case import AuthorizationCase
from domain.cases.messages import BaseMessage, CompleteTask
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.decisions.citations import is_citable
from domain.decisions.determination import ApprovalBasis
from domain.decisions.grounds import opening_violations
from domain.errors import RuleViolation, violation
from domain.plain_language.printable import is_blank_or_placeholder

_SHOWN = 5
_APPROVING = frozenset({TaskKind.NURSE_REVIEW, TaskKind.PHYSICIAN_REVIEW, TaskKind.COVERAGE_QUESTION})


def account_violations(case: AuthorizationCase, message: BaseMessage) -> tuple[RuleViolation, ...]:
    """Every rule about the reviewer's own account that the completion of a task breaks; none for any other message."""
    task = case.tasks.get(message.task_id) if isinstance(message, CompleteTask) else None
    if not isinstance(message, CompleteTask) or task is None or not task.is_open or case.assessment is None:
        return ()
    return tuple(_find_violations(case, task, message))


def approved_lines(task: Task, message: CompleteTask) -> tuple[str, ...]:
    """The lines that a completion approves as requested, whatever its outcome is called."""
    if task.kind not in _APPROVING:
        return ()
    lines = (
        message.signed.lines if message.outcome is TaskOutcome.DECIDE and message.signed is not None else message.lines
    )
    if message.outcome not in (TaskOutcome.APPROVE, TaskOutcome.REFER, TaskOutcome.DECIDE):
        return ()
    return tuple(line.line_id for line in lines if not line.is_adverse)


def criteria_of(case: AuthorizationCase, line_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The criteria that an approval of these lines may name: the lines' own first, then those of the line of business."""
    lines = [line for line in case.require_context().lines if line.line_id in line_ids]
    own = [name for line in lines if line.criteria for name in (line.criteria.citation, line.criteria.guideline_id)]
    own += [limit.citation for line in lines for limit in line.limits]
    citable = case.require_context().citable
    known = [name for line_id in line_ids for name in citable.for_line(line_id)] if citable is not None else []
    return tuple(dict.fromkeys((*own, *known)))


def _find_violations(case: AuthorizationCase, task: Task, message: CompleteTask) -> Iterator[RuleViolation]:
    approved = approved_lines(task, message)
    if approved:
        if task.assignee is None:
            yield violation(
                "task.unclaimed",
                "Nobody has claimed the task that this approves.",
                f"Claim it with 'umpire claim {task.task_id}', then approve.",
            )
        yield from _basis_violations(case, approved, message.basis)
    if message.signed is not None:
        yield from opening_violations(message.signed.evidence_opened, case.opened_by(message.signed.reviewer_id))


def _basis_violations(
    case: AuthorizationCase, line_ids: tuple[str, ...], basis: ApprovalBasis | None
) -> Iterator[RuleViolation]:
    if basis is None or is_blank_or_placeholder(basis.rationale):
        yield violation(
            "approval.rationale", "An approval needs its rationale.", "Say in a sentence why the care is necessary."
        )
    named = basis.criteria if basis is not None else ()
    if not named and (basis is None or is_blank_or_placeholder(basis.why_none or "")):
        yield violation(
            "approval.criteria",
            "An approval names the criteria used, or says why none were.",
            f"Name one of: {_shown(criteria_of(case, line_ids))}; or say why none.",
        )
    known = criteria_of(case, line_ids)
    if case.require_context().citable is not None and any(not is_citable(name, known) for name in named):
        yield violation(
            "approval.criteria_unknown",
            "Criteria are named that are neither of these lines nor of the line of business.",
            f"Name one of: {_shown(known)}; or leave them out and say why none.",
        )


def _shown(known: tuple[str, ...]) -> str:
    return "; ".join(known[:_SHOWN]) or "none on file"
