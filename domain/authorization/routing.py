"""Where each line goes: approved by rule, asked about, to a nurse, or to a physician. Software never says no here."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.authorization.assessment import LineAssessment
from domain.authorization.case import Case
from domain.authorization.information_requests import ask, can_wait, follow_the_clock, lacks_facts
from domain.authorization.parts import PeerToPeer, Route
from domain.authorization.views import line_rows
from domain.cases.tasks import Task, TaskKind
from domain.decisions.determination import Approval
from domain.drug_limits.outcomes import ExceptionWish
from domain.journal import RULE, EntryKind
from domain.three_valued import Tri
from domain.vocabulary import NoticeKind, Role, ServiceKind

REVIEWED_BY = {TaskKind.NURSE_REVIEW: Route.NURSE, TaskKind.PHYSICIAN_REVIEW: Route.PHYSICIAN}

DRUGS = frozenset({ServiceKind.PHARMACY_DRUG, ServiceKind.PART_B_DRUG})

AFTER_A_MISS = timedelta(hours=24)
"""How long a task may take whose clock has passed already: the work goes on, and stays urgent."""

LATE_OFFER = timedelta(hours=4)
"""How long the offer of a peer-to-peer stands when the clock has run out: late, but not skipped."""


def route_by_rule(case: Case, now: datetime) -> None:
    """Approve what the rules approve; set aside what needs no authorization."""
    fresh = []
    for line in case.unresolved():
        if case.stay is not None and case.stay.for_a_physician:
            continue
        if line.requirement.required is False:
            case.routes[line.line_id] = Route.NOT_REQUIRED
            fresh.append(f"line {line.line_id} needs no authorization ({line.requirement.citation})")
        elif _approves(line):
            _approve_by_rule(case, line, now)
            fresh.append(f"line {line.line_id} is approved by rule")
    if fresh:
        text = "; ".join(fresh)
        case.note(EntryKind.REQUIREMENT_CHECKED, now, text[0].upper() + text[1:] + ".", RULE, lines=line_rows(case))


def _approves(line: LineAssessment) -> bool:
    benefit_fits = line.benefit is None or line.benefit.fits is True
    by_criteria = line.criteria is not None and line.criteria.auto_approvable
    within_limits = line.exception is None and all(limit.lets_pass for limit in line.limits)
    return by_criteria and benefit_fits and within_limits and not line.overlapping_cases


def _approve_by_rule(case: Case, line: LineAssessment, now: datetime) -> None:
    criteria = line.criteria
    if criteria is None:
        raise LookupError(f"line {line.line_id} has no criteria to be approved by")
    approval = Approval(
        line_id=line.line_id,
        by=f"rule:{criteria.guideline_id}@{criteria.guideline_version}",
        verdict_id=criteria.verdict_id,
        guideline_id=criteria.guideline_id,
        approved_quantity=line.quantity,
        approved_start=line.start,
        approved_end=line.end,
    )
    case.approve(approval, Route.APPROVED_BY_RULE)
    case.decided(now)


def ask_provider(case: Case, now: datetime) -> None:
    """One question for everything that is missing, before anybody reviews."""
    new = [line for line in case.unresolved() if case.routes.get(line.line_id, Route.NEW) is Route.NEW]
    unknown = tuple(line.line_id for line in new if lacks_facts(line))
    for_people = case.stay is not None and (case.stay.asked_in_vain or case.stay.for_a_physician)
    if unknown and case.information is None and not for_people and can_wait(case, now):
        ask(case, unknown, (), RULE, now)


def before_decision(case: Case, now: datetime, at: datetime | None = None) -> datetime:
    """When a task is due: with the decision, or at `at` if that is earlier; urgent still when the decision is late."""
    due = case.decide_by()
    latest = due[0] if due is not None else now + AFTER_A_MISS
    if latest <= now:
        latest = now + AFTER_A_MISS
    return min(latest, at) if at is not None else latest


def keep_in_time(case: Case, now: datetime) -> None:
    """An extension or an upgrade moves the decision; what serves it moves along."""
    due = case.due()
    if due is None or due[1].at <= now:
        return
    follow_the_clock(case)
    for task in case.open_tasks(*REVIEWED_BY, TaskKind.COVERAGE_QUESTION):
        wanted = _wanted(case, task, due[1].at)
        if task.due_at != wanted:
            case.move_task(task, wanted, now)
    offer = case.peer_to_peer
    if offer is not None and not offer.is_settled and offer.result is None and offer.until > due[1].at:
        offer.until = now + (due[1].at - now) * case.looked_at().policy.peer_to_peer_share


def _wanted(case: Case, task: Task, decision_due: datetime) -> datetime:
    if task.kind is not TaskKind.COVERAGE_QUESTION:
        return decision_due
    return min(task.opened_at + timedelta(hours=case.looked_at().policy.coverage_question_hours), decision_due)


def end_outdated_reviews(case: Case, now: datetime) -> None:
    """A review of which some line was answered, or went another way, ends; what is left of it is opened anew."""
    open_lines = {line.line_id for line in case.unresolved()}
    for task in case.open_tasks(*REVIEWED_BY):
        route = REVIEWED_BY[task.kind]
        if any(line_id not in open_lines or case.routes.get(line_id) is not route for line_id in task.line_ids):
            case.cancel_tasks(now, "its lines have changed", task)


def open_reviews(case: Case, now: datetime) -> None:
    """Lines that nobody waits for go to a nurse; what is referred goes to a physician, all of it at once.

    A physician's task waits until no line is with anybody else: who decides sees everything that is left in their field.
    """
    waiting = case.information.line_ids if case.information is not None and case.information.is_open else ()
    for_a_physician = not case.is_covered or (case.stay is not None and case.stay.for_a_physician)
    next_stop = Route.PHYSICIAN if for_a_physician else Route.NURSE
    for line in case.unresolved():
        if case.routes.get(line.line_id, Route.NEW) in (Route.NEW, Route.ASKED) and line.line_id not in waiting:
            case.routes[line.line_id] = next_stop
    nurse = _without_task(case, TaskKind.NURSE_REVIEW)
    if nurse:
        _open_nurse_review(case, nurse, now)
    if all(case.routes[line.line_id] is Route.PHYSICIAN for line in case.unresolved()):
        for lines in by_specialty(_without_task(case, TaskKind.PHYSICIAN_REVIEW)):
            _open_physician_review(case, lines, now)


def _without_task(case: Case, kind: TaskKind) -> tuple[LineAssessment, ...]:
    taken = {line_id for task in case.open_tasks(kind) for line_id in task.line_ids}
    on_the_way = [line for line in case.unresolved() if case.routes.get(line.line_id) is REVIEWED_BY[kind]]
    return tuple(line for line in on_the_way if line.line_id not in taken)


def by_specialty(lines: tuple[LineAssessment, ...]) -> list[tuple[LineAssessment, ...]]:
    """The lines in groups for each of which one specialty fits every line: nobody decides outside their field."""
    groups: list[tuple[LineAssessment, ...]] = []
    for line in lines:
        place = next((at for at, group in enumerate(groups) if _shared((*group, line))), None)
        if place is None:
            groups.append((line,))
        else:
            groups[place] = (*groups[place], line)
    return groups


def _shared(lines: tuple[LineAssessment, ...]) -> tuple[str, ...]:
    return tuple(sorted(set.intersection(*(set(line.fitting_specialties) for line in lines))))


def _open_nurse_review(case: Case, lines: tuple[LineAssessment, ...], now: datetime) -> None:
    case.new_task(
        TaskKind.NURSE_REVIEW,
        Role.NURSE,
        "; ".join(_why(line) for line in lines),
        now,
        before_decision(case, now),
        tuple(line.line_id for line in lines),
        professions=case.looked_at().policy.nurse_professions,
        lines=line_rows(case),
    )


def _why(line: LineAssessment) -> str:
    prefix = f"Line {line.line_id}: "
    if line.overlapping_cases:
        return prefix + f"the same service overlaps with {', '.join(line.overlapping_cases)}"
    if line.exception is not None or not all(limit.lets_pass for limit in line.limits):
        return prefix + _why_limits(line)
    if line.criteria is None:
        return prefix + "no criteria on file for this service"
    if line.criteria.state == "met" and line.benefit is not None and line.benefit.fits is not True:
        return prefix + "the benefit limit needs a look"
    words = {
        "met": "criteria met, but the evidence needs a look",
        "not_met": "criteria not met",
        "unknown": "facts are missing",
    }
    return prefix + words.get(line.criteria.state, "the criteria on file say nothing about it")


def _why_limits(line: LineAssessment) -> str:
    """The limits that need a look, each with its rule; and the prescriber's wish to leave them aside."""
    words = {Tri.MET: "rests on a statement", Tri.NOT_MET: "not met", Tri.UNKNOWN: "not known"}
    found = [
        f"{limit.kind.value.replace('_', ' ')} {limit.rule_id} {words[limit.state]} ({limit.because})"
        for limit in line.limits
        if not limit.lets_pass
    ]
    wish = {
        None: [],
        ExceptionWish.ASKED: ["an exception is asked for without the prescriber's statement"],
        ExceptionWish.SUPPORTED: ["an exception is asked for, with the prescriber's statement"],
    }
    return "; ".join((*wish[line.exception], *found))


