"""The desk at which a decision is written and signed: its case and worksheet from the store, and trials of what is written.

A trial is made by the code that runs at the signature: the same rules of the same message, and the same letters. It decides
nothing and sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from domain.authorization.case import AuthorizationCase
from domain.authorization.forms import CompletionForm, DecisionForm, build_worksheet
from domain.authorization.signing import readiness
from domain.authorization.signing.letter_trials import letters_as_drafted
from domain.authorization.signing.readiness import SigningCheck, SigningStep
from domain.authorization.start import AuthorizationStart
from domain.cases.messages import CompleteTask
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.decisions.determination import AnySignedDecision, ApprovalBasis, LineDecision
from domain.decisions.reviewers import Reviewer
from domain.decisions.signed import RecordOnFile
from domain.errors import NotOnFile, Refused, violation
from domain.journal import EntryKind, JournalEntry
from domain.letters.orders import BlockedLetter, LetterOrder
from domain.vocabulary import StaffDuty
from services.commands.benefit_review import BenefitReviewForm, sign_benefit_decision
from services.commands.case_actions import reviewer_actor
from services.commands.decision_form import ReviewWorksheet, read_worksheet, sign_decision, unsigned_lines
from services.context import TemporalUnavailable
from store import directory, journal, tasks

_TRIAL = "trial"
"""The number of a message that is never sent."""
_NO_RESULT = violation("decision.lines", "Nobody has said what becomes of the line.", "Choose the result.")


class SigningDesk(NamedTuple):
    """A case as it stands, with the worksheet of one of its tasks for the reviewer who is to sign. `call` is the journal's last
    entry on the peer-to-peer, `referred_by` the name of who referred the lines; None where there is none."""

    case: AuthorizationCase
    before: ReviewWorksheet
    call: JournalEntry | None = None
    referred_by: str | None = None

    @property
    def task(self) -> Task:
        """The task that the signature completes."""
        return self.before.sheet.task


class DraftedDecision(NamedTuple):
    """A decision as far as it is written: each condition of signing, its letters, and those that could not be ordered."""

    checks: tuple[SigningCheck, ...]
    orders: tuple[LetterOrder, ...] = ()
    blocked: tuple[BlockedLetter, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether no rule stands against it."""
        return not any(check.broken for check in self.checks)


def read_desk(s: Session, task_id: str, reviewer_id: str, now: datetime) -> SigningDesk:
    """The desk for this task and reviewer. Needs no worker: the case is read as it was kept with its last journal entry.

    Raises NotOnFile, and TemporalUnavailable for a case that is not kept as it stands.
    """
    found = tasks.get(s, task_id)
    if found is None:
        raise NotOnFile(f"There is no task {task_id}.", "Look at the worklist for what is open.")
    case = _kept_case(s, found.case_id)
    before = read_worksheet(s, found.case_id, build_worksheet(case, task_id, now), reviewer_id)
    held = tuple(RecordOnFile(document_id=one.document_id, title=one.title) for one in before.records)
    people = {**case.reviewers, reviewer_id: before.reviewer}
    calls = [one for one in journal.entries(s, found.case_id) if one.kind is EntryKind.PEER_TO_PEER_SETTLED]
    return SigningDesk(
        case.model_copy(update={"records": held, "reviewers": people}),
        before,
        call=calls[-1] if calls else None,
        referred_by=_referred_by(s, case),
    )


def try_decision(desk: SigningDesk, form: CompletionForm, at: datetime) -> DraftedDecision:
    """Try the form's decision, or its approval of everything as asked, as if it were signed at `at` (UTC)."""
    if form.outcome is TaskOutcome.APPROVE:
        return _try(desk, TaskOutcome.APPROVE, lambda: None, at, lines=unsigned_lines(form), basis=form.basis)
    return _try(desk, TaskOutcome.DECIDE, lambda: sign_decision(desk.before, form, at), at, basis=form.basis)


def try_benefit_decision(desk: SigningDesk, form: BenefitReviewForm | None, at: datetime) -> DraftedDecision:
    """Try the decision of benefit staff, or their return of the line, as if it were sent at `at` (UTC). None: before the result
    is chosen."""
    if form is None:
        return DraftedDecision(readiness.sort_violations(desk.case, (_NO_RESULT,)))
    if form.result == "returned":
        return _try(desk, TaskOutcome.RETURN, lambda: None, at, note=form.why_returned)
    return _try(desk, TaskOutcome.DECIDE, lambda: sign_benefit_decision(desk.before, form, at), at)


def find_signers(desk: SigningDesk, people: tuple[Reviewer, ...], at: datetime) -> tuple[Reviewer, ...]:
    """Those of these people under whose license or credential the decision of this task could be signed."""
    return tuple(who for who in people if _may_sign(desk, who, at))


def _kept_case(s: Session, case_id: str) -> AuthorizationCase:
    run = journal.last_state(s, case_id)
    case = AuthorizationStart.model_validate_json(run.start_json).carried if run is not None else None
    if case is None or case.assessment is None:
        raise TemporalUnavailable(
            "The case is not on file as it stands now. Sign it on the command line: 'umpire complete'."
        )
    return case


def _referred_by(s: Session, case: AuthorizationCase) -> str | None:
    done = [one for one in case.tasks.values() if one.outcome is TaskOutcome.REFER and one.completed_at is not None]
    last = max(done, key=lambda one: (one.completed_at, one.task_id), default=None)
    who = directory.reviewer(s, last.assignee) if last is not None and last.assignee is not None else None
    return who.name if who is not None else None


def _try(
    desk: SigningDesk,
    outcome: TaskOutcome,
    sign: Callable[[], AnySignedDecision | None],
    at: datetime,
    *,
    lines: tuple[LineDecision, ...] = (),
    basis: ApprovalBasis | None = None,
    note: str | None = None,
) -> DraftedDecision:
    try:
        signed = sign()
    except Refused as error:
        return DraftedDecision(readiness.sort_violations(desk.case, error.refusals))
    who = desk.before.reviewer.reviewer_id
    message = CompleteTask(
        message_id=_TRIAL,
        at=at,
        actor=reviewer_actor(who),
        task_id=desk.task.task_id,
        reviewer_id=who,
        outcome=outcome,
        lines=lines,
        signed=signed,
        basis=basis,
        note=note,
    )
    orders, blocked = letters_as_drafted(desk.case, message, at)
    return DraftedDecision(readiness.check_signing(desk.case, message, at), orders, blocked)


def _may_sign(desk: SigningDesk, who: Reviewer, at: datetime) -> bool:
    """Whether nothing stands between this person and the signature but the work itself."""
    if desk.task.kind is TaskKind.BENEFIT_REVIEW:
        return bool(who.active and who.credential_on(StaffDuty.BENEFIT_DECISIONS, desk.case.day(at)))
    own = SigningDesk(
        desk.case.model_copy(update={"reviewers": {who.reviewer_id: who}}),
        desk.before.model_copy(update={"reviewer": who}),
    )
    blank = DecisionForm(evidence_opened=(), criteria_answered=(), no_conflict_of_interest=True, attestation="")
    tried = try_decision(own, CompletionForm(outcome=TaskOutcome.DECIDE, decision=blank), at)
    of_signer = (SigningStep.SIGNER, SigningStep.INDEPENDENCE)
    return not any(check.broken for check in tried.checks if check.step in of_signer)


def read_people(s: Session) -> tuple[Reviewer, ...]:
    """Everybody in the directory, in its order."""
    return tuple(directory.reviewers(s))
