"""The inbox: what could not be read is shown with its finding, mended under its first receipt, and never run."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.vocabulary import ArrivalKind, Channel, Role, ServiceKind
from services.context import SubmissionStatus
from store import inbox, read_models, requests
from store.accounts import case_views
from store.session import Store
from tests.paths import SAMPLES
from tests.store.samples import CASE, case_view, draft, json, task
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from web.app import build_app
from web.context import WebContext

Browse = Callable[[str | None], WebClient]


@pytest.fixture
def broken(web_context: WebContext) -> int:
    """An arrival whose JSON ends too early, on its third line."""
    services = web_context.services
    with services.store.begin() as s:
        item = inbox.receive(
            s,
            b'{\n "a": 1,\n "b": <script>alert(1)</script>\n',
            services.clock(),
            Channel.API,
            "sender",
            kind=ArrivalKind.REQUEST,
        )
    return item.inbox_id


async def test_only_intake_supervisors_and_compliance_see_the_inbox(browse: Browse) -> None:
    for subject, status in (("nurse.adams", 403), ("intake.kim", 200), ("compliance.ortiz", 200)):
        assert (await browse(subject).get("/inbox")).status_code == status


async def test_a_raw_document_is_text_on_the_page_and_a_download_that_no_browser_runs(
    browse: Browse, broken: int
) -> None:
    clerk = browse("intake.kim")
    page = await clerk.get(f"/inbox/{broken}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text and "<script>alert" not in page.text
    raw = await clerk.get(f"/inbox/{broken}/raw")
    assert raw.headers["content-disposition"] == "attachment" and "sandbox" in raw.headers["content-security-policy"]


async def test_an_item_is_not_resolved_without_a_note(browse: Browse, broken: int) -> None:
    answer = await browse("intake.kim").post(f"/inbox/{broken}/resolve", "/inbox", note="  ")
    assert answer.status_code == 422 and "Write what was done" in answer.text


async def test_a_mended_arrival_becomes_a_case_received_when_the_first_copy_was(lab: Lab) -> None:
    good = (SAMPLES / "requests" / "home-oxygen-complete.json").read_bytes()
    first = await lab.submit(good[:-200])
    assert first.kind is SubmissionStatus.REFUSED
    await lab.advance(hours=5)
    app = build_app(await lab_context(lab))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://umpire.test") as http:
        clerk = WebClient(http, "intake.kim")
        still = await clerk.post(f"/inbox/{first.inbox_id}/mend", "/inbox", mended="{]")
        assert still.status_code == 422 and "{]" in still.text
        answer = await clerk.post(f"/inbox/{first.inbox_id}/mend", "/inbox", mended=good.decode())
    case_id = answer.headers["location"].rpartition("/")[2]
    with lab.store.read() as s:
        assert requests.load(s, case_id, 1).request.received_at == first.received_at
        item = inbox.get(s, first.inbox_id)
        assert (item.resolved_by, inbox.raw(s, first.inbox_id)) == ("intake.kim", good[:-200])


async def test_the_arrival_of_a_confidential_case_is_none_for_who_does_not_see_the_case(
    browse: Browse, broken: int, plan_store: Store
) -> None:
    view = case_view(service_kind=ServiceKind.BEHAVIORAL)
    work = task(1, role=Role.PHYSICIAN, kind=TaskKind.PHYSICIAN_REVIEW)
    with plan_store.begin() as s:
        read_models.record_entries(s, CASE, [draft(1, case=json(view)[0], tasks=json(work))])
        inbox.accept(s, broken, CASE, 1)
    clerk = browse("intake.kim")
    for address in (f"/inbox/{broken}", f"/inbox/{broken}/raw"):
        hidden = await clerk.get(address)
        assert hidden.status_code == 404 and CASE not in hidden.text
        assert (await browse("compliance.ortiz").get(address)).status_code == 200
    for act in ("mend", "resolve"):
        answer = await clerk.post(f"/inbox/{broken}/{act}", "/inbox", mended="{}", note="a note of it")
        assert answer.status_code == 404 and CASE not in answer.text
    with plan_store.read() as s:
        seen = {(one.subject, one.what, one.allowed) for one in case_views.select_sights(s, 9)}
    assert seen == {("intake.kim", "arrival", False), ("compliance.ortiz", "arrival", True)}
