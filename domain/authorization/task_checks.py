"""Checks of completed tasks of an authorization. `domain.cases.assignment` checks who may take a task."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.authorization.approval_checks import (
    approval_violations,
    full_approval_violations,
    is_less_than_asked,
    length_violations,
    level_violations,
    other_benefit_violations,
    protection_violations,
    referral_violations,
)
from domain.authorization.assessment import LineAssessment
from domain.authorization.benefit_reviews import checks as benefit_checks
from domain.authorization.case import AuthorizationCase
from domain.authorization.expedite import is_binding
from domain.authorization.grievances import expedited
from domain.authorization.information_requests import waits_for_provider
from domain.authorization.party_checks import signing_violations
from domain.cases import assignment, oral_notices
from domain.cases.messages import CompleteTask
from domain.cases.oral_notices import CallSubject
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskKind, TaskOutcome
from domain.clocks.engine import EventKind
from domain.decisions import checks
from domain.decisions.determination import Circumstances, DeciderRule, SignedDecision, decision_violations
from domain.decisions.other_deciders import shared_deciders
from domain.errors import RuleViolation, violation
from domain.plain_language.phrases import count_phrase
from domain.plain_language.printable import unprintable_reason
from domain.three_valued import Tri
from domain.vocabulary import LineOutcome


def decision_circumstances(
    case: AuthorizationCase, task: Task, now: datetime, signer: str | None = None
) -> Circumstances:
    """The circumstances of the case against which a decision on this task is checked, with what its signer opened. Where nobody
    opened a record in Umpire, as under older releases, none is named: `account_violations` refuses that today."""
    found = case.require_context()
    lines = [line for line in found.lines if line.line_id in task.line_ids]
    return Circumstances(
        case_id=case.case_id,
        task_id=task.task_id,
        task_opened_at=task.opened_at,
        line_ids=task.line_ids,
        lob=found.lob,
        state=found.state,
        zone=found.zone,
        fitting_specialties=task.specialties,
        involved_npis=found.involved_npis,
        evidence=found.evidence,
        codes=found.codes,
        open_criteria=tuple(sorted({node for line in lines for node in open_criteria(line)})),
        peer_to_peer_settled=case.peer_to_peer is not None and case.peer_to_peer.is_settled,
        now=now,
        earlier_reviewers=found.earlier_reviewers,
        emergency=case.stay.emergency if case.stay is not None else None,
        records=case.records,
        citable=found.citable,
        opened=case.opened_by(signer) if signer is not None and case.openings else None,
    )


def independence_violations(case: AuthorizationCase, task_id: str, reviewer_id: str) -> Iterator[RuleViolation]:
    """Violations of independence on appeal by whoever takes or ends a task with which the appeal is decided, whatever they
    answer: also what is granted is granted by somebody who took no part."""
    task, who, found = case.tasks.get(task_id), case.reviewers.get(reviewer_id), case.assessment
    if task is None or who is None or found is None or TaskOutcome.DECIDE not in ALLOWED_OUTCOMES[task.kind]:
        return
    yield from checks.independence_violations(who, found.decider, found.earlier_reviewers)


def decider_of_task(case: AuthorizationCase, task: Task) -> DeciderRule:
    """The rule on who may sign the decision of this task, with the other professions that may decide all of its lines. The
    review of a stay, and an early end of approved care, are a physician's."""
    found = case.require_context()
    if case.stay is not None:
        return found.decider
    others = shared_deciders(line.other_deciders for line in found.lines if line.line_id in task.line_ids)
    return found.decider.model_copy(update={"others": others}) if others else found.decider


def open_criteria(line: LineAssessment) -> tuple[str, ...]:
    """The criteria and drug limits that a clinician has to answer before signing an adverse decision."""
    of_criteria = line.criteria.open_criteria if line.criteria is not None else ()
    under_way = (line.continuity.rule_id,) if line.continuity and line.continuity.state is Tri.UNKNOWN else ()
    return (*under_way, *of_criteria, *(limit.rule_id for limit in line.limits if not limit.allows_approval))


def completion_violations(case: AuthorizationCase, message: CompleteTask, now: datetime) -> Iterator[RuleViolation]:
    yield from assignment.completion_violations(case, message, now)
    task = assignment.find_open_task(case, message.task_id)
    if isinstance(task, Task) and message.outcome in ALLOWED_OUTCOMES[task.kind]:
        yield from _outcome_violations(case, task, message, now)


def _outcome_violations(
    case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime
) -> Iterator[RuleViolation]:
    match message.outcome:
        case TaskOutcome.APPROVE:
            yield from approval_violations(case, task, message, now)
        case TaskOutcome.ASK:
            yield from _information_request_violations(case, message, now)
            yield from _question_ground_violations(case, task, message)
        case TaskOutcome.TO_BENEFITS:
            yield from benefit_checks.sending_violations(case, task, message)
        case TaskOutcome.RETURN:
            yield from benefit_checks.returning_violations(message)
        case TaskOutcome.DECIDE if task.kind is TaskKind.BENEFIT_REVIEW:
            yield from benefit_checks.signing_violations(case, task, message, now)
        case TaskOutcome.DONE if task.kind is TaskKind.EXPEDITED_GRIEVANCE:
            yield from expedited.answer_violations(case, task, message, now)
        case TaskOutcome.DONE if task.kind is TaskKind.NEED_QUESTION:
            yield from benefit_checks.need_violations(case, task, message, now)
        case TaskOutcome.REFER:
            yield from referral_violations(case, task, message, now)
        case TaskOutcome.DECIDE:
            yield from _decision_violations(case, task, message, now)
        case TaskOutcome.REFUSE:
            asked = case.expediting.asked
            if asked is not None and is_binding(case, asked):
                yield violation(
                    "expedite.binding",
                    f"The word of the {asked.asked_by.value} binds: the request to expedite may not be refused.",
                    "Grant it.",
                )
            wrong = unprintable_reason(message.note or "")
            if wrong is not None:
                yield violation(
                    "task.note",
                    f"A refusal to expedite needs its reason, in words for the member ({wrong}).",
                    "Say why the standard time does no harm.",
                )
        case TaskOutcome.DONE if task.kind is TaskKind.ORAL_NOTICE:
            yield from oral_notices.call_violations(task, message, _tellable_since(case, task))
        case _:
            pass


