"""Tasks on pages: what the rules allow is offered, an act is done once, and nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx

from demo.time_skipping_lab import Lab
from domain.cases.tasks import Task
from services.commands import case_actions
from services.commands.next_task import claim_next
from store import journal, tasks
from store.drafts import task_drafts
from tests.paths import ROOT
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from tests.web.pages_read import sent_by
from web.app import build_app
from web.context import WebContext

SAMPLES = ROOT / "samples" / "requests"
WHY = {"refer.recommendation": "6 of 12 months of treatment are documented."}


@asynccontextmanager
async def desk(context: WebContext, *people: str) -> AsyncIterator[list[WebClient]]:
    """The browsers of these people."""
    app = build_app(context)
    opened = [httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://umpire.test") for _ in people]
    yield [WebClient(http, person) for http, person in zip(opened, people, strict=True)]
    for http in opened:
        await http.aclose()


async def _submitted(lab: Lab, *samples: str) -> list[str]:
    """The cases of these samples, each with its first task."""
    found = [await lab.submit((SAMPLES / f"{name}.json").read_bytes()) for name in samples]
    return [str(one.case_id) for one in found]


def _task(lab: Lab, task_id: str) -> Task:
    with lab.store.read() as s:
        found = tasks.get(s, task_id)
    assert found is not None
    return found.task


def _words(answer: httpx.Response) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


async def test_a_nurse_refers_from_the_dock_and_the_next_task_is_hers_and_open(lab: Lab) -> None:
    fusion, second = await _submitted(lab, "lumbar-fusion", "power-wheelchair")
    context = await lab_context(lab)
    async with desk(context, "nurse.adams", "nurse.lopez") as (nurse, other):
        task = f"{fusion}-T1"
        shown = await nurse.get(f"/cases/{fusion}", task=task)
        assert "Claim this task" in shown.text
        await case_actions.claim_task(context.services, task, "nurse.adams")
        shown = await nurse.get(f"/cases/{fusion}", task=task, outcome="refer")
        offered = set(re.findall(r'name="outcome" id="o-(\w+)"', shown.text))
        assert offered == {"approve", "ask", "refer"}
        assert 'id="o-refer" value="refer" checked' in shown.text

        forged = await nurse.post(f"/tasks/{task}", shown.url.path, outcome="decide")
        assert forged.status_code == 409 and "task.outcome" in forged.text

        act = sent_by(shown.text)["act"][0]
        empty = await nurse.post(f"/tasks/{task}", outcome="refer", act=act)
        assert empty.status_code == 422 and 'href="#f-refer-recommendation"' in empty.text
        sent = {"outcome": "refer", "act": act, "then": "next", **WHY}
        done = await nurse.post(f"/tasks/{task}", **sent)
        assert done.status_code == 303
        upcoming = f"{second}-T1"
        assert done.headers["location"] == f"/cases/{second}?task={upcoming}"
        assert _task(lab, upcoming).assignee == "nurse.adams"
        page = await nurse.get(done.headers["location"])
        assert "Referred to a physician." in page.text and "This is your next task." in page.text

        again = await nurse.post(f"/tasks/{task}", **sent | {"then": "only"})
        assert again.status_code == 303
        with lab.store.read() as s:
            assert sum(entry.kind.value == "task_completed" for entry in journal.entries(s, fusion)) == 1

        taken = await other.post(f"/tasks/{upcoming}", outcome="refer", **WHY)
        assert taken.status_code == 409 and "task.claimed" in taken.text and "umpire " not in _words(taken)
        assert await claim_next(context.services, "nurse.lopez") is None


async def test_what_is_typed_survives_an_engine_that_does_not_answer(lab: Lab) -> None:
    (fusion,) = await _submitted(lab, "lumbar-fusion")
    task = f"{fusion}-T1"
    context = await lab_context(lab)
    await case_actions.claim_task(context.services, task, "nurse.adams")
    down = replace(context, services=replace(context.services, temporal=None))
    async with desk(down, "nurse.adams", "nurse.lopez") as (nurse, other):
        late = await nurse.post(f"/tasks/{task}", outcome="refer", act="act-0001", **WHY)
        assert late.status_code == 503
        assert sent_by(late.text)["refer.recommendation"] == [WHY["refer.recommendation"]]
        assert sent_by(late.text)["act"] == ["act-0001"]
        shown = await nurse.get(f"/cases/{fusion}", task=task)
        assert sent_by(shown.text)["refer.recommendation"] == [WHY["refer.recommendation"]]
        assert WHY["refer.recommendation"] not in (await other.get(f"/cases/{fusion}", task=task)).text
    async with desk(context, "nurse.adams") as (nurse,):
        done = await nurse.post(f"/tasks/{task}", outcome="refer", act="act-0001", then="only", **WHY)
        assert done.headers["location"] == f"/cases/{fusion}"
    with lab.store.read() as s:
        assert task_drafts.find(s, task, "nurse.adams") is None


async def test_the_provider_is_asked_for_what_is_ticked_and_an_own_question_names_its_criterion(lab: Lab) -> None:
    (cpap,) = await _submitted(lab, "lumbar-fusion")
    task = f"{cpap}-T1"
    context = await lab_context(lab)
    await case_actions.claim_task(context.services, task, "nurse.adams")
    async with desk(context, "nurse.adams") as (nurse,):
        bare = await nurse.post(f"/tasks/{task}", outcome="ask", **{"ask.own": "When did the pain begin?"})
        assert bare.status_code == 422
        assert "Say which criterion your question serves." in bare.text
        criterion = next(iter(re.findall(r'<option value="(FUS[^"]+)"', bare.text)))
        asked = {"ask.own": "When did the pain begin?", "ask.serves": criterion}
        done = await nurse.post(f"/tasks/{task}", outcome="ask", then="only", **asked)
        assert done.status_code == 303
    ended = _task(lab, task)
    assert ended.outcome is not None and ended.outcome.value == "ask"
