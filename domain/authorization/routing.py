"""Routing of service lines: approval by rule, information request, nurse or physician. Software never denies."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.authorization.assessment import CriteriaFinding, LineAssessment, approved_span, certified_end
from domain.authorization.case import AuthorizationCase
from domain.authorization.information_requests import (
    has_time_to_wait,
    lacks_facts,
    may_rules_ask,
    realign_deadline,
    request_information,
    waits_for_provider,
)
from domain.authorization.parts import ROUTE_OF_REVIEW, PeerToPeer, Route
from domain.authorization.views import line_rows
from domain.cases.tasks import Task, TaskKind
from domain.decisions.decision_makers import ByRule
from domain.decisions.determination import Approval
from domain.decisions.other_deciders import shared_deciders
from domain.drug_limits.outcomes import ExceptionRequest
from domain.errors import ImpossibleState
from domain.journal import RULE, EntryKind
from domain.three_valued import Tri
from domain.vocabulary import DRUG_SERVICES, NoticeKind, Role

NO_AUTHORIZATION_NEEDED = "no-authorization-needed"
"""The rule that approves what is covered and needs no authorization."""

DAY = timedelta(days=1)

OVERDUE_TASK_TIME = timedelta(hours=24)
"""The time for a task whose clock has passed already: the work continues, and stays urgent."""

_REMARKS_IN_A_REASON = 3

LATE_OFFER_TIME = timedelta(hours=4)
"""The duration of a peer-to-peer offer made after the clock has run out: late, but not skipped."""


def route_by_rule(case: AuthorizationCase, now: datetime) -> None:
    """Approve the lines that rules approve, and mark those that need no authorization."""
    fresh = []
    for line in case.unresolved_lines():
        if case.stay is not None and case.stay.needs_physician:
            continue
        if case.routes.get(line.line_id) is Route.BENEFITS or case.require_context().not_understood(line.line_id):
            continue  # an answer to what was understood would leave the rest without one
        if line.requirement.required is False and _needs_determination(case):
            if _is_covered_without_review(line):
                _approve_without_review(case, line, now)
                fresh.append(f"line {line.line_id} needs no authorization and is covered ({line.requirement.citation})")
        elif line.requirement.required is False:
            case.determinations.send((line.line_id,), Route.NOT_REQUIRED)
            fresh.append(f"line {line.line_id} needs no authorization ({line.requirement.citation})")
        elif _is_protected_under_way(line):
            _approve_under_way(case, line, now)
            cite = line.continuity.citation if line.continuity is not None else ""
            fresh.append(f"line {line.line_id} goes on: care of a new member that was under way ({cite})")
        elif _is_approved_by_rule(line):
            _approve_by_rule(case, line, now)
            fresh.append(f"line {line.line_id} is approved by rule")
    if fresh:
        text = "; ".join(fresh)
        case.note(EntryKind.REQUIREMENT_CHECKED, now, text[0].upper() + text[1:] + ".", RULE, lines=line_rows(case))


def _needs_determination(case: AuthorizationCase) -> bool:
    """Whether a request for coverage has to end in a determination although it needs no authorization. A review that another
    case of Umpire asked for is no request for coverage."""
    return case.stay is None and any(one.lob is case.lob for one in case.require_context().policy.always_determined)


def _is_approved_by_rule(line: LineAssessment) -> bool:
    by_criteria = line.criteria is not None and line.criteria.auto_approvable and line.required_set is None
    return by_criteria and _is_covered_without_review(line)


def _is_protected_under_way(line: LineAssessment) -> bool:
    """Whether all that is asked for is care under way inside its protected time. Criteria and steps of a drug do not count
    then; a benefit that is used up, and the same service in another case, do."""
    found = line.continuity
    within = found is not None and (line.end is None or line.end <= found.through)
    benefit_fits = line.benefit is None or line.benefit.fits is True
    return found is not None and found.state is Tri.MET and within and benefit_fits and not line.overlapping_cases


def _is_covered_without_review(line: LineAssessment) -> bool:
    """Whether nothing but the criteria could need people: the benefit fits, no limit binds, and nothing overlaps."""
    benefit_fits = line.benefit is None or line.benefit.fits is True
    within_limits = line.exception is None and all(limit.allows_approval for limit in line.limits)
    return benefit_fits and within_limits and not line.overlapping_cases


def _approve_under_way(case: AuthorizationCase, line: LineAssessment, now: datetime) -> None:
    """Approve care under way as it was asked for, and without an end through the last protected day, or as long as the law
    lets any approval hold where that is longer."""
    found = line.continuity
    if found is None:
        raise ImpossibleState(f"line {line.line_id} has no protection to be approved by")
    approval = Approval(
        line_id=line.line_id,
        by=ByRule(found.rule_id),
        approved_quantity=line.quantity,
        approved_start=line.start,
        approved_end=line.end or max(found.through, certified_end(line, None, case.day(now)) or found.through),
    )
    case.determinations.approve(approval, Route.APPROVED_BY_RULE)
    case.determinations.mark_decided(now)


def _approve_without_review(case: AuthorizationCase, line: LineAssessment, now: datetime) -> None:
    _approve_as_asked(case, line, ByRule(NO_AUTHORIZATION_NEEDED), now)


def _approve_by_rule(case: AuthorizationCase, line: LineAssessment, now: datetime) -> None:
    criteria = line.criteria
    if criteria is None:
        raise ImpossibleState(f"line {line.line_id} has no criteria to be approved by")
    rule = ByRule(f"{criteria.guideline_id}@{criteria.guideline_version}")
    _approve_as_asked(case, line, rule, now, criteria)


def _approve_as_asked(
    case: AuthorizationCase, line: LineAssessment, rule: ByRule, now: datetime, criteria: CriteriaFinding | None = None
) -> None:
    first, last = approved_span(line, case.day(now))
    approval = Approval(
        line_id=line.line_id,
        by=rule,
        verdict_id=criteria.verdict_id if criteria is not None else None,
        guideline_id=criteria.guideline_id if criteria is not None else None,
        approved_quantity=line.quantity,
        approved_start=first,
        approved_end=last,
    )
    case.determinations.approve(approval, Route.APPROVED_BY_RULE)
    case.determinations.mark_decided(now)


def ask_provider(case: AuthorizationCase, now: datetime) -> None:
    """Send an information request before any review: for what the criteria ask first, or what an answer made them ask next."""
    new = [line for line in case.unresolved_lines() if case.routes.get(line.line_id, Route.NEW) is Route.NEW]
    unknown = tuple(line.line_id for line in new if lacks_facts(line))
    for_people = case.stay is not None and (case.stay.asked_in_vain or case.stay.needs_physician)
    if unknown and may_rules_ask(case, unknown) and not for_people and has_time_to_wait(case, now):
        request_information(case, unknown, (), RULE, now)


def task_due_date(case: AuthorizationCase, now: datetime, at: datetime | None = None) -> datetime:
    """The due instant of a task: that of the decision, or `at` if earlier; still urgent when the decision is late."""
    due = case.decision_deadline()
    latest = due[0] if due is not None else now + OVERDUE_TASK_TIME
    if latest <= now:
        latest = now + OVERDUE_TASK_TIME
    return min(latest, at) if at is not None else latest


def realign_due_dates(case: AuthorizationCase, now: datetime) -> None:
    """Realign tasks, waits and offers after an extension or an upgrade to expedited has moved the decision."""
    due = case.due()
    if due is None or due[1].at <= now:
        return
    realign_deadline(case)
    for task in case.open_tasks(*ROUTE_OF_REVIEW, TaskKind.COVERAGE_QUESTION):
        wanted = _realigned_due(case, task, due[1].at)
        if task.due_at != wanted:
            case.move_task(task, wanted, now)
    offer = case.peer_to_peer
    if offer is not None and not offer.is_settled and offer.result is None and offer.until > due[1].at:
        found = case.require_context()
        offer.until = found.while_plan_is_open(now + (due[1].at - now) * found.policy.peer_to_peer_share, now)


def _realigned_due(case: AuthorizationCase, task: Task, decision_due: datetime) -> datetime:
    if task.kind is not TaskKind.COVERAGE_QUESTION:
        return decision_due
    return min(task.opened_at + timedelta(hours=case.require_context().policy.coverage_question_hours), decision_due)


def cancel_outdated_reviews(case: AuthorizationCase, now: datetime) -> None:
    """Cancel reviews of which a line was decided or rerouted; the remaining lines get a new task."""
    open_lines = {line.line_id for line in case.unresolved_lines()}
    for task in case.open_tasks(*ROUTE_OF_REVIEW):
        route = ROUTE_OF_REVIEW[task.kind]
        if any(line_id not in open_lines or case.routes.get(line_id) is not route for line_id in task.line_ids):
            case.cancel_tasks(now, "its lines have changed", task)


def open_reviews(case: AuthorizationCase, now: datetime) -> None:
    """Open nurse reviews for the lines that wait for nothing, and physician reviews for the referred lines, all at once.

    A judgment beside an open question goes to a nurse at once. A physician review opens only when no line is with anyone
    else: the physician sees all that is left in their field.
    """
    waiting = case.information.line_ids if case.information is not None and case.information.is_open else ()
    for_a_physician = not case.is_covered or (case.stay is not None and case.stay.needs_physician)
    next_stop = Route.PHYSICIAN if for_a_physician else Route.NURSE
    for line in case.unresolved_lines():
        if case.routes.get(line.line_id, Route.NEW) in (Route.NEW, Route.ASKED) and (
            line.line_id not in waiting or _is_judged_beside_question(case, line)
        ):
            case.determinations.send((line.line_id,), next_stop)
    nurse = _lines_without_task(case, TaskKind.NURSE_REVIEW)
    if nurse:
        _open_nurse_review(case, nurse, now)
    if all(case.routes[line.line_id] in (Route.PHYSICIAN, Route.BENEFITS) for line in case.unresolved_lines()):
        for lines in group_by_specialty(_lines_without_task(case, TaskKind.PHYSICIAN_REVIEW)):
            _open_physician_review(case, lines, now)


def _is_judged_beside_question(case: AuthorizationCase, line: LineAssessment) -> bool:
    """Whether a clinician has a criterion to judge that no answer to the open question, one by rules, could settle."""
    if not case.require_context().policy.judgment_beside_question or case.information is None or case.information.facts:
        return False
    return line.criteria is not None and bool(line.criteria.judged_now)


def _lines_without_task(case: AuthorizationCase, kind: TaskKind) -> tuple[LineAssessment, ...]:
    taken = {line_id for task in case.open_tasks(kind) for line_id in task.line_ids}
    on_the_way = [line for line in case.unresolved_lines() if case.routes.get(line.line_id) is ROUTE_OF_REVIEW[kind]]
    return tuple(line for line in on_the_way if line.line_id not in taken)


def group_by_specialty(lines: tuple[LineAssessment, ...]) -> list[tuple[LineAssessment, ...]]:
    """Group the lines so that one specialty fits every line of a group: nobody decides outside their field."""
    groups: list[tuple[LineAssessment, ...]] = []
    for line in lines:
        place = next((at for at, group in enumerate(groups) if _shared_specialties((*group, line))), None)
        if place is None:
            groups.append((line,))
        else:
            groups[place] = (*groups[place], line)
    return groups


def _shared_specialties(lines: tuple[LineAssessment, ...]) -> tuple[str, ...]:
    return tuple(sorted(set.intersection(*(set(line.fitting_specialties) for line in lines))))


def _open_nurse_review(case: AuthorizationCase, lines: tuple[LineAssessment, ...], now: datetime) -> None:
    case.add_task(
        TaskKind.NURSE_REVIEW,
        Role.NURSE,
        "; ".join(_review_reason(case, line) for line in lines),
        now,
        task_due_date(case, now),
        tuple(line.line_id for line in lines),
        professions=case.require_context().policy.nurse_professions,
        lines=line_rows(case),
    )


def _review_reason(case: AuthorizationCase, line: LineAssessment) -> str:
    prefix = f"Line {line.line_id}: " + _protection_reason(line) + _other_benefit_reason(line)
    unclear = case.require_context().not_understood(line.line_id)
    if unclear:
        told = [remark.message for remark in unclear[:_REMARKS_IN_A_REASON]]
        rest = len(unclear) - len(told)
        more = [f"and {rest} more, see the case"] if rest else []
        return prefix + "not all that is asked for was understood: " + "; ".join((*told, *more))
    if line.overlapping_cases:
        return prefix + f"the same service overlaps with {', '.join(line.overlapping_cases)}"
    if line.exception is not None or not all(limit.allows_approval for limit in line.limits):
        return prefix + _limit_reason(line)
    if line.required_set is not None:
        return prefix + line.required_set.in_words
    if line.criteria is None:
        return prefix + "no criteria on file for this service"
    if line.criteria.state == "met" and line.benefit is not None and line.benefit.fits is not True:
        return prefix + "the benefit limit has to be checked"
    judged = f"only a clinician can judge {', '.join(line.criteria.judged_now)}"
    if line.criteria.state == "unknown" and line.criteria.judged_now and not line.criteria.facts_to_ask:
        return prefix + judged
    if waits_for_provider(case, line.line_id):
        return prefix + f"{judged}; the provider is asked for the rest"
    why = line.criteria.why_not_by_rule
    words = {
        "met": f"criteria met; {f'never approved by rule: {why}' if why else 'a reviewer has to confirm the evidence'}",
        "not_met": "criteria not met",
        "unknown": "facts are missing",
    }
    return prefix + words.get(line.criteria.state, "the criteria on file say nothing about it")


def _protection_reason(line: LineAssessment) -> str:
    """The protection of care under way, for whoever reviews the line; empty where there is none."""
    found = line.continuity
    if found is None or found.state is Tri.NOT_MET:
        return ""
    if found.state is Tri.MET:
        return f"care of a new member under way, not to be cut before {found.through + DAY} ({found.citation}); "
    return f"a new member, and nobody said whether the care was under way ({found.citation}); "


def _other_benefit_reason(line: LineAssessment) -> str:
    """The next step for a drug that another benefit pays for; empty where this one does or may."""
    found = line.other_benefit
    if found is None or found.state is not Tri.NOT_MET:
        return ""
    payer = found.paid_by if found.signed_answer else None
    return f"{payer} pays for it: {found.way_out}; " if payer else f"not denied here: {found.way_out}; "


def _limit_reason(line: LineAssessment) -> str:
    """The limits that need review, each with its rule, and the prescriber's request for an exception."""
    words = {Tri.MET: "rests on a statement", Tri.NOT_MET: "not met", Tri.UNKNOWN: "not known"}
    found = [
        f"{limit.kind.value.replace('_', ' ')} {limit.rule_id} {words[limit.state]} ({limit.because})"
        for limit in line.limits
        if not limit.allows_approval
    ]
    wish = {
        None: [],
        ExceptionRequest.ASKED: ["an exception is asked for without the prescriber's statement"],
        ExceptionRequest.SUPPORTED: ["an exception is asked for, with the prescriber's statement"],
    }
    return "; ".join((*wish[line.exception], *found))


