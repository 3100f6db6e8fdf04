"""Follow-ups of a decided case: what its journal holds of the requests that came after its decision.

A follow-up is read from the record of its own case, never from a message: a message only says where to look.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import AwareDatetime

from domain.cases.views import CaseStatus
from domain.follow_ups.terms import AuthorizationTerms, AuthorizationVersion, describe_difference
from domain.journal import Actor, EntryKind, JournalEntry
from domain.model import Model
from domain.plain_language.phrases import count_phrase
from domain.requests.after_decision import AfterDecision, AfterDecisionKind

OPENED = "opened"
DECIDED = "decided"


class FollowUpInput(Model):
    """Read what the case `case_id` says about the decided case `about`, and put it on that case's journal where the decided
    case does not run any more."""

    case_id: str
    about: str


class FollowUp(Model):
    """A request after the decision, as its own case has it. `status` is None before its determination; `terms` are the
    authorization's from then on, where it changed them; `documents` are those that came with it. `ends_taken_back` counts the
    withdrawals and dismissals after which it went on."""

    case_id: str
    asked: AfterDecision
    at: AwareDatetime
    status: CaseStatus | None = None
    by: Actor
    documents: tuple[str, ...] = ()
    before: AuthorizationTerms | None = None
    terms: AuthorizationTerms | None = None
    ends_taken_back: int = 0

    @property
    def stage(self) -> str:
        return OPENED if self.status is None else DECIDED

    @property
    def note_id(self) -> str:
        """The id under which the decided case's journal holds it, once; each end after one that was taken back has its own."""
        again = f"-{self.ends_taken_back + 1}" if self.ends_taken_back and self.status is not None else ""
        return f"{self.case_id}-{self.stage}{again}"


def follow_up_entry(found: FollowUp) -> tuple[EntryKind, str, dict[str, Any]]:
    """Kind, summary and data of the entry in the decided case's journal."""
    data: dict[str, Any] = {"note_id": found.note_id, "follow_up": found.case_id, "asked": found.asked.kind.value}
    if found.documents:
        data["documents"] = list(found.documents)
    what = found.asked.kind.value.replace("_", " ")
    entered = f" Entered by {found.asked.entered_by}." if found.asked.entered_by is not None else ""
    if found.status is None:
        brought = f", with {count_phrase(len(found.documents), 'document')}" if found.documents else ""
        return (
            EntryKind.FOLLOW_UP_RECEIVED,
            f"After the decision: {what} asked for{brought}; case {found.case_id}.{entered}",
            data,
        )
    if found.terms is None:
        result = found.status.value.replace("_", " ")
        return EntryKind.FOLLOW_UP_DECIDED, f"The {what} of case {found.case_id} ended: {result}.", data
    difference = describe_difference(found.before, found.terms) if found.before is not None else what
    data |= {"terms": found.terms.model_dump(mode="json"), "why": found.asked.why}
    return EntryKind.AUTHORIZATION_CHANGED, f"The authorization changed ({found.case_id}): {difference}.{entered}", data


def recorded_changes(entries: Iterable[JournalEntry]) -> tuple[AuthorizationVersion, ...]:
    """The changes of an authorization that its case's journal holds, in order; the numbers are not set yet."""
    return tuple(
        AuthorizationVersion(
            version=0,
            terms=AuthorizationTerms.model_validate(entry.data["terms"]),
            at=entry.at,
            by=str(entry.actor),
            why=str(entry.data.get("why") or ""),
            case_id=str(entry.data["follow_up"]),
            kind=AfterDecisionKind(str(entry.data["asked"])),
        )
        for entry in entries
        if entry.kind is EntryKind.AUTHORIZATION_CHANGED
    )


def takes_effect(asked: AfterDecision, status: CaseStatus) -> bool:
    """Whether a determination on what was asked changes the authorization of the decided case."""
    match asked.kind:
        case AfterDecisionKind.DATES | AfterDecisionKind.PROVIDER | AfterDecisionKind.PLACE:
            return status in (CaseStatus.APPROVED, CaseStatus.APPROVED_IN_PART)
        case AfterDecisionKind.CORRECTION | AfterDecisionKind.VOID:
            return status is CaseStatus.COMPLETED
        case AfterDecisionKind.END_EARLY:
            return status in (CaseStatus.DENIED, CaseStatus.APPROVED_IN_PART)
        case AfterDecisionKind.REOPENING | AfterDecisionKind.MORE_UNITS:
            return False
