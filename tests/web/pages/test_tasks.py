"""Tasks on pages: what the rules allow is offered, an act is done once, and nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from html import unescape

import httpx
import pytest

from demo.time_skipping_lab import Lab
from domain.cases.tasks import Task
from intake.contacts import contacts
from interop.plain.callbacks_and_concerns import CallbackMessage
from services.commands import case_actions, decision_form
from services.commands.next_task import claim_next
from services.context import CommandResult, CommandStatus
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
    async with desk(context, "nurse.lopez", "nurse.adams") as (nurse, other):
        task = f"{fusion}-T1"
        shown = await nurse.get(f"/cases/{fusion}", task=task)
        assert "Claim this task" in shown.text
        back = await nurse.get(f"/tasks/{task}", outcome="refer", kept="key")
        assert back.headers["location"] == f"/cases/{fusion}?task={task}&outcome=refer&kept=key"
        claimed = await nurse.post(f"/tasks/{task}/claim")
        assert claimed.headers["location"] == f"/cases/{fusion}?task={task}"
        late = await other.post(f"/tasks/{task}/claim")
        assert late.status_code == 303
        assert "Daniel Lopez, RN, took this at" in (await other.get(late.headers["location"])).text
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
        done = await nurse.post(f"/tasks/{task}?list=lob%3Dmedicare_advantage", **sent)
        assert done.status_code == 303
        upcoming = f"{second}-T1"
        assert done.headers["location"] == f"/cases/{second}?task={upcoming}&list=lob%3Dmedicare_advantage"
        assert _task(lab, upcoming).assignee == "nurse.lopez"
        page = await nurse.get(done.headers["location"])
        assert "Referred to a physician." in page.text and "This is your next task." in page.text

        again = await nurse.post(f"/tasks/{task}", **sent | {"then": "only"})
        assert again.status_code == 303
        with lab.store.read() as s:
            assert sum(entry.kind.value == "task_completed" for entry in journal.entries(s, fusion)) == 1

        taken = await other.post(f"/tasks/{upcoming}", outcome="refer", **WHY)
        assert taken.status_code == 409 and "task.claimed" in taken.text and "umpire " not in _words(taken)
        assert await claim_next(context.services, "nurse.adams") is None

        bare = await nurse.post(f"/tasks/{upcoming}", outcome="approve")
        assert bare.status_code == 422
        assert 'href="#f-approve-rationale"' in bare.text and 'href="#f-approve-why_none"' in bare.text
        (named, *_others) = re.findall(r'name="approve.criteria" value="([^"]+)"', bare.text)
        account = {"approve.rationale": "The records show the need.", "approve.criteria": unescape(named)}
        with_list = f"/tasks/{upcoming}?list=lob%3Dmedicaid"
        there = (await nurse.get(with_list)).headers["location"]
        assert f'action="{with_list}"' in (await nurse.get(there)).text
        last = await nurse.post(with_list, outcome="approve", **account)
        assert (last.status_code, last.headers["location"]) == (303, "/worklist?lob=medicaid"), _words(last)
    approved = _task(lab, upcoming)
    assert approved.outcome is not None and approved.outcome.value == "approve"


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


async def test_what_is_handed_over_to_a_slow_engine_is_said_to_go_on_by_itself(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fusion,) = await _submitted(lab, "lumbar-fusion")
    task = f"{fusion}-T1"
    context = await lab_context(lab)
    await case_actions.claim_task(context.services, task, "nurse.adams")

    async def hand_over(*_given: object) -> CommandResult:
        return CommandResult(kind=CommandStatus.QUEUED, case_id=fusion, message_id="act-0002", says="Not answered yet.")

    monkeypatch.setattr(decision_form, "complete_with_form", hand_over)
    async with desk(context, "nurse.adams") as (nurse,):
        await nurse.post(f"/tasks/{task}/draft", **WHY)
        sent = await nurse.post(f"/tasks/{task}", outcome="refer", act="act-0002", **WHY)
        assert (sent.status_code, sent.headers["location"]) == (303, "/worklist")
        assert "you need not send it again" in (await nurse.get("/worklist")).text
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


async def test_a_call_is_recorded_in_its_own_form_and_errors_stand_at_their_fields(lab: Lab) -> None:
    message = CallbackMessage(
        format="umpire-callback/1",
        from_whom="member",
        member_id="MBR1000001",
        caller_name="Alma Whitfield",
        phone="217-555-0107",
        about="clinical_review",
        taken_by="intake.kim",
    )
    taken = await contacts.record_message(await lab.services(), message)
    await lab.settle()
    task = f"{taken.case_id}-T1"
    context = await lab_context(lab)
    await case_actions.claim_task(context.services, task, "nurse.adams")
    said = {"done.caller_title": "Registered Nurse", "done.reached": "member", "done.outcome": "answered"}
    async with desk(context, "nurse.adams") as (nurse,):
        lacking = await nurse.post(f"/tasks/{task}", outcome="done", **said)
        assert lacking.status_code == 422
        for field in ("caller_name", "caller_organization"):
            assert f'href="#f-done-{field}"' in lacking.text
        assert sent_by(lacking.text)["done.caller_title"] == ["Registered Nurse"]
        said |= {"done.caller_name": "test", "done.caller_organization": "Example Health", "done.said": "She knows."}
        stand_in = await nurse.post(f"/tasks/{task}", outcome="done", **said)
        assert stand_in.status_code == 422 and "stand-in" in stand_in.text
        done = await nurse.post(f"/tasks/{task}", outcome="done", **said | {"done.caller_name": "Grace Adams"})
        assert done.status_code == 303, _words(done)
    ended = _task(lab, task)
    assert ended.outcome is not None and ended.outcome.value == "done"


async def test_acts_on_a_case_are_offered_by_role_and_done_as_on_the_command_line(lab: Lab) -> None:
    (fusion,) = await _submitted(lab, "lumbar-fusion")
    context = await lab_context(lab)
    async with desk(context, "nurse.adams", "intake.kim") as (nurse, intake):
        offered = set(
            re.findall(rf'href="/cases/{fusion}/acts/([a-z-]+)"', (await nurse.get(f"/cases/{fusion}/acts")).text)
        )
        assert f'href="/cases/{fusion}/acts"' in (await nurse.get(f"/cases/{fusion}")).text
        assert {"note", "contact", "expedite", "extend", "withdraw"} <= offered
        assert not offered & {"reinstate", "vacate", "dates", "void", "reopen", "not-covered"}
        assert (await nurse.get(f"/cases/{fusion}/acts/void")).status_code == 404

        act = sent_by((await intake.get(f"/cases/{fusion}/acts/note")).text)["act"][0]
        for _twice in range(2):
            noted = await intake.post(f"/cases/{fusion}/acts/note", act=act, text="The clinic sends the films.")
            assert noted.status_code == 303
        missing = await intake.post(f"/cases/{fusion}/acts/withdraw", by="member", person="The member")
        assert missing.status_code == 422 and 'href="#f-channel"' in missing.text
        said = {"by": "member", "person": "The member", "channel": "phone", "note": "She called."}
        done = await intake.post(f"/cases/{fusion}/acts/withdraw", **said)
        assert done.status_code == 303, _words(done)
    with lab.store.read() as s:
        kinds = [entry.kind.value for entry in journal.entries(s, fusion)]
    assert kinds.count("case_noted") == 1 and "withdrawn" in " ".join(kinds)


async def test_what_a_rule_forbids_is_refused_and_the_form_stays_filled(lab: Lab) -> None:
    (fusion,) = await _submitted(lab, "lumbar-fusion")
    context = await lab_context(lab)
    async with desk(context, "nurse.adams") as (nurse,):
        said = {"reason": "missing_information", "justification": "We wait for the films.", "days_given": "400"}
        refused = await nurse.post(f"/cases/{fusion}/acts/extend", **said)
        assert refused.status_code == 409 and "umpire " not in _words(refused)
        assert sent_by(refused.text)["justification"] == ["We wait for the films."]
