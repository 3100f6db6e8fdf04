"""Membership and coverage check of a request. A member who does not match the directory goes to intake."""

from __future__ import annotations

import unicodedata
from datetime import date

from sqlalchemy.orm import Session

from domain.coverage.directory import Member
from domain.errors import ValidationIssue
from domain.requests.request import AuthorizationRequest, MemberReference
from domain.vocabulary import Lob, ReviewKind
from store import directory


def membership_issues(
    s: Session, request: AuthorizationRequest, lobs: frozenset[Lob] | None = None
) -> tuple[ValidationIssue, ...]:
    """Issues that prevent this request from becoming a case of this plan; empty without any. Holds no health information.

    `lobs` are the lines of business that the rulebook has clocks and deciders for (None: not checked).
    """
    if request.review_kind is ReviewKind.RETROSPECTIVE:
        message = f"a {request.review_kind.value} review is not accepted here"
        return (
            ValidationIssue(
                path="review_kind", rule="intake.review_kind", message=message, expected="prospective or concurrent"
            ),
        )
    member = directory.member(s, request.member.member_id)
    if member is None:
        message, wanted = "the directory has no member with this id", "the member id as printed on the plan's card"
        return (
            ValidationIssue(path="member.member_id", rule="intake.member_unknown", message=message, expected=wanted),
        )
    contradicting = member_mismatches(request.member, member)
    if contradicting:
        return contradicting
    days = [line.start for line in request.lines if line.start is not None]
    return coverage_issues(s, member.member_id, min(days) if days else None, lobs)


def coverage_issues(
    s: Session, member_id: str, day: date | None, lobs: frozenset[Lob] | None
) -> tuple[ValidationIssue, ...]:
    """Coverage issues of this member on this day (None: not known): no coverage, or a line of business without rules."""
    coverages = directory.coverages(s, member_id)
    if not coverages:
        message, wanted = "the directory has no coverage of this member, past or present", "a member with coverage"
        return (ValidationIssue(path="member.member_id", rule="intake.no_coverage", message=message, expected=wanted),)
    lob = next((each for each in coverages if day is not None and each.covers(day)), coverages[0]).lob
    if lobs is not None and lob not in lobs:
        message = f"the rulebook has no clocks or no deciders for {lob.value}, so a case of it could never be decided"
        wanted = f"one of: {', '.join(sorted(lobs))}; or add rulebook/clocks and review/deciders.yaml for it"
        return (
            ValidationIssue(path="member.member_id", rule="intake.line_of_business", message=message, expected=wanted),
        )
    return ()


def member_mismatches(said: MemberReference, known: Member) -> tuple[ValidationIssue, ...]:
    """Differences between a document and the directory about the member."""
    found = []
    if said.birth_date is not None and said.birth_date != known.birth_date:
        found.append(_mismatch("member.birth_date", "the date of birth is not the one in the directory"))
    if said.family_name is not None and not _is_same_name(said, known):
        found.append(_mismatch("member.family_name", "the family name is not the one in the directory"))
    return tuple(found)


def _is_same_name(said: MemberReference, known: Member) -> bool:
    """Whether the family names are the same; a sender's whole name in one piece is compared with the whole name."""
    family, given = normalize_name(known.family_name), normalize_name(known.given_name)
    name = normalize_name(said.family_name or "")
    if name == family:
        return True
    is_whole = said.given_name is None and len((said.family_name or "").split()) > 1
    return is_whole and ((name.startswith(given) and name.endswith(family)) or name.startswith(family + given))


def _mismatch(path: str, message: str) -> ValidationIssue:
    return ValidationIssue(
        path=path, rule="intake.member_mismatch", message=message, expected="the member to whom the id belongs"
    )


def normalize_name(name: str) -> str:
    """The name in lower case, with letters and digits only and without accents, for comparison."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in decomposed if letter.isalnum())
