"""A clock runs out: what the law makes of it is done on the running case, and shown."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind, TaskOutcome, TaskStatus
from domain.cases.views import CaseStatus
from domain.vocabulary import Circumstance, Lob, Role, ServiceKind, Urgency
from services.queries.authorization_detail import load_authorization_detail, missed_clock_effects
from store import cases, directory, journal
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, TABLETS, add_member, request
from tests.workflows.lab_case import LabCase

SECOND = timedelta(seconds=1)


async def missed(lab: Lab, *lines: object, **more: object) -> tuple[LabCase, datetime]:
    """A case whose time to decide has just run out, and the instant at which it did."""
    services = LabCase(lab, await lab.open(request(*lines, **more)))  # type: ignore[arg-type]
    due = services.view().decision_due
    assert due is not None
    await lab.advance_to(due + SECOND)
    return services, due


async def part_d(lab: Lab) -> tuple[LabCase, datetime]:
    member = add_member(lab, Lob.PART_D)
    return await missed(lab, TABLETS, member=member, kind=ServiceKind.PHARMACY_DRUG)


def judged(services: LabCase, rule_id: str) -> dict[str, str]:
    with services.lab.store.read() as s:
        found = [clock for clock in cases.clocks(s, services.case_id) if clock["rule_id"] == rule_id]
    assert found, f"{rule_id} does not run"
    return found[0]["judged"]


def shown_of(services: LabCase) -> list[dict[str, object]]:
    """The effects of law on missed clocks, as `umpire show` says them."""
    with services.lab.store.read() as s:
        return missed_clock_effects(load_authorization_detail(s, services.case_id))


def effects(services: LabCase) -> list[object]:
    return [entry.data["effect"] for entry in services.entries("consequence_applied")]


async def test_a_late_part_d_case_is_forwarded_within_24_hours_of_the_end_of_its_time(lab: Lab) -> None:
    services, expired = await part_d(lab)
    assert effects(services) == ["deemed_adverse_forward"]
    task = services.task(TaskKind.CASE_FORWARDING)
    assert (task.role, task.due_at) == (Role.APPEALS, expired + timedelta(hours=24))
    words = services.text("missed_deadline/member")
    assert "We have to send your request to an independent reviewer outside our plan within 24 hours." in words
    assert await services.refused(
        await services.completion(TaskKind.CASE_FORWARDING, "nurse.adams", TaskOutcome.FORWARDED)
    )
    await lab.advance(hours=5)
    await services.send(await services.completion(TaskKind.CASE_FORWARDING, "appeals.reyes", TaskOutcome.FORWARDED))
    (sent,) = services.entries("case_forwarded")
    assert sent.at < expired + timedelta(hours=6)
    assert judged(services, "PD-IRE-FORWARD") == {"case_file": "met"}
    assert services.view().status is CaseStatus.OPEN, "the plan goes on deciding"
    (shown,) = shown_of(services)
    assert (shown["forward_to"], shown["forwarded_at"]) == ("independent review entity", sent.at.isoformat())


async def test_a_case_file_that_nobody_sends_is_escalated_and_missed(lab: Lab) -> None:
    services, expired = await part_d(lab)
    await lab.advance_to(expired + timedelta(hours=24) + 2 * SECOND)
    assert judged(services, "PD-IRE-FORWARD") == {"case_file": "missed"}
    task = services.task(TaskKind.CASE_FORWARDING)
    assert task.is_open and Role.SUPERVISOR in task.also_for
    told = [entry.data["to"] for entry in services.entries("escalated") if task.task_id in entry.summary]
    assert told == ["owner", "supervisor", "compliance"]
    await services.send(await services.completion(TaskKind.CASE_FORWARDING, "supervisor.bell", TaskOutcome.FORWARDED))
    assert services.task(TaskKind.CASE_FORWARDING).status is TaskStatus.DONE
    assert judged(services, "PD-IRE-FORWARD") == {"case_file": "missed"}, "sent late stays late"


async def test_a_closed_case_still_owes_its_case_file(lab: Lab) -> None:
    services, _ = await part_d(lab)
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert services.view().status is CaseStatus.APPROVED
    await services.send(await services.completion(TaskKind.MISSED_CLOCK, "compliance.ortiz", TaskOutcome.ACKNOWLEDGE))
    assert services.task(TaskKind.CASE_FORWARDING).is_open
    await services.send(await services.completion(TaskKind.CASE_FORWARDING, "appeals.reyes", TaskOutcome.FORWARDED))
    result = await lab.handle(services.case_id).result()
    assert result.status == "approved"
    with lab.store.read() as s:
        assert journal.verify(s, services.case_id) is None


async def test_a_late_medicaid_case_is_denied_by_law_on_its_day_and_names_no_reviewer(lab: Lab) -> None:
    member = add_member(lab, Lob.MEDICAID, state="OH", rating_period_start=date(2026, 1, 1))
    more = {"member": member, "urgency": Urgency.EXPEDITED, "physician_statement": True}
    services, _ = await missed(lab, FUSION, known=FUSION_NOT_MET, **more)
    assert effects(services) == ["deemed_denied"]
    assert judged(services, "MCD-DEEMED-NOTICE") == {"deemed_notice": "met"}
    with lab.store.read() as s:
        people = directory.reviewers(s)
    for letter in ("missed_deadline/member", "missed_deadline/provider"):
        words = services.text(letter)
        assert not [who.name for who in people if who.name.split(",")[0] in words or who.reviewer_id in words]
    assert "By law, this counts as a denial" in services.text("missed_deadline/member")
    assert services.view().status is CaseStatus.OPEN


async def test_the_law_of_illinois_approves_a_late_medicaid_request_before_federal_law_denies_it(lab: Lab) -> None:
    services, _ = await missed(lab, FUSION, known=FUSION_NOT_MET, member="MBR1000003")
    assert effects(services) == ["deemed_approved"]
    assert services.view().status is CaseStatus.APPROVED
    await lab.advance(days=5)
    assert effects(services) == ["deemed_approved"] and "missed_deadline/member" not in services.sent()


async def test_a_late_erisa_claim_opens_the_way_to_external_review_and_to_court(lab: Lab) -> None:
    services, _ = await missed(lab, FUSION, known=FUSION_NOT_MET, member="MBR1000004")
    assert effects(services) == ["deemed_exhausted"]
    assert "You can ask for an external review or go to court now." in services.text("missed_deadline/member")
    assert "deemed to have exhausted" in services.text("missed_deadline/provider")


async def test_a_late_illinois_request_is_approved_by_law_and_the_letters_say_so(lab: Lab) -> None:
    member = add_member(lab, Lob.COMMERCIAL_ACA, self_funded=False)
    services, _ = await missed(lab, FUSION, known=FUSION_NOT_MET, member=member)
    assert effects(services) == ["deemed_approved"]
    assert services.view().status is CaseStatus.APPROVED
    assert "By law, your request counts as approved for that reason." in services.text("approval/member")
    assert "No reviewer approved it." in services.text("approval/provider")
    assert "missed_deadline/member" not in services.sent()


async def test_a_new_york_miss_that_is_adverse_by_the_states_law_has_its_letter(lab: Lab) -> None:
    member = add_member(lab, Lob.COMMERCIAL_ERISA, self_funded=False, state="NY", zone="America/New_York")
    services, _ = await missed(lab, FUSION, known=FUSION_NOT_MET, member=member)
    assert effects(services) == ["deemed_adverse"]
    assert "By the law of your State, this counts as a denial." in services.text("missed_deadline/member")
    await lab.advance(days=14)
    assert effects(services) == ["deemed_adverse", "deemed_exhausted"]
    assert services.sent().count("missed_deadline/member") == 2
    assert not services.entries("letter_blocked")


async def test_the_plan_pays_for_care_after_stabilization_that_it_did_not_answer_in_time(lab: Lab) -> None:
    circumstances = (Circumstance.POST_STABILIZATION,)
    member = add_member(lab, Lob.MEDICAID, rating_period_start=date(2026, 1, 1), circumstances=circumstances)
    services, due = await missed(lab, FUSION, known=FUSION_NOT_MET, member=member, urgency=Urgency.EXPEDITED)
    (entry,) = services.entries("consequence_applied")
    assert (entry.data["effect"], entry.data["since"]) == ("plan_pays", due.isoformat())
    assert isinstance(entry.data["liability"], dict) and entry.data["liability"]["bearer"] == "plan"
    assert "missed_deadline/member" not in services.sent(), "it is no determination"
    (shown,) = shown_of(services)
    assert shown["rule"] == "MCD-POSTSTAB-1H" and shown["liability"] == entry.data["liability"]
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert "We pay for the care after the emergency was under control" in services.text("approval/member")
    assert "The plan is financially responsible" in services.text("approval/provider")
