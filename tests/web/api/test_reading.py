"""Reading by programs: with a key, within its scopes and the rights of whom it acts for, and each view of a case recorded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store import read_models
from store.accounts import case_views
from store.session import Store
from tests.store.samples import NOON, case_view, draft, json, task
from tests.web.api.conftest import Open

CASE = "PA-SAMPLE00001"


@pytest.fixture
def one_case(plan_store: Store) -> str:
    with plan_store.begin() as s:
        view = case_view(CASE)
        read_models.record_entries(s, CASE, [draft(1, case=json(view)[0], tasks=json(task(1, CASE)))])
    return CASE


@pytest.mark.parametrize("path", ["/worklist", "/cases/PA-1", "/nowhere", "/submissions"])
async def test_nothing_is_answered_without_a_key(program: Open, path: str) -> None:
    answer = await program(None).get(path)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_the_document_of_the_api_is_for_everybody(program: Open) -> None:
    answer = await program(None).get("/openapi.json")
    assert (answer.status_code, answer.json()["openapi"]) == (200, "3.1.0")


async def test_a_case_is_read_as_the_command_line_shows_it_and_the_view_is_recorded(
    program: Open, one_case: str, plan_store: Store
) -> None:
    answer = await program("nurse.adams").get(f"/cases/{one_case}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["sentence"].startswith(f"Case {one_case}")
    with plan_store.read() as s:
        seen = case_views.select_sights(s, 9)
    assert [(one.subject, one.case_id, one.what, one.allowed) for one in seen] == [
        ("nurse.adams", one_case, "case", True)
    ]


async def test_every_list_is_answered(program: Open, one_case: str) -> None:
    leader = program("supervisor.bell")
    for path in (
        "/worklist",
        "/cases",
        "/stays",
        "/inbox",
        "/oversight/clocks",
        "/oversight/views",
        "/oversight/criteria-disclosures",
        "/criteria",
        "/facts",
    ):
        answer = await leader.get(path)
        assert answer.status_code == 200, (path, answer.text)
    assert [row["case_id"] for row in (await leader.get("/cases")).json()["rows"]] == [one_case]
    assert (await leader.get("/find", q=one_case)).json()["cases"][0]["case_id"] == one_case


async def test_a_list_is_read_page_by_page_each_row_once(program: Open, plan_store: Store) -> None:
    dues = [None, NOON, NOON, None, NOON - timedelta(days=1)]
    with plan_store.begin() as s:
        for number, due in enumerate(dues):
            case_id = f"PA-SAMPLE0000{number}"
            view = case_view(case_id, decision_due=due)
            work = json(task(1, case_id))
            read_models.record_entries(s, case_id, [draft(1, case=json(view)[0], tasks=work)])
    nurse = program("nurse.adams")
    for path, name in (("/cases", "case_id"), ("/worklist", "task_id")):
        whole = [row[name] for row in (await nurse.get(path)).json()["rows"]]
        assert len(whole) == len(dues)
        seen: list[str] = []
        page = (await nurse.get(path, limit=2)).json()
        seen += [row[name] for row in page["rows"]]
        while page["next"] is not None:
            page = (await nurse.get(path, limit=2, after=page["next"])).json()
            seen += [row[name] for row in page["rows"]]
        assert seen == whole
