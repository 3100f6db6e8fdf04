"""Requests about an authorization after its decision: entered by people or sent by the requester, one case for each."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from activities.lookups.authorizations import AuthorizationFinder
from demo.time_skipping_lab import Lab
from domain.authorization.messages import PartyStatement
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.errors import Refused
from domain.follow_ups.changes import AskedChange, LineChange, ReductionNotice
from domain.follow_ups.terms import AuthorizationVersion
from domain.requests.after_decision import AfterDecisionKind, ReopeningGround
from domain.requests.request import ProviderReference
from domain.vocabulary import AskedBy, Channel
from intake import follow_ups
from intake.follow_ups import SaidAfterDecision, ask_after_decision
from intake.requests.records import add_documents
from intake.resume import resume_arrivals
from intake.submission import submit
from rulebook.rulebook import load_rulebook
from services.context import ServiceContext, SubmissionStatus
from services.queries.authorizations import AuthorizationFilter, find_authorizations
from store import cases, documents, inbox, journal, requests
from tests.intake.arrivals import context_of, plain, sample, settle
from tests.workflows.lab_case import LabCase

API = Channel.API
LONGER = date(2027, 2, 15)


async def approved(lab: Lab) -> LabCase:
    """The sample fusion, submitted and approved by a nurse."""
    first = await submit(await context_of(lab), sample("lumbar-fusion"), API)
    await settle(lab)
    assert first.case_id is not None
    case = LabCase(lab, first.case_id)
    await case.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert case.view().status is CaseStatus.APPROVED
    return case


def said(services: ServiceContext, case: LabCase, change: AskedChange | None, **more: Any) -> SaidAfterDecision:
    asked = PartyStatement(person="Dr. Lee", channel=Channel.PHONE, at=services.clock(), note="As said by telephone.")
    content: dict[str, Any] = {"by": AskedBy.PROVIDER, "entered_by": "nurse.adams", "why": "The surgeon is away"}
    return SaidAfterDecision(case_id=case.case_id, asked=asked, change=change, **(content | more))


def versions(lab: Lab, case: LabCase) -> tuple[AuthorizationVersion, ...]:
    with lab.store.read() as s:
        return cases.authorization_versions(s, case.case_id)


LATER = AskedChange(kind=AfterDecisionKind.DATES, lines=(LineChange(line_id="1", end=LONGER),))


async def test_a_longer_authorization_is_reviewed_and_becomes_its_second_version_under_the_same_number(
    lab: Lab,
) -> None:
    case = await approved(lab)
    services = await context_of(lab)
    kept = await ask_after_decision(replace(services, temporal=None), said(services, case, LATER))
    assert kept.kind is SubmissionStatus.STORED and kept.case_id == f"{case.case_id}-F1"
    await resume_arrivals(services)
    await settle(lab)
    again = await ask_after_decision(services, said(services, case, LATER))
    assert again.kind is SubmissionStatus.JOINED and again.case_id == kept.case_id
    change = LabCase(lab, kept.case_id)
    await change.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert "approval/member" in change.sent() and change.view().authorization_number == case.view().authorization_number
    first, second = versions(lab, case)
    assert (first.terms.lines[0].end, second.terms.lines[0].end) == (date(2027, 1, 15), LONGER)
    assert second.by == "reviewer:nurse.adams" and second.case_id == change.case_id
    assert case.entries("authorization_changed")[0].summary.endswith(
        "until 2027-02-15 instead of 2027-01-15. Entered by nurse.adams."
    )
    with lab.store.read() as s:
        assert journal.verify_all(s) == []
        (found,) = AuthorizationFinder(load_rulebook()).find_for_member(s, case.view().member_id, "RR-NONE")
        assert found.end == LONGER and found.case_id == case.case_id
        number = case.view().authorization_number
        (sheet,) = find_authorizations(s, AuthorizationFilter(number=number), datetime(2026, 12, 1, 12, tzinfo=UTC))
        by_provider = find_authorizations(
            s, AuthorizationFilter(npi="1215000013"), datetime(2026, 12, 1, 12, tzinfo=UTC)
        )
        last_evening = datetime(
            2027, 2, 16, 2, tzinfo=UTC
        )  # nine in the evening of the last day where the member lives
        (still,) = find_authorizations(s, AuthorizationFilter(number=number), last_evening)
        assert still.state == "active"
    assert (sheet.state, len(sheet.versions), sheet.lines[0].left) == ("to_come", 2, 1)
    assert [row.asked for row in sheet.follow_ups] == ["dates"] and by_provider == (sheet,)


async def test_the_requester_gives_an_authorization_back_by_a_cancellation(lab: Lab) -> None:
    case = await approved(lab)
    first = json.loads(sample("lumbar-fusion"))
    cancel = plain(submission_id="late", action="cancel", prior_submission_id=first["submission_id"])
    outcome = await submit(await context_of(lab), cancel, API)
    await settle(lab)
    assert outcome.kind is SubmissionStatus.STARTED and outcome.case_id == f"{case.case_id}-F1"
    assert case.view().status is CaseStatus.VOIDED
    last = versions(lab, case)[-1]
    assert last.terms.voided and last.by == "provider:1215000013"
    assert {"change_notice/member", "change_notice/provider"} <= set(LabCase(lab, outcome.case_id).sent())
    with lab.store.read() as s:
        assert AuthorizationFinder(load_rulebook()).find_for_member(s, case.view().member_id, "RR-NONE") == ()
    copy = await submit(await context_of(lab), cancel, API)
    assert copy.kind in (SubmissionStatus.DECIDED_BEFORE, SubmissionStatus.JOINED) and copy.case_id == outcome.case_id


async def test_an_authorization_with_an_open_change_is_not_given_back_before_the_change_is_withdrawn(lab: Lab) -> None:
    case = await approved(lab)
    services = await context_of(lab)
    opened = await ask_after_decision(services, said(services, case, LATER))
    await settle(lab)
    with pytest.raises(Refused) as refused:
        await ask_after_decision(services, said(services, case, AskedChange(kind=AfterDecisionKind.VOID)))
    (broken,) = refused.value.refusals
    assert broken.rule == "change.open" and opened.case_id in broken.message
    first = json.loads(sample("lumbar-fusion"))
    cancel = plain(submission_id="late", action="cancel", prior_submission_id=first["submission_id"])
    told = await submit(await context_of(lab), cancel, API)
    assert told.kind is SubmissionStatus.REFUSED and opened.case_id in str(told.problems), (
        "intake has it, with the way out"
    )


async def test_more_units_that_are_asked_for_again_are_no_second_request(lab: Lab) -> None:
    case = await approved(lab)
    first = json.loads(sample("lumbar-fusion"))

    def two_in_all(number: int) -> bytes:
        return plain(
            submission_id=f"more-{number}",
            action="update",
            prior_submission_id=first["submission_id"],
            lines=[{**first["lines"][0], "quantity": 2}],
        )

    opened = await submit(await context_of(lab), two_in_all(1), API)
    await settle(lab)
    more = LabCase(lab, f"{case.case_id}-F1")
    assert opened.case_id == more.case_id
    assert (await submit(await context_of(lab), two_in_all(2), API)).case_id == more.case_id
    await more.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert (await submit(await context_of(lab), two_in_all(3), API)).case_id == more.case_id
    with lab.store.read() as s:
        assert not requests.is_on_file(s, f"{case.case_id}-F2")


async def test_a_later_change_of_days_keeps_the_provider_that_an_earlier_change_named(lab: Lab) -> None:
    case = await approved(lab)
    services = await context_of(lab)
    other = ProviderReference(npi="1992702128", name="Another surgeon")
    for change in (AskedChange(kind=AfterDecisionKind.PROVIDER, servicing_provider=other), LATER):
        opened = await ask_after_decision(services, said(services, case, change))
        await settle(lab)
        assert opened.case_id is not None
        await LabCase(lab, opened.case_id).approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    third = versions(lab, case)[-1]
    assert third.version == 3 and third.terms.lines[0].end == LONGER
    assert (third.terms.servicing_npi, third.terms.servicing_name) == (other.npi, other.name)


async def test_records_after_a_denied_change_ask_for_it_again_and_take_no_units_twice(lab: Lab) -> None:
    case = await approved(lab)
    services = await context_of(lab)
    opened = await ask_after_decision(services, said(services, case, LATER))
    await settle(lab)
    assert opened.case_id == f"{case.case_id}-F1"
    change = LabCase(lab, opened.case_id)
    await change.refer()
    await change.send(await change.settled("declined"))
    with lab.store.read() as s:
        held = tuple(document.document_id for document in documents.of_case(s, change.case_id))
    await change.send(await change.denial(evidence_opened=held))
    assert change.view().status is CaseStatus.DENIED
    with pytest.raises(Refused, match=r"reopening\.nothing"):
        await ask_after_decision(services, said(services, change, None, ground=ReopeningGround.OTHER))
    reply = await add_documents(await context_of(lab), change.case_id, b"%PDF-1.7 why later", "Why later", None)
    await settle(lab)
    again = LabCase(lab, f"{case.case_id}-F2")
    assert reply.case_id == again.case_id and again.view().follows == case.case_id
    more = await add_documents(await context_of(lab), change.case_id, b"%PDF-1.7 and more", "And more", None)
    assert more.case_id == again.case_id and again.entries("information_received")
    await settle(lab)
    await again.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert versions(lab, case)[-1].terms.lines[0].end == LONGER
    assert again.view().authorization_number == case.view().authorization_number


async def test_a_clerical_error_is_set_right_at_once_and_told(lab: Lab) -> None:
    case = await approved(lab)
    wrong = AskedChange(kind=AfterDecisionKind.CORRECTION, lines=(LineChange(line_id="1", end=LONGER),))
    services = await context_of(lab)
    result = await ask_after_decision(
        services, said(services, case, wrong, by=AskedBy.PLAN, why="The month was typed wrong")
    )
    await settle(lab)
    assert result.case_id is not None
    record = LabCase(lab, result.case_id)
    assert record.view().status is CaseStatus.COMPLETED and "change_notice/member" in record.sent()
    assert "The month was typed wrong." in record.text("change_notice/member")
    assert versions(lab, case)[-1].terms.lines[0].end == LONGER


async def test_what_breaks_a_rule_is_told_at_the_door_and_nothing_is_kept(lab: Lab) -> None:
    case = await approved(lab)
    services = await context_of(lab)
    shorter = AskedChange(kind=AfterDecisionKind.DATES, lines=(LineChange(line_id="1", end=date(2027, 1, 13)),))
    wrong = [
        (said(services, case, shorter), "change.less"),
        (said(services, case, None, ground=ReopeningGround.OTHER), "reopening.nothing"),
        (said(services, case, AskedChange(kind=AfterDecisionKind.VOID), by=AskedBy.PLAN), "change.party"),
        (said(services, case, LATER, why=" "), "change.why"),
        (said(services, case, LATER, entered_by="coder.lindqvist"), "change.role"),
    ]
    with lab.store.read() as s:
        before = len(inbox.of_case(s, case.case_id))
    for one, rule in wrong:
        with pytest.raises(Refused) as refused:
            await ask_after_decision(services, one)
        assert rule in {each.rule for each in refused.value.refusals}
    with lab.store.read() as s:
        assert len(inbox.of_case(s, case.case_id)) == before
        assert not requests.is_on_file(s, f"{case.case_id}-F1")


@pytest.mark.many
async def test_an_authorization_ends_early_only_by_a_physician_s_signature_after_the_days_of_notice(lab: Lab) -> None:
    case = await approved(lab)
    ends = date(2027, 1, 14)
    notice = ReductionNotice(days_of_notice=10, citation="42 CFR 438.404(c)(1)")
    change = AskedChange(kind=AfterDecisionKind.END_EARLY, effective_on=ends, notice=notice)
    services = await context_of(lab)
    with pytest.raises(Refused, match=r"change\.end_role"):
        await ask_after_decision(services, said(services, case, change, by=AskedBy.PLAN))
    proposed = said(services, case, change, by=AskedBy.PLAN, entered_by="md.ortho.chen")
    result = await ask_after_decision(services, proposed)
    await settle(lab)
    assert result.case_id is not None
    review = LabCase(lab, result.case_id)
    assert review.task(TaskKind.PHYSICIAN_REVIEW).is_open and len(versions(lab, case)) == 1
    assert (await lab.now()).date() + timedelta(days=11) < ends


@pytest.mark.parametrize("days", [None, 10])
def test_a_line_whose_rule_lets_nothing_end_early_says_why(days: int | None) -> None:
    if days is None:
        with pytest.raises(Refused, match=r"change\.end"):
            follow_ups.reduction_notice(days, "42 CFR 422.138(c)", "Approved care is not taken back.")
    else:
        assert follow_ups.reduction_notice(days, "42 CFR 438.404(c)(1)", "").days_of_notice == days
