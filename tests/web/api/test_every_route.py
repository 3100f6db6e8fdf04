"""Every route of the API by scope, role and relation to the case: a key opens nothing that is closed on the pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute

from domain.cases.tasks import TaskKind
from domain.vocabulary import Role, ServiceKind
from services.commands.api_keys import ApiScope
from services.principals import RIGHTS, Right
from store import directory, read_models
from store.accounts import case_views
from store.session import Store
from tests.store.samples import case_view, draft, json, task
from tests.web.api.conftest import Open
from tests.web.api.programs import Program
from web.api.app import ROUTERS

PSYCH = "PA-BEHAVIORAL1"
PROVIDER = "1215000013"
_PLACE = re.compile(r"\{(\w+)\}")
PLACES = {
    "case_id": PSYCH,
    "task_id": f"{PSYCH}-T1",
    "document_id": "0" * 64,
    "letter_id": f"{PSYCH}:denial:member:1",
    "guideline_id": "X",
    "number": "LK-1",
    "slot_id": "1",
    "inbox_id": "1",
}
QUERY = {"q": "x", "kind": "request", "title": "x"}


def _routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def _guard(route: APIRoute) -> tuple[ApiScope, tuple[Right, ...]]:
    found = [one.call for one in route.dependant.dependencies if hasattr(one.call, "scope")]
    assert len(found) == 1, f"{route.path} has one guard"
    guard: Any = found[0]
    return guard.scope, guard.rights


async def _call(program: Program, route: APIRoute) -> int:
    path = _PLACE.sub(lambda found: PLACES[found[1]], route.path)
    needed = {one.alias: QUERY[one.alias] for one in route.dependant.query_params if one.field_info.is_required()}
    if "GET" in route.methods:
        return (await program.get(path, **needed)).status_code
    return (await program.post(path, {}, **needed)).status_code


async def test_a_key_without_the_scope_opens_no_route(program: Open) -> None:
    lacks = {scope: program("supervisor.bell", *(set(ApiScope) - {scope})) for scope in ApiScope}
    for route in _routes():
        assert await _call(lacks[_guard(route)[0]], route) == 403, route.path


async def test_a_role_without_the_right_opens_no_route(program: Open, plan_store: Store) -> None:
    with plan_store.read() as s:
        people = {one.roles: one.reviewer_id for one in directory.reviewers(s) if one.active}
    provider = program(PROVIDER)
    for route in _routes():
        _scope, rights = _guard(route)
        if Right.PROVIDER not in rights:
            assert await _call(provider, route) == 403, route.path
        allowed: frozenset[Role] = frozenset().union(*(RIGHTS[right] for right in rights))
        without = next((one for roles, one in people.items() if not allowed & set(roles)), None)
        if without is not None:
            assert await _call(program(without), route) == 403, route.path


async def test_a_case_that_is_not_for_the_caller_is_not_on_file_at_any_route(program: Open, plan_store: Store) -> None:
    work = task(1, PSYCH, role=Role.PHYSICIAN, kind=TaskKind.PHYSICIAN_REVIEW)
    view = case_view(PSYCH, service_kind=ServiceKind.BEHAVIORAL)
    with plan_store.begin() as s:
        read_models.record_entries(s, PSYCH, [draft(1, case=json(view)[0], tasks=json(work))])
    nurse, provider = program("nurse.adams"), program(PROVIDER)
    asked = [route for route in _routes() if "{case_id}" in route.path or "{task_id}" in route.path]
    assert len(asked) > 30
    for route in asked:
        caller = provider if route.path.startswith("/provider") else nurse
        # A body that is not valid is told before the case is looked at, and tells nothing of it.
        assert await _call(caller, route) in (404, 422), route.path
    assert (await nurse.get(f"/cases/{PSYCH}")).text.replace(PSYCH, "X") == (
        await nurse.get("/cases/PA-NOTHING00001")
    ).text.replace("PA-NOTHING00001", "X")
    for path in ("/worklist", "/cases", "/oversight/clocks"):
        assert PSYCH not in (await program("nurse.adams").get(path)).text
    with plan_store.read() as s:
        assert {one.allowed for one in case_views.select_sights(s, 99)} == {False}


@pytest.mark.parametrize("route", [one for one in _routes() if "POST" in one.methods], ids=lambda route: route.path)
def test_no_body_has_a_place_for_who_acts(route: APIRoute) -> None:
    model = route.body_field.field_info.annotation if route.body_field is not None else None
    if model is not None:
        told = str(model.model_json_schema())
        assert not re.search(r"'(actor|reviewer_id|npi|account_id|entered_by)':", told)
        assert model.model_config["extra"] == "forbid"
