"""In a backlog people come before clocks, expedited cases before standard ones, and each plan has its turn."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.api.common.v1 import Priority as WirePriority
from temporalio.api.enums.v1 import EventType

from demo.time_skipping_lab import Lab
from domain.vocabulary import Channel, Urgency
from engine import priorities
from engine.workflow_names import PRIOR_AUTHORIZATION
from intake.submission import submit
from services.context import ServiceContext, SubmissionStatus
from tests.paths import ROOT
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase

SAMPLES = ROOT / "samples" / "requests"


async def orders(lab: Lab, case_id: str, after: int = 0) -> list[WirePriority]:
    """The priorities of the case's journal entries, of those activities that follow the first `after`."""
    history = await lab.handle(case_id).fetch_history()
    kind = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    scheduled = [e.activity_task_scheduled_event_attributes for e in history.events if e.event_type == kind]
    return [each.priority for each in scheduled if each.activity_type.name == "record"][after:]


async def test_an_entry_that_somebody_waits_for_goes_before_those_of_timers(lab: Lab) -> None:
    case = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    opened = await orders(lab, case.case_id)
    await case.refer()
    answered = await orders(lab, case.case_id, len(opened))
    await lab.advance(timedelta(days=8))
    escalated = await orders(lab, case.case_id, len(opened) + len(answered))
    assert [each.priority_key for each in answered][:1] == [priorities.PEOPLE.priority_key]
    assert escalated and {each.priority_key for each in escalated} == {0}, "their turn is that of the case"


@pytest.mark.parametrize(("sample", "urgency"), [("lumbar-fusion", "standard"), ("home-oxygen-expedited", "expedited")])
async def test_a_case_starts_with_the_priority_of_its_urgency_and_the_turn_of_its_plan(
    lab: Lab, sample: str, urgency: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    started = lab.client.start_workflow

    async def start(name: str, *given: object, **more: object) -> object:
        if name == PRIOR_AUTHORIZATION:
            seen.append(more["priority"])
        return await started(name, *given, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(lab.client, "start_workflow", start)
    services = ServiceContext(lab.store, lab.client, "umpire")
    raw = (SAMPLES / f"{sample}.json").read_bytes()
    outcome = await submit(services, raw, Channel.API if sample == "lumbar-fusion" else Channel.FHIR_PAS)
    assert outcome.kind is SubmissionStatus.STARTED
    assert seen == [priorities.of_case(Urgency(urgency), "1888888884")]


def test_an_expedited_case_comes_before_a_standard_one_and_after_people() -> None:
    keys = [priorities.PEOPLE, *(priorities.of_case(urgency) for urgency in (Urgency.EXPEDITED, Urgency.STANDARD))]
    assert [each.priority_key for each in keys] == [1, 2, 3]


def test_a_name_of_a_plan_that_is_too_long_for_a_key_is_none() -> None:
    assert priorities.of_case(Urgency.STANDARD, "ä" * 40).fairness_key is None
