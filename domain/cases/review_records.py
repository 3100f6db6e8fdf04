"""The result of a review as the record of its own case holds it. A message that a review has ended only says where to look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import AwareDatetime, JsonValue

from domain.cases.messages import ReviewAnswered
from domain.cases.views import AnsweredLine, CaseStatus, LineView
from domain.clocks.engine import DueKind
from domain.decisions.decision_makers import ByReviewer
from domain.decisions.determination import SignedDetermination, read_adverse_determination
from domain.errors import RuleViolation, violation
from domain.journal import UMPIRE, EntryKind, JournalEntry
from domain.model import Model
from domain.requests.request import StayPurpose
from domain.vocabulary import ADVERSE_OUTCOMES, APPROVING_OUTCOMES

SIGNED = "signed"
"""The key under which the entry of a determination holds every signed decision in effect."""


_ABOUT_WITHDRAWAL = frozenset({EntryKind.WITHDRAWN, EntryKind.REINSTATED})
"""Entries of which the last says whether the request is withdrawn."""


class ReviewRecordInput(Model):
    """Read the result of this review from the record of its case."""

    case_id: str


class ReviewRecord(Model):
    """The result of a review on record. `status` is None while its case has made no determination; `unsigned` are the lines
    that are adverse on record without a signed decision that covers them."""

    case_id: str
    status: CaseStatus | None = None
    lines: tuple[AnsweredLine, ...] = ()
    decided_at: AwareDatetime | None = None
    missed_due_at: AwareDatetime | None = None
    unsigned: tuple[str, ...] = ()


def word_of_review(case_id: str, purpose: StayPurpose, number: int, now: datetime) -> ReviewAnswered:
    """Word that this review may have ended unheard. Like all such word it says where to look, and nothing else."""
    return ReviewAnswered(
        message_id=f"{case_id}-answered",
        at=now,
        actor=UMPIRE,
        case_id=case_id,
        purpose=purpose,
        round=number,
        status=CaseStatus.OPEN,
        lines=(),
        decided_at=None,
    )


def read_record(case_id: str, entries: Sequence[JournalEntry]) -> ReviewRecord:
    """Read the result of a review from its journal."""
    made = next((one for one in reversed(entries) if one.kind is EntryKind.DETERMINATION_MADE), None)
    missed_due_at = min(_missed_decisions(entries), default=None)
    if made is None:
        last = next((one.kind for one in reversed(entries) if one.kind in _ABOUT_WITHDRAWAL), None)
        status = CaseStatus.WITHDRAWN if last is EntryKind.WITHDRAWN else None
        return ReviewRecord(case_id=case_id, status=status, missed_due_at=missed_due_at)
    views = tuple(LineView.model_validate(row) for row in _listed(made, "lines"))
    signed = tuple(_signed_decisions(case_id, made))
    return ReviewRecord(
        case_id=case_id,
        status=_status(views),
        lines=tuple(_answered(view) for view in views),
        decided_at=made.at,
        missed_due_at=missed_due_at,
        unsigned=tuple(view.line_id for view in views if not _is_signed(view, signed)),
    )


def record_violations(record: ReviewRecord) -> Iterator[RuleViolation]:
    """Every reason not to act on a review: it has no determination yet, or an adverse one that nobody signed."""
    if record.status is None:
        yield violation(
            "answer.not_on_record",
            f"{record.case_id} has no determination on record.",
            "Nothing to do: the review reports when it has made its determination.",
        )
    for line_id in record.unsigned:
        yield violation(
            "answer.unsigned",
            f"Line {line_id} is answered adversely, and its case holds no signed decision that says so.",
            "Only a decision that a clinician signed in the review itself can be adverse.",
        )


def as_recorded(message: ReviewAnswered, record: ReviewRecord) -> ReviewAnswered:
    """The message with the result on record in place of what it says. Only for a record that breaks no rule."""
    found = {name: getattr(record, name) for name in ("status", "lines", "decided_at", "missed_due_at")}
    return message.model_copy(update=found)


def _status(views: Sequence[LineView]) -> CaseStatus:
    outcomes = {view.outcome for view in views}
    granted = bool(outcomes & APPROVING_OUTCOMES)
    if outcomes & ADVERSE_OUTCOMES:
        return CaseStatus.APPROVED_IN_PART if granted else CaseStatus.DENIED
    return CaseStatus.APPROVED if granted else CaseStatus.NOT_REQUIRED


def _answered(view: LineView) -> AnsweredLine:
    return AnsweredLine(
        line_id=view.line_id,
        outcome=view.outcome,
        approved_quantity=view.approved_quantity,
        approved_start=view.approved_start,
        approved_end=view.approved_end,
        by=view.decided_by,
        approved_level=view.approved_level,
    )


def _signed_decisions(case_id: str, made: JournalEntry) -> Iterator[SignedDetermination]:
    """The signed decisions of an entry that prove themselves. What does not is no decision."""
    for row in _listed(made, SIGNED):
        found = read_adverse_determination(row)
        if found is not None and found.signed.case_id == case_id:
            yield found


def _is_signed(view: LineView, signed: Sequence[SignedDetermination]) -> bool:
    """Whether the line is not adverse, or a decision signed by the reviewer named says exactly what the line says."""
    if view.outcome not in ADVERSE_OUTCOMES:
        return True
    said = (view.outcome, view.approved_quantity, view.approved_start, view.approved_end, view.approved_level)
    return any(
        view.decided_by == ByReviewer(made.signed.reviewer_id)
        and said == (line.outcome, line.approved_quantity, line.approved_start, line.approved_end, line.approved_level)
        for made in signed
        for line in made.lines
        if line.line_id == view.line_id
    )


def _missed_decisions(entries: Sequence[JournalEntry]) -> Iterator[datetime]:
    for one in entries:
        if one.kind is EntryKind.CLOCK_MISSED and one.data.get("duty") == DueKind.DECISION.value:
            yield datetime.fromisoformat(str(one.data["due_at"]))


def _listed(entry: JournalEntry, key: str) -> list[JsonValue]:
    found = entry.data.get(key)
    return found if isinstance(found, list) else []
