"""Checks of an approval: exactly what was requested, within benefit limits unless an exception is made, and with its account.

The account of a reviewer's work is apart from the rest (`account_violations`): reviewers of older releases gave none, and what
they completed stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.cases.messages import BaseMessage, CompleteTask
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.decisions.citations import is_citable, text_violations
from domain.decisions.determination import ApprovalBasis, LineDecision, SignedDecision
from domain.decisions.grounds import opening_violations
from domain.errors import RuleViolation, violation
from domain.plain_language.printable import is_blank_or_placeholder
from domain.three_valued import Tri
from domain.vocabulary import LineOutcome, Role

_SHOWN = 5
_APPROVING = frozenset({TaskKind.NURSE_REVIEW, TaskKind.PHYSICIAN_REVIEW, TaskKind.COVERAGE_QUESTION})


def approval_violations(
    case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime
) -> Iterator[RuleViolation]:
    """Every rule that the approval of these lines breaks."""
    if sorted(line.line_id for line in message.lines) != sorted(task.line_ids):
        yield violation(
            "task.lines", "Each line of the task must be answered once.", f"Answer: {', '.join(task.line_ids)}."
        )
        return
    yield from _approved_line_violations(case, task, message, now)


def referral_violations(
    case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime
) -> Iterator[RuleViolation]:
    """Every rule that a nurse's referral breaks: it may approve some lines, and leaves at least one to the physician."""
    if not (message.recommendation or "").strip():
        yield violation(
            "task.recommendation", "A referral needs a recommendation.", "Say what you found and what you suggest."
        )
    named = [line.line_id for line in message.lines]
    whole = frozenset(task.line_ids) if task.kind is TaskKind.NURSE_REVIEW else frozenset()
    if named and (len(set(named)) < len(named) or not set(named) < whole):
        yield violation(
            "task.lines",
            "A referral approves some lines, each once, and leaves the rest.",
            "Name only lines to approve.",
        )
        return
    yield from _approved_line_violations(case, task, message, now)


def _approved_line_violations(
    case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime
) -> Iterator[RuleViolation]:
    for line in message.lines:
        yield from full_approval_violations(case, line)
        yield from length_violations(case, line, now)
    if task.role is Role.NURSE:
        yield from _benefit_limit_violations(case, message.lines)


def full_approval_violations(case: AuthorizationCase, line: LineDecision) -> Iterator[RuleViolation]:
    """Violations of a line not approved as requested: less is adverse, whatever it is called; more is not allowed."""
    asked = case.require_context().line(line.line_id)
    if line.is_adverse or line.approves_nothing or is_less_than_asked(case, line):
        yield violation(
            "decision.adverse_needs_signature",
            f"Line {line.line_id}: approving less than was asked is an adverse decision.",
            "Approve what was asked, or refer it: only a physician's signed decision can be adverse.",
        )
    elif _is_more_than_asked(case, line):
        yield violation(
            "decision.more_than_asked",
            f"Line {line.line_id}: more would be approved than was asked.",
            "Approve what was asked; for more, the provider sends a request.",
        )
    if asked.benefit is not None and line.approved_quantity is None and asked.quantity is None:
        yield violation(
            "benefit.units",
            f"Line {line.line_id} draws on a benefit limit, and nobody said how many units.",
            f"Give the approved quantity, in {asked.benefit.unit}.",
        )


def is_less_than_asked(case: AuthorizationCase, line: LineDecision) -> bool:
    """Whether the line has fewer units, a later first day, an earlier last day, a limit that was not requested, or a lower
    level of care."""
    asked = case.require_context().line(line.line_id)
    quantity, start, end = line.approved_quantity, line.approved_start, line.approved_end
    return (
        (quantity is not None and asked.quantity is not None and quantity < asked.quantity)
        or (start is not None and asked.start is not None and start > asked.start)
        or (end is not None and asked.end is not None and end < asked.end)
        or (line.is_adverse and (asked.quantity is None or asked.end is None))
        or line.approved_level is not None
    )


def level_violations(case: AuthorizationCase, line: LineDecision) -> Iterator[RuleViolation]:
    """Violation of an approval at a level of care that nobody proposed: the one proposed is all that was looked at."""
    proposed = case.stay.proposed_level if case.stay is not None else None
    if line.approved_level is not None and line.approved_level != proposed:
        instead = f"Approve it at the level {proposed}, as ordered, or deny it." if proposed else "Leave the level out."
        yield violation(
            "decision.level",
            f"Line {line.line_id}: nobody proposed this level in place of the one that was ordered.",
            instead,
        )


