"""Quality concerns: absent for who may not see them, the peer review only for those who work on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.cases.tasks import TaskKind
from domain.vocabulary import ProcessKind, Role
from store import inbox
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.pages.processes.stays_on_file import NOW, STAY, put_case, put_stay, task
from web.context import WebContext

Browse = Callable[[str | None], WebClient]
CONCERN = "QC-AAAABBBBCCCC"
REVIEW = {"no_conflict_of_interest": True, "records_read": ["Chart"], "standard": "not_met", "found": "Too late."}


@pytest.fixture
def web_context(web_context: WebContext) -> WebContext:
    return replace(web_context, services=replace(web_context.services, clock=lambda: NOW))


def put_concern(store: Store, kind: TaskKind = TaskKind.CONCERN_TRIAGE, **more: Any) -> None:
    content = {
        "kind": "quality",
        "what": "A fall at night <script>",
        "raised_by": "nurse.adams",
        "raised_at": "2026-12-09T15:00:00Z",
        "about_dossier": STAY,
        "severity": 3,
        "severity_means": "serious",
        "triage": {"severity": 3, "routes": ["peer_review"], "found": "It fell through", "danger_now": False},
        "peer_review": REVIEW,
    }
    work = task(CONCERN, kind, Role.NURSE, **more)
    put_case(store, CONCERN, ProcessKind.CONCERN, content, work, title="quality concern, severity 3")


async def test_a_concern_is_not_on_file_for_who_does_not_work_on_it(browse: Browse, plan_store: Store) -> None:
    put_concern(plan_store)
    for subject in ("intake.kim", "supervisor.bell"):
        assert CONCERN not in (await browse(subject).get("/concerns")).text
        assert (await browse(subject).get(f"/concerns/{CONCERN}")).status_code == 404


async def test_the_medical_director_reads_the_peer_review_and_the_triage_nurse_does_not(
    browse: Browse, plan_store: Store
) -> None:
    put_concern(plan_store, assignee="nurse.adams", status="claimed")
    nurse = (await browse("nurse.adams").get(f"/concerns/{CONCERN}")).text
    assert "A fall at night &lt;script&gt;" in nurse
    assert "Restricted to peer review." in nurse
    assert "Too late." not in nurse
    director = browse("director.osei")
    assert f'href="/concerns/{CONCERN}"' in (await director.get("/concerns")).text
    assert "Too late." in (await director.get(f"/concerns/{CONCERN}")).text


async def test_the_list_holds_the_text_of_no_concern(browse: Browse, plan_store: Store) -> None:
    put_concern(plan_store)
    assert "A fall at night" not in (await browse("director.osei").get("/concerns")).text


async def test_anybody_on_staff_reports_a_concern_about_a_case_they_see(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store)
    typed = {"kind": "safety", "what": "Wrong bed", "about_case": STAY.lower(), "raised_by": "director.osei"}
    answer = await browse("intake.kim").post("/concerns/new", **typed)
    assert answer.status_code == 303
    with plan_store.read() as s:
        (item,) = inbox.unstarted(s)
        assert b'"raised_by":"intake.kim"' in inbox.raw(s, item.inbox_id)


async def test_a_concern_without_kind_text_or_case_is_not_sent(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store)
    for missing in ("kind", "what", "about_case"):
        typed = {"kind": "safety", "what": "Wrong bed", "about_case": STAY} | {missing: ""}
        answer = await browse("intake.kim").post("/concerns/new", **typed)
        assert answer.status_code == 409
        assert f"form.{missing}" in answer.text
