"""Where each line goes: approved by rule, asked about, to a nurse, or to a physician. Software never says no here."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.asking import ask, can_wait
from domain.assessment import LineAssessment
from domain.case import Case, PeerToPeer, Route
from domain.decisions import Approval
from domain.journal import RULE, EntryKind
from domain.tasks import TaskKind
from domain.vocabulary import NoticeKind, Role

AFTER_A_MISS = timedelta(hours=24)
"""How long a task may take whose clock has passed already: the work goes on, and stays urgent."""

LATE_OFFER = timedelta(hours=4)
"""How long the offer of a peer-to-peer stands when the clock has run out: late, but not skipped."""


def route_by_rule(case: Case, now: datetime) -> None:
    """Approve what the rules approve; set aside what needs no authorization."""
    fresh = []
    for line in case.unresolved():
        if line.requirement.required is False:
            case.routes[line.line_id] = Route.NOT_REQUIRED
            fresh.append(f"line {line.line_id} needs no authorization ({line.requirement.citation})")
        elif _approves(line):
            _approve_by_rule(case, line, now)
            fresh.append(f"line {line.line_id} is approved by rule")
    if fresh:
        text = "; ".join(fresh)
        case.note(EntryKind.REQUIREMENT_CHECKED, now, text[0].upper() + text[1:] + ".", RULE, lines=case.line_views())


def _approves(line: LineAssessment) -> bool:
    benefit_fits = line.benefit is None or line.benefit.fits is True
    by_criteria = line.criteria is not None and line.criteria.auto_approvable
    return by_criteria and benefit_fits and not line.overlapping_cases


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
    unknown = tuple(line.line_id for line in new if _is_unknown(line))
    if unknown and case.information is None and can_wait(case, now):
        ask(case, unknown, (), RULE, now)


def _is_unknown(line: LineAssessment) -> bool:
    return line.criteria is not None and line.criteria.state == "unknown" and bool(line.criteria.missing_facts)


def open_reviews(case: Case, now: datetime) -> None:
    """Lines that nobody waits for go to a nurse; what is referred goes to a physician, all of it at once.

    One signed decision answers everything that is left, so a physician's task waits until no line is with anybody else.
    """
    waiting = case.information.line_ids if case.information is not None and case.information.is_open else ()
    for line in case.unresolved():
        if case.routes.get(line.line_id, Route.NEW) in (Route.NEW, Route.ASKED) and line.line_id not in waiting:
            case.routes[line.line_id] = Route.NURSE
    _end_outdated_reviews(case, now)
    left = case.unresolved()
    nurse = tuple(line for line in left if case.routes[line.line_id] is Route.NURSE)
    if nurse and case.open_task(TaskKind.NURSE_REVIEW) is None:
        _open_nurse_review(case, nurse, now)
    referred = all(case.routes[line.line_id] is Route.PHYSICIAN for line in left)
    if left and referred and case.open_task(TaskKind.PHYSICIAN_REVIEW) is None:
        _open_physician_review(case, left, now)


def _end_outdated_reviews(case: Case, now: datetime) -> None:
    """A review whose lines changed under it ends; what is left of them is opened anew."""
    left = {line.line_id for line in case.unresolved()}
    task = case.open_task(TaskKind.NURSE_REVIEW)
    if task is not None and not set(task.line_ids) <= left:
        case.cancel_tasks(now, "its lines were settled otherwise", TaskKind.NURSE_REVIEW)
    task = case.open_task(TaskKind.PHYSICIAN_REVIEW)
    if task is not None and set(task.line_ids) != left:
        case.cancel_tasks(now, "what is left to decide has changed", TaskKind.PHYSICIAN_REVIEW)


def _open_nurse_review(case: Case, lines: tuple[LineAssessment, ...], now: datetime) -> None:
    case.new_task(
        TaskKind.NURSE_REVIEW,
        Role.NURSE,
        "; ".join(_why(line) for line in lines),
        now,
        before_decision(case, now),
        tuple(line.line_id for line in lines),
        professions=case.looked_at().policy.nurse_professions,
    )


def _why(line: LineAssessment) -> str:
    prefix = f"Line {line.line_id}: "
    if line.overlapping_cases:
        return prefix + f"the same service overlaps with {', '.join(line.overlapping_cases)}"
    if (
        line.benefit is not None
        and line.benefit.fits is not True
        and line.criteria is not None
        and line.criteria.state == "met"
    ):
        return prefix + "the benefit limit needs a look"
    if line.criteria is None:
        return prefix + "no criteria on file for this service"
    words = {
        "met": "criteria met, but the evidence needs a look",
        "not_met": "criteria not met",
        "unknown": "facts are missing",
    }
    return prefix + words[line.criteria.state]


def _open_physician_review(case: Case, lines: tuple[LineAssessment, ...], now: datetime) -> None:
    found = case.looked_at()
    fitting = [set(line.fitting_specialties) for line in lines]
    shared = set.intersection(*fitting)
    case.new_task(
        TaskKind.PHYSICIAN_REVIEW,
        found.decider.roles[0],
        case.nurse_recommendation or "Referred for a physician's decision.",
        now,
        before_decision(case, now),
        tuple(line.line_id for line in lines),
        specialties=tuple(sorted(shared or set.union(*fitting))),
        professions=found.decider.professions,
    )
    if found.decider.peer_to_peer_first and case.peer_to_peer is None:
        _offer_peer_to_peer(case, now)


def _offer_peer_to_peer(case: Case, now: datetime) -> None:
    due = case.due()
    left = due[1].at - now if due is not None else timedelta(0)
    until = now + (left * case.looked_at().policy.peer_to_peer_share if left > timedelta(0) else LATE_OFFER)
    case.peer_to_peer = PeerToPeer(offered_at=now, until=until)
    case.owed_letters.append(NoticeKind.PEER_TO_PEER_OFFER)
    case.note(
        EntryKind.PEER_TO_PEER_OFFERED,
        now,
        f"A peer-to-peer is offered to the requesting provider until {case.local(until)}.",
    )


def before_decision(case: Case, now: datetime, at: datetime | None = None) -> datetime:
    """When a task is due: with the decision, or at `at` if that is earlier; urgent still when the decision is late."""
    due = case.due()
    latest = due[1].at if due is not None else now + AFTER_A_MISS
    if latest <= now:
        latest = now + AFTER_A_MISS
    return min(latest, at) if at is not None else latest