def _open_physician_review(case: Case, lines: tuple[LineAssessment, ...], now: datetime) -> None:
    decider = case.looked_at().decider
    case.new_task(
        TaskKind.PHYSICIAN_REVIEW,
        decider.roles[0],
        case.nurse_recommendation or "Referred for a physician's decision.",
        now,
        before_decision(case, now),
        tuple(line.line_id for line in lines),
        specialties=_shared(lines),
        professions=decider.professions,
        also_for=_beside_physicians(case),
        lines=line_rows(case),
    )
    if decider.peer_to_peer_first and case.peer_to_peer is None:
        _offer_peer_to_peer(case, now)


def _beside_physicians(case: Case) -> tuple[Role, ...]:
    """A pharmacist may take a review of drugs where the rule on deciders lets pharmacists decide."""
    may_decide = Role.PHARMACIST in case.looked_at().decider.roles[1:] and case.service_kind in DRUGS
    return (Role.PHARMACIST,) if may_decide else ()


def _offer_peer_to_peer(case: Case, now: datetime) -> None:
    due = case.decide_by()
    left = due[0] - now if due is not None else timedelta(0)
    until = now + (left * case.looked_at().policy.peer_to_peer_share if left > timedelta(0) else LATE_OFFER)
    case.peer_to_peer = PeerToPeer(offered_at=now, until=until)
    case.owe(NoticeKind.PEER_TO_PEER_OFFER)
    case.note(
        EntryKind.PEER_TO_PEER_OFFERED,
        now,
        f"A peer-to-peer is offered to the requesting provider until {case.local(until)}.",
    )
