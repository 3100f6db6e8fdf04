"""Each path of a prior authorization, from receipt to the last letter, with time moved by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.client import WorkflowHandle

from demo.time_skipping_lab import Lab
from domain.authorization.messages import AddDocuments, RequestExpedite
from domain.cases.tasks import TaskKind, TaskOutcome, TaskStatus
from domain.cases.views import CaseStatus
from domain.decisions.determination import LineDecision
from domain.vocabulary import AskedBy, LineOutcome, Lob, Urgency
from store import journal, requests
from tests.workflows.care_requests import (
    CPAP,
    CPAP_FACTS,
    FUSION,
    FUSION_NOT_MET,
    OXYGEN,
    OXYGEN_FACTS,
    WALKER,
    add_member,
    facts,
    request,
)
from tests.workflows.lab_case import BASIS, LabCase


async def opened(lab: Lab, *lines: object, **more: object) -> LabCase:
    return LabCase(lab, await lab.open(request(*lines, **more)))  # type: ignore[arg-type]


async def to_the_physician(lab: Lab, **more: object) -> LabCase:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET, **more)
    await services.refer()
    await services.send(await services.settled("held"))
    return services


async def test_complete_evidence_is_approved_by_rule_within_the_minute(lab: Lab) -> None:
    services = await opened(lab, OXYGEN, known=OXYGEN_FACTS)
    view = services.view()
    assert view.status is CaseStatus.APPROVED
    assert view.decided_at is not None and view.decided_at - view.received_at < timedelta(minutes=1)
    assert view.authorization_number is not None
    assert services.sent() == [
        "acknowledgment/member",
        "acknowledgment/provider",
        "approval/member",
        "approval/provider",
    ]


async def test_a_service_that_needs_no_authorization_is_closed_with_a_letter_that_says_so(lab: Lab) -> None:
    member = add_member(lab, Lob.COMMERCIAL_ERISA)
    services = await opened(lab, WALKER, servicing="1215000021", member=member)
    assert services.view().status is CaseStatus.NOT_REQUIRED
    assert {"not_required/member", "not_required/provider"} <= set(services.sent())


async def test_a_medicare_advantage_request_ends_in_a_determination_also_where_no_authorization_is_needed(
    lab: Lab,
) -> None:
    services = await opened(lab, WALKER, servicing="1215000021")
    assert services.view().status is CaseStatus.APPROVED
    assert {"approval/member", "approval/provider"} <= set(services.sent())
    assert "not_required/member" not in services.sent()
    assert services.view().authorization_number is not None


async def test_missing_facts_are_asked_for_once_and_the_medicare_clock_never_pauses(lab: Lab) -> None:
    known = {name: value for name, value in CPAP_FACTS.items() if name != "pap.ahi"}
    services = await opened(lab, CPAP, known=known)
    before = services.view().decision_due
    assert services.sent().count("information_request/provider") == 1
    await lab.advance(days=3)
    await answer_with(services, {"pap.ahi": 22})
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert services.view().status is CaseStatus.APPROVED
    assert services.view().decision_due == before
    assert services.sent().count("information_request/provider") == 1


async def answer_with(services: LabCase, values: dict[str, object]) -> None:
    """The provider's answer: a new version of the request with the facts that were missing."""
    with services.lab.store.begin() as s:
        asked = requests.load(s, services.case_id).request
        answered = asked.model_copy(update={"facts": (*asked.facts, *facts(values))})
        version = requests.save(s, services.case_id, answered)
    stamp = await services.stamp("1999999984", "provider")
    await services.send(AddDocuments(**stamp, document_ids=(), request_version=version))


async def test_when_nobody_answers_a_nurse_reviews_what_is_there_and_nothing_is_denied(lab: Lab) -> None:
    services = await opened(lab, CPAP, known={})
    view = services.view()
    assert view.waiting is not None and view.waiting.until is not None
    await lab.advance_to(view.waiting.until)
    assert services.task(TaskKind.NURSE_REVIEW).status is TaskStatus.OPEN
    assert services.view().status is CaseStatus.OPEN
    assert services.entries("information_wait_ended")


async def test_criteria_not_met_go_to_a_nurse_who_may_approve(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    assert services.view().status is CaseStatus.OPEN
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert services.view().status is CaseStatus.APPROVED


async def test_a_nurse_cannot_deny(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    denial = await services.completion(TaskKind.NURSE_REVIEW, "nurse.adams", TaskOutcome.DECIDE)
    assert await services.refused(denial) == {"task.outcome"}
    assert services.view().status is CaseStatus.OPEN


async def test_the_right_physician_denies_and_both_get_their_letter(lab: Lab) -> None:
    services = await to_the_physician(lab)
    await services.send(await services.denial())
    assert services.view().status is CaseStatus.DENIED
    assert {"adverse_determination/member", "adverse_determination/provider"} <= set(services.sent())


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        ("md.derm.novak", "DEC-MA-OD: 42 CFR 422.566(d); 42 CFR 422.562(a)(4)"),
        ("md.neuro.haile", "task.licence"),
        ("md.untrained.grant", "task.training"),
        ("nurse.adams", "task.role"),
        ("nobody.at.all", "reviewer.unknown"),
    ],
)
async def test_a_physician_who_does_not_fit_cannot_deny(lab: Lab, who: str, rule: str) -> None:
    services = await to_the_physician(lab)
    denial = (await services.denial()).model_copy(
        update={"reviewer_id": who, "actor": (await services.claim(TaskKind.PHYSICIAN_REVIEW, who)).actor}
    )
    assert rule in await services.refused(denial)
    assert services.view().status is CaseStatus.OPEN


