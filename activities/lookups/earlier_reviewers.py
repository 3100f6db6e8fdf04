"""Reviewers who took part in a determination, by the journals: signers, recommenders, physicians of a peer-to-peer call or of a
second look, and whoever refused to expedite. Nobody among them decides its appeal."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from domain.case_numbers import CasePrefix, followed_number
from domain.decisions.signed import DecisionLevel
from domain.journal import EntryKind, JournalEntry
from domain.requests.request import AuthorizationRequest, StayPurpose
from store import journal, requests

REVIEWER = "reviewer"
TOOK_PART = frozenset(
    {
        EntryKind.TASK_COMPLETED,
        EntryKind.DETERMINATION_MADE,
        EntryKind.INFORMATION_REQUESTED,
        EntryKind.PEER_TO_PEER_SETTLED,
        EntryKind.EXPEDITED,
        EntryKind.EXPEDITE_REFUSED,
        EntryKind.EXTENSION_TAKEN,
        EntryKind.REVIEW_ANSWERED,
    }
)
"""Entries whose actor took part in the decision. Claiming, reassigning or only reading a task is no part in it."""


def decision_level(request: AuthorizationRequest) -> DecisionLevel:
    """The level of the decision on the request: an appeal has deciders of its own."""
    return DecisionLevel.APPEAL if _appealed(request) is not None else DecisionLevel.FIRST_DECISION


def reviewers_of_appealed(s: Session, request: AuthorizationRequest) -> tuple[str, ...]:
    """Whoever took part in the determination that the request appeals; nobody for a first decision."""
    appealed = _appealed(request)
    return () if appealed is None else find_earlier_reviewers(s, appealed)


def find_earlier_reviewers(s: Session, case_id: str) -> tuple[str, ...]:
    """Find who took part in the determination of this case and in those that it rests on, by reviewer id."""
    found = {
        entry.actor.id
        for one in cases_behind(s, case_id)
        for entry in journal.entries(s, one)
        if entry.kind in TOOK_PART and entry.actor.kind == REVIEWER
    }
    return tuple(sorted(found | {signer for one in cases_behind(s, case_id) for signer in _signers(s, one)}))


def cases_behind(s: Session, case_id: str) -> tuple[str, ...]:
    """The case itself, then every case on whose decision it rests: the one it reopened or looked at a second time, the stay
    or claim that asked for it, and the appeal of the level below with its review."""
    found: dict[str, None] = {}
    waiting = [case_id]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found[one] = None
        waiting += _next_behind(s, one)
    return tuple(found)


def _next_behind(s: Session, case_id: str) -> Iterator[str]:
    if (first := followed_number(case_id)) is not None:
        yield first
    if not case_id.startswith(CasePrefix.REQUEST) or not requests.is_on_file(s, case_id):
        return
    request = requests.load(s, case_id).request
    if request.after is not None:
        yield request.after.case_id
    if request.stay is not None:
        yield request.stay.process_id
        if request.stay.second_look_at is not None:
            yield request.stay.second_look_at
        if (appealed := _appealed(request)) is not None:
            yield appealed


def _appealed(request: AuthorizationRequest) -> str | None:
    asked = request.stay
    return asked.appealed if asked is not None and asked.purpose is StayPurpose.APPEAL else None


def _signers(s: Session, case_id: str) -> Iterator[str]:
    for entry in journal.entries(s, case_id):
        if entry.kind is EntryKind.DETERMINATION_MADE:
            yield from _signers_of(entry)


def _signers_of(entry: JournalEntry) -> Iterator[str]:
    signed = entry.data.get("signed")
    for one in signed if isinstance(signed, list) else []:
        decision = one.get("signed", one) if isinstance(one, dict) else {}
        if isinstance(decision, dict) and isinstance(who := decision.get("reviewer_id"), str):
            yield who
