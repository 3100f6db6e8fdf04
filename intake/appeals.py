"""Appeals that people file or that somebody of the plan writes down: kept as they were said, then opened as a case.

An appeal is received when it arrives, by whatever way; by word of mouth is enough to start. What the door refuses is only what
is no appeal at all: a case without an adverse determination. Everything else, also a late one, becomes a case.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.appeals.filing import AppealFiling
from domain.appeals.messages import JoinAppeal
from domain.appeals.start import AppealStart
from domain.case_numbers import appeal_number
from domain.cases.orders import CaseRun
from domain.errors import NotOnFile, Refused, RuleViolation, ValidationIssue, violation
from domain.journal import UMPIRE
from domain.vocabulary import ADVERSE_OUTCOMES, ArrivalKind, AskedBy, ProcessKind
from engine.workflow_names import APPEAL
from intake.receipt import receive_arrival
from intake.results import rejected_result, submission_result
from services import case_client
from services.access import ENTER_APPEALS, require_role
from services.case_client import CaseNotRunning
from services.context import ServiceContext, SubmissionResult, SubmissionStatus, TemporalUnavailable
from store import cases, documents, inbox, journal
from store.dialect import acquire_named_lock
from store.inbox import InboxStatus

FIRST_LEVEL = 1
NO_VERSION = 0


async def file_appeal(services: ServiceContext, filing: AppealFiling) -> SubmissionResult:
    """Keep what was said, and open the appeal. Raises NotOnFile, and Refused with every rule that it breaks; once it is kept,
    its case starts by itself."""
    await services.read(_require_appealable, filing)
    raw = filing.model_dump_json().encode()
    item = await receive_arrival(services, raw, filing.asked.at, filing.asked.channel, None, ArrivalKind.APPEAL)
    return await process_item(services, item.inbox_id)


async def process_item(services: ServiceContext, inbox_id: int) -> SubmissionResult:
    """Open and start the appeal, as far as that is not done; what is about an appeal under way joins it. Safe to repeat."""
    opened = await services.write(_open, inbox_id)
    item = await services.read(inbox.get, inbox_id)
    if isinstance(opened, tuple):
        return rejected_result(item, opened)
    if opened is None:
        says = f"INBOX-{inbox_id} is {item.status.value} already."
        return submission_result(SubmissionStatus.JOINED, item, item.case_id, says)
    try:
        if opened.inbox_id != inbox_id:
            return await _join(services, inbox_id, opened)
        await case_client.start_case(services, APPEAL, opened)
    except TemporalUnavailable as away:
        says = f"Kept as {opened.case_id}; it starts by itself when Temporal is back. The receipt stands. {away}"
        return submission_result(SubmissionStatus.STORED, item, opened.case_id, says)
    item = await services.write(inbox.mark_started, inbox_id, services.clock())
    says = f"Appeal {opened.case_id} of {opened.appealed} is open."
    return submission_result(SubmissionStatus.STARTED, item, opened.case_id, says)


async def _join(services: ServiceContext, inbox_id: int, open_appeal: AppealStart) -> SubmissionResult:
    """Tell the appeal under way of another filing about the same determination."""
    message = JoinAppeal(message_id=f"inbox-{inbox_id}", at=services.clock(), actor=UMPIRE, inbox_id=inbox_id)
    try:
        await case_client.send_message(services, open_appeal.case_id, message)
        says = f"The determination is appealed as {open_appeal.case_id} already; this joined it."
    except CaseNotRunning:
        says = f"The appeal {open_appeal.case_id} is decided; this is on file with it."
    item = await services.write(inbox.mark_started, inbox_id, services.clock())
    return submission_result(SubmissionStatus.JOINED, item, open_appeal.case_id, says)


# -- what may be appealed --------------------------------------------------------------------------------------------------


def _require_appealable(s: Session, filing: AppealFiling) -> None:
    """Raises NotOnFile, and Refused with every rule that is broken."""
    if filing.entered_by is not None:
        require_role(s, ENTER_APPEALS, filing.entered_by)
    if cases.get(s, filing.case_id) is None:
        raise NotOnFile(f"There is no case {filing.case_id}.", "List the cases with 'umpire cases'.")
    broken = (*_party_violations(s, filing), *_state_violations(s, filing))
    if broken:
        raise Refused(broken)


def _party_violations(s: Session, filing: AppealFiling) -> tuple[RuleViolation, ...]:
    found = []
    if filing.by is AskedBy.PLAN:
        found.append(violation("appeal.party", "The plan does not appeal its own decision.", "Reopen it instead."))
    if not filing.asked.person.strip() or not filing.said.strip():
        found.append(violation("appeal.said", "It needs who appeals, and what was said.", "Write both down."))
    on_file = {document.document_id for document in documents.of_case(s, filing.case_id)}
    if filing.asked.document_id is not None and filing.asked.document_id not in on_file:
        found.append(violation("appeal.document", "That document is not on the case.", "Add it first."))
    return tuple(found)


def _state_violations(s: Session, filing: AppealFiling) -> tuple[RuleViolation, ...]:
    view = cases.get(s, filing.case_id)
    adverse = {line.line_id for line in cases.lines(s, filing.case_id) if line.outcome in ADVERSE_OUTCOMES}
    if view is None or view.process is not ProcessKind.REQUEST or not adverse:
        way_out = "Appeal the case in which something was denied; what is still open is answered there first."
        return (violation("appeal.nothing", "Nothing in this case was decided adversely.", way_out),)
    if unknown := sorted(set(filing.line_ids) - adverse):
        message = f"Not decided adversely: line {', '.join(unknown)}."
        return (violation("appeal.lines", message, f"Appeal: {', '.join(sorted(adverse))}."),)
    return ()


def _open(s: Session, inbox_id: int) -> AppealStart | tuple[ValidationIssue, ...] | None:
    """Open the appeal of an arrival; the start of the one that it is about where that is open; None when it is done already."""
    item, raw = inbox.load(s, inbox_id)
    if item.status not in (InboxStatus.RECEIVED, InboxStatus.ACCEPTED) or item.started_at is not None:
        return None
    filing = AppealFiling.model_validate_json(raw)
    case_id = appeal_number(filing.case_id, FIRST_LEVEL)
    acquire_named_lock(s, f"appeal:{case_id}")
    if (kept := journal.last_state(s, case_id)) is not None:
        if item.status is InboxStatus.RECEIVED:
            inbox.accept(s, inbox_id, case_id, NO_VERSION)
        return AppealStart.model_validate_json(kept.start_json).model_copy(update={"carried": None})
    broken = _state_violations(s, filing)
    if broken:
        issues = tuple(
            ValidationIssue(path="appeal", rule=one.rule, message=one.message, expected=one.way_out) for one in broken
        )
        inbox.reject(s, inbox_id, issues)
        return issues
    start = AppealStart(
        case_id=case_id,
        level=FIRST_LEVEL,
        appealed=filing.case_id,
        inbox_id=inbox_id,
        received_at=item.received_at,
    )
    journal.keep_start(s, case_id, CaseRun(workflow=APPEAL, start=start.model_dump_json()))
    inbox.accept(s, inbox_id, case_id, NO_VERSION)
    return start
