"""Steps and quantity limits in the review of a request, with time moved by hand."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from demo.time_skipping_lab import Lab
from domain.authorization.messages import AddDocuments
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.evidence.clinical_data import ClinicalStatement
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.requests.request import AuthorizationRequest
from domain.vocabulary import CertificationType, Circumstance, CodeSystem, ServiceKind
from intake.requests.records import add_documents
from store import requests
from store.letters import of_case
from tests.workflows.care_requests import TODAY, line, request
from tests.workflows.lab_case import LabCase

START = TODAY + timedelta(days=30)
NEVER_HAD, HAD_METHOTREXATE = "MBR1000012", "MBR1000013"
MONITOR_FACTS: dict[str, Any] = {
    "dm.diagnosis": True,
    "dm.training_sufficient": True,
    "dm.fda_indication": True,
    "dm.insulin_treated": True,
    "dm.days_visit_to_order": 20,
}
DAYS = {"dm.days_visit_to_order", "dm.days_since_followup", "rx.history_days"}
STRUCTURED = {"dm.diagnosis", "dm.insulin_treated", "dm.days_visit_to_order", "dm.days_since_followup"}


def known(values: dict[str, Any]) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            id=name,
            value=value,
            unit="d" if name in DAYS else None,
            effective=TODAY - timedelta(days=2),
            source=FactSource(
                kind=SourceKind.STRUCTURED_RESOURCE if name in STRUCTURED else SourceKind.DOCUMENT,
                reference=f"doc/{name}",
            ),
        )
        for name, value in values.items()
    )


def supplies(quantity: int, **facts: Any) -> AuthorizationRequest:
    """Three months of supplies for a glucose monitor; the limit is three units in 90 days."""
    asked = line(
        "A4239", CodeSystem.HCPCS, "Supplies", quantity=Decimal(quantity), unit="unit", end=START + timedelta(days=89)
    )
    return request(asked).model_copy(update={"facts": known(MONITOR_FACTS | facts)})


def pens(
    member: str, quantity: int, days: int | None, *circumstances: Circumstance, **facts: Any
) -> AuthorizationRequest:
    """A drug of a drug plan; methotrexate comes first, and two pens in 28 days are the limit."""
    end = START + timedelta(days=days - 1) if days is not None else None
    asked = line("99999-0123-45", CodeSystem.NDC, "Adalimumab", quantity=Decimal(quantity), unit="pen", end=end)
    whole = request(asked, member=member, kind=ServiceKind.PHARMACY_DRUG)
    named = {name.replace("__", "."): value for name, value in facts.items()}
    return whole.model_copy(
        update={"facts": known(named), "circumstances": circumstances or None, "diagnoses": ("M05.79",)}
    )


async def opened(lab: Lab, asked: AuthorizationRequest) -> LabCase:
    return LabCase(lab, await lab.open(asked))


def letter(services: LabCase, notice: str) -> str:
    with services.lab.store.read() as s:
        return " ".join(
            next(one.rendered.text for one in of_case(s, services.case_id) if notice in one.letter_id).split()
        )


async def test_supplies_within_the_limit_go_to_a_nurse_for_the_sake_of_their_criteria_alone(lab: Lab) -> None:
    services = await opened(lab, supplies(3, **{"rx.history_days": 400}))
    assert "QL-CGM-SUPPLIES" not in services.task(TaskKind.NURSE_REVIEW).why
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert services.view().status is CaseStatus.APPROVED


async def test_more_than_the_limit_waits_for_people_and_nobody_else_decides(lab: Lab) -> None:
    services = await opened(lab, supplies(4, **{"rx.history_days": 400}))
    assert "quantity QL-CGM-SUPPLIES not met" in services.task(TaskKind.NURSE_REVIEW).why
    due = services.view().decision_due
    assert due is not None
    await lab.advance_to(due + timedelta(days=1))
    assert services.view().status is CaseStatus.OPEN
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert services.view().status is CaseStatus.APPROVED


async def test_a_first_request_is_not_asked_for_a_history_that_it_cannot_have(lab: Lab) -> None:
    services = await opened(lab, supplies(3))
    assert "information_request/provider" not in services.sent()
    assert "quantity QL-CGM-SUPPLIES not known" in services.task(TaskKind.NURSE_REVIEW).why


async def test_when_nothing_is_known_of_earlier_supplies_a_renewal_is_asked_and_the_answer_settles_the_limit(
    lab: Lab,
) -> None:
    first = supplies(3, **{"dm.days_since_followup": 20})
    renewed = first.lines[0].model_copy(update={"certification": CertificationType.RENEWAL})
    services = await opened(lab, first.model_copy(update={"lines": (renewed,)}))
    assert "information_request/provider" in services.sent()
    assert "Medication list or pharmacy record" in letter(services, "information_request")
    answer = {
        "facts": [
            {
                "id": "rx.history_days",
                "value": 400,
                "unit": "d",
                "effective": str(TODAY),
                "source": {"kind": "document", "reference": "list"},
            }
        ],
        "documents": [{"name": "list", "title": "Pharmacy record", "text": "No supplies in the last 400 days."}],
    }
    await add_documents(await lab.services(), services.case_id, json.dumps(answer).encode(), "list.json", None)
    await lab.settle()
    assert "QL-CGM-SUPPLIES" not in services.task(TaskKind.NURSE_REVIEW).why


async def test_a_supply_in_the_records_counts_against_the_limit(lab: Lab) -> None:
    asked = supplies(3, **{"rx.history_days": 400})
    given = ClinicalStatement(
        code_system="HCPCS",
        code="A4239",
        value=3,
        unit="unit",
        effective=START - timedelta(days=20),
        reference="MedicationDispense/1",
    )
    services = await opened_with(lab, asked, given)
    assert "with what was given before" in services.task(TaskKind.NURSE_REVIEW).why


async def opened_with(lab: Lab, asked: AuthorizationRequest, *given: ClinicalStatement) -> LabCase:
    """A case whose request came with coded statements: the second version of it has them."""
    services = await opened(lab, asked.model_copy(update={"facts": ()}))
    with lab.store.begin() as s:
        stored = [one.model_dump(mode="json") for one in given]
        version = requests.save(s, services.case_id, asked, answers={"statements": stored, "answers": []})
    stamp = await services.stamp("1999999984", "provider")
    await services.send(AddDocuments(**stamp, document_ids=(), request_version=version))
    return services


async def test_a_step_that_was_not_taken_goes_to_a_nurse_and_a_pharmacist_or_physician_decides(lab: Lab) -> None:
    services = await opened(lab, pens(NEVER_HAD, 2, 28, rx__first_drug_not_possible=False, rx__first_drug_tried=False))
    assert "step EX-STEP-JOINTS not met" in services.task(TaskKind.NURSE_REVIEW).why
    assert "information_request/provider" not in services.sent()
    await services.refer()
    task = services.task(TaskKind.PHYSICIAN_REVIEW)
    assert "pharmacist" in task.professions
    assert "EX-STEP-JOINTS" in await lab.open_criteria(services.case_id, task.task_id)
    assert services.view().status is CaseStatus.OPEN
    await services.send(await services.claim(TaskKind.PHYSICIAN_REVIEW, "pharm.wu"))
    assert services.task(TaskKind.PHYSICIAN_REVIEW).assignee == "pharm.wu"
    await services.send(await services.denial("pharm.wu"))
    assert services.view().status is CaseStatus.DENIED


async def test_a_step_in_the_claims_of_the_plan_is_known_without_a_question(lab: Lab) -> None:
    services = await opened(lab, pens(HAD_METHOTREXATE, 2, 28))
    why = services.task(TaskKind.NURSE_REVIEW).why
    assert why == "Line 1: no criteria on file for this service"


async def test_an_amount_without_the_days_that_it_lasts_is_asked_about(lab: Lab) -> None:
    services = await opened(lab, pens(HAD_METHOTREXATE, 6, None))
    assert "For how many days is the amount asked for meant to last?" in letter(services, "information_request")


async def test_an_amount_in_another_unit_is_asked_about_and_not_compared(lab: Lab) -> None:
    asked = pens(HAD_METHOTREXATE, 4, 28)
    milligrams = asked.lines[0].model_copy(update={"unit": "mg", "quantity": Decimal(80)})
    services = await opened(lab, asked.model_copy(update={"lines": (milligrams,)}))
    assert "The amount asked for, in pen" in letter(services, "information_request")


async def test_an_exception_with_the_prescribers_statement_has_72_hours_from_it_and_goes_to_people(lab: Lab) -> None:
    services = await opened(lab, pens(NEVER_HAD, 2, 28, Circumstance.DRUG_EXCEPTION, rx__exception_statement=True))
    view = services.view()
    assert view.governing_rule == "PD-CD-EXC-STD"
    assert view.decision_due == view.received_at.replace(microsecond=0) + timedelta(hours=72)
    assert "with the prescriber's statement" in services.task(TaskKind.NURSE_REVIEW).why
    assert "information_request/provider" not in services.sent()


async def test_the_clock_of_an_exception_starts_when_the_statement_arrives(lab: Lab) -> None:
    services = await opened(lab, pens(NEVER_HAD, 2, 28, Circumstance.DRUG_EXCEPTION))
    waiting = services.view().decision_due
    assert waiting is not None and waiting > services.view().received_at + timedelta(days=14, hours=72)
    assert "would be ineffective or harmful" in letter(services, "information_request")
    await lab.advance(days=2)
    statement = {
        "facts": [
            {
                "id": "rx.exception_statement",
                "value": True,
                "effective": str(TODAY),
                "source": {"kind": "document", "reference": "statement"},
            }
        ],
        "documents": [{"name": "statement", "title": "Supporting statement", "text": "It would do harm."}],
    }
    arrived = (await lab.now()).replace(microsecond=0)
    await add_documents(await lab.services(), services.case_id, json.dumps(statement).encode(), "statement.json", None)
    await lab.settle()
    assert services.view().decision_due == arrived + timedelta(hours=72)
    assert "with the prescriber's statement" in services.task(TaskKind.NURSE_REVIEW).why


async def test_a_missed_exception_is_forwarded_by_law_and_decided_by_nobody(lab: Lab) -> None:
    services = await opened(lab, pens(NEVER_HAD, 2, 28, Circumstance.DRUG_EXCEPTION, rx__exception_statement=True))
    await lab.advance(hours=72, seconds=1)
    assert services.entries("consequence_applied")[0].data["effect"] == "deemed_adverse_forward"
    assert services.view().status is CaseStatus.OPEN
