"""What a look at the claim does to its file: the first entry, the findings, and who has to look at what."""

from __future__ import annotations

from datetime import datetime

from domain.cases.journal_rows import clock_rows
from domain.cases.member_case import DutiesOrder, PersonLook
from domain.clocks.engine import Clock, ClockEvent, EventKind
from domain.journal import RULE, UMPIRE, Actor, EntryKind
from domain.plain_language.phrases import counted
from domain.retrospective.case import RetrospectiveFile
from domain.retrospective.claim import clean_noncontract
from domain.retrospective.comparison import Authorized, Differs, EmergencyCare, Finding, NotAuthorized, NotNeeded
from domain.retrospective.drg_check import DrgCheck
from domain.retrospective.parts import ClaimLook, Referral, Suspicion
from domain.vocabulary import Proceeding, ReviewKind


def taken_in(file: RetrospectiveFile, look: ClaimLook, person: PersonLook) -> None:
    """Keep what was found. The clocks are not known yet."""
    file.look = look
    file.member_id = look.claim.member.member_id
    file.take_person(person)
    file.findings = {found.line_id: found for found in look.findings}
    file.clock_events = [ClockEvent(kind=EventKind.CLAIM_RECEIVED, at=file.received_at)]


def duties_order(file: RetrospectiveFile, now: datetime) -> DutiesOrder:
    """The clocks that bind a decision after care, from the receipt of the claim."""
    look = file.looked_at()
    return DutiesOrder(
        member_id=file.member_id,
        day=look.day,
        proceedings=(Proceeding.AUTHORIZATION,),
        received_at=file.received_at,
        review_kind=ReviewKind.RETROSPECTIVE,
        clean_noncontract_claim=clean_noncontract(look.claim.clean, look.noncontract),
        events=tuple(file.clock_events),
        now=now,
    )


def opened(file: RetrospectiveFile, clocks: tuple[Clock, ...], now: datetime) -> None:
    """Begin the journal: what came, what each line was found to be, and what goes to compliance at once."""
    look, claim = file.looked_at(), file.looked_at().claim
    file.clocks, file.clocks_stale = clocks, False
    file.note(
        EntryKind.CLAIM_RECEIVED,
        file.received_at,
        f"Claim {claim.claim_number} received: {counted(len(claim.lines), 'line')}, care from {claim.first_day}.",
        Actor(kind="provider", id=claim.billing_provider.npi),
        clocks=clock_rows(file),
    )
    file.note(EntryKind.CLAIM_COMPARED, now, in_words(look.findings), RULE)
    if look.drg is not None:
        file.note(EntryKind.DRG_CHECKED, now, drg_in_words(look.drg), RULE)
    if look.billed_before:
        others = ", ".join(look.billed_before)
        file.note(EntryKind.CLAIM_COMPARED, now, f"The same care on the same days was billed before: {others}.", RULE)
    _question_coverage(file, now)


def in_words(findings: tuple[Finding, ...]) -> str:
    """Every line with what it was found to be, in one sentence each."""
    return " ".join(f"Line {found.line_id}: {in_a_phrase(found)}." for found in findings)


def in_a_phrase(found: Finding) -> str:
    """What a line was found to be."""
    match found:
        case Authorized():
            return f"authorized as {found.authorization}, and matches"
        case NotNeeded():
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
    """The check of the DRG as a signal, in a sentence."""
    others = ", ".join(f"{drg} by the {who}" for who, drg in check.against) or "nothing to compare with"
    return f"Billed DRG {check.billed_drg}: {check.difference.value} ({others}). A signal only."


def _question_coverage(file: RetrospectiveFile, now: datetime) -> None:
    """A lapse of coverage, and a silent eligibility system, are compliance's to look into. Nothing is decided by it."""
    person, day = file.looked_up(), file.looked_at().day
    if person.covered is True:
        return
    found = "no coverage is on file" if person.covered is False else "the eligibility system does not answer"
    refer(file, Suspicion.COVERAGE, f"For {day}, the first day of service, {found}.", UMPIRE, now)


def refer(file: RetrospectiveFile, suspicion: Suspicion, what: str, by: Actor, at: datetime) -> None:
    """Put a question to compliance; its task follows."""
    file.referrals.append(Referral(suspicion=suspicion, what=what, raised_by=by.id, at=at))
    file.note(
        EntryKind.COMPLIANCE_REFERRED, at, f"Referred to compliance, and not decided here: {suspicion.value}.", by
    )
