"""The call desk: what is due first in front, the script and the needs on top, and nothing saved without a caller."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.cases.tasks import TaskKind
from domain.vocabulary import ProcessKind, Role
from store import documents, inbox
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.pages.processes.stays_on_file import NOW, put_case, task
from web.context import WebContext

Browse = Callable[[str | None], WebClient]
CALL = "CB-AAAABBBBCCCC"
SAID = {"caller_name": "Rosa <i>Whitfield</i>", "phone": "312-555-0100", "message": "Is it approved?"}


@pytest.fixture
def web_context(web_context: WebContext) -> WebContext:
    return replace(web_context, services=replace(web_context.services, clock=lambda: NOW))


def _put_call(store: Store, case_id: str = CALL, hours: int = 2, **more: Any) -> None:
    with store.begin() as s:
        kept = documents.put(s, json.dumps(SAID | {"case": case_id}).encode(), "Message", "application/json", NOW)
    content = {
        "from_whom": "member",
        "about": "status_of_request",
        "left_at": "2026-12-09T15:00:00Z",
        "needs": {"language": "Spanish", "tty": "calls by TTY"},
        "message_document": kept.document_id,
        "say_first": "Hello, my name is {name}. I am {title} at {organization}, and I return your call.",
        "attempts_before_another_way": 3,
        "calls": [],
    }
    work = task(case_id, TaskKind.CALL_BACK, Role.INTAKE, needs=content["needs"])
    put_case(
        store, case_id, ProcessKind.CALLBACK, content | more, work, title="call", until=NOW + timedelta(hours=hours)
    )


def _fields(**more: str) -> dict[str, str]:
    said = {"kind": "provider", "name": "Dana Ruiz", "organization": "Lakeside Spine Center", "phone": "704-555-0160"}
    return said | {"about": "status_of_request", "act": "0198f0aa-0000-7000-8000-000000000001"} | more


async def test_what_is_to_be_called_first_stands_first_in_the_plans_zone(browse: Browse, plan_store: Store) -> None:
    _put_call(plan_store, "CB-AAAABBBBCCC1", hours=9)
    _put_call(plan_store, "CB-AAAABBBBCCC2", hours=1)
    page = (await browse("intake.kim").get("/calls")).text
    assert re.findall(r'href="/calls/(CB-\w+)"', page) == ["CB-AAAABBBBCCC2", "CB-AAAABBBBCCC1"]
    assert "Thu Dec 10, 10:00 AM CST" in page
    assert "calls by TTY" in page
    assert "Whitfield" in page
    assert SAID["phone"] not in page


async def test_the_script_names_the_caller_the_title_and_the_organization(browse: Browse, plan_store: Store) -> None:
    _put_call(plan_store)
    page = (await browse("intake.kim").get(f"/calls/{CALL}")).text
    assert re.search(r"Hello, my name is [A-Z][^.]*Kim[^.]*\. I am on the intake staff at Example Health", page), page
    assert page.index("Spanish, calls by TTY") < page.index("Hello, my name is")
    assert f'href="/tasks/{CALL}-T1"' in page
    assert "312-555-0100" in page
    assert "Rosa &lt;i&gt;Whitfield" in page


async def test_calls_are_not_for_who_returns_none(browse: Browse, plan_store: Store) -> None:
    _put_call(plan_store)
    assert (await browse("planner.ivers").get(f"/calls/{CALL}")).status_code == 403


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"kind": ""}, "caller.kind"),
        ({"name": "n/a"}, "caller.name"),
        ({"organization": ""}, "caller.organization"),
        ({"phone": ""}, "form.phone"),
        ({"kind": "robot"}, "caller.kind"),
        ({"member": "MBR9"}, "form.member"),
        ({"about_case": "PA-NONE"}, "form.about_case"),
    ],
)
async def test_a_message_is_not_saved_without_caller_name_and_organization(
    browse: Browse, plan_store: Store, changed: dict[str, str], rule: str
) -> None:
    answer = await browse("intake.kim").post("/calls/new", **_fields(message="Please call", **changed))
    assert answer.status_code == 409
    assert rule in answer.text
    assert "Please call" in answer.text
    with plan_store.read() as s:
        assert not inbox.unstarted(s)


async def test_a_message_is_kept_once_however_often_its_form_is_sent(browse: Browse, plan_store: Store) -> None:
    intake = browse("intake.kim")
    for _ in range(2):
        answer = await intake.post("/calls/new", **_fields())
        assert (answer.status_code, answer.headers["location"]) == (303, "/calls")
    with plan_store.read() as s:
        kept = {item.case_id for item in inbox.unstarted(s)}
        (raw,) = {inbox.raw(s, item.inbox_id) for item in inbox.unstarted(s)}
    assert len(kept) == 1
    said = json.loads(raw)
    assert (said["caller_organization"], said["taken_by"]) == ("Lakeside Spine Center", "intake.kim")


async def test_a_member_who_calls_needs_no_organization(browse: Browse, plan_store: Store) -> None:
    typed = _fields(kind="member", name="Alma Whitfield", organization="", member="mbr1000001")
    assert (await browse("intake.kim").post("/calls/new", **typed)).status_code == 303