def _tellable_since(case: AuthorizationCase, task: Task) -> datetime | None:
    """The instant from which there was something to tell: the refusal to expedite, or the decision."""
    if task.about == CallSubject.EXPEDITE_REFUSAL:
        refusals = (event.at for event in case.clock_events if event.kind is EventKind.EXPEDITE_REFUSED)
        return max(refusals, default=None)
    return case.decided_at


def _information_request_violations(
    case: AuthorizationCase, message: CompleteTask, now: datetime
) -> Iterator[RuleViolation]:
    if not message.facts_to_ask:
        yield violation(
            "task.facts", "A question needs the facts that are missing.", "Name at least one fact to ask for."
        )
    for wrong in sorted({wrong for fact in message.facts_to_ask if (wrong := unprintable_reason(fact)) is not None}):
        yield violation(
            "task.facts", f"Nobody could answer this: {wrong}.", "Name each fact, or ask for it in a sentence."
        )
    due = case.due()
    if due is None or due[1].at <= now:
        yield violation(
            "clock.no_time", "The clock leaves no time to wait for an answer.", "Decide or refer on what is there."
        )
    if case.information is not None and case.information.is_open:
        yield violation(
            "information.open", "The provider has been asked already and can still answer.", "Wait for the answer."
        )


def _question_ground_violations(case: AuthorizationCase, task: Task, message: CompleteTask) -> Iterator[RuleViolation]:
    """Violation of a question that nothing open asks for: it may stop a clock, so it needs facts that the open criteria or
    limits lack, or its stated reason."""
    if not case.require_context().policy.questions_need_ground or (message.note or "").strip():
        return
    lines = [line for line in case.require_context().lines if line.line_id in task.line_ids]
    lacking = {fact for line in lines for fact in (*_lacking_facts(line), *open_criteria(line))}
    untied = set(message.facts_to_ask) - lacking
    if untied:
        yield violation(
            "task.question_ground",
            f"{count_phrase(len(untied), 'fact')} of the question: no open criterion asks for it.",
            "Ask for what the open criteria lack, or give the reason for the question as a note.",
        )


def _lacking_facts(line: LineAssessment) -> tuple[str, ...]:
    of_criteria = line.criteria.missing_facts if line.criteria is not None else ()
    under_way = (line.continuity.fact,) if line.continuity and line.continuity.state is Tri.UNKNOWN else ()
    return (*under_way, *of_criteria, *(fact for limit in line.limits for fact in limit.missing_facts))


def _decision_violations(
    case: AuthorizationCase, task: Task, message: CompleteTask, now: datetime
) -> Iterator[RuleViolation]:
    who, signed = case.reviewers.get(message.reviewer_id), message.signed
    if signed is None:
        yield violation("decision.unsigned", "A decision must be signed.", "Complete the decision form and sign it.")
        return
    if not isinstance(signed, SignedDecision):
        yield violation(
            "decision.category", "A benefit decision does not end a clinical review.", "Send the line to benefit staff."
        )
        return
    if who is None:
        return
    broken = (
        *decision_violations(
            signed, who, decider_of_task(case, task), decision_circumstances(case, task, now, who.reviewer_id)
        ),
        *_notice_time_violations(case, signed, now),
        *signing_violations(case, signed.reviewer_id, now),
    )
    yield from broken
    if any(line.is_adverse and waits_for_provider(case, line.line_id) for line in signed.lines):
        yield violation(
            "information.open",
            "The provider has been asked and can still answer.",
            "Wait for the answer or for the end of its time, or approve.",
        )
    if not any(line.is_adverse for line in signed.lines):
        yield violation(
            "decision.not_adverse", "Nothing in the decision is adverse.", "Use 'approve': it needs no signature."
        )
    if broken:
        return
    for line in signed.lines:
        yield from level_violations(case, line)
        yield from length_violations(case, line, now)
        yield from protection_violations(case, line, signed)
        yield from other_benefit_violations(case, line, signed)
        if not line.is_adverse:
            yield from full_approval_violations(case, line)
        elif line.outcome is LineOutcome.APPROVED_IN_PART and not is_less_than_asked(case, line):
            yield violation(
                "decision.partial",
                f"Line {line.line_id}: what is approved is not less than what was asked.",
                "Approve the line, or say how much of it is approved.",
            )


def _notice_time_violations(case: AuthorizationCase, signed: SignedDecision, now: datetime) -> Iterator[RuleViolation]:
    """Violation of the advance notice: a reduction signed too late cannot take effect on its announced day."""
    asked = case.stay
    if asked is None or asked.effective_on is None or asked.days_of_notice is None:
        return
    earliest = case.day(now) + timedelta(days=asked.days_of_notice + 1)
    if asked.effective_on < earliest and any(line.is_adverse for line in signed.lines):
        yield violation(
            "decision.notice",
            f"It takes effect on {asked.effective_on}, and a notice of today allows {earliest} at the earliest: "
            f"{asked.days_of_notice} days of notice ({asked.notice_citation}).",
            "Approve the days here, and propose the reduction anew for a later day.",
        )
