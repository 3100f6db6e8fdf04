"""Every letter that a process can order is written once without a case, and every rule starts with an event that happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from activities.letters.trial_run import INVENTED_PLAN, TRIAL_STATES, try_letters
from domain.clocks.emitted_events import EMITTED_BY, WAITING_FOR, named_events, unknown_events, waiting_events
from domain.clocks.events import EventKind
from domain.vocabulary import Lob
from rulebook.notice_rules import NOTICES_FOLDER, NoticeBook
from tests.domain.clocks.clockwork import SHIPPED
from tests.rulebook.test_notice_rules import folder, spoil

__all__ = ["folder"]
ROOT = Path(__file__).resolve().parents[2]
PROCESS_CODE = ("domain", "workflows", "activities", "services", "intake")
pytestmark = pytest.mark.many
DERIVED = {EventKind.REQUEST_RECEIVED, EventKind.EXPEDITED_REQUEST_RECEIVED}
"""Events that the timeline itself derives from the receipt of a case."""


def test_every_letter_of_every_line_of_business_can_be_written() -> None:
    done = try_letters(NoticeBook.load(), frozenset(Lob))
    assert done.failures == () and done.written > 1000
    assert len(TRIAL_STATES) == 2 and INVENTED_PLAN.consumer_help == ()


@pytest.mark.parametrize(
    ("lob", "file", "old", "new", "said"),
    [
        (Lob.PART_D, "law/part_d.yaml", "name: withdrawn_law_member", "name: other_set", "withdrawn_law_member"),
        (Lob.COMMERCIAL_ACA, "offices.yaml", "states: [everywhere]", "states: [XX]", "consumer_assistance"),
        (Lob.CHIP, "acknowledgment.yaml", "when: no_decision_clock", "when: in_care", "decision_due"),
    ],
)
def test_the_check_names_each_letter_that_a_case_could_not_get(
    folder: Path, lob: Lob, file: str, old: str, new: str, said: str
) -> None:
    spoil(folder, file, old, new)
    failures = try_letters(NoticeBook.load(folder), frozenset({lob})).failures
    assert failures and all(said in one for one in failures)
    assert NOTICES_FOLDER.exists()


def test_every_event_that_a_rule_names_is_recorded_or_waits_for_a_process_by_name() -> None:
    assert unknown_events(SHIPPED) == ()
    assert EMITTED_BY.keys().isdisjoint(WAITING_FOR)
    named = {event for rule in SHIPPED for event in named_events(rule)}
    assert {one.event for one in waiting_events(SHIPPED)} == named - EMITTED_BY.keys()


def test_what_is_listed_as_recorded_is_recorded_by_a_process_and_nothing_else() -> None:
    text = "".join(
        path.read_text(encoding="utf-8")
        for folder in PROCESS_CODE
        for path in (ROOT / folder).rglob("*.py")
        if "domain/clocks" not in path.as_posix()
    )
    recorded = {EventKind[name] for name in re.findall(r"EventKind\.([A-Z_]+)", text)}
    assert recorded | DERIVED == set(EMITTED_BY)
