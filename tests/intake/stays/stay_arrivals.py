"""Stays in intake tests: notices of the invented hospital, requests from its bedside, and their results."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from demo.time_skipping_lab import Lab
from domain.requests.request import AuthorizationRequest
from domain.stays.adt import AdtKind, PatientClass
from domain.stays.messages import StayEvidence
from domain.vocabulary import Channel
from intake.admissions import admissions
from intake.submission import submit
from interop.plain.admission import Admission
from services.context import ServiceContext, SubmissionResult
from store import case_summaries, cases, documents, inbox, journal, requests, stays
from store.stays import StayRecord
from tests.intake.arrivals import context_of

HOSPITAL = "1215000062"
MEMBER = "MBR1000001"


async def admit(lab: Lab, services: ServiceContext | None = None, **changes: Any) -> str:
    """The hospital announces an inpatient admission in a ward; the number of the stay."""
    services = services or await context_of(lab)
    now = services.clock()
    said = {
        "kind": AdtKind.ADMIT,
        "facility": "MERIDIAN",
        "facility_npi": HOSPITAL,
        "visit_number": "V900001",
        "member_id": MEMBER,
        "patient_class": PatientClass.INPATIENT,
        "admitted_at": now,
        "happened_at": now,
        "unit": "Med-Surg",
        "entered_by": "intake.kim",
    }
    outcome = await admissions.enter_admission(services, Admission.model_validate(said | changes), Channel.PHONE)
    assert outcome.stay_id is not None, outcome.problems
    await settle_all(lab, services)
    return outcome.stay_id


async def settle_all(lab: Lab, services: ServiceContext | None = None) -> None:
    """Let every process do what it can do now, and those that it started in turn."""
    if services is not None and services.temporal is None:
        return
    await lab.settle()
    await lab.settle()


def bedside_request(first: date, last: date, **changes: Any) -> bytes:
    """A plain request of the hospital for days in it, from the bedside."""
    request = {
        "format": "umpire-request/1",
        "submission_id": "urn:example:meridian|C-1",
        "review_kind": "concurrent",
        "service_kind": "medical",
        "urgency": {"urgency": "expedited", "asked_by": "provider"},
        "member": {"member_id": MEMBER},
        "requesting_provider": {"npi": HOSPITAL, "name": "Meridian Heart Hospital"},
        "diagnoses": ["I50.23"],
        "lines": [
            {
                "line_id": "1",
                "code": "0120",
                "code_system": "other",
                "description": "Days in the ward",
                "level_of_care": "inpatient",
                "quantity": str(Decimal((last - first).days + 1)),
                "unit": "day",
                "start": first.isoformat(),
                "end": last.isoformat(),
            }
        ],
        "facts": [
            {"id": "ip.expected_midnights", "value": 3, "source": {"kind": "attestation", "reference": "ward round"}}
        ],
    }
    return json.dumps(request | changes).encode()


async def submit_request(lab: Lab, raw: bytes, services: ServiceContext | None = None) -> SubmissionResult:
    outcome = await submit(services or await context_of(lab), raw, Channel.API)
    if outcome.case_id is not None and (services is None or services.temporal is not None):
        lab.handle(outcome.case_id)
    await settle_all(lab, services)
    return outcome


# -- queries ---------------------------------------------------------------------------------------------------------------


def stays_on_file(lab: Lab) -> tuple[StayRecord, ...]:
    with lab.store.read() as s:
        return stays.of_member(s, MEMBER)


def journal_kinds(lab: Lab, stay_id: str) -> list[str]:
    """The kinds of the journal's entries, in order."""
    with lab.store.read() as s:
        return [entry.kind.value for entry in journal.entries(s, stay_id)]


def review_requests(lab: Lab, stay_id: str) -> list[AuthorizationRequest]:
    """The requests of the stay's reviews, in order."""
    prefix = "PA-" + stay_id.removeprefix("ST-") + "-R"
    with lab.store.read() as s:
        found = [view.case_id for view in cases.find(s) if view.case_id.startswith(prefix)]
        return [requests.load(s, case_id).request for case_id in sorted(found)]


def stay_summary(lab: Lab, stay_id: str) -> dict[str, Any]:
    with lab.store.read() as s:
        found = case_summaries.get(s, stay_id)
    assert found is not None
    return found.content


def evidence(lab: Lab, update_id: str) -> StayEvidence:
    with lab.store.read() as s:
        return StayEvidence.model_validate_json(documents.get(s, update_id))


def raw(lab: Lab, inbox_id: int) -> bytes:
    with lab.store.read() as s:
        return inbox.raw(s, inbox_id)


def in_days(at: datetime, count: int) -> date:
    """A local day of the hospital, counted from an instant."""
    from zoneinfo import ZoneInfo

    return at.astimezone(ZoneInfo("America/Chicago")).date() + timedelta(days=count)
