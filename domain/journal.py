"""The case's journal: append-only, and chained by hashes so that a changed, missing or reordered row is found.

Each entry's hash covers its own content and the hash before it (sha256 over canonical JSON). The read models are
built from the entries' `data` alone, so they can be discarded and rebuilt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field, JsonValue

from domain.model import Model

GENESIS = "0" * 64


class EntryKind(StrEnum):
    """Kinds of journal entry. Its summary is for people; its data feeds the read models."""

    REQUEST_RECEIVED = "request_received"
    DUPLICATE_RECEIVED = "duplicate_received"
    REQUIREMENT_CHECKED = "requirement_checked"
    CLOCKS_COMPUTED = "clocks_computed"
    CLOCK_MET = "clock_met"
    CLOCK_MISSED = "clock_missed"
    CONSEQUENCE_APPLIED = "consequence_applied"
    CASE_FORWARDED = "case_forwarded"
    CRITERIA_EVALUATED = "criteria_evaluated"
    INFORMATION_REQUESTED = "information_requested"
    INFORMATION_RECEIVED = "information_received"
    INFORMATION_WAIT_ENDED = "information_wait_ended"
    TASK_OPENED = "task_opened"
    TASK_CLAIMED = "task_claimed"
    TASK_RELEASED = "task_released"
    TASK_REASSIGNED = "task_reassigned"
    TASK_MOVED = "task_moved"
    TASK_COMPLETED = "task_completed"
    TASK_CANCELLED = "task_cancelled"
    ESCALATED = "escalated"
    MESSAGE_REFUSED = "message_refused"
    MESSAGE_HEARD = "message_heard"
    PEER_TO_PEER_OFFERED = "peer_to_peer_offered"
    PEER_TO_PEER_PLANNED = "peer_to_peer_planned"
    PEER_TO_PEER_SETTLED = "peer_to_peer_settled"
    EXPEDITE_REQUESTED = "expedite_requested"
    EXPEDITED = "expedited"
    EXPEDITE_REFUSED = "expedite_refused"
    SUPPLY_GRANTED = "supply_granted"
    OTHER_BENEFIT_FOUND = "other_benefit_found"
    EXTENSION_TAKEN = "extension_taken"
    REQUEST_CORRECTED = "request_corrected"
    BENEFIT_EXHAUSTED = "benefit_exhausted"
    DETERMINATION_MADE = "determination_made"
    LETTER_WRITTEN = "letter_written"
    LETTER_HANDED_OVER = "letter_handed_over"
    LETTER_BLOCKED = "letter_blocked"
    LETTER_RECALLED = "letter_recalled"
    ORAL_NOTICE = "oral_notice"
    WITHDRAWN = "withdrawn"
    REINSTATED = "reinstated"
    CLOSED_UNDECIDED = "closed_undecided"
    DISMISSAL_VACATED = "dismissal_vacated"
    COVERAGE_ENDED = "coverage_ended"
    GRIEVANCE_FILED = "grievance_filed"
    GRIEVANCE_ANSWERED = "grievance_answered"
    CONCERN_RAISED = "concern_raised"
    CONCERN_JUDGED = "concern_judged"
    CALL_TAKEN = "call_taken"
    CALL_ATTEMPTED = "call_attempted"
    CALL_LATE = "call_late"
    PLAN_OPENED = "plan_opened"
    STAY_CHANGED = "stay_changed"
    PLAN_CHANGED = "plan_changed"
    FORM_DELIVERED = "form_delivered"
    QIO_HEARD = "qio_heard"
    REVIEW_OPENED = "review_opened"
    APPEAL_RECEIVED = "appeal_received"
    APPEAL_STANDING = "appeal_standing"
    APPEAL_TIMELINESS = "appeal_timeliness"
    APPEAL_FORWARDED = "appeal_forwarded"
    APPEAL_EFFECTUATED = "appeal_effectuated"
    REVIEW_ANSWERED = "review_answered"
    GAP_FOUND = "gap_found"
    REFERRED = "referred"
    READMISSION_LINKED = "readmission_linked"
    FOLLOW_UP_RECEIVED = "follow_up_received"
    FOLLOW_UP_DECIDED = "follow_up_decided"
    AUTHORIZATION_CHANGED = "authorization_changed"
    CLOSED = "closed"
    CASE_RESTARTED = "case_restarted"
    CASE_TROUBLE = "case_trouble"
    RECORD_OPENED = "record_opened"
    CASE_NOTED = "case_noted"
    CONTACT_LOGGED = "contact_logged"
    RECORD_PURGED = "record_purged"

    CLAIM_RECEIVED = "claim_received"
    CLAIM_COMPARED = "claim_compared"
    EMERGENCY_JUDGED = "emergency_judged"
    DRG_CHECKED = "drg_checked"
    COMPLIANCE_REFERRED = "compliance_referred"
    LESSON_RECORDED = "lesson_recorded"

    STAY_OPENED = "stay_opened"
    STAY_EVENT = "stay_event"
    LEVEL_ANSWERED = "level_answered"
    UPDATE_REQUESTED = "update_requested"
    UPDATE_RECEIVED = "update_received"
    AUTHORIZATION_MATCHED = "authorization_matched"
    ROUND_OPENED = "round_opened"
    ROUND_ANSWERED = "round_answered"
    SECOND_LOOK_ASKED = "second_look_asked"
    REDUCTION_PROPOSED = "reduction_proposed"
    AVOIDABLE_DAY = "avoidable_day"


class Actor(Model):
    """The actor: `rule` (software following a rule), a reviewer, the provider, the member, or the system itself."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


