"""The path of a prior authorization: given a case, what happens next. Pure, so that it can be tested without Temporal.

Software approves, asks or routes. No step here makes an adverse answer: `Conclude` only carries out what rules approved and
clinicians signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.asking import ask, can_wait, follow_the_clock
from domain.assessment import Assessment, CoverageFinding, LineAssessment
from domain.case import Case, PeerToPeer, Route
from domain.decisions import Approval
from domain.journal import Actor, EntryKind
from domain.messages import RequestExpedite
from domain.orders import Look
from domain.tasks import TaskKind
from domain.views import CaseStatus
from domain.vocabulary import AskedBy, LineOutcome, NoticeKind, Role, Urgency
from domain.wording import counted

RULE = Actor(kind="rule", id="criteria")
AFTER_A_MISS = timedelta(hours=24)
"""How long a task may take whose clock has passed already: the work goes on, and stays urgent."""

LATE_OFFER = timedelta(hours=4)
"""How long the offer of a peer-to-peer stands when the clock has run out: late, but not skipped."""


@dataclass(frozen=True)
class Assess:
    """Look at the request, the coverage, the need for authorization and the criteria (anew)."""


@dataclass(frozen=True)
class ComputeClocks:
    """Something happened that clocks look at."""


@dataclass(frozen=True)
class SendLetters:
    """Letters are owed before the case goes on."""

    notices: tuple[NoticeKind, ...]


@dataclass(frozen=True)
class Extend:
    """Send the extension notice; only when it is out does the extension count."""


@dataclass(frozen=True)
class Conclude:
    """Everything is answered: the determination is made, and its letters are owed."""

    status: CaseStatus


@dataclass(frozen=True)
class Close:
    """Every letter is out."""

    status: CaseStatus


@dataclass(frozen=True)
class Wait:
    """Nothing to do until somebody acts or an instant comes."""


@dataclass(frozen=True)
class Finish:
    """The case is closed and nobody owes anything any more."""


Step = Assess | ComputeClocks | SendLetters | Extend | Conclude | Close | Wait | Finish


def next_step(case: Case, now: datetime) -> Step:
    """What happens next. Opens tasks and asks questions on the way (journalled), and returns what needs the world."""
    if case.look_needed:
        return Assess()
    if case.clocks_stale:
        return ComputeClocks()
    if case.concluded is None:
        _follow_the_clock(case, now)
        step = _towards_a_conclusion(case, now)
        if step is not None:
            return step
    if case.owed_letters:
        return SendLetters(tuple(case.owed_letters))
    if case.concluded is not None and case.is_open and not case.blocked_letters:
        return Close(case.concluded)
    return Wait() if case.is_open or case.open_tasks() else Finish()


def _follow_the_clock(case: Case, now: datetime) -> None:
    """An extension or an upgrade moves the decision; what serves it moves along."""
    due = case.due()
    if due is None or due[1].at <= now:
        return
    follow_the_clock(case)
    for kind in (TaskKind.NURSE_REVIEW, TaskKind.PHYSICIAN_REVIEW):
        task = case.open_task(kind)
        if task is not None and task.due_at != due[1].at:
            case.move_task(task, due[1].at, now)
    offer = case.peer_to_peer
    if offer is not None and not offer.is_settled and offer.until > due[1].at:
        offer.until = now + (due[1].at - now) * case.looked_at().policy.peer_to_peer_share


def _towards_a_conclusion(case: Case, now: datetime) -> Step | None:
    if case.withdrawal is not None:
        return Conclude(CaseStatus.WITHDRAWN)
    if case.extension is not None and NoticeKind.EXTENSION not in case.blocked_letters:
        return Extend()
    _settle_urgency(case, now)
    if _is_covered(case):
        _route_by_rule(case, now)
    elif not _coverage_referred(case):
        _ask_intake_about_coverage(case, now)
        return None
    if not case.unresolved():
        return Conclude(_status(case))
    _ask_provider(case, now)
    _open_reviews(case, now)
    return None


def _settle_urgency(case: Case, now: datetime) -> None:
    """A request to expedite without a physician's word is decided by a clinician, at once; meanwhile the case is expedited
    if it came so, because waiting must not harm the member."""
    if case.expedite is None or case.open_task(TaskKind.EXPEDITE_DECISION) is not None:
        return
    policy = case.looked_at().policy
    who = case.expedite.asked_by.value
    case.new_task(
        TaskKind.EXPEDITE_DECISION,
        policy.expedite_decision_role,
        f"The {who} asks for an expedited review without a physician's statement.",
        now,
        now + timedelta(hours=policy.expedite_decision_hours),
    )


def _is_covered(case: Case) -> bool:
    """Covered by the system's word; while the system is silent, by the word of intake."""
    found = case.looked_at().coverage
    return found is CoverageFinding.ACTIVE or (found is CoverageFinding.UNAVAILABLE and case.coverage_confirmed)


