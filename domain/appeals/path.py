"""The path of an appeal, step by step. Deterministic and without I/O.

Nothing here is an adverse answer: whoever is not shown to be a proper party, or is late, is a question for people, and the
appeal itself is decided in its review.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.appeals.case import AppealCase, AppealContext, AppealStanding, Timeliness
from domain.appeals.rules import ForwardingNeed, StandingNeed
from domain.case_numbers import appeal_review_number
from domain.cases.steps import CloseCase, ComputeClocks, Finish, LookUpContext, Wait
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.clocks.engine import ClockEvent, DueKind, EventKind, is_on_time
from domain.journal import Actor, EntryKind
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import AskedBy, Role

UNDECIDED = frozenset({CaseStatus.WITHDRAWN, CaseStatus.DISMISSED, CaseStatus.NOT_COVERED, CaseStatus.MISDIRECTED})
"""Ends of a review without a decision, after which there is nothing to carry out or to forward."""


@dataclass(frozen=True)
class OpenAppealReview:
    """Open the authorization case that decides the appeal, with its clocks, reviewers and letters."""

    review_id: str


AppealStep = LookUpContext | ComputeClocks | OpenAppealReview | CloseCase | Wait | Finish

NEEDED = {
    StandingNeed.REPRESENTATIVE_FORM: "the form that appoints the representative",
    StandingNeed.WRITTEN_CONSENT: "the member's written consent",
    StandingNeed.WAIVER_OF_LIABILITY: "the provider's waiver of liability",
}


def advance(appeal: AppealCase, now: datetime) -> AppealStep:
    """Advance the appeal to its next step. Deterministic, no I/O; opens tasks and journals on the way."""
    if appeal.origin is None:
        return LookUpContext()
    if appeal.clocks_stale:
        return ComputeClocks()
    if not appeal.is_open:
        return Finish() if not appeal.open_tasks() else Wait()
    _open_tasks(appeal, now)
    if appeal.review is None and appeal.may_be_reviewed:
        return OpenAppealReview(appeal_review_number(appeal.case_id))
    if appeal.answer is not None and not appeal.open_tasks():
        return CloseCase(appeal.answer.status)
    return Wait()


def record_context(appeal: AppealCase, found: AppealContext, now: datetime) -> None:
    """Record what was looked up, begin the journal, and find whether the party may appeal and is in time."""
    appeal.filing, appeal.origin = found.filing, found.origin
    appeal.member_id = found.origin.member_id
    appeal.set_member_context(found.person)
    said = found.filing
    lines = count_phrase(len(found.origin.lines), "line")
    by = said.by.value.replace("_", " ")
    appeal.note(
        EntryKind.APPEAL_RECEIVED,
        appeal.received_at,
        f"Appeal of {appeal.appealed} received from the {by} by {said.asked.channel.value.replace('_', ' ')}: {lines}"
        f"{', a fast decision is asked for' if said.expedited else ''}.",
        Actor(kind=said.by.value, id=_speaker(appeal)),
        appealed=appeal.appealed,
        entered_by=said.entered_by,
    )
    _find_standing(appeal, now)
    _find_timeliness(appeal, now)
    _start_clock(appeal)


def prove_standing(appeal: AppealCase, proof: str, arrived_at: datetime, actor: Actor, at: datetime) -> None:
    """Record that the proof of standing is there; where the line's rule says so, the time to decide begins with it."""
    appeal.standing, appeal.proof_at = AppealStanding.PROOF_ON_FILE, arrived_at
    appeal.note(EntryKind.APPEAL_STANDING, at, "The proof that the party may appeal is on file.", actor, document=proof)
    _start_clock(appeal)


def close_appeal(appeal: AppealCase, status: CaseStatus, now: datetime) -> None:
    """Close the appeal with the result of its review."""
    appeal.status, appeal.closed_at = status, now
    appeal.note(EntryKind.CLOSED, now, f"The appeal is closed: {status.value.replace('_', ' ')}.")


def mark_answered(appeal: AppealCase) -> None:
    """Let the clocks run that count from the plan's decision on the appeal."""
    answer = appeal.answer
    if answer is None or answer.decided_at is None or answer.status in UNDECIDED:
        return
    appeal.happened(EventKind.DECISION_MADE, answer.decided_at)
    if not appeal.is_granted_in_full:
        appeal.happened(EventKind.APPEAL_AFFIRMED, answer.decided_at)


def must_forward(appeal: AppealCase) -> bool:
    """Whether the plan itself sends the case to the outside reviewer: what it does not grant in full. Where the decision was
    late, the review has forwarded it already, as the consequence of its missed clock."""
    answer, rule = appeal.answer, appeal.require_origin().rule
    if answer is None or answer.status in UNDECIDED or appeal.is_granted_in_full:
        return False
    return rule.forwarding is ForwardingNeed.ALWAYS and answer.missed_due_at is None


# -- tasks ---------------------------------------------------------------------------------------------------------------


def _open_tasks(appeal: AppealCase, now: datetime) -> None:
    _ask_for_standing(appeal, now)
    _ask_for_cause(appeal, now)
    if appeal.answer is not None:
        _ask_to_carry_out(appeal, now)
        _ask_to_forward(appeal, now)


