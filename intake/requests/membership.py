"""Whether the plan knows the member that a request names. Who does not fit the directory goes to a person."""

from __future__ import annotations

import unicodedata
from datetime import date

from sqlalchemy.orm import Session

from domain.coverage.directory import Member
from domain.errors import Problem
from domain.requests.request import AuthorizationRequest, MemberReference
from domain.vocabulary import Lob, ReviewKind
from store import directory


def not_ours(s: Session, request: AuthorizationRequest, lobs: frozenset[Lob] | None = None) -> tuple[Problem, ...]:
    """Why this request cannot become a case of this plan; empty when it can. Holds no health information.

    `lobs` are the lines of business that the rulebook has clocks and deciders for (None: not looked at).
    """
    if request.review_kind is ReviewKind.RETROSPECTIVE:
        message = f"a {request.review_kind.value} review is not taken in here"
        return (
            Problem(
                path="review_kind", rule="intake.review_kind", message=message, expected="prospective or concurrent"
            ),
        )
    member = directory.member(s, request.member.member_id)
    if member is None:
        message, wanted = "the directory has no member of this id", "the member id as it stands on the plan's card"
        return (Problem(path="member.member_id", rule="intake.member_unknown", message=message, expected=wanted),)
    contradicting = contradictions(request.member, member)
    if contradicting:
        return contradicting
    days = [line.start for line in request.lines if line.start is not None]
    return not_served(s, member.member_id, min(days) if days else None, lobs)


def not_served(s: Session, member_id: str, day: date | None, lobs: frozenset[Lob] | None) -> tuple[Problem, ...]:
    """Why nothing can be decided for this member on this day (None: it is not known): no coverage, or one without rules."""
    coverages = directory.coverages(s, member_id)
    if not coverages:
        message, wanted = "the directory has no coverage of this member, past or present", "a member with coverage"
        return (Problem(path="member.member_id", rule="intake.no_coverage", message=message, expected=wanted),)
    lob = next((each for each in coverages if day is not None and each.covers(day)), coverages[0]).lob
    if lobs is not None and lob not in lobs:
        message = f"the rulebook has no clocks or no deciders for {lob.value}, so a case of it could never be decided"
        wanted = f"one of: {', '.join(sorted(lobs))}; or add rulebook/clocks and review/deciders.yaml for it"
        return (Problem(path="member.member_id", rule="intake.line_of_business", message=message, expected=wanted),)
    return ()


def contradictions(said: MemberReference, known: Member) -> tuple[Problem, ...]:
    """What a document says of the member otherwise than the directory."""
    found = []
    if said.birth_date is not None and said.birth_date != known.birth_date:
        found.append(_mismatch("member.birth_date", "the date of birth is not the one in the directory"))
    if said.family_name is not None and plain_name(said.family_name) != plain_name(known.family_name):
        found.append(_mismatch("member.family_name", "the family name is not the one in the directory"))
    return tuple(found)


def _mismatch(path: str, message: str) -> Problem:
    return Problem(
        path=path, rule="intake.member_mismatch", message=message, expected="the member to whom the id belongs"
    )


def plain_name(name: str) -> str:
    """Letters only, without case and accents: spelling is no contradiction."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in decomposed if letter.isalnum())