def _coverage_referred(case: Case) -> bool:
    """Intake could not confirm coverage and referred the question; a physician now holds the case."""
    return any(route in (Route.PHYSICIAN, Route.APPROVED, Route.DECIDED) for route in case.routes.values())


def _ask_intake_about_coverage(case: Case, now: datetime) -> None:
    if case.open_task(TaskKind.COVERAGE_QUESTION) is not None:
        return
    found = case.looked_at()
    case.new_task(
        TaskKind.COVERAGE_QUESTION,
        Role.INTAKE,
        found.coverage_note,
        now,
        _before_decision(case, now, now + timedelta(hours=found.policy.coverage_question_hours)),
        tuple(line.line_id for line in found.lines),
    )


def _route_by_rule(case: Case, now: datetime) -> None:
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
        _end_moot_reviews(case, now)


def _end_moot_reviews(case: Case, now: datetime) -> None:
    """A review whose lines changed under it is opened anew with what is left."""
    left = {line.line_id for line in case.unresolved()}
    for kind in (TaskKind.NURSE_REVIEW, TaskKind.PHYSICIAN_REVIEW):
        task = case.open_task(kind)
        if task is not None and not set(task.line_ids) <= left:
            case.cancel_tasks(now, "its lines were settled by rule", kind)


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


def _status(case: Case) -> CaseStatus:
    if case.adverse is not None:
        partly = bool(case.approvals) or any(line.outcome is not LineOutcome.DENIED for line in case.adverse.lines)
        return CaseStatus.APPROVED_IN_PART if partly else CaseStatus.DENIED
    return CaseStatus.APPROVED if case.approvals else CaseStatus.NOT_REQUIRED


def conclude(case: Case, status: CaseStatus, now: datetime) -> None:
    """Make the determination of what rules approved and clinicians signed, and owe its letters."""
    case.concluded = status
    if status is CaseStatus.WITHDRAWN:
        case.owed_letters.append(NoticeKind.WITHDRAWN)
        return
    if case.approvals or status is CaseStatus.APPROVED_IN_PART:
        case.authorization_number = "AU" + case.case_id.removeprefix("PA-")
    if case.adverse is not None:
        case.owed_letters.append(NoticeKind.ADVERSE_DETERMINATION)
    elif case.approvals:
        case.owed_letters.append(NoticeKind.APPROVAL)
    if Route.NOT_REQUIRED in case.routes.values():
        case.owed_letters.append(NoticeKind.NOT_REQUIRED)
    case.decided_at = case.decided_at or now
    case.note(
        EntryKind.DETERMINATION_MADE,
        case.decided_at,
        f"Determination: {status.value.replace('_', ' ')}.",
        _decider(case),
        lines=case.line_views(),
    )


def _decider(case: Case) -> Actor:
    if case.adverse is not None:
        return Actor(kind="reviewer", id=case.adverse.signed.reviewer_id)
    people = sorted({approval.by for approval in case.approvals.values() if ":" not in approval.by})
    return Actor(kind="reviewer", id=people[0]) if people else RULE


def close(case: Case, status: CaseStatus, now: datetime) -> None:
    """Close the case. A missed clock stays on compliance's desk until somebody has looked at it."""
    case.cancel_tasks(now, "the case is closed", *(kind for kind in TaskKind if kind is not TaskKind.MISSED_CLOCK))
    case.status = status
    case.closed_at = now
    case.note(
        EntryKind.CLOSED,
        now,
        f"Case closed: {status.value.replace('_', ' ')}; every letter is out.",
        clocks=case.clock_views(),
    )