def _open_physician_review(case: AuthorizationCase, lines: tuple[LineAssessment, ...], now: datetime) -> None:
    decider = case.require_context().decider
    others = () if case.stay is not None else shared_deciders(line.other_deciders for line in lines)
    case.add_task(
        TaskKind.PHYSICIAN_REVIEW,
        decider.roles[0],
        case.determinations.nurse_recommendation or "Referred for a physician's decision.",
        now,
        task_due_date(case, now),
        tuple(line.line_id for line in lines),
        specialties=_shared_specialties(lines),
        professions=(*decider.professions, *(one.profession for one in others)),
        also_for=(*_additional_roles(case), *(one.role for one in others)),
        lines=line_rows(case),
    )
    if decider.peer_to_peer_first and case.peer_to_peer is None:
        _offer_peer_to_peer(case, now)


def _additional_roles(case: AuthorizationCase) -> tuple[Role, ...]:
    """A pharmacist may take a review of drugs where the rule on deciders lets pharmacists decide."""
    may_decide = Role.PHARMACIST in case.require_context().decider.roles[1:] and case.service_kind in DRUG_SERVICES
    return (Role.PHARMACIST,) if may_decide else ()


def _offer_peer_to_peer(case: AuthorizationCase, now: datetime) -> None:
    due = case.decision_deadline()
    left = due[0] - now if due is not None else timedelta(0)
    until = now + (left * case.require_context().policy.peer_to_peer_share if left > timedelta(0) else LATE_OFFER_TIME)
    until = case.require_context().while_plan_is_open(until, now)
    case.peer_to_peer = PeerToPeer(offered_at=now, until=until)
    case.queue_notice(NoticeKind.PEER_TO_PEER_OFFER)
    says = f"A peer-to-peer is offered to the requesting provider until {case.local(until)}."
    case.note(EntryKind.PEER_TO_PEER_OFFERED, now, says)
