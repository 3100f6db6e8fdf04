"""Arrivals become cases: once, whatever happens, and with the instant at which they came."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from demo.time_skipping_lab import Lab
from domain.vocabulary import Channel
from intake.submission import submit
from services.context import SubmissionStatus
from store import documents, inbox, tasks
from store.inbox import InboxStatus
from tests.intake.arrivals import context_of, inbox_item, journal_kinds, plain, sample, settle, status, versions

PAS = Channel.FHIR_PAS
API = Channel.API


async def test_a_request_becomes_a_running_case_with_its_documents(lab: Lab) -> None:
    outcome = await submit(await context_of(lab), sample("home-oxygen-complete"), PAS, "1999999984")
    await settle(lab)
    assert outcome.kind is SubmissionStatus.STARTED and outcome.case_id is not None
    assert status(lab, outcome.case_id) == "approved"
    with lab.store.read() as s:
        assert documents.of_case(s, outcome.case_id)
        assert inbox.raw(s, outcome.inbox_id) == sample("home-oxygen-complete")
    assert inbox_item(lab, outcome.inbox_id).started_at is not None


async def test_the_receipt_instant_is_the_one_given_at_the_door(lab: Lab) -> None:
    services = await context_of(lab)
    at = services.clock() - timedelta(hours=5)
    outcome = await submit(services, plain(), API, received_at=at)
    assert outcome.received_at == at


async def test_what_cannot_be_read_is_kept_and_becomes_a_task_for_intake(lab: Lab) -> None:
    outcome = await submit(await context_of(lab), sample("broken"), API)
    assert outcome.kind is SubmissionStatus.REFUSED and outcome.problems[0].rule == "json-syntax"
    with lab.store.read() as s:
        assert inbox.raw(s, outcome.inbox_id) == sample("broken")
        (task,) = tasks.worklist(s)
    assert task.task_id == f"INBOX-{outcome.inbox_id}"


async def test_a_member_who_is_not_in_the_directory_is_never_guessed(lab: Lab) -> None:
    outcome = await submit(await context_of(lab), sample("member-unknown"), PAS)
    assert [problem.rule for problem in outcome.problems] == ["intake.member_unknown"]
    assert inbox_item(lab, outcome.inbox_id).status is InboxStatus.REFUSED


async def test_a_birth_date_or_name_that_contradicts_the_directory_is_refused(lab: Lab) -> None:
    wrong = {"member_id": "MBR1000001", "family_name": "Other", "birth_date": "1951-04-13"}
    outcome = await submit(await context_of(lab), plain(member=wrong), API)
    assert {problem.rule for problem in outcome.problems} == {"intake.member_mismatch"}
    assert {problem.path for problem in outcome.problems} == {"member.birth_date", "member.family_name"}
    assert "1951" not in str(outcome.problems)


async def test_spelling_of_a_name_is_no_contradiction(lab: Lab) -> None:
    outcome = await submit(
        await context_of(lab), plain(member={"member_id": "MBR1000001", "family_name": "WHÌTFIELD"}), API
    )
    assert outcome.kind is SubmissionStatus.STARTED


async def test_a_concurrent_review_is_not_taken_in_as_a_prior_authorization(lab: Lab) -> None:
    """The sample asks for days of next year: a stay that has not begun does not go on."""
    outcome = await submit(await context_of(lab), plain(review_kind="concurrent"), API)
    assert [problem.rule for problem in outcome.problems] == ["stay.not_begun"]


async def test_a_retrospective_review_is_not_taken_in_as_a_prior_authorization(lab: Lab) -> None:
    outcome = await submit(await context_of(lab), plain(review_kind="retrospective"), API)
    assert [problem.rule for problem in outcome.problems] == ["intake.review_kind"]


async def test_the_same_request_twice_joins_the_running_case_and_says_so(lab: Lab) -> None:
    services = await context_of(lab)
    first = await submit(services, plain(), API)
    await settle(lab)
    again = await submit(services, plain(submission_id="another-number"), API)
    await settle(lab)
    assert again.kind is SubmissionStatus.JOINED and again.case_id == first.case_id
    assert "waits for nurse review" in again.says
    assert first.case_id is not None
    assert journal_kinds(lab, first.case_id).count("duplicate_received") == 1
    assert versions(lab, first.case_id) == 1
    assert inbox_item(lab, again.inbox_id).status is InboxStatus.ACCEPTED


async def test_the_same_request_after_its_approval_names_the_authorization(lab: Lab) -> None:
    services = await context_of(lab)
    first = await submit(services, sample("home-oxygen-complete"), PAS)
    await settle(lab)
    again = await submit(services, sample("home-oxygen-complete"), PAS)
    assert again.kind is SubmissionStatus.DECIDED_BEFORE and again.case_id == first.case_id
    assert "Authorization number AU" in again.says


async def test_two_submissions_at_the_same_moment_make_one_case(lab: Lab) -> None:
    services = await context_of(lab)
    outcomes = await asyncio.gather(*(submit(services, plain(submission_id=str(n)), API) for n in range(8)))
    await settle(lab)
    assert len({outcome.case_id for outcome in outcomes}) == 1
    assert sorted(outcome.kind for outcome in outcomes) == [SubmissionStatus.JOINED] * 7 + [SubmissionStatus.STARTED]
    case_id = outcomes[0].case_id
    assert case_id is not None
    assert journal_kinds(lab, case_id).count("request_received") == 1
    assert journal_kinds(lab, case_id).count("duplicate_received") == 7


async def test_while_the_engine_is_away_a_request_is_kept_with_its_case_number(lab: Lab) -> None:
    services = await context_of(lab)
    outcome = await submit(replace(services, temporal=None), plain(), API)
    assert outcome.kind is SubmissionStatus.STORED and outcome.case_id is not None
    assert outcome.case_id in outcome.says
