"""Discharge plans from end to end, one for each path, for tests and stored histories."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from demo.time_skipping_lab import Lab
from domain.authorization.messages import AddDocuments
from domain.cases.tasks import TaskKind
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from store import requests
from tests.workflows.lab_case import LabCase
from tests.workflows.lab_discharge import (
    NURSE,
    SNF,
    LabDischarge,
    delivery_form,
    full_needs_assessment,
    set_primary_care_provider,
)

MEDICINES = {"medicines": [{"name": "furosemide", "action": "new", "how": "Take one tablet in the morning."}]}
TAUGHT = {
    "topics": ["Weigh yourself every morning."],
    "warning_signs": ["You gain two pounds in a day."],
    "understood": True,
}
REASON = {
    "reason": "You walk safely on your own, climb the stairs of your house, and take your medicines yourself.",
    "basis": "42 CFR 409.33",
    "facts_of_case": ["You walk 50 metres alone.", "You climb 12 stairs with one hand on the rail."],
    "decided_by": "Wei Chen, MD",
}
SNF_FACTS: dict[str, Any] = {
    "snf.qualifying_days": 4,
    "snf.days_since_discharge": 0,
    "snf.ordered": True,
    "snf.skilled_service": True,
    "snf.rehab_days_per_week": 5,
    "snf.condition_link": True,
    "snf.practical_matter": True,
}


async def complete_discharge_tasks(services: LabDischarge) -> None:
    """Complete the tasks whose content the discharge summary prints."""
    await services.do(TaskKind.MEDICATION_RECONCILIATION, MEDICINES)
    await services.do(TaskKind.TEACH_BACK, TAUGHT)


async def discharged_home(lab: Lab) -> LabDischarge:
    """Four days in hospital, home, a call that finds a gap, a visit with its reminders, thirty days."""
    set_primary_care_provider(lab)
    services = await LabDischarge.start(lab)
    await services.do(TaskKind.FORM_DELIVERY, delivery_form(await lab.now()), "MA-IM")
    await services.do(TaskKind.NEEDS_ASSESSMENT, full_needs_assessment())
    await services.target("home", services.day(await lab.now(), 4))
    await services.do(TaskKind.EQUIPMENT, {"items": ["walker"]})
    await services.do(TaskKind.TRANSPORT, {"arranged": True, "how": "A neighbour drives."})
    await complete_discharge_tasks(services)
    await lab.advance(days=3)
    await services.do(TaskKind.FORM_DELIVERY, delivery_form(await lab.now()), "MA-IM-COPY")
    visit = {"with_whom": "Dr. Sam Ordering", "purpose": "heart check", "place": "1 Riverbend Way, Springfield"}
    at = (await lab.now()) + timedelta(days=9)
    await services.do(TaskKind.FOLLOW_UP_BOOKING, {"visits": [visit | {"at": at.isoformat()}]})
    await lab.advance(days=1)
    await services.discharge()
    await lab.advance(days=1)
    called = {"reached": True, "called_at": (await lab.now()).isoformat(), "equipment_arrived": False}
    await services.do(TaskKind.POST_DISCHARGE_CALL, called)
    await services.do(TaskKind.MEDICATION_CHECK_IN, {"taking_medicines": True})
    await services.do(TaskKind.EDUCATION, {"topics": ["salt"], "understood": True})
    await lab.advance(days=9)
    await services.do(TaskKind.FOLLOW_UP_VISIT, {"happened": True, "on": services.day(await lab.now()).isoformat()})
    await services.do(TaskKind.EQUIPMENT_CHECK, {"arrived": True, "works": True})
    return services


async def answer_from_the_record(lab: Lab, case_id: str) -> None:
    """Add the hospital's record data for the facts that a planner's statement cannot prove."""
    child, day = LabCase(lab, case_id), (await lab.now()).astimezone(ZoneInfo("America/Los_Angeles")).date()
    source = FactSource(kind=SourceKind.STRUCTURED_RESOURCE, reference="Encounter/1")
    units = {"snf.qualifying_days": "d", "snf.days_since_discharge": "d"}
    values = {name: SNF_FACTS[name] for name in (*units, "snf.ordered")}
    found = [
        Fact(id=name, value=value, unit=units.get(name), effective=day, source=source) for name, value in values.items()
    ]
    with lab.store.begin() as s:
        asked = requests.load(s, case_id).request
        kept = tuple(fact for fact in asked.facts if fact.id not in values)
        version = requests.save(s, case_id, asked.model_copy(update={"facts": (*kept, *found)}))
    await child.send(
        AddDocuments(**await child.stamp("1215000062", "provider"), document_ids=(), request_version=version)
    )


async def discharged_to_a_nursing_facility(lab: Lab) -> LabDischarge:
    """Choices, the authorization of the next setting two days before, approved by a nurse, and the hand-over."""
    services = await LabDischarge.start(lab)
    now = await lab.now()
    day = services.day(now).isoformat()
    facts = [
        {"fact": name, "value": value, "on": day, "read_in": "therapy evaluation"} for name, value in SNF_FACTS.items()
    ]
    await services.do(TaskKind.NEEDS_ASSESSMENT, full_needs_assessment(facts=facts))
    await services.target("snf", services.day(now, 3), days="14")
    choice = {"setting": "skilled nursing facility", "in_network": None, "plan_has_interest": False}
    offered = [choice | {"name": f"House {n}", "npi": npi} for n, npi in enumerate((SNF, "1215000047", "1215000099"))]
    await services.do(TaskKind.PROVIDER_CHOICES, {"choices": offered, "chosen_npi": SNF})
    await services.do(TaskKind.REFERRAL, {"provider_npi": SNF, "accepted": True})
    await lab.advance(days=1)
    lab.handle("PA-0001-NEXT1")
    await lab.settle()
    await answer_from_the_record(lab, "PA-0001-NEXT1")
    await LabCase(lab, "PA-0001-NEXT1").approve(TaskKind.NURSE_REVIEW, NURSE)
    await complete_discharge_tasks(services)
    await lab.advance(days=2)
    await services.discharge("03")
    await services.do(TaskKind.HAND_OVER, {"has_member": True, "has_summary": True})
    return services


async def coverage_ended_and_the_qio_asked(lab: Lab) -> LabDischarge:
    """Care in a nursing facility ends, the QIO decides for the member, and a later end has a new notice."""
    services = await LabDischarge.start(lab, status=None, level=LevelOfCare.SNF, admitted_at=None)
    now = await lab.now()
    await services.tell("a signed decision ends coverage", covered_through=services.day(now, 4))
    await services.do(TaskKind.FORM_DELIVERY, delivery_form(await lab.now()), "MA-NOMNC")
    await lab.advance(days=1)
    await services.qio("end_of_services", "asked", timely=True)
    await services.do(TaskKind.DETAILED_REASON, REASON)
    await services.do(TaskKind.FORM_DELIVERY, delivery_form(await lab.now()), "MA-DENC")
    await services.do(TaskKind.QIO_RECORDS, {"sent_at": (await lab.now()).isoformat(), "what": ["therapy notes"]})
    await services.qio("end_of_services", "has_information")
    await services.qio("end_of_services", "decided", upheld=False)
    await services.tell("a signed decision ends coverage", covered_through=services.day(now, 12))
    await services.do(TaskKind.FORM_DELIVERY, delivery_form(await lab.now(), signature="refused_to_sign"), "MA-NOMNC")
    return services


async def observed_then_admitted(lab: Lab) -> LabDischarge:
    """More than a day under observation, then an inpatient order, an appealed discharge, an undelivered notice."""
    now = await lab.now()
    services = await LabDischarge.start(
        lab,
        status=OrderedStatus.OBSERVATION,
        level=LevelOfCare.OBSERVATION,
        admitted_at=None,
        observation_began_at=now,
    )
    await lab.advance(hours=25)
    await services.do(
        TaskKind.DETAILED_REASON, {"reason": "Your doctor needs to see how you are by tomorrow."}, "MA-MOON"
    )
    await services.do(TaskKind.FORM_DELIVERY, delivery_form(await lab.now(), explained=True), "MA-MOON")
    admitted = await lab.now()
    await services.tell(
        "admitted", admitted_at=admitted, status=OrderedStatus.INPATIENT, level=LevelOfCare.INPATIENT_WARD
    )
    await services.tell("a discharge is planned", expected_discharge=services.day(admitted, 2))
    await services.qio("discharge", "asked", timely=True)
    await lab.advance(days=3)
    await services.qio("discharge", "decided", upheld=True)
    return services


async def admission_taken_back(lab: Lab) -> LabDischarge:
    services = await LabDischarge.start(lab)
    await services.target("home_health", services.day(await lab.now(), 3))
    await services.tell("the hospital took the admission back", voided=True)
    return services


SCENARIOS: tuple[Callable[[Lab], Awaitable[LabDischarge]], ...] = (
    discharged_home,
    discharged_to_a_nursing_facility,
    coverage_ended_and_the_qio_asked,
    observed_then_admitted,
    admission_taken_back,
)