def length_violations(case: AuthorizationCase, line: LineDecision, now: datetime) -> Iterator[RuleViolation]:
    """Violation of an approval, in whole or in part, that ends before the law lets one end. A requester who asked for a shorter
    time has that."""
    asked = case.require_context().line(line.line_id)
    length, end = asked.least_length, line.approved_end
    if length is None or end is None or line.outcome is LineOutcome.DENIED:
        return
    least = length.least_end(case.day(now), asked.end)
    if end < least:
        unless = (
            "" if length.chronic is not Tri.UNKNOWN else ", while nobody said whether the condition is a chronic one"
        )
        yield violation(
            "approval.length",
            f"Line {line.line_id}: an approval holds at least {length.months} months{unless} ({length.citation}).",
            f"Approve through {least} or later, or leave the last day out; only the requester can ask for a shorter time.",
        )


def protection_violations(
    case: AuthorizationCase, line: LineDecision, signed: SignedDecision
) -> Iterator[RuleViolation]:
    """Violation of a decision that cuts care of a new member which was under way, before its protected time is over."""
    asked = case.require_context().line(line.line_id)
    found = asked.continuity
    if found is None or not line.is_adverse or (asked.benefit is not None and asked.benefit.fits is False):
        return
    said = {answer.node_id: answer.answer for answer in signed.criteria_answered}
    under_way = found.state is Tri.MET or (found.state is Tri.UNKNOWN and said.get(found.rule_id) == "met")
    if under_way and _cuts_before(line, asked, found.through):
        last = found.through if asked.end is None else min(found.through, asked.end)
        yield violation(
            "decision.care_under_way",
            f"Line {line.line_id}: care of a new member that was under way goes on through {last} ({found.citation}).",
            f"Approve it at least through {last}; what is asked for later may be decided as usual.",
        )


def other_benefit_violations(
    case: AuthorizationCase, line: LineDecision, signed: SignedDecision
) -> Iterator[RuleViolation]:
    """Violation of an adverse decision on a drug because, or although, another benefit pays for it."""
    found = case.require_context().line(line.line_id).other_benefit
    said = {answer.node_id: answer.answer for answer in signed.criteria_answered}
    if found is not None and found.forbids(line, said.get(found.rule_id)):
        wrong = "a drug that another benefit pays for is not denied under this one"
        if found.signed_answer:
            wrong = "whether another benefit pays for the drug, and the ground of the decision, do not agree"
        yield violation(
            "decision.other_benefit",
            f"Line {line.line_id}: {wrong} ({found.citation}).",
            f"Instead, {found.way_out}. If the record shows that this benefit pays, answer {found.rule_id} with met and state"
            " another ground.",
        )


def _cuts_before(line: LineDecision, asked: LineAssessment, through: date) -> bool:
    """Whether the decision takes days, or units without taking later days, before the end of the protection."""
    if line.outcome is not LineOutcome.APPROVED_IN_PART or line.approved_end is None:
        return True
    late = line.approved_start is not None and asked.start is not None and line.approved_start > asked.start
    needed = through if asked.end is None else min(through, asked.end)
    whole = asked.end is not None and line.approved_end >= asked.end
    return late or whole or line.approved_end < needed


def _is_more_than_asked(case: AuthorizationCase, line: LineDecision) -> bool:
    asked = case.require_context().line(line.line_id)
    quantity, start, end = line.approved_quantity, line.approved_start, line.approved_end
    return (
        (quantity is not None and asked.quantity is not None and quantity > asked.quantity)
        or (start is not None and asked.start is not None and start < asked.start)
        or (end is not None and asked.end is not None and end > asked.end)
    )


def _benefit_limit_violations(case: AuthorizationCase, lines: tuple[LineDecision, ...]) -> Iterator[RuleViolation]:
    """Lines that a nurse approves beyond a benefit limit: only a physician may. Lines may share a limit."""
    taken: dict[str, Decimal] = {}
    for line in lines:
        asked = case.require_context().line(line.line_id)
        units = line.approved_quantity if line.approved_quantity is not None else asked.quantity
        if asked.benefit is None or units is None:
            continue
        limit = asked.benefit
        taken[limit.benefit_id] = taken.get(limit.benefit_id, limit.used) + units
        if taken[limit.benefit_id] > limit.limit:
            yield violation(
                "benefit.limit",
                f"Line {line.line_id} goes beyond the benefit limit ({limit.used} of {limit.limit} {limit.unit} used).",
                "Refer it: an exception to a benefit limit is for a physician.",
            )


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
    if isinstance(message.signed, SignedDecision):
        yield from opening_violations(message.signed.evidence_opened, case.opened_by(message.signed.reviewer_id))
        lob = case.require_context().lob
        for line in message.signed.lines:
            if line.is_adverse and line.reason is not None:
                yield from text_violations(line.reason, line.line_id, lob, criteria_of(case, (line.line_id,)))


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
