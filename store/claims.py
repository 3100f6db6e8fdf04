"""Claims as intake interpreted them, one for each retrospective review. A claim is stored once and never changed."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from domain.errors import Corrupt, NotOnFile
from domain.model import Model
from domain.retrospective.claim import Claim
from store import tables
from store.dialect import insert_new

_C = tables.claims
_json: TypeAdapter[Any] = TypeAdapter(JsonValue)


class StoredClaim(Model):
    """A claim with its review's number. `evidence` holds the statements and answers that came with it, as plain JSON."""

    case_id: str
    inbox_id: int
    claim: Claim
    evidence: JsonValue = None


def save(s: Session, case_id: str, claim: Claim, inbox_id: int, evidence: JsonValue = None) -> None:
    """Store the claim under its review's number; storing it again changes nothing. Raises Corrupt for another claim."""
    row = {
        "case_id": case_id,
        "inbox_id": inbox_id,
        "member_id": claim.member.member_id,
        "received_at": claim.received_at,
        "claim": claim.model_dump(mode="json"),
        "evidence": _json.dump_python(evidence, mode="json"),
    }
    insert_new(s, _C, row)
    if load(s, case_id).inbox_id != inbox_id:
        raise Corrupt(f"{case_id} is the review of another claim already")


def load(s: Session, case_id: str) -> StoredClaim:
    """The claim of a review. Raises NotOnFile when there is none."""
    found = find(s, case_id)
    if found is None:
        raise NotOnFile(f"{case_id} has no claim.")
    return found


def find(s: Session, case_id: str) -> StoredClaim | None:
    """The claim of a review, or None."""
    row = s.execute(select(_C).where(_C.c.case_id == case_id)).first()
    return None if row is None else _stored(row)


def of_member(s: Session, member_id: str) -> tuple[StoredClaim, ...]:
    """Every claim for care of a member, in order of receipt."""
    query = select(_C).where(_C.c.member_id == member_id).order_by(_C.c.received_at, _C.c.inbox_id)
    return tuple(_stored(row) for row in s.execute(query))


def of_number(s: Session, claim_number: str) -> tuple[StoredClaim, ...]:
    """Every claim of this number, of any provider, in order of arrival."""
    numbered = _C.c.claim["claim_number"].as_string() == claim_number
    return tuple(_stored(row) for row in s.execute(select(_C).where(numbered).order_by(_C.c.received_at, _C.c.case_id)))


def _stored(row: Row[Any]) -> StoredClaim:
    claim = Claim.model_validate(row.claim)
    return StoredClaim(case_id=row.case_id, inbox_id=row.inbox_id, claim=claim, evidence=row.evidence)
