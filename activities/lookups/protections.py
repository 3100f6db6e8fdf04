"""Lookups of what protects a line before any review: care under way of a new member, and the least length of an approval."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from activities.lookups.criteria import LineEvidence
from domain.coverage.approval_lengths import ApprovalLength, find_approval_length
from domain.coverage.continuity import ContinuityFinding, enrolled_since, find_continuity_rule
from domain.coverage.directory import Coverage
from domain.evidence.fact_reading import TIER_RANK, FactReader
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.three_valued import Tri
from domain.vocabulary import ReviewKind
from rulebook.rulebook import Rulebook
from store import directory


def new_member_since(s: Session, book: Rulebook, coverage: Coverage, day: date) -> date | None:
    """The first covered day of a member whom a rule on care under way protects on this day; None for everybody else."""
    since = enrolled_since(coverage, directory.coverages(s, coverage.member_id))
    held = coverage.lob, coverage.state, coverage.self_funded
    return since if find_continuity_rule(book.review.continuity, *held, since, day) is not None else None


def protect_care_under_way(
    s: Session,
    book: Rulebook,
    request: AuthorizationRequest,
    came: LineEvidence,
    line: ServiceLine,
    coverage: Coverage,
    today: date,
) -> ContinuityFinding | None:
    """The protection of the line by its first day of service, or today. Reviews of a stay and of care already given have none:
    nothing of them waits for an authorization."""
    if request.stay is not None or request.review_kind is ReviewKind.RETROSPECTIVE:
        return None
    since = enrolled_since(coverage, directory.coverages(s, coverage.member_id))
    held = coverage.lob, coverage.state, coverage.self_funded
    rule = find_continuity_rule(book.review.continuity, *held, since, line.start or today)
    if rule is None:
        return None
    return ContinuityFinding(
        rule_id=rule.rule_id,
        question=rule.question,
        fact=rule.fact,
        state=_answer(book, came, rule.fact, today),
        through=rule.last_protected_day(since),
        citation=rule.cite,
    )


def least_length(
    book: Rulebook,
    request: AuthorizationRequest,
    came: LineEvidence,
    line: ServiceLine,
    coverage: Coverage,
    received_at: datetime,
    today: date,
) -> ApprovalLength | None:
    """The least time that an approval of the line holds; None where no law says so, and for days at a level of care: an
    approval of a planned admission is not one of months in the hospital."""
    of_days = request.stay is not None or line.level_of_care is not None
    if of_days or request.review_kind is ReviewKind.RETROSPECTIVE:
        return None
    day = received_at.astimezone(ZoneInfo(coverage.zone)).date()
    held = coverage.lob, coverage.state, coverage.self_funded
    rule = find_approval_length(book.review.approval_lengths, *held, day)
    return rule.finding(_answer(book, came, rule.chronic_fact, today)) if rule is not None else None


def _answer(book: Rulebook, came: LineEvidence, fact: str, today: date) -> Tri:
    """The answer to a yes-or-no fact; unknown while nothing of the tier that it needs answers it."""
    definition = book.criteria.dictionary.by_id[fact]
    reading = FactReader(definition).read([one for one in came.facts if one.id == fact], today)
    weighs = reading.evidence is not None and TIER_RANK[reading.evidence] >= TIER_RANK[definition.evidence]
    if reading.gap is not None or not isinstance(reading.value, bool) or not weighs:
        return Tri.UNKNOWN
    return Tri.MET if reading.value else Tri.NOT_MET