async def test_no_denial_before_the_offered_peer_to_peer_is_settled(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    await services.refer()
    assert "peer_to_peer_offer/provider" in services.sent()
    assert await services.refused(await services.denial()) == {"DEC-MA-OD.peer_to_peer"}
    offer = services.entries("peer_to_peer_offered")[0]
    await lab.advance(days=4)
    assert [entry.data["result"] for entry in services.entries("peer_to_peer_settled")] == ["ended"]
    assert offer.seq < services.entries("peer_to_peer_settled")[0].seq
    await services.send(await services.denial())
    assert services.view().status is CaseStatus.DENIED


async def test_a_call_that_the_plan_missed_is_offered_again(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    await services.refer()
    await services.send(await services.settled("plan_no_show"))
    assert await services.refused(await services.denial()) == {"DEC-MA-OD.peer_to_peer"}


async def test_approving_less_than_was_asked_needs_a_signature(lab: Lab) -> None:
    asked = FUSION.model_copy(update={"quantity": Decimal(2), "unit": "levels"})
    services = await opened(lab, asked, known=FUSION_NOT_MET)
    half = LineDecision(line_id="1", outcome=LineOutcome.APPROVED, approved_quantity=Decimal(1))
    await services.send(await services.claim(TaskKind.NURSE_REVIEW, "nurse.adams"))
    said = {"lines": (half,), "basis": BASIS}
    less = await services.completion(TaskKind.NURSE_REVIEW, "nurse.adams", TaskOutcome.APPROVE, **said)
    assert await services.refused(less) == {"decision.adverse_needs_signature"}


async def test_a_withdrawn_request_is_closed_with_letters_and_no_decision(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    await services.send(await services.withdraw())
    view = services.view()
    assert view.status is CaseStatus.WITHDRAWN
    assert view.decided_at is None
    assert {"withdrawn/member", "withdrawn/provider"} <= set(services.sent())
    assert services.task(TaskKind.NURSE_REVIEW).status is TaskStatus.CANCELLED


async def test_a_physicians_word_makes_expediting_mandatory(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    before = services.view().decision_due
    await lab.advance(days=1)
    asked = RequestExpedite(
        **await services.stamp("1999999984", "provider"), asked_by=AskedBy.PROVIDER, physician_statement=True
    )
    await services.send(asked)
    view = services.view()
    assert view.urgency is Urgency.EXPEDITED
    assert view.governing_rule == "MA-OD-EXP"
    assert before is not None and view.decision_due is not None and view.decision_due < before
    assert services.task(TaskKind.NURSE_REVIEW).due_at == view.decision_due, "the nurse's time follows the clock"


async def test_a_members_wish_to_expedite_is_decided_and_its_refusal_gets_a_letter(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET, urgency=Urgency.EXPEDITED, asked_by=AskedBy.MEMBER)
    assert services.view().governing_rule == "MA-OD-EXP"
    refusal = await services.completion(
        TaskKind.EXPEDITE_DECISION, "md.ortho.chen", TaskOutcome.REFUSE, note="Waiting seven days does no harm."
    )
    await services.send(refusal)
    view = services.view()
    assert view.urgency is Urgency.STANDARD
    assert view.governing_rule == "MA-OD-STD-PA"
    assert {"expedite_not_granted/member", "expedite_not_granted/provider"} <= set(services.sent())


async def test_an_extension_counts_once_its_notice_is_out(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    before = services.view().decision_due
    await lab.advance(days=2)
    await services.send(await services.extend("enrollee_asked"))
    after = services.view().decision_due
    assert before is not None and after is not None
    assert after - before == timedelta(days=14)
    assert services.task(TaskKind.NURSE_REVIEW).due_at == after
    assert "extension/member" in services.sent()
    assert "MA-OD-STD-PA.extension" in await services.refused(await services.extend("enrollee_asked"))


async def test_a_missed_clock_is_recorded_told_and_the_work_goes_on(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    due = services.view().decision_due
    assert due is not None
    await lab.advance_to(due + timedelta(seconds=1))
    assert services.entries("clock_missed")
    assert [entry.data["effect"] for entry in services.entries("consequence_applied")] == ["deemed_adverse"]
    assert {"missed_deadline/member", "missed_deadline/provider"} <= set(services.sent())
    assert services.view().status is CaseStatus.OPEN
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert services.view().status is CaseStatus.APPROVED
    assert services.task(TaskKind.MISSED_CLOCK).is_open
    await services.send(await services.completion(TaskKind.MISSED_CLOCK, "compliance.ortiz", TaskOutcome.ACKNOWLEDGE))
    result = await handle(services).result()
    assert result.status == "approved"


def handle(services: LabCase) -> WorkflowHandle[object, object]:
    return services.lab.handle(services.case_id)  # type: ignore[return-value]


async def test_escalations_follow_the_share_of_time_left(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    task = services.task(TaskKind.NURSE_REVIEW)
    whole = task.due_at - task.opened_at
    await lab.advance_to(task.opened_at + whole * 0.5)
    assert [entry.data["action"] for entry in services.entries("escalated")] == ["remind"]
    await lab.advance_to(task.opened_at + whole * 0.95)
    assert [entry.data["action"] for entry in services.entries("escalated")] == ["remind", "escalate", "take_over"]


async def test_every_journal_verifies_and_a_tampered_row_is_found(lab: Lab) -> None:
    services = await to_the_physician(lab)
    await services.send(await services.denial())
    with lab.store.read() as s:
        assert journal.verify(s, services.case_id) is None