def _ask_provider(case: Case, now: datetime) -> None:
    """One question for everything that is missing, before anybody reviews."""
    new = [line for line in case.unresolved() if case.routes.get(line.line_id, Route.NEW) is Route.NEW]
    unknown = tuple(line.line_id for line in new if _is_unknown(line))
    if unknown and case.information is None and can_wait(case, now):
        ask(case, unknown, (), RULE, now)


def _is_unknown(line: LineAssessment) -> bool:
    return line.criteria is not None and line.criteria.state == "unknown" and bool(line.criteria.missing_facts)


def _open_reviews(case: Case, now: datetime) -> None:
    waiting = case.information.line_ids if case.information is not None and case.information.is_open else ()
    for line in case.unresolved():
        if case.routes.get(line.line_id, Route.NEW) in (Route.NEW, Route.ASKED) and line.line_id not in waiting:
            case.routes[line.line_id] = Route.NURSE
    nurse = tuple(line for line in case.unresolved() if case.routes[line.line_id] is Route.NURSE)
    physician = tuple(line for line in case.unresolved() if case.routes[line.line_id] is Route.PHYSICIAN)
    if nurse and case.open_task(TaskKind.NURSE_REVIEW) is None:
        _open_nurse_review(case, nurse, now)
    if (
        physician
        and case.open_task(TaskKind.PHYSICIAN_REVIEW) is None
        and case.open_task(TaskKind.NURSE_REVIEW) is None
    ):
        _open_physician_review(case, physician, now)


def _open_nurse_review(case: Case, lines: tuple[LineAssessment, ...], now: datetime) -> None:
    case.new_task(
        TaskKind.NURSE_REVIEW,
        Role.NURSE,
        "; ".join(_why(line) for line in lines),
        now,
        _before_decision(case, now),
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
        _before_decision(case, now),
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


def _before_decision(case: Case, now: datetime, at: datetime | None = None) -> datetime:
    """When a task is due: with the decision, or at `at` if that is earlier; urgent still when the decision is late."""
    due = case.due()
    latest = due[1].at if due is not None else now + AFTER_A_MISS
    if latest <= now:
        latest = now + AFTER_A_MISS
    return min(latest, at) if at is not None else latest


def open_case(case: Case, look: Look, now: datetime) -> None:
    """The first entries of a case: what came, how urgent it is taken to be; and the acknowledgment it owes."""
    case.member_id, case.requesting_npi = look.member_id, look.requesting_npi
    case.lob, case.state, case.zone = look.assessment.lob, look.assessment.state, look.assessment.zone
    case.service_kind, case.urgency = look.service_kind, look.urgency
    sender = Actor(kind=look.urgency_asked_by.value, id=look.requesting_npi)
    case.note(
        EntryKind.REQUEST_RECEIVED,
        case.received_at,
        f"Request received: {counted(len(look.assessment.lines), 'service line')}, {look.urgency.value}.",
        sender,
    )
    case.owed_letters.append(NoticeKind.ACKNOWLEDGMENT)
    if _expediting_is_to_be_decided(look):
        case.expedite = RequestExpedite(
            message_id=f"{case.case_id}-receipt",
            at=case.received_at,
            actor=sender,
            asked_by=look.urgency_asked_by,
            physician_statement=look.physician_statement,
        )


def _expediting_is_to_be_decided(look: Look) -> bool:
    """A provider's word binds the plan; a member's wish is decided on, and until then the case runs as expedited."""
    asked = look.urgency_asked_by in (AskedBy.MEMBER, AskedBy.REPRESENTATIVE)
    return look.urgency is Urgency.EXPEDITED and asked and look.physician_statement is not True


def in_words(found: Assessment) -> str:
    """What a look found, for the journal."""
    lines = []
    for line in found.lines:
        criteria = (
            f"{line.criteria.guideline_id} {line.criteria.state.replace('_', ' ')}"
            if line.criteria
            else "no criteria on file"
        )
        need = {
            True: "authorization required",
            False: "no authorization required",
            None: "need for authorization unknown",
        }
        lines.append(f"line {line.line_id}: {need[line.requirement.required]}, {criteria}")
    return f"Coverage {found.coverage.value.replace('_', ' ')}; " + "; ".join(lines) + "."
