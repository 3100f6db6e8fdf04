"""A line of business that the rulebook cannot serve is said at the door, not by a case that nobody could ever decide."""

from __future__ import annotations

from pathlib import Path

from demo.time_skipping_lab import Lab
from domain.vocabulary import Channel, Lob
from intake.submission import submit
from services.context import SubmissionStatus
from store.inbox import InboxStatus
from tests.intake.arrivals import context_of, inbox_item, plain


async def test_a_request_of_a_line_of_business_without_rules_is_refused_with_the_way_out(lab: Lab) -> None:
    services = await context_of(lab, lobs=frozenset({Lob.MEDICAID}))
    outcome = await submit(services, plain(), Channel.PORTAL)
    assert outcome.kind is SubmissionStatus.REFUSED
    assert [problem.rule for problem in outcome.problems] == ["intake.line_of_business"]
    assert "deciders.yaml" in str(outcome.problems[0].expected)
    assert inbox_item(lab, outcome.inbox_id).status is InboxStatus.REFUSED


async def test_a_line_of_business_with_rules_is_taken_in(lab: Lab, tmp_path: Path) -> None:
    services = await context_of(lab, lobs=lab.dependencies.rulebook.lobs)
    outcome = await submit(services, plain(), Channel.PORTAL)
    assert outcome.kind is SubmissionStatus.STARTED
