"""Views of cases by people: allowed or not on file for them, and recorded."""

from __future__ import annotations

from collections.abc import Callable

from domain.cases.tasks import TaskKind
from domain.vocabulary import Role, ServiceKind
from store import read_models
from store.accounts import case_views
from store.session import Store
from tests.store.samples import case_view, draft, json, task
from tests.web.browsers import WebClient

Browse = Callable[[str | None], WebClient]
PSYCH = "PA-BEHAVIORAL1"


def _open_behavioral(store: Store) -> None:
    work = task(1, PSYCH, role=Role.PHYSICIAN, kind=TaskKind.PHYSICIAN_REVIEW)
    view = case_view(PSYCH, service_kind=ServiceKind.BEHAVIORAL)
    with store.begin() as s:
        read_models.record_entries(s, PSYCH, [draft(1, case=json(view)[0], tasks=json(work))])


async def test_a_case_that_is_not_for_its_reader_looks_like_one_that_is_none(browse: Browse, plan_store: Store) -> None:
    _open_behavioral(plan_store)
    nurse = browse("nurse.adams")
    hidden = await nurse.get(f"/cases/{PSYCH}")
    none = await nurse.get("/cases/PA-NOTHING00001")
    assert (hidden.status_code, none.status_code) == (404, 404)
    shown = [answer.text.partition("<main")[2].partition("</main>")[0] for answer in (hidden, none)]
    assert shown[0].replace(PSYCH, "X") == shown[1].replace("PA-NOTHING00001", "X") != ""


async def test_each_view_is_recorded_and_so_is_the_view_that_was_not_allowed(browse: Browse, plan_store: Store) -> None:
    _open_behavioral(plan_store)
    await browse("nurse.adams").get(f"/cases/{PSYCH}")
    assert (await browse("md.psych.ansah").get(f"/cases/{PSYCH}")).status_code == 200
    with plan_store.read() as s:
        seen = case_views.select_sights(s, 9)
    assert {(one.subject, one.case_id, one.what, one.allowed) for one in seen} == {
        ("nurse.adams", PSYCH, "case", False),
        ("md.psych.ansah", PSYCH, "case", True),
    }
