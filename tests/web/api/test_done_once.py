"""Every write is done once: not at all without its key, and the same under the same key, whenever the server dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, Verbosity, find, settings
from schemathesis import GenerationMode
from sqlalchemy import select

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.journal import EntryKind
from services.commands import signing
from store import inbox, journal, stays
from store.api import answers
from store.portal import slots
from store.session import Store
from store.stays import StayRecord
from store.tables import metadata
from tests.web.api.conftest import Open
from tests.web.api.programs import nurses_bearer, over
from tests.web.api.test_every_route import PLACES, QUERY
from tests.web.api.test_writing import FUSION, programs
from tests.web.conftest import lab_context
from tests.web.pages.test_decision import CHEN, open_desk
from tests.workflows.lab_case import LabCase
from tests.workflows.lab_stay import FACTS, new_stay
from web.api.app import ROUTERS, write_document
from web.context import WebContext
from web.presentation.decisions.reading import read_form

WRITES = [
    route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and route.methods - {"GET", "HEAD"}
]
_OF_ITSELF = {"api_answers", "api_keys", "api_use", "case_views"}
"""Tables that tell of the request itself: its answer, when its key was used and how often, and who looked."""
Act = Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]


def _everything(store: Store) -> dict[str, Counter[str]]:
    with store.read() as s:
        return {
            table.name: Counter(str(row) for row in s.execute(select(table)))
            for table in metadata.sorted_tables
            if table.name not in _OF_ITSELF
        }


def _path(route: APIRoute) -> str:
    return route.path.format_map(PLACES)


def _query(route: APIRoute) -> dict[str, str]:
    return {one.alias: QUERY[one.alias] for one in route.dependant.query_params if one.field_info.is_required()}


def _body(route: APIRoute) -> dict[str, Any]:
    """The body that is sent to the route: a document as it is, or a body that the OpenAPI document allows."""
    if route.body_field is None:
        return {
            "content": b"A note of the office." if "documents" in route.path or "submissions" in route.path else b""
        }
    operation = _schema()[route.path]["POST"]
    quick = settings(
        max_examples=1,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    found = find(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), lambda _case: True, settings=quick)
    return {"json": found.body}


@cache
def _schema() -> Any:
    return schemathesis.openapi.from_dict(write_document())


def test_every_route_that_changes_something_is_a_write_under_a_key() -> None:
    for route in WRITES:
        assert route.methods == {"POST"}, route.path
        kinds = [one.call.__name__ for one in route.dependant.dependencies if one.call is not None]
        assert kinds.count("_of_request") == 1, f"{route.path} is done once under a key"


@pytest.mark.parametrize("route", WRITES, ids=lambda route: route.path)
async def test_without_a_key_nothing_changes_and_under_the_same_one_the_answer_is_the_same(
    route: APIRoute, program: Open, plan_store: Store
) -> None:
    provider = route.path.startswith("/provider")
    caller = program("1215000013" if provider else "supervisor.bell")
    path, sent, query = _path(route), _body(route), _query(route)
    before = _everything(plan_store)
    without = await caller.http.post(path, params=query, **sent)
    assert (without.status_code, without.json()["violations"][0]["rule"]) == (422, "idempotency.key")
    assert _everything(plan_store) == before

    headers = {"idempotency-key": "the-same-key"}
    first = await caller.http.post(path, params=query, headers=headers, **sent)
    once = _everything(plan_store)
    second = await caller.http.post(path, params=query, headers=headers, **sent)
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert _everything(plan_store) == once
    reached_the_act = first.status_code != 503 and "request.form" not in first.text
    assert ("idempotent-replayed" in second.headers) is reached_the_act, first.text


async def _die_and_send_again(
    context: WebContext, http: httpx.AsyncClient, act: Act, monkeypatch: pytest.MonkeyPatch, key: str = "once-alone"
) -> httpx.Response:
    """Do the act with a server that dies before it answers, and again after its time."""

    def die(*_given: object) -> None:
        raise RuntimeError("the process ends here")

    with monkeypatch.context() as broken:
        broken.setattr(answers, "keep", die)
        assert (await act(http, key)).status_code == 500
    assert (await act(http, key)).status_code == 409, "it may still be at it"
    later = context.services.clock() + timedelta(minutes=3)
    object.__setattr__(context, "services", replace(context.services, clock=lambda: later))
    answer = await act(http, key)
    again = await act(http, key)
    assert (again.json(), again.headers["idempotent-replayed"]) == (answer.json(), "true")
    return answer


def _post(path: str, body: Any = None, **query: str) -> Act:
    async def act(http: httpx.AsyncClient, key: str) -> httpx.Response:
        sent: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        return await http.post(path, headers={"idempotency-key": key}, params=query, **sent)

    return act


async def test_a_submission_whose_server_died_is_one_case(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    context = await lab_context(lab)
    async with programs(context, "intake.kim") as (intake,):
        act = _post("/submissions", FUSION, kind="request")
        answer = await _die_and_send_again(context, intake.http, act, monkeypatch)
        assert answer.status_code == 200, answer.text
        case_id = answer.json()["result"]["case_id"]
        await lab.settle()
        assert len((await intake.get("/cases")).json()["rows"]) == 1
    with lab.store.read() as s:
        kinds = [one.kind for one in journal.entries(s, case_id)]
        assert kinds.count(EntryKind.REQUEST_RECEIVED) == 1
        assert {one.case_id for one in inbox.of_case(s, case_id)} == {case_id}


async def test_a_decision_whose_server_died_is_signed_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await open_desk(lab)
    context = desk.context
    task = desk.case.task(TaskKind.PHYSICIAN_REVIEW).task_id
    await desk.case.send(await desk.case.claim(TaskKind.PHYSICIAN_REVIEW, CHEN))
    typed = {name: [said] for name, said in (await desk.answers()).items()}
    form = await context.services.read(_form_of, task, typed, context.services.clock())
    reader = nurses_bearer(frozenset({"umpire:write"}), context.services.clock(), f"reviewer:{CHEN}")
    async with over(context, reader=reader) as http:
        http.headers["authorization"] = "Bearer a.b.c"
        act = _post(f"/tasks/{task}/complete", {"completion": form.model_dump(mode="json")})
        answer = await _die_and_send_again(context, http, act, monkeypatch)
    assert answer.status_code == 200, answer.text
    await lab.settle()
    assert len(desk.case.entries("determination_made")) == 1
    assert not desk.case.entries("message_refused")


async def test_acts_on_a_stay_whose_server_died_are_done_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted(unit="Med-Surg")
    with lab.store.begin() as s:
        stays.open_stay(
            s, StayRecord(stay_id=stay.case_id, facility="MERIDIAN", member_id=stay.member_id, opened_at=stay.begins)
        )
    await stay.update(FACTS)
    avoidable = {
        "day": stay.day(0).isoformat(),
        "reason": "payer_decision_pending",
        "attribution": "payer",
        "note": "Nobody was there.",
    }
    acts = {
        "avoidable-days": avoidable,
        "updates": {"note": "Eats and walks.", "facts": [{"fact_id": "ip.expected_midnights", "value": "3"}]},
    }
    for name, body in acts.items():
        context = await lab_context(lab)
        async with programs(context, "nurse.adams") as (nurse,):
            act = _post(f"/stays/{stay.case_id}/{name}", body)
            answer = await _die_and_send_again(context, nurse.http, act, monkeypatch, f"{name}-0001")
            assert answer.status_code == 200, answer.text
            if name == "updates":
                other = await nurse.post(f"/stays/{stay.case_id}/updates", body)
                assert (other.status_code, other.json()["violations"][0]["rule"]) == (409, "update.known")
                misspelled = {"facts": [{"fact_id": "ip.expected_midnight", "value": "3"}]}
                told = await nurse.post(f"/stays/{stay.case_id}/updates", misspelled)
                assert told.status_code == 422 and told.json()["problems"][0]["path"] == "body.facts.0"
    entries = stay.entries()
    assert [one.actor.id for one in entries if one.kind is EntryKind.AVOIDABLE_DAY] == ["nurse.adams"]
    assert len([one for one in entries if one.actor.id == "nurse.adams" and "Eats and walks" in str(one.data)]) <= 1
    with lab.store.read() as s:
        assert len(inbox.of_case(s, stay.case_id)) == 1


async def test_calls_whose_server_died_are_booked_and_cancelled_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await open_desk(lab, settled=False)
    case: LabCase = desk.case
    npi = str(case.view().requesting_npi)
    begin = (await lab.now()).astimezone(UTC) + timedelta(hours=2)
    context = await lab_context(lab)
    async with programs(context, CHEN) as (surgeon,):
        times = {"begin": begin.isoformat(), "end": (begin + timedelta(hours=1)).isoformat(), "minutes": 20}
        offered = await surgeon.post("/call-times", times, "times-0001")
        assert len(offered.json()) == 3, offered.text
        again = await surgeon.post("/call-times", times, "times-0002")
        assert again.json() == offered.json()
    there = f"/provider/requests/{case.case_id}/peer-to-peer"
    async with programs(context, npi) as (clinic,):
        sheet = (await clinic.get(there)).json()
        assert "chen" not in str(sheet).casefold() and len(sheet["free"]) == 3
    whom = {"person": "Dr. Okonjo", "phone": "704-555-0160"}
    for number, (step, body) in enumerate(
        (
            ("book", {"slot_id": sheet["free"][0]["slot_id"], **whom}),
            ("book", {"slot_id": sheet["free"][2]["slot_id"], **whom}),
            ("cancel", None),
        )
    ):
        context = await lab_context(lab)
        async with programs(context, npi) as (clinic,):
            answer = await _die_and_send_again(
                context, clinic.http, _post(f"{there}/{step}", body), monkeypatch, f"call-000{number}"
            )
            assert answer.status_code == 200, answer.text
    assert [one.data["step"] for one in case.entries("peer_to_peer_planned")] == ["booked", "moved", "cancelled"]
    with lab.store.read() as s:
        assert slots.of_case(s, case.case_id) is None


def _form_of(s: Any, task: str, typed: dict[str, list[str]], now: datetime) -> Any:
    desk = signing.read_desk(s, task, CHEN, now)
    return read_form(desk.case, desk.before, typed)
