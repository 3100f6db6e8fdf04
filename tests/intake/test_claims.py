"""Claims at intake: kept before they are read, one review for each, and nothing lost when a process dies."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from demo.time_skipping_lab import Lab
from domain.vocabulary import Channel
from intake import claims as taking_in
from intake.claims import submit_claim
from intake.resume import resume_arrivals
from services.context import SubmissionStatus
from store import claims, documents, inbox
from store.inbox import InboxStatus
from tests.intake.arrivals import context_of, inbox_item, journal_kinds
from tests.intake.dying_steps import Killed, kill
from tests.paths import SAMPLES

SAMPLES = SAMPLES / "claims"
API = Channel.API


def sample(name: str = "cpap-not-authorized", **changes: Any) -> bytes:
    return json.dumps(json.loads((SAMPLES / f"{name}.json").read_text()) | changes).encode()


STEPS = [
    (taking_in, "read_claim"),
    (taking_in, "membership_issues"),
    (documents, "put"),
    (claims, "save"),
    (inbox, "accept"),
    (inbox, "mark_started"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("place", "name"), STEPS, ids=[name for _, name in STEPS])
async def test_a_claim_survives_a_death_at_each_step(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, place: object, name: str, after: bool
) -> None:
    services = await context_of(lab)
    kill(monkeypatch, place, name, after)
    with pytest.raises(Killed):
        await submit_claim(services, sample(), API)
    await lab.advance(hours=3)
    outcomes = await resume_arrivals(await context_of(lab))
    await lab.settle()
    assert await resume_arrivals(services) == ()
    with lab.store.read() as s:
        (stored,) = claims.of_member(s, "MBR1000001")
    lab.handle(stored.case_id)
    await lab.settle()
    assert stored.claim.received_at == services.clock()
    assert journal_kinds(lab, stored.case_id).count("claim_received") == 1
    assert all(outcome.case_id == stored.case_id for outcome in outcomes)


async def test_while_the_engine_is_away_a_claim_is_kept_and_starts_later_with_its_receipt(lab: Lab) -> None:
    away = await context_of(lab, temporal=None)
    kept = await submit_claim(away, sample(), API)
    assert kept.kind is SubmissionStatus.STORED and kept.case_id is not None
    again = await submit_claim(away, sample(), API)
    assert again.kind is SubmissionStatus.STORED and again.case_id == kept.case_id
    await lab.advance(days=1)
    started, joined = await resume_arrivals(await context_of(lab))
    assert (started.kind, joined.kind) == (SubmissionStatus.STARTED, SubmissionStatus.JOINED)
    lab.handle(kept.case_id)
    await lab.settle()
    assert journal_kinds(lab, kept.case_id).count("duplicate_received") == 1
    with lab.store.read() as s:
        assert claims.load(s, kept.case_id).claim.received_at == away.clock()


async def test_a_claim_for_somebody_who_is_no_member_is_kept_for_intake(lab: Lab) -> None:
    outcome = await submit_claim(await context_of(lab), sample(member={"member_id": "MBR9999999"}), API)
    assert outcome.kind is SubmissionStatus.REFUSED
    assert [problem.rule for problem in outcome.problems] == ["intake.member_unknown"]
    assert inbox_item(lab, outcome.inbox_id).status is InboxStatus.REFUSED


async def test_a_claim_that_cannot_be_read_is_kept_with_every_reason(lab: Lab) -> None:
    outcome = await submit_claim(await context_of(lab), sample("faulty"), API)
    assert outcome.kind is SubmissionStatus.REFUSED and len(outcome.problems) >= 2
    assert inbox_item(lab, outcome.inbox_id).status is InboxStatus.REFUSED


async def test_the_number_of_a_review_tells_nothing_and_is_another_for_another_claim(lab: Lab) -> None:
    services = await context_of(lab)
    one = await submit_claim(services, sample(), API)
    two = await submit_claim(
        replace(services, patience=timedelta(seconds=20)), sample(claim_number="RB-2026-0999"), API
    )
    assert one.case_id is not None and two.case_id is not None and one.case_id != two.case_id
    assert one.case_id.startswith("RR-") and "MBR" not in one.case_id and "0102" not in one.case_id
