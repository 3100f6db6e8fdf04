"""Every route by every role and every relation to a case, against the data of rights; headers and cookies of every answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind, TaskStatus
from domain.decisions.reviewers import Reviewer
from domain.vocabulary import ProcessKind, Role, ServiceKind
from services.principals import RIGHTS, Principal, Right
from store import directory, read_models, tasks
from store.accounts import case_views
from store.session import Store
from tests.paths import SAMPLES
from tests.store.samples import case_view, draft, json, task
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from web.app import OPEN_ROUTERS, ROUTERS, build_app
from web.context import WebContext
from web.security import synthetic_people

Browse = Callable[[str | None], WebClient]
PROVIDER = "1215000013"
BEFORE_SIGN_IN = {"/sign-in", "/sign-in/as", "/sign-in/oidc", "/sign-in/oidc/callback", "/healthz"}
"""Addresses that answer nobody in particular."""
FOR_ANYBODY = {
    "/",
    "/session",
    "/sign-out",
    "/sign-in/oidc/confirm",
    "/settings",
    "/settings/password",
    "/settings/sign-out-everywhere",
    "/affirmation",
}
"""Addresses for whoever is signed in, which show nothing of a case."""
HIDDEN = {
    "cases": "PA-BEHAVIORAL1",
    "tasks": "PA-BEHAVIORAL1-T1",
    "stays": "ST-BBBBBBBBBBBB",
    "discharge": "DP-BBBBBBBBBBBB",
    "concerns": "QC-BBBBBBBBBBBB",
    "retrospective": "RR-BBBBBBBBBBBB",
    "provider/requests": "PA-ANOTHERNPI1",
}
"""By the beginning of an address, a case that a nurse without a part in it, or a provider of another NPI, does not see."""
_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Door:
    """One method of one route, with the right that it asks for."""

    method: str
    path: str
    right: Right | None

    @property
    def beginning(self) -> str:
        return next((one for one in HIDDEN if self.path.startswith((f"/{one}/{{case_id}}", f"/{one}/{{"))), "")

    def address(self, case_id: str = "PA-NOBODYKNOWS1") -> str:
        """The address with this case in its first place, and something in every other."""
        return _PLACE.sub("1", _PLACE.sub(case_id, self.path, count=1))


def doors() -> list[Door]:
    found = [Door("GET", "/healthz", None)]
    for router in (*OPEN_ROUTERS, *ROUTERS):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            rights = [getattr(one.call, "right", None) for one in route.dependant.dependencies]
            right = next((one for one in rights if one is not None), None)
            found += [Door(method, route.path, right) for method in sorted(route.methods)]
    return sorted(set(found), key=lambda door: (door.path, door.method))


DOORS = doors()
GUARDED = [door for door in DOORS if door.right is not None]


def test_every_door_asks_for_a_right_or_is_one_of_those_that_show_no_case(web_context: WebContext) -> None:
    open_doors = {door.path for door in DOORS if door.right is None}
    assert open_doors == BEFORE_SIGN_IN | FOR_ANYBODY
    routes = {route.path for route in build_app(web_context).routes if isinstance(route, APIRoute)}
    assert routes <= {door.path for door in DOORS}, "a route that no router of the lists has"


async def test_nobody_gets_through_any_door_and_every_answer_is_closed_to_others(browse: Browse) -> None:
    nobody = browse(None).http
    for door in DOORS:
        answer = await nobody.request(door.method, door.address())
        headers = answer.headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, door
        assert headers["x-content-type-options"] == "nosniff", door
        assert headers["cache-control"] == "no-store", door
        assert headers["referrer-policy"] == "same-origin", door
        assert headers["x-frame-options"] == "SAMEORIGIN", door
        if door.path not in BEFORE_SIGN_IN:
            assert answer.status_code == 303 and headers["location"].startswith("/sign-in?next="), door
            assert "set-cookie" not in headers, door


async def test_every_cookie_is_out_of_reach_and_bound_to_this_host(web_context: WebContext) -> None:
    transport = httpx.ASGITransport(build_app(web_context))
    async with httpx.AsyncClient(transport=transport, base_url="https://umpire.test") as http:
        given = []
        for door in DOORS:
            answer = await http.request(door.method, door.address())
            assert "strict-transport-security" in answer.headers, door
            given += answer.headers.get_list("set-cookie")
        shown = await http.get("/sign-in")
        secret = re.search(r'name="csrf" value="([^"]*)"', shown.text)
        assert secret is not None
        said = {"csrf": unescape(secret[1]), "account": "reviewer:nurse.adams"}
        given += (await http.post("/sign-in/as", data=said)).headers.get_list("set-cookie")
        given += (await http.get("/settings")).headers.get_list("set-cookie")
    assert len(given) >= 2
    for cookie in given:
        assert cookie.startswith("__Host-") and "; Secure" in cookie and "; HttpOnly" in cookie, cookie
        assert "SameSite=strict" in cookie and "Path=/" in cookie and "Domain" not in cookie, cookie


async def _secret_of(client: WebClient) -> str:
    shown = await client.get("/settings")
    found = re.search(r'name="csrf" value="([^"]*)"', shown.text)
    assert found is not None
    return unescape(found[1])


async def _refused(client: WebClient, door: Door, secret: str, case_id: str = "PA-NOBODYKNOWS1") -> httpx.Response:
    data = {"csrf": secret} if door.method == "POST" else None
    return await client.http.request(door.method, door.address(case_id), data=data)


async def _walk(browse: Browse, subject: str, rights: frozenset[Right]) -> None:
    """Try every door that the data close to these rights."""
    client = browse(subject)
    secret = await _secret_of(client)
    for door in GUARDED:
        if door.right not in rights:
            answer = await _refused(client, door, secret)
            assert answer.status_code == 403, (subject, door)


@pytest.fixture
def one_role_each(plan_store: Store) -> dict[Role, str]:
    """A reviewer of each role alone."""
    people = {role: f"only.{role.value}" for role in Role}
    with plan_store.begin() as s:
        for role, reviewer_id in people.items():
            directory.put_reviewer(s, Reviewer(reviewer_id=reviewer_id, name=role.value, roles=(role,)))
        synthetic_people.create_accounts(s)
    return people


async def test_a_provider_gets_through_the_providers_doors_alone(browse: Browse) -> None:
    await _walk(browse, PROVIDER, frozenset({Right.PROVIDER}))


@pytest.mark.parametrize("role", [Role.INTAKE, Role.NURSE])
async def test_a_role_gets_through_no_door_that_the_data_close_to_it(
    browse: Browse, one_role_each: dict[Role, str], role: Role
) -> None:
    await _walk(browse, one_role_each[role], _rights_of(role))


@pytest.mark.many
@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.INTAKE, Role.NURSE)])
async def test_any_role_gets_through_no_door_that_the_data_close_to_it(
    browse: Browse, one_role_each: dict[Role, str], role: Role
) -> None:
    await _walk(browse, one_role_each[role], _rights_of(role))


def _rights_of(role: Role) -> frozenset[Right]:
    rights = Principal("", "", "", reviewer_id="x", roles=frozenset({role})).rights
    assert rights == {right for right, roles in RIGHTS.items() if role in roles}
    return rights


def _open(store: Store, case_id: str, **changes: Any) -> None:
    work = task(
        1,
        case_id,
        role=Role.PHYSICIAN,
        kind=TaskKind.PHYSICIAN_REVIEW,
        status=TaskStatus.CLAIMED,
        assignee="md.psych.ansah",
    )
    with store.begin() as s:
        read_models.record_entries(
            s,
            case_id,
            [draft(1, case=json(case_view(case_id, member_id="MBR-SECRET", **changes))[0], tasks=json(work))],
        )


@pytest.fixture
def hidden(plan_store: Store) -> Store:
    """A confidential case of each process, of which a psychiatrist has the task."""
    behavioral = {"service_kind": ServiceKind.BEHAVIORAL}
    _open(plan_store, HIDDEN["cases"], **behavioral)
    _open(plan_store, HIDDEN["stays"], process=ProcessKind.STAY, **behavioral)
    _open(plan_store, HIDDEN["discharge"], process=ProcessKind.DISCHARGE_PLAN, **behavioral)
    _open(plan_store, HIDDEN["retrospective"], process=ProcessKind.RETROSPECTIVE_REVIEW, **behavioral)
    _open(plan_store, HIDDEN["concerns"], process=ProcessKind.CONCERN)
    _open(plan_store, HIDDEN["provider/requests"], requesting_npi="1999999984")
    return plan_store


def _doors_of_cases(*beginnings: str) -> Iterator[tuple[Door, str]]:
    for door in GUARDED:
        if door.beginning in beginnings and _PLACE.search(door.path):
            yield door, HIDDEN[door.beginning]


async def test_a_confidential_case_is_behind_no_door_for_who_does_not_work_on_it(browse: Browse, hidden: Store) -> None:
    nurse = browse("nurse.adams")
    secret = await _secret_of(nurse)
    tried = list(_doors_of_cases("cases", "tasks", "stays", "discharge", "concerns", "retrospective"))
    assert {door.beginning for door, _ in tried} == HIDDEN.keys() - {"provider/requests"}
    answers = [(door, await _refused(nurse, door, secret, case_id)) for door, case_id in tried]
    told = []
    for door, answer in answers:
        if answer.status_code != 404:  # it goes on to another address, the same for a case that there is none of
            none = await _refused(nurse, door, secret, "NOTHING")
            on, on_for_none = answer.headers.get("location", ""), none.headers.get("location", "")
            if on == "" or on.replace(HIDDEN[door.beginning], "NOTHING") != on_for_none:
                told.append((door.method, door.path, answer.status_code, on))
    assert told == []
    assert not any("MBR-SECRET" in one.text for _door, one in answers)
    with hidden.read() as s:
        assert {one.allowed for one in case_views.select_sights(s, 999)} == {False}
    confidential = [case_id for beginning, case_id in HIDDEN.items() if beginning != "provider/requests"]
    for page in (
        "/worklist?who=team",
        "/stays",
        "/discharge",
        "/concerns",
        *(f"/find?q={one}" for one in confidential),
    ):
        shown = await nurse.get(page)
        assert not any(f"/{one}" in shown.text or f">{one}<" in shown.text for one in confidential), page


async def test_a_concern_is_on_no_page_of_a_supervisor(browse: Browse, hidden: Store) -> None:
    supervisor = browse("supervisor.bell")
    for page in ("/oversight/clocks", "/worklist?who=team", "/concerns", f"/find?q={HIDDEN['concerns']}"):
        shown = await supervisor.get(page)
        assert f"/{HIDDEN['concerns']}" not in shown.text, page
    assert (await supervisor.get(f"/concerns/{HIDDEN['concerns']}")).status_code == 404


async def test_who_has_a_task_of_it_finds_it(browse: Browse, hidden: Store) -> None:
    assert (await browse("md.psych.ansah").get(f"/cases/{HIDDEN['cases']}")).status_code == 200
    with hidden.read() as s:
        assert [(one.subject, one.allowed) for one in case_views.select_sights(s, 9)] == [("md.psych.ansah", True)]


async def test_another_providers_case_is_behind_no_door_of_a_provider(browse: Browse, hidden: Store) -> None:
    provider = browse(PROVIDER)
    secret = await _secret_of(provider)
    tried = list(_doors_of_cases("provider/requests"))
    assert len(tried) > 2
    for door, case_id in tried:
        answer = await _refused(provider, door, secret, case_id)
        assert answer.status_code == 404, door
        assert "MBR-SECRET" not in answer.text, door


@pytest.mark.parametrize("number", ["9" * 30, "2147483648", "-1", "x"])
async def test_a_number_that_no_store_holds_is_told_on_a_page(browse: Browse, number: str) -> None:
    clerk, provider = browse("intake.kim"), browse(PROVIDER)
    answers = [await clerk.get(f"/inbox/{number}"), await clerk.get(f"/inbox/{number}/raw")]
    answers += [await clerk.post(f"/inbox/{number}/resolve", "/inbox", note="seen")]
    answers += [await clerk.post(f"/peer-to-peer/times/{number}/remove", "/peer-to-peer")]
    answers += [await browse("compliance.ortiz").get(f"/criteria/asked?before={number}")]
    answers += [await provider.get(f"/provider/receipts/{number}")]
    assert {(answer.status_code, "<h1>Not readable</h1>" in answer.text) for answer in answers} == {(422, True)}


async def test_an_actor_named_in_a_form_is_not_who_acts(lab: Lab) -> None:
    submitted = await lab.submit((SAMPLES / "requests" / "lumbar-fusion.json").read_bytes())
    task_id = f"{submitted.case_id}-T1"
    transport = httpx.ASGITransport(build_app(await lab_context(lab)))
    async with httpx.AsyncClient(transport=transport, base_url="http://umpire.test") as http:
        nurse = WebClient(http, "nurse.adams")
        forged = dict.fromkeys(("reviewer_id", "reviewer", "actor", "as", "account", "account_id", "by"), "nurse.lopez")
        answer = await nurse.post(f"/tasks/{task_id}/claim?reviewer_id=nurse.lopez", **forged)
    assert answer.status_code == 303
    with lab.store.read() as s:
        found = tasks.get(s, task_id)
    assert found is not None
    assert found.task.assignee == "nurse.adams"
