"""From a case to the letters it owes: the facts that each notice needs, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from domain.asking import letter_left
from domain.case import Case, Route
from domain.clocks import DueKind, EventKind, ExtensionReason
from domain.journal import EntryKind
from domain.messages import TakeExtension
from domain.orders import LetterLineFacts, LetterOrder, Reservation
from domain.tasks import TaskKind
from domain.vocabulary import Audience, LineOutcome, NoticeKind, Role
from domain.wording import counted

TRY_AGAIN = timedelta(minutes=15)
"""How long a carrier in trouble is left alone before letters are offered again."""

DECIDED = frozenset({NoticeKind.APPROVAL, NoticeKind.ADVERSE_DETERMINATION, NoticeKind.NOT_REQUIRED})


def order(case: Case, notice: NoticeKind, now: datetime) -> LetterOrder:
    """The order for one notice. `now` (UTC) gives the letter its date in the case's zone."""
    found, due = case.looked_at(), case.due()
    lines = tuple(line.line_id for line in found.lines)
    if notice is NoticeKind.NOT_REQUIRED:
        lines = tuple(line_id for line_id in lines if case.routes.get(line_id) is Route.NOT_REQUIRED)
    elif notice in DECIDED:
        lines = tuple(line_id for line_id in lines if case.routes.get(line_id) is not Route.NOT_REQUIRED)
    asked = case.information if notice is NoticeKind.INFORMATION_REQUEST else None
    return LetterOrder(
        case_id=case.case_id,
        request_version=case.request_version,
        notice=notice,
        round=1
        + max((int(key.rsplit(":", 1)[1]) for key, kept in case.letters.items() if kept.notice is notice), default=0),
        lob=found.lob,
        state=found.state,
        zone=found.zone,
        urgency=case.urgency,
        now=now,
        lines=tuple(_line(case, line_id, notice in DECIDED) for line_id in lines),
        decision_due=due[1].at if due else None,
        decision_due_citation=due[1].citation if due else None,
        decided_at=case.decided_at if notice in DECIDED else None,
        signed=case.adverse.signed if case.adverse and notice is NoticeKind.ADVERSE_DETERMINATION else None,
        approved_by_rule=_by_rule(case) if notice is NoticeKind.APPROVAL else None,
        authorization_number=case.authorization_number,
        asked_verdicts=_verdicts(case, asked.line_ids) if asked and not asked.facts else (),
        asked_facts=asked.facts if asked else (),
        respond_by=asked.wait_until if asked else None,
        extension_reason=case.extension.justification if case.extension else None,
        new_due=case.extended_due,
        peer_to_peer_until=case.peer_to_peer.until if case.peer_to_peer else None,
        not_required_because=_not_required(case) if notice is NoticeKind.NOT_REQUIRED else None,
        withdrawn_by=case.withdrawal,
        expedite_refusal_reason=case.expedite_refusal,
        consequence=case.consequence.effect if case.consequence else None,
        consequence_words=_consequence(case),
        missed_due=case.consequence.due_at if case.consequence else None,
        missed_citation=_missed_citation(case),
    )


def reservations(case: Case) -> tuple[Reservation, ...]:
    """The units that the determination takes from benefit limits."""
    taken = []
    for line in case.looked_at().lines:
        units = _approved_units(case, line.line_id)
        if line.benefit is not None and units is not None:
            taken.append(Reservation(line_id=line.line_id, benefit_id=line.benefit.benefit_id, units=units))
    return tuple(taken)


def _approved_units(case: Case, line_id: str) -> Decimal | None:
    approval = case.approvals.get(line_id)
    if approval is not None:
        return approval.approved_quantity
    decided = next((d for d in case.adverse.lines if d.line_id == line_id), None) if case.adverse else None
    if decided is None or decided.outcome is LineOutcome.DENIED:
        return None
    return decided.approved_quantity


def _line(case: Case, line_id: str, decided: bool) -> LetterLineFacts:
    if not decided:
        return LetterLineFacts(line_id=line_id)
    approval = case.approvals.get(line_id)
    if approval is not None:
        return LetterLineFacts(
            line_id=line_id,
            outcome=LineOutcome.APPROVED,
            approved_quantity=approval.approved_quantity,
            approved_start=approval.approved_start,
            approved_end=approval.approved_end,
        )
    answer = next((d for d in case.adverse.lines if d.line_id == line_id), None) if case.adverse else None
    if answer is None:
        return LetterLineFacts(line_id=line_id)
    return LetterLineFacts(
        line_id=line_id,
        outcome=answer.outcome,
        approved_quantity=answer.approved_quantity,
        approved_start=answer.approved_start,
        approved_end=answer.approved_end,
    )


