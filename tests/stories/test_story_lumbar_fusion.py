"""Lumbar fusion: the nurse, the wrong specialist and the expired licence are refused; the right one denies properly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from demo import case_record
from demo.case_record import CaseRecord
from demo.stories import lumbar_fusion
from demo.story_printer import StoryPrinter
from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.decisions.decision_makers import ByReviewer
from domain.journal import EntryKind
from domain.vocabulary import Audience, LineOutcome, NoticeKind
from store import cases
from tests.stories.letters_on_file import count_letters, date_in_words, end_of_day, is_each_mailed_once

pytestmark = pytest.mark.many

DECIDER = "DEC-MA-OD: 42 CFR 422.566(d); 42 CFR 422.562(a)(4)"


@pytest.fixture
async def told(lab: Lab, narrator: StoryPrinter) -> CaseRecord:
    return case_record.read_case_record(lab.store, await lumbar_fusion.tell(lab, narrator))


def refused(found: CaseRecord, who: str) -> set[str]:
    """The rules by which the journal says that somebody was refused."""
    entries = (entry for entry in found.of_kind(EntryKind.MESSAGE_REFUSED) if entry.actor.id == who)
    return {str(rule) for entry in entries for rule in entry.data["rules"]}  # type: ignore[union-attr]


async def test_each_attempt_to_deny_is_refused_with_its_rule_and_stays_on_the_case(told: CaseRecord) -> None:
    assert "decision.adverse_needs_signature" in refused(told, "nurse.adams")
    assert refused(told, "md.derm.novak") == {DECIDER}
    assert refused(told, "md.neuro.haile") == {"task.licence", DECIDER}
    assert refused(told, "md.ortho.chen") == {"decision.evidence", "decision.reason"}


async def test_the_nurse_refers_and_the_fitting_physician_denies_after_the_call(told: CaseRecord, lab: Lab) -> None:
    nurse, physician = told.task(TaskKind.NURSE_REVIEW), told.task(TaskKind.PHYSICIAN_REVIEW)
    assert (nurse.assignee, nurse.outcome) == ("nurse.adams", TaskOutcome.REFER)
    assert (physician.assignee, physician.outcome) == ("md.ortho.chen", TaskOutcome.DECIDE)
    assert set(physician.specialties) == {"neurosurgery", "orthopedic_surgery"}
    assert told.view.status is CaseStatus.DENIED and told.view.authorization_number is None
    with lab.store.read() as s:
        (line,) = cases.lines(s, told.view.case_id)
    assert (line.outcome, line.decided_by) == (LineOutcome.DENIED, ByReviewer("md.ortho.chen"))
    (offered,), (settled,) = told.of_kind(EntryKind.PEER_TO_PEER_OFFERED), told.of_kind(EntryKind.PEER_TO_PEER_SETTLED)
    assert told.view.decided_at is not None and offered.at < settled.at < told.view.decided_at
    assert told.view.decision_due == end_of_day(told.view.received_at, 7, "America/New_York")
    assert told.fault is None


async def test_each_letter_of_a_denial_goes_out_once(told: CaseRecord) -> None:
    assert count_letters(told) == dict.fromkeys(
        (
            "acknowledgment/member",
            "acknowledgment/provider",
            "peer_to_peer_offer/provider",
            "adverse_determination/member",
            "adverse_determination/provider",
        ),
        1,
    )
    assert is_each_mailed_once(told)


async def test_the_members_letter_carries_reason_rule_rights_and_deadlines(told: CaseRecord) -> None:
    (letter,) = told.letters_of(NoticeKind.ADVERSE_DETERMINATION, Audience.MEMBER)
    text = " ".join(letter.rendered.text.split())
    noticed = letter.written_at.astimezone(told.zone).date()
    assert lumbar_fusion.PLAIN_WORDS in text
    assert "Lumbar spinal fusion" in text and "CMS LCD L37848" in text
    assert lumbar_fusion.WHAT_WOULD_CHANGE in text
    assert "You have the right to appeal." in text
    assert f"Ask for an appeal by {date_in_words(noticed + timedelta(days=65))}. That is 65 calendar days" in text
    assert "Standard appeal: we will decide within 30 calendar days" in text
    assert "Fast appeal: we will decide within 72 hours" in text
    assert "CMS-10003" in text


async def test_the_providers_letter_names_criterion_finding_reviewer_and_the_way_to_talk(told: CaseRecord) -> None:
    (letter,) = told.letters_of(NoticeKind.ADVERSE_DETERMINATION, Audience.PROVIDER)
    text = " ".join(letter.rendered.text.split())
    assert "At least 12 months of treatment without surgery" in text
    assert "6 months" in text and "CMS LCD L37848" in text
    assert "Wei Chen, MD" in text and "1-800-555-0140" in text
    (offer,) = told.letters_of(NoticeKind.PEER_TO_PEER_OFFER)
    assert "The talk does not move this date." in offer.rendered.text.replace("\n", " ")
