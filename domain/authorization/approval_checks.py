"""What an approval has to keep: all that was asked, no more than that, and within the benefit unless an exception is made."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from domain.authorization.case import Case
from domain.cases.messages import CompleteTask
from domain.cases.tasks import Task, TaskKind
from domain.decisions.determination import LineDecision
from domain.errors import Refusal, refusal
from domain.vocabulary import Role


def approval(case: Case, task: Task, message: CompleteTask) -> Iterator[Refusal]:
    """Whether these lines may be approved by completing this task."""
    if sorted(line.line_id for line in message.lines) != sorted(task.line_ids):
        yield refusal(
            "task.lines", "Each line of the task must be answered once.", f"Answer: {', '.join(task.line_ids)}."
        )
        return
    yield from _approved(case, task, message)


def referral(case: Case, task: Task, message: CompleteTask) -> Iterator[Refusal]:
    """A nurse's referral may approve some lines on the way; at least one is left for the physician."""
    if not (message.recommendation or "").strip():
        yield refusal(
            "task.recommendation", "A referral needs a recommendation.", "Say what you found and what you suggest."
        )
    named = [line.line_id for line in message.lines]
    whole = frozenset(task.line_ids) if task.kind is TaskKind.NURSE_REVIEW else frozenset()
    if named and (len(set(named)) < len(named) or not set(named) < whole):
        yield refusal(
            "task.lines",
            "A referral approves some lines, each once, and leaves the rest.",
            "Name only lines to approve.",
        )
        return
    yield from _approved(case, task, message)


def _approved(case: Case, task: Task, message: CompleteTask) -> Iterator[Refusal]:
    for line in message.lines:
        yield from full(case, line)
    if task.role is Role.NURSE:
        yield from _within_benefits(case, message.lines)


def full(case: Case, line: LineDecision) -> Iterator[Refusal]:
    """Less than what was asked is adverse, whatever it is called; more is nobody's to give."""
    asked = case.looked_at().line(line.line_id)
    if line.is_adverse or line.approves_nothing or less_than_asked(case, line):
        yield refusal(
            "decision.adverse_needs_signature",
            f"Line {line.line_id}: approving less than was asked is an adverse decision.",
            "Approve what was asked, or refer it: only a physician's signed decision can be adverse.",
        )
    elif _more_than_asked(case, line):
        yield refusal(
            "decision.more_than_asked",
            f"Line {line.line_id}: more would be approved than was asked.",
            "Approve what was asked; for more, the provider sends a request.",
        )
    if asked.benefit is not None and line.approved_quantity is None and asked.quantity is None:
        yield refusal(
            "benefit.units",
            f"Line {line.line_id} draws on a benefit limit, and nobody said how many units.",
            f"Give the approved quantity, in {asked.benefit.unit}.",
        )


def less_than_asked(case: Case, line: LineDecision) -> bool:
    """Fewer units, a later first day or an earlier last day; or a limit where none was asked for."""
    asked = case.looked_at().line(line.line_id)
    quantity, start, end = line.approved_quantity, line.approved_start, line.approved_end
    return (
        (quantity is not None and asked.quantity is not None and quantity < asked.quantity)
        or (start is not None and asked.start is not None and start > asked.start)
        or (end is not None and asked.end is not None and end < asked.end)
        or (line.is_adverse and (asked.quantity is None or asked.end is None))
    )


def _more_than_asked(case: Case, line: LineDecision) -> bool:
    asked = case.looked_at().line(line.line_id)
    quantity, start, end = line.approved_quantity, line.approved_start, line.approved_end
    return (
        (quantity is not None and asked.quantity is not None and quantity > asked.quantity)
        or (start is not None and asked.start is not None and start < asked.start)
        or (end is not None and asked.end is not None and end > asked.end)
    )


def _within_benefits(case: Case, lines: tuple[LineDecision, ...]) -> Iterator[Refusal]:
    """Beyond a benefit limit a nurse refers; a physician may make the exception. Lines may share a limit."""
    taken: dict[str, Decimal] = {}
    for line in lines:
        asked = case.looked_at().line(line.line_id)
        units = line.approved_quantity if line.approved_quantity is not None else asked.quantity
        if asked.benefit is None or units is None:
            continue
        limit = asked.benefit
        taken[limit.benefit_id] = taken.get(limit.benefit_id, limit.used) + units
        if taken[limit.benefit_id] > limit.limit:
            yield refusal(
                "benefit.limit",
                f"Line {line.line_id} goes beyond the benefit limit ({limit.used} of {limit.limit} {limit.unit} used).",
                "Refer it: an exception to a benefit limit is for a physician.",
            )