def _by_rule(case: Case) -> str | None:
    criteria = [line.criteria for line in case.looked_at().lines if line.line_id in case.approvals and line.criteria]
    by_rule = sorted({c.citation for c in criteria if c.auto_approvable})
    return "; ".join(by_rule) or None


def _verdicts(case: Case, line_ids: tuple[str, ...]) -> tuple[str, ...]:
    criteria = [case.looked_at().line(line_id).criteria for line_id in line_ids]
    return tuple(c.verdict_id for c in criteria if c is not None)


def _not_required(case: Case) -> str:
    lines = [line.requirement for line in case.looked_at().lines if line.requirement.required is False]
    return "; ".join(sorted({f"{need.because} ({need.citation})" for need in lines}))


def _consequence(case: Case) -> str | None:
    missed = case.consequence
    if missed is None:
        return None
    return next((c.missed.note for c in case.clocks if c.rule_id == missed.rule_id and c.missed is not None), None)


def _missed_citation(case: Case) -> str | None:
    missed = case.consequence
    if missed is None:
        return None
    clock = next((c for c in case.clocks if c.rule_id == missed.rule_id), None)
    due = clock.due_for(DueKind.DECISION) if clock else None
    return due.citation if due else None


def carrier_in_trouble(case: Case, now: datetime) -> None:
    """Letters could not leave: somebody is told, once, and it is tried again after a while."""
    case.hand_over_again_at = now + TRY_AGAIN
    if case.open_task(TaskKind.LETTER_REPAIR) is None:
        why = f"{counted(len(case.in_the_house()), 'letter')} could not be handed over: the carrier does not take them."
        case.note(EntryKind.LETTER_BLOCKED, now, why)
        hours = timedelta(hours=case.looked_at().policy.letter_repair_hours)
        case.new_task(TaskKind.LETTER_REPAIR, Role.SUPERVISOR, why, now, now + hours)


def handed_over(case: Case, letter_ids: tuple[str, ...], at: datetime) -> None:
    """These letters left the house at `at` (UTC). Clocks look at what was sent when, so they may have to be computed anew."""
    for letter_id in letter_ids:
        letter = case.letters[letter_id].model_copy(update={"handed_over_at": at})
        case.letters[letter_id] = letter
        case.note(
            EntryKind.LETTER_HANDED_OVER,
            at,
            f"Letter out: {letter.notice.value.replace('_', ' ')} to the {letter.audience.value}.",
            letters=[letter.model_dump(mode="json")],
        )
        _tell_the_clocks(case, letter.notice, letter.audience, at)
    if not case.in_the_house():
        case.hand_over_again_at = None
        if not case.blocked_letters:
            case.cancel_tasks(at, "every letter is out", TaskKind.LETTER_REPAIR)


def _tell_the_clocks(case: Case, notice: NoticeKind, audience: Audience, at: datetime) -> None:
    member = audience is Audience.MEMBER
    if notice in DECIDED:
        case.done.setdefault(DueKind.WRITTEN_NOTICE if member else DueKind.PROVIDER_NOTICE, at)
    elif notice is NoticeKind.INFORMATION_REQUEST and not member:
        case.done.setdefault(DueKind.INFORMATION_REQUEST, at)
        case.happened(EventKind.INFORMATION_REQUESTED, at, hours_given=letter_left(case, at))
    elif notice is NoticeKind.EXPEDITE_NOT_GRANTED and member:
        case.done.setdefault(DueKind.EXPEDITE_REFUSAL_NOTICE, at)
        case.happened(EventKind.EXPEDITE_REFUSAL_NOTICE_SENT, at)
    elif notice is NoticeKind.EXTENSION and member and case.extension is not None:
        extension_sent(case, case.extension, at)


def extension_sent(case: Case, taken: TakeExtension, at: datetime) -> None:
    """The extension notice went out: from now on the clocks know of it, and judge whether it counts."""
    case.happened(
        EventKind.EXTENSION_NOTICE_SENT, at, reason=ExtensionReason(taken.reason), days_given=taken.days_given
    )
    case.note(
        EntryKind.EXTENSION_TAKEN,
        at,
        f"More time is taken ({taken.reason.replace('_', ' ')}); the member has been told why.",
        taken.actor,
        justification=taken.justification,
    )
    case.extension = None
    case.extended_due = None
