"""Effects of the claim context on its retrospective case: first journal entries, findings, and compliance referrals."""

from __future__ import annotations

from datetime import datetime

from domain.cases.journal_rows import clock_rows
from domain.cases.member_case import ClockInput, MemberContext
from domain.clocks.engine import Clock, ClockEvent, EventKind
from domain.journal import RULE, UMPIRE, Actor, EntryKind
from domain.plain_language.phrases import count_phrase
from domain.retrospective.case import RetrospectiveCase
from domain.retrospective.claim import is_clean_noncontract
from domain.retrospective.comparison import (
    AuthorizationNotRequired,
    Authorized,
    Differs,
    EmergencyCare,
    Finding,
    NotAuthorized,
)
from domain.retrospective.drg_check import DrgCheck
from domain.retrospective.parts import ClaimContext, ComplianceReferral, Suspicion
from domain.vocabulary import Proceeding, ReviewKind


def record_context(file: RetrospectiveCase, look: ClaimContext, person: MemberContext) -> None:
    """Record the claim context and its findings in the case. The clocks are not known yet."""
    file.look = look
    file.member_id = look.claim.member.member_id
    file.set_member_context(person)
    file.findings = {found.line_id: found for found in look.findings}
    file.clock_events = [ClockEvent(kind=EventKind.CLAIM_RECEIVED, at=file.received_at)]


def clock_input(file: RetrospectiveCase, now: datetime) -> ClockInput:
    """The activity input for the clocks that bind a decision after care, from the receipt of the claim."""
    look = file.require_context()
    return ClockInput(
        member_id=file.member_id,
        day=look.day,
        proceedings=(Proceeding.AUTHORIZATION,),
        received_at=file.received_at,
        review_kind=ReviewKind.RETROSPECTIVE,
        clean_noncontract_claim=is_clean_noncontract(look.claim.clean, look.noncontract),
        events=tuple(file.clock_events),
        now=now,
    )


def open_journal(file: RetrospectiveCase, clocks: tuple[Clock, ...], now: datetime) -> None:
    """Begin the journal: receipt of the claim, the finding of each line, and immediate referrals to compliance."""
    look, claim = file.require_context(), file.require_context().claim
    file.clocks, file.clocks_stale = clocks, False
    file.note(
        EntryKind.CLAIM_RECEIVED,
        file.received_at,
        f"Claim {claim.claim_number} received: {count_phrase(len(claim.lines), 'line')}, care from {claim.first_day}.",
        Actor(kind="provider", id=claim.billing_provider.npi),
        clocks=clock_rows(file),
    )
    file.note(EntryKind.CLAIM_COMPARED, now, findings_in_words(look.findings), RULE)
    if look.drg is not None:
        file.note(EntryKind.DRG_CHECKED, now, drg_in_words(look.drg), RULE)
    if look.billed_before:
        others = ", ".join(look.billed_before)
        file.note(EntryKind.CLAIM_COMPARED, now, f"The same care on the same days was billed before: {others}.", RULE)
    _refer_coverage_question(file, now)


def update_clocks(file: RetrospectiveCase, clocks: tuple[Clock, ...], now: datetime) -> None:
    """Take over the clocks as they are after the decision, and journal them where that added or changed one."""
    if clocks == file.clocks:
        return
    added = sorted({clock.rule_id for clock in clocks} - {clock.rule_id for clock in file.clocks})
    file.clocks = clocks
    says = f"Clocks after the decision: {', '.join(added) or 'the same rules'}."
    file.note(EntryKind.CLOCKS_COMPUTED, now, says, clocks=clock_rows(file))


def findings_in_words(findings: tuple[Finding, ...]) -> str:
    """The finding of every line, in one sentence each."""
    return " ".join(f"Line {found.line_id}: {finding_phrase(found)}." for found in findings)


def finding_phrase(found: Finding) -> str:
    """The finding of a line as a phrase."""
    match found:
        case Authorized():
            return f"authorized as {found.authorization}, and matches"
        case AuthorizationNotRequired():
            return f"no authorization was required: {found.because} ({found.citation})"
        case EmergencyCare():
            return f"emergency care: {found.because}"
        case Differs():
            said = "; ".join(
                f"{one.kind.value.replace('_', ' ')} {one.billed}, authorized {one.authorized}"
                for one in found.differences
            )
            return f"differs from {found.authorization}: {said}" + (" (a person compares)" if found.doubtful else "")
        case NotAuthorized():
            pending = f"; asked for in {', '.join(found.open_requests)}" if found.open_requests else ""
            return f"not authorized: {found.because} ({found.citation}){pending}"


def drg_in_words(check: DrgCheck) -> str:
    """The DRG check as a sentence; it is a signal only."""
    others = ", ".join(f"{drg} by the {who}" for who, drg in check.against) or "nothing to compare with"
    return f"Billed DRG {check.billed_drg}: {check.difference.value} ({others}). A signal only."


def _refer_coverage_question(file: RetrospectiveCase, now: datetime) -> None:
    """Refer a lapse of coverage, or an eligibility system without an answer, to compliance. It decides nothing."""
    person, day = file.member_context(), file.require_context().day
    if person.covered is True:
        return
    found = "no coverage is on file" if person.covered is False else "the eligibility system does not answer"
    refer_to_compliance(file, Suspicion.COVERAGE, f"For {day}, the first day of service, {found}.", UMPIRE, now)


def refer_to_compliance(file: RetrospectiveCase, suspicion: Suspicion, what: str, by: Actor, at: datetime) -> None:
    """Refer a question to compliance; the path opens its task."""
    file.referrals.append(ComplianceReferral(suspicion=suspicion, what=what, raised_by=by.id, at=at))
    file.note(
        EntryKind.COMPLIANCE_REFERRED, at, f"Referred to compliance, and not decided here: {suspicion.value}.", by
    )
