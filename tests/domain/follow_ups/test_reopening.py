"""Reopening by the rule of the line: who may ask, until when, on which ground; and nothing is refused by a rule alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.follow_ups.reopening import NO_RULE, apply_reopening_rule
from domain.requests.after_decision import AfterDecision, AfterDecisionFinding, AfterDecisionKind, ReopeningGround
from domain.vocabulary import AskedBy, Lob
from rulebook.review_rules import load_review_rules

RULES = load_review_rules().reopening
ZONE = ZoneInfo("America/Chicago")
DECIDED = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
DAY, YEAR = timedelta(days=1), timedelta(days=365)
NEW, CLERICAL, OTHER = ReopeningGround.NEW_EVIDENCE, ReopeningGround.CLERICAL_ERROR, ReopeningGround.OTHER


def found(
    lob: Lob, after: timedelta, ground: ReopeningGround = NEW, by: AskedBy = AskedBy.PROVIDER
) -> AfterDecisionFinding:
    asked = AfterDecision(
        case_id="PA-X", kind=AfterDecisionKind.REOPENING, asked_by=by, decided_at=DECIDED, ground=ground
    )
    return apply_reopening_rule(RULES, lob, asked, DECIDED + after, ZONE)


@pytest.mark.parametrize(
    ("lob", "after", "ground", "permitted"),
    [
        (Lob.MEDICARE_ADVANTAGE, 364 * DAY, OTHER, True),
        (Lob.MEDICARE_ADVANTAGE, YEAR + DAY, OTHER, False),
        (Lob.MEDICARE_ADVANTAGE, 3 * YEAR, NEW, True),
        (Lob.MEDICARE_ADVANTAGE, 5 * YEAR, NEW, False),
        (Lob.MEDICARE_ADVANTAGE, 9 * YEAR, CLERICAL, True),
        (Lob.PART_D, 3 * YEAR, NEW, True),
        (Lob.PART_D, 5 * YEAR, NEW, False),
        (Lob.MEDICAID, 60 * DAY, NEW, True),
        (Lob.MEDICAID, 61 * DAY, NEW, False),
        (Lob.CHIP, 61 * DAY, NEW, False),
        (Lob.COMMERCIAL_ERISA, 180 * DAY, NEW, True),
        (Lob.COMMERCIAL_ACA, 181 * DAY, NEW, False),
        (Lob.QHP, 181 * DAY, CLERICAL, True),
    ],
)
def test_each_line_has_its_time_for_each_ground(
    lob: Lob, after: timedelta, ground: ReopeningGround, permitted: bool
) -> None:
    result = found(lob, after, ground)
    assert result.permitted is permitted and result.citation
    assert permitted or "the time for it ended on" in result.because


def test_the_time_ends_with_the_local_day() -> None:
    last = found(Lob.MEDICAID, DAY).until
    assert last is not None
    assert last.astimezone(ZONE).isoformat() == "2026-05-01T23:59:59-05:00"


def test_a_line_without_a_rule_and_a_decision_without_a_day_go_to_people() -> None:
    asked = AfterDecision(case_id="PA-X", kind=AfterDecisionKind.REOPENING, asked_by=AskedBy.MEMBER, ground=NEW)
    undated = apply_reopening_rule(RULES, Lob.MEDICAID, asked, DECIDED, ZONE)
    unruled = apply_reopening_rule((), Lob.MEDICAID, asked.model_copy(update={"decided_at": DECIDED}), DECIDED, ZONE)
    assert {undated.rule_id, unruled.rule_id} == {NO_RULE}
    assert not undated.permitted and not undated.is_put_on_record and not undated.may_be_reviewed


def test_every_line_of_business_has_a_rule_and_what_is_unsure_says_so() -> None:
    assert {lob for rule in RULES for lob in rule.lobs} == set(Lob)
    practice = [rule for rule in RULES if "practice" in rule.source]
    assert practice and all(rule.confidence == "unsure" for rule in practice)