def ask_to_read(appeal: AppealCase, inbox_id: int, now: datetime) -> None:
    """Open the task to read another filing: it may ask to expedite, bring records or come from another party."""
    appeal.add_task(
        TaskKind.APPEAL_FILING,
        Role.APPEALS,
        f"Read INBOX-{inbox_id}, which is about the same determination, and do what it asks: expedite, records, party.",
        now,
        now + timedelta(hours=appeal.missed_clock_hours),
        about=str(inbox_id),
    )


def _ask_for_standing(appeal: AppealCase, now: datetime) -> None:
    if appeal.standing not in (AppealStanding.AWAITS_PROOF, AppealStanding.NO_PARTY) or _was_opened(
        appeal, TaskKind.APPEAL_STANDING
    ):
        return
    origin, filing = appeal.require_origin(), appeal.require_filing()
    party = origin.rule.party(filing.by, origin.review_kind)
    what = "that somebody who may appeal speaks for the member" if party is None else NEEDED[party.needs]
    appeal.add_task(
        TaskKind.APPEAL_STANDING,
        Role.APPEALS,
        f"Get {what}; the appeal stays open meanwhile.",
        now,
        now + timedelta(hours=appeal.missed_clock_hours),
    )


def _ask_for_cause(appeal: AppealCase, now: datetime) -> None:
    if appeal.timeliness is not Timeliness.LATE or _was_opened(appeal, TaskKind.APPEAL_LATENESS):
        return
    appeal.add_task(
        TaskKind.APPEAL_LATENESS,
        Role.APPEALS,
        "The appeal came after its time: find out whether there is good cause.",
        now,
        now + timedelta(hours=appeal.missed_clock_hours),
    )


def _ask_to_carry_out(appeal: AppealCase, now: datetime) -> None:
    if not appeal.is_granted_in_part or _was_opened(appeal, TaskKind.APPEAL_EFFECTUATION):
        return
    due = appeal.due(DueKind.EFFECTUATION)
    appeal.add_task(
        TaskKind.APPEAL_EFFECTUATION,
        Role.APPEALS,
        f"Carry out what {appeal.review} granted, and record what proves it.",
        now,
        due[1].at if due is not None else now + timedelta(hours=appeal.missed_clock_hours),
        rule=due[0].rule_id if due is not None else None,
    )


def _ask_to_forward(appeal: AppealCase, now: datetime) -> None:
    if not must_forward(appeal) or _was_opened(appeal, TaskKind.APPEAL_FORWARDING):
        return
    due = appeal.due(DueKind.CASE_FILE)
    appeal.add_task(
        TaskKind.APPEAL_FORWARDING,
        Role.APPEALS,
        f"Send the case file to the {appeal.require_origin().rule.forwarded_to}; record when it arrived.",
        now,
        due[1].at if due is not None else now + timedelta(hours=appeal.missed_clock_hours),
        rule=due[0].rule_id if due is not None else None,
    )


def _was_opened(appeal: AppealCase, kind: TaskKind) -> bool:
    return any(task.kind is kind for task in appeal.tasks.values())


# -- findings at receipt ---------------------------------------------------------------------------------------------------


def _find_standing(appeal: AppealCase, now: datetime) -> None:
    origin, filing = appeal.require_origin(), appeal.require_filing()
    party = origin.rule.party(filing.by, origin.review_kind)
    if party is None:
        appeal.standing = AppealStanding.NO_PARTY
        says = "The rule of the line knows no appeal of this party for the member."
    elif party.needs is StandingNeed.NOTHING:
        appeal.standing, says = AppealStanding.PROPER_PARTY, f"A proper party ({party.source})."
    elif filing.asked.document_id is not None:
        appeal.standing, appeal.proof_at = AppealStanding.PROOF_ON_FILE, appeal.received_at
        says = f"It came with {NEEDED[party.needs]} ({party.source})."
    else:
        appeal.standing, says = AppealStanding.AWAITS_PROOF, f"It needs {NEEDED[party.needs]} ({party.source})."
    appeal.note(EntryKind.APPEAL_STANDING, now, says, rule=origin.rule.rule_id, standing=appeal.standing.value)


def _find_timeliness(appeal: AppealCase, now: datetime) -> None:
    window = appeal.require_origin().window
    if window is None:
        appeal.timeliness, says = Timeliness.IN_TIME, "No time to appeal has begun to run, so it is in time."
    elif is_on_time(window.until, appeal.received_at):
        appeal.timeliness = Timeliness.IN_TIME
        says = f"In time: until {appeal.local(window.until)} ({window.citation})."
    else:
        appeal.timeliness = Timeliness.LATE
        says = (
            f"After its time, which ended {appeal.local(window.until)} ({window.citation}); people look for good cause."
        )
    appeal.note(
        EntryKind.APPEAL_TIMELINESS,
        now,
        says,
        rule=window.rule_id if window is not None else None,
        timeliness=appeal.timeliness.value,
    )


def _start_clock(appeal: AppealCase) -> None:
    """Let the clock of the decision run from the instant that the line's rule names."""
    others = [event for event in appeal.clock_events if event.kind is not EventKind.APPEAL_RECEIVED]
    appeal.clock_events = [ClockEvent(kind=EventKind.APPEAL_RECEIVED, at=appeal.review_received_at), *others]
    appeal.clocks_stale = True


def _speaker(appeal: AppealCase) -> str:
    """The id of who appeals: the member, or the provider who asked for the care; anybody else is named in the filing only."""
    said, origin = appeal.require_filing(), appeal.require_origin()
    return {AskedBy.MEMBER: origin.member_id, AskedBy.PROVIDER: origin.requesting_npi}.get(said.by, said.by.value)