UMPIRE = Actor(kind="system", id="umpire")
RULE = Actor(kind="rule", id="criteria")


class EntryDraft(Model):
    """An entry as the workflow writes it. `seq` counts from 1 in the case and makes the write idempotent."""

    seq: int = Field(ge=1)
    at: AwareDatetime
    kind: EntryKind
    actor: Actor
    summary: str
    data: dict[str, JsonValue] = {}


class JournalEntry(EntryDraft):
    """An entry of a case's chain. One that a purge emptied has neither summary nor data; its hashes stay."""

    case_id: str
    prev_hash: str
    hash: str

    @property
    def is_emptied(self) -> bool:
        """Whether nothing of its content is left, as a purge leaves it."""
        return not self.summary and not self.data


class ChainBreak(Model):
    """A break of a chain: `seq` is the first entry that cannot be trusted."""

    case_id: str
    seq: int
    problem: str


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys and no white space: the same value always gives the same bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entry_hash(case_id: str, draft: EntryDraft, prev_hash: str) -> str:
    body = draft.model_dump(mode="json", include=set(EntryDraft.model_fields))
    return hashlib.sha256(prev_hash.encode() + case_id.encode() + canonical_json(body)).hexdigest()


def chain_entry(case_id: str, draft: EntryDraft, prev_hash: str) -> JournalEntry:
    """The entry that follows `prev_hash` (GENESIS for the first)."""
    content = {name: getattr(draft, name) for name in EntryDraft.model_fields}
    return JournalEntry(case_id=case_id, prev_hash=prev_hash, hash=entry_hash(case_id, draft, prev_hash), **content)


def verify_chain(case_id: str, entries: Iterable[JournalEntry]) -> ChainBreak | None:
    """Verify a case's chain in the order given: the first break, or None when it is intact.

    An entry that a later, intact entry says was purged has its place and its hashes, but no content to be held against them.
    """
    entries = tuple(entries)
    purged = purged_through(case_id, entries)
    prev, expected = GENESIS, 1
    for entry in entries:
        if entry.seq != expected:
            return ChainBreak(case_id=case_id, seq=expected, problem=f"entry {expected} is missing")
        if entry.prev_hash != prev:
            return ChainBreak(case_id=case_id, seq=entry.seq, problem="does not follow the entry before it")
        is_gone = entry.seq <= purged and entry.is_emptied
        if entry.case_id != case_id or (not is_gone and entry.hash != entry_hash(case_id, entry, prev)):
            return ChainBreak(case_id=case_id, seq=entry.seq, problem="content does not match its hash")
        prev, expected = entry.hash, expected + 1
    return None


PURGED_THROUGH = "purged_through"
"""The key in the data of a RECORD_PURGED entry: the number of the last entry whose content is gone."""


def purged_through(case_id: str, entries: Iterable[JournalEntry]) -> int:
    """The number of the last entry whose content was purged, by the word of an entry that is itself intact; 0 without one."""
    said = [
        entry.data.get(PURGED_THROUGH)
        for entry in entries
        if entry.kind is EntryKind.RECORD_PURGED and entry.hash == entry_hash(case_id, entry, entry.prev_hash)
    ]
    return max((number for number in said if isinstance(number, int)), default=0)
