"""Legal holds, and the purge of records whose time is over. Compliance does both; who did is recorded with what was done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.errors import Corrupt, NotOnFile, refusal
from domain.journal import Actor
from domain.retention.periods import RetentionPolicy
from domain.vocabulary import Lob, Role
from services import access
from services.access import ActionRule
from services.case_lookup import is_on_file, normalize_case_number
from services.queries.leading import record_integrity
from services.retention.review import RetentionRow, review_case
from store import directory, journal
from store.retention import holds, purging
from store.retention.holds import HoldScope, LegalHold
from store.retention.purging import PurgedRecord

TEND_RECORDS = ActionRule(
    "retention.role", frozenset({Role.COMPLIANCE}), "Only compliance holds and purges records.", "Ask compliance."
)


def place_hold(s: Session, scope: HoldScope, subject: str, matter: str, by: str, now: datetime) -> LegalHold:
    """Place a hold on a case, a member's cases or a line of business. Raises NotOnFile and Refused."""
    access.require_role(s, TEND_RECORDS, by)
    if not matter.strip():
        raise refusal("retention.matter", "A hold is for a matter.", "Name it with --matter, such as a docket number.")
    return holds.place(s, scope, _known(s, scope, subject), matter.strip(), by, now)


def release_hold(s: Session, hold_id: int, reason: str, by: str, now: datetime) -> LegalHold:
    """Release a hold. Raises NotOnFile and Refused."""
    access.require_role(s, TEND_RECORDS, by)
    if not reason.strip():
        raise refusal("retention.reason", "A hold is released for a reason.", "Give it with --reason.")
    return holds.release(s, hold_id, reason.strip(), by, now)


def require_purger(s: Session, by: str) -> None:
    """Raise NotOnFile or Refused unless this person purges records."""
    access.require_role(s, TEND_RECORDS, by)


def purge_case(s: Session, policy: RetentionPolicy, case_id: str, by: str, now: datetime) -> PurgedRecord | None:
    """Purge one record in the caller's transaction, after asking everything again that could keep it; None where it was purged
    before.

    Raises Refused where something keeps it, and Corrupt for a journal that does not verify: such a record is evidence.
    """
    access.require_role(s, TEND_RECORDS, by)
    if purging.find_purge(s, case_id) is not None:
        return None
    row = review_case(s, policy, case_id, now)
    if row is None:
        raise NotOnFile(f"There is no case {case_id}.", "'umpire retention due' lists what may go.")
    if not row.may_go or row.keep_until is None:
        raise refusal("retention.kept", f"{case_id} stays: {describe_hindrances(row)}.", "See 'umpire retention due'.")
    fault = journal.verify(s, case_id) or next(iter(record_integrity.record_faults(s, case_id)), None)
    if fault is not None:
        raise Corrupt(f"{case_id} is not purged: entry {fault.seq} of its journal: {fault.problem}")
    actor = Actor(kind="reviewer", id=by)
    return purging.purge(s, case_id, row.rules, row.keep_until.isoformat(), actor, now)


def describe_hindrances(row: RetentionRow) -> str:
    """All that keeps a record, in words."""
    return ", ".join(one.value.replace("_", " ") for one in row.hindrances) or "nothing keeps it"


def _known(s: Session, scope: HoldScope, subject: str) -> str:
    """The subject as it is on file. A hold on nobody would protect nothing, unnoticed."""
    match scope:
        case HoldScope.CASE:
            case_id = normalize_case_number(subject)
            if not is_on_file(s, case_id):
                raise NotOnFile(f"There is no case {subject}.", "List the cases with 'umpire cases'.")
            return case_id
        case HoldScope.MEMBER:
            if directory.member(s, subject) is None:
                raise NotOnFile(f"The directory has no member {subject}.", "Find them with 'umpire find'.")
            return subject
        case HoldScope.LOB:
            if subject not in {lob.value for lob in Lob}:
                named = ", ".join(lob.value for lob in Lob)
                raise refusal("retention.lob", f"There is no line of business '{subject}'.", f"One of: {named}.")
            return subject
