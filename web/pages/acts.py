"""Outcomes of acts: a notice for the next page, or what the form has to say when it is shown again as it was typed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass

from domain.errors import NotReadable, Refused, RuleViolation, ValidationIssue
from services.context import CommandResult, CommandStatus, SubmissionResult, SubmissionStatus, TemporalUnavailable
from services.queries import worklists
from web.context import SignedIn, WebContext
from web.notices import leave_notice
from web.presentation.instants import describe_time

_TAKEN_BY_ANOTHER = frozenset({"task.claimed", "task.ended"})
# A case refuses the second claim as soon as it has accepted the first, a moment before the first stands in the record.
_RECORD_LOOKS = (0.05, 0.1, 0.2, 0.4, 0.8)
HANDED_OVER = "It is kept and goes on by itself; you need not send it again."


@dataclass(frozen=True)
class Outcome:
    """The outcome of an act. While `status_code` is 303 it is done, and a notice stands on the next page; otherwise nothing was
    done, `refusals` name the rules, `trouble` says what does not answer, and the form is shown again as it was typed."""

    status_code: int
    refusals: tuple[RuleViolation, ...] = ()
    trouble: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it was done, or is kept and goes on by itself."""
        return self.status_code == 303


def refused(rule: str, message: str, way_out: str, status_code: int = 422) -> Outcome:
    """The outcome of a form that cannot be sent as it is."""
    return Outcome(status_code, (RuleViolation(rule=rule, message=message, way_out=way_out),))


async def carry_out(
    context: WebContext, who: SignedIn, act: Awaitable[CommandResult | SubmissionResult], lead: str = ""
) -> Outcome:
    """Do the act and leave its notice. Raises NotOnFile, which is a page of its own."""
    try:
        result = await act
    except Refused as error:
        return Outcome(409, error.refusals)
    except NotReadable as error:
        return Outcome(422, _as_rules(error.problems))
    except TemporalUnavailable as error:
        return Outcome(503, trouble=str(error))
    if isinstance(result, SubmissionResult):
        if result.kind is SubmissionStatus.REFUSED:
            return Outcome(422, _as_rules(result.problems))
        is_waiting = result.kind in (SubmissionStatus.QUEUED, SubmissionStatus.STORED)
    else:
        if result.kind is CommandStatus.REFUSED:
            return Outcome(409, result.refusals)
        is_waiting = result.kind in (CommandStatus.QUEUED, CommandStatus.STORED)
    text = f"{result.says} {HANDED_OVER}" if is_waiting else result.says
    await leave_notice(context, who, "warn" if is_waiting else "ok", text, lead="Handed over." if is_waiting else lead)
    return Outcome(303)


def _as_rules(problems: Iterable[ValidationIssue]) -> tuple[RuleViolation, ...]:
    """The issues of a document as the rules that stand against it."""
    return tuple(
        RuleViolation(
            rule=one.rule,
            message=f"{one.path}: {one.message}",
            way_out=f"Expected: {one.expected}" if one.expected else "Correct it, and send it again.",
        )
        for one in problems
    )


async def tell_holder(context: WebContext, who: SignedIn, task: str, answer: CommandResult) -> bool:
    """Leave the notice of who took the task a moment before, with the ways on; False for another refusal."""
    rules = {one.rule for one in answer.refusals}
    if not _TAKEN_BY_ANOTHER & rules:
        return False
    holder = await context.services.read(worklists.find_holder, answer.case_id, task)
    for seconds in _RECORD_LOOKS if "task.claimed" in rules else ():
        if holder is not None:
            break
        await asyncio.sleep(seconds)
        holder = await context.services.read(worklists.find_holder, answer.case_id, task)
    if holder is None:
        return False
    await leave_notice(
        context,
        who,
        "warn",
        "a moment before you. Nothing of yours is lost.",
        lead=f"{holder.name}, took this at {describe_time(holder.at, holder.zone)},",
        acts=((f"/worklist/next?kind={holder.kind}", "Take the next one like it"),),
        links=((f"/tasks/{task}", "Read it"),),
    )
    return True
