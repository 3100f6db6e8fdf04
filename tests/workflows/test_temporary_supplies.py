"""The supply by law while a drug is reviewed, with its letters and clocks, and time moved by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.journal import EntryKind
from domain.requests.request import AuthorizationRequest
from domain.vocabulary import Circumstance, CodeSystem, Lob, ServiceKind
from store import cases, directory, journal, requests
from store.letters import of_case
from tests.workflows.care_requests import TODAY, add_member, line, request
from tests.workflows.lab_case import LabCase


def drug(member: str, code: str, *circumstances: Circumstance, diagnosis: str = "M05.79") -> AuthorizationRequest:
    start = TODAY + timedelta(days=3)
    asked = line(
        code, CodeSystem.NDC, "A drug", quantity=Decimal(9), unit="pen", start=start, end=start + timedelta(27)
    )
    whole = request(asked, member=member, kind=ServiceKind.PHARMACY_DRUG)
    return whole.model_copy(update={"circumstances": circumstances or None, "diagnoses": (diagnosis,)})


async def opened(lab: Lab, asked: AuthorizationRequest) -> LabCase:
    return LabCase(lab, await lab.open(asked))


def letter(services: LabCase, name: str) -> str:
    with services.lab.store.read() as s:
        found = next(one for one in of_case(s, services.case_id) if f":temporary_supply:{name}:" in one.letter_id)
    return " ".join(found.rendered.text.split())


def supplied(services: LabCase) -> list[Any]:
    with services.lab.store.read() as s:
        entries = journal.entries(s, services.case_id)
    return [entry.data["supplies"] for entry in entries if entry.kind is EntryKind.SUPPLY_GRANTED]


async def test_a_new_member_of_a_drug_plan_has_a_month_by_law_and_is_told_within_three_business_days(lab: Lab) -> None:
    member = add_member(lab, Lob.PART_D, effective=TODAY - timedelta(days=30))
    services = await opened(lab, drug(member, "99999-0123-45"))
    ((row,),) = supplied(services)
    assert (row["by"], row["days"]) == ("law:PD-TRANSITION", 30)
    told = letter(services, "member")
    assert "We cover 30 days of A drug now. This is a temporary supply." in told
    assert "You have the right to ask us for an exception." in told
    assert "Our decision is due by" in letter(services, "provider")
    with lab.store.read() as s:
        (clock,) = [one for one in cases.clocks(s, services.case_id) if one["rule_id"] == "PD-TRANSITION-NOTICE"]
    assert clock["judged"] == {"supply_notice": "met"}
    assert services.view().status is CaseStatus.OPEN, "a supply is no decision"


async def test_two_requests_for_one_drug_at_the_same_moment_bring_one_month(lab: Lab) -> None:
    member = add_member(lab, Lob.PART_D, effective=TODAY - timedelta(days=30))
    await lab.stop_worker()
    asked = [drug(member, "99999-0123-45"), drug(member, "99999-0123-46")]
    both = [LabCase(lab, await lab.open(one)) for one in asked]
    await lab.start_worker()
    await lab.settle()
    assert sorted(len(supplied(services)) for services in both) == [0, 1]
    assert all(services.view().status is CaseStatus.OPEN for services in both)


async def test_in_a_medicaid_emergency_72_hours_are_supplied_at_once_and_the_request_goes_on(lab: Lab) -> None:
    asked = drug("MBR1000003", "99999-0500-10", Circumstance.DRUG_EMERGENCY, diagnosis="J45.41")
    services = await opened(lab, asked)
    ((row,),) = supplied(services)
    assert (row["by"], row["days"]) == ("law:MCD-72-HOURS", 3)
    assert "We cover 3 days of A drug now, because you need it right away." in letter(services, "member")
    assert "exception" not in letter(services, "member")
    with lab.store.read() as s:
        clocks = {str(one["rule_id"]): one for one in cases.clocks(s, services.case_id)}
    granted = next(entry.at for entry in services.entries("supply_granted"))
    ends = [str(due["at"]) for due in clocks["MCD-72-HOURS"]["due"]]
    assert [datetime.fromisoformat(at) for at in ends] == [granted.replace(microsecond=0) + timedelta(hours=72)]
    assert clocks["MCD-72-HOURS-NOTICE"]["judged"] == {"supply_notice": "met"}
    why = services.task(TaskKind.NURSE_REVIEW).why
    assert "indication MCD-INDICATION not known (no label of the drug is on file; no compendium was asked)" in why


async def test_who_takes_a_drug_of_a_protected_class_needs_no_authorization_for_it(lab: Lab) -> None:
    services = await opened(lab, drug("MBR1000012", "99999-0406-30", diagnosis="B20"))
    assert services.view().status is CaseStatus.NOT_REQUIRED
    assert "not_required/member" in services.sent()


async def test_an_exception_that_was_granted_is_told_with_its_last_day_and_a_refill_needs_no_other(lab: Lab) -> None:
    asked = drug("MBR1000013", "99999-0123-45", Circumstance.DRUG_EXCEPTION)
    first = asked.lines[0]
    year = first.model_copy(update={"start": date(TODAY.year + 1, 2, 1), "end": date(TODAY.year + 1, 2, 28)})
    source = FactSource(kind=SourceKind.DOCUMENT, reference="statement")
    said = Fact(id="rx.exception_statement", value=True, effective=TODAY - timedelta(days=1), source=source)
    services = await opened(lab, asked.model_copy(update={"lines": (year,), "facts": (said,)}))
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    with lab.store.read() as s:
        told = [one.rendered.text for one in of_case(s, services.case_id) if ":approval:member:" in one.letter_id]
    assert f"December 31, {TODAY.year + 1}" in " ".join(told[0].split())
    refill = year.model_copy(update={"start": date(TODAY.year + 1, 3, 1), "end": date(TODAY.year + 1, 3, 28)})
    more = {"lines": (refill,), "submission_id": "test|2"}
    again = await opened(lab, drug("MBR1000013", "99999-0123-45").model_copy(update=more))
    assert again.view().status is CaseStatus.NOT_REQUIRED


async def test_a_part_b_drug_of_an_ma_pd_plan_is_reviewed_under_the_medical_benefit_with_its_receipt(lab: Lab) -> None:
    member = add_member(lab, Lob.PART_D, effective=TODAY - timedelta(days=400))
    with lab.store.begin() as s:
        drugs = directory.coverages(s, member)[0]
        directory.put_coverage(s, drugs.model_copy(update={"coverage_id": "COV-B", "lob": Lob.MEDICARE_ADVANTAGE}))
        directory.put_coverage(s, drugs.model_copy(update={"medical_coverage_id": "COV-B"}))
    source = FactSource(kind=SourceKind.DOCUMENT, reference="record")
    part_a = Fact(id="rx.transplant_under_medicare", value=True, effective=TODAY - timedelta(days=1), source=source)
    services = await opened(lab, drug(member, "99999-0340-30").model_copy(update={"facts": (part_a,)}))
    view = services.view()
    assert (view.lob, view.service_kind, view.status) == (
        Lob.MEDICARE_ADVANTAGE,
        ServiceKind.PART_B_DRUG,
        CaseStatus.OPEN,
    )
    with lab.store.read() as s:
        kept = [requests.load(s, services.case_id, version).request for version in (1, view.request_version)]
        rules = {str(one["rule_id"]) for one in cases.clocks(s, services.case_id)}
    assert kept[0].received_at == kept[1].received_at and kept[1].covered_by == "COV-B"
    assert "MA-OD-PARTB-STD" in rules and not any(rule.startswith("PD-CD") for rule in rules)
    assert [entry for entry in services.entries("request_corrected") if "medical benefit" in entry.summary]
    assert not services.entries("message_refused") and not supplied(services)
    assert {"other_benefit/member", "other_benefit/provider"} <= set(services.sent())
    with lab.store.read() as s:
        told = next(one for one in cases.clocks(s, services.case_id) if one["rule_id"] == "PD-OTHER-BENEFIT-NOTICE")
    assert told["judged"] == {"other_benefit_notice": "met"}
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert services.view().status is CaseStatus.APPROVED
