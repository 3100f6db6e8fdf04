"""Rules on appeals: each line has its time to file, its parties and its next step, and a time that nobody counts is refused."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from domain.clocks.binding import compute_clocks
from domain.clocks.engine import ClockEvent, ClockFacts, DueKind, EventKind
from domain.vocabulary import Lob, Proceeding, ReviewKind, ServiceKind, Urgency
from rulebook.errors import RulebookErrors
from rulebook.rulebook import load_rulebook
from rulebook.yamlfile import RULEBOOK_ROOT

BOOK = load_rulebook({})
NOTED = datetime(2026, 11, 3, 15, tzinfo=UTC)
COUNTED = [(rule.window_rule, lob) for rule in BOOK.review.appeals for lob in rule.lobs]


def test_every_line_of_business_has_one_rule_on_appeals() -> None:
    lobs = [lob for rule in BOOK.review.appeals for lob in rule.lobs]
    assert sorted(lobs) == sorted(set(lobs))


@pytest.mark.parametrize(("window_rule", "lob"), COUNTED)
def test_the_time_to_appeal_of_every_line_is_counted_from_its_notice(window_rule: str, lob: Lob) -> None:
    facts = ClockFacts(
        lob=lob,
        urgency=Urgency.STANDARD,
        received_at=NOTED,
        zone="America/New_York",
        service_kind=ServiceKind.MEDICAL,
        review_kind=ReviewKind.PROSPECTIVE,
        proceeding=Proceeding.APPEAL,
    )
    events = (
        ClockEvent(kind=EventKind.NOTICE_DATED, at=NOTED, on=date(2026, 11, 3)),
        ClockEvent(kind=EventKind.NOTICE_RECEIVED, at=NOTED, on=date(2026, 11, 3)),
    )
    found = compute_clocks(BOOK.clocks, facts, events, BOOK.calendar)
    due = [one for clock in found if clock.rule_id == window_rule for one in clock.due if one.kind is DueKind.FILING]
    assert len(due) == 1 and due[0].at > NOTED


@pytest.mark.parametrize("wrong", ["MCD-NOBODY-FILE", "MCD-APPEAL-STD", "CHIP-APPEAL-FILE"])
def test_a_time_to_appeal_that_binds_another_line_or_none_is_refused_when_the_rulebook_is_loaded(
    tmp_path: Path, wrong: str
) -> None:
    root = tmp_path / "rulebook"
    shutil.copytree(RULEBOOK_ROOT, root)
    place = root / "review" / "appeals.yaml"
    place.write_text(place.read_text().replace("window_rule: MCD-APPEAL-FILE", f"window_rule: {wrong}"))
    with pytest.raises(RulebookErrors, match=wrong):
        load_rulebook({"UMPIRE_RULEBOOK": str(root)})
