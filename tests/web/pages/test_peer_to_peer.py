"""Peer-to-peer as slots of both sides: offered, picked, moved, missed and offered again, without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.vocabulary import Role, ServiceKind
from store import directory, read_models
from store.portal import slots
from store.session import Store
from tests.store.samples import CASE, case_view, draft, json, task
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase
from web.app import build_app

Browse = Callable[[str | None], WebClient]
ZONE = ZoneInfo("America/Chicago")
CALENDAR = "/peer-to-peer"


async def test_a_call_is_picked_moved_missed_by_the_plan_and_offered_again(lab: Lab) -> None:
    case = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    await case.refer()
    context = await lab_context(lab)
    app = build_app(context)

    def client(subject: str) -> WebClient:
        return WebClient(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://umpire.test"), subject)

    with lab.store.read() as s:
        npi = case.view().requesting_npi
        assert directory.provider(s, npi) is not None
    clinic, surgeon, lungs = client(npi), client("md.ortho.chen"), client("md.pulm.rivera")
    for address in (f"/cases/{case.case_id}", f"/cases/{case.case_id}/acts"):
        assert f'href="/cases/{case.case_id}/peer-to-peer"' in (await surgeon.get(address)).text
    there, page = f"/provider/requests/{case.case_id}/peer-to-peer", f"/cases/{case.case_id}/peer-to-peer"
    assert "Pick a time by" in (await clinic.get("/provider")).text

    begin = (context.services.clock() + timedelta(hours=3)).astimezone(ZONE)
    begin = begin if begin.hour < 21 else begin + timedelta(hours=6)
    times = {"day": f"{begin:%Y-%m-%d}", "from": f"{begin:%H}:00", "to": f"{begin + timedelta(hours=1):%H}:00"}
    for physician, opened in (("md.ortho.chen", surgeon), ("md.pulm.rivera", lungs)):
        done = await opened.post(f"{CALENDAR}/times", CALENDAR, physician=physician, minutes="20", **times)
        assert done.status_code == 303, done.text
    foreign = await lungs.post(f"{CALENDAR}/times", CALENDAR, physician="md.ortho.chen", minutes="20", **times)
    assert foreign.status_code == 409 and "call_times.role" in foreign.text

    shown = (await clinic.get(there)).text
    offered = re.findall(r'name="slot" value="(\d+)"', shown)
    assert len(offered) == 3, "the times of the fitting specialty alone"
    assert "Wei Chen" not in shown and "orthopedic surgery" in shown and "Your time" in shown
    whom = {"person": "Dr. Okonjo", "phone": "704-555-0160"}
    none = await clinic.post(f"{there}/book", there, slot=offered[0], person="")
    assert none.status_code == 422 and "plan_call.incomplete" in none.text
    booked = await clinic.post(f"{there}/book", there, slot=offered[0], act="one", **whom)
    assert booked.status_code == 303, booked.text
    moved = await clinic.post(f"{there}/book", there, slot=offered[2], act="two", **whom)
    assert moved.status_code == 303, moved.text
    assert "Move it" in (await clinic.get(there)).text

    staff = (await surgeon.get(page)).text
    assert "Wei Chen, MD" in staff and "Dr. Okonjo" in staff and "with md.ortho.chen" not in staff
    tried = await surgeon.post(f"{page}/attempt", page, said="No answer.", **whom)
    assert tried.status_code == 303, tried.text
    missed = await surgeon.post(f"{page}/result", page, result="plan_no_show", **whom)
    assert missed.status_code == 303, missed.text
    again = (await clinic.get(there)).text
    assert "The plan missed the call, and offers it again." in again and len(re.findall('name="slot"', again)) == 3
    assert case.view().status.value == "open"

    far = (context.services.clock() + timedelta(hours=2)).astimezone(ZONE)
    wished = await clinic.post(f"{there}/wishes", there, **{"wish-0": f"{far:%Y-%m-%dT%H:%M}"}, **whom)
    assert wished.status_code == 303, wished.text
    wish = re.findall(r'name="time" value="([^"]+)"', (await surgeon.get(page)).text)
    unfit = await surgeon.post(f"{page}/wish", page, time=wish[0], physician="md.pulm.rivera")
    assert unfit.status_code == 409 and "plan_call.fit" in unfit.text
    taken = await surgeon.post(f"{page}/wish", page, time=wish[0], physician="md.ortho.chen")
    assert taken.status_code == 303, taken.text
    cancelled = await clinic.post(f"{there}/cancel", there)
    assert cancelled.status_code == 303
    steps = [entry.data["step"] for entry in case.entries("peer_to_peer_planned")]
    assert steps == ["booked", "moved", "wished", "booked", "cancelled"]
    by = [entry.actor.kind for entry in case.entries("peer_to_peer_planned")]
    assert by == ["provider", "provider", "provider", "reviewer", "provider"]
    held = await surgeon.post(f"{page}/result", page, result="held", **whom)
    assert held.status_code == 303, held.text
    late = await clinic.post(f"{there}/book", f"{there}", slot=offered[0], **whom)
    assert late.status_code == 409 and "peer_to_peer.none" in late.text
    with lab.store.read() as s:
        assert slots.of_case(s, case.case_id) is None


async def test_another_providers_call_is_not_on_file(browse: Browse) -> None:
    assert (await browse("1215000013").get("/provider/requests/PA-NOBODY/peer-to-peer")).status_code == 404


async def test_free_times_lie_ahead_on_one_day(browse: Browse) -> None:
    surgeon = browse("md.ortho.chen")
    past = {"day": "2020-01-01", "from": "09:00", "to": "10:00", "minutes": "20", "physician": "md.ortho.chen"}
    answer = await surgeon.post(f"{CALENDAR}/times", CALENDAR, **past)
    assert answer.status_code == 409 and "call_times.span" in answer.text and 'value="09:00"' in answer.text


async def test_the_calendar_tells_of_a_call_about_a_confidential_case_the_time_alone(
    browse: Browse, plan_store: Store
) -> None:
    now = datetime.now(UTC)
    with plan_store.begin() as s:
        view = case_view(service_kind=ServiceKind.BEHAVIORAL)
        work = task(1, role=Role.PHYSICIAN, kind=TaskKind.PHYSICIAN_REVIEW)
        read_models.record_entries(s, CASE, [draft(1, case=json(view)[0], tasks=json(work))])
        made = slots.offer(s, "md.psych.ansah", [now + timedelta(hours=2)], 20, "md.psych.ansah", now)
        said = slots.Booking(
            case_id=CASE, person="Dr. Okonjo", phone="704-555-0160", booked_by="provider:1", booked_at=now
        )
        assert slots.book(s, made[0].slot_id, said)
    clerk, director = [(await browse(who).get(CALENDAR)).text for who in ("intake.kim", "director.osei")]
    assert CASE in director and "Dr. Okonjo, 704-555-0160" in director
    assert "booked" in clerk and not any(one in clerk for one in (CASE, "Okonjo", "704-555-0160"))
