"""Writing by programs: done once, in the name of whom the key is of, refused by the rules that hold everywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from demo.time_skipping_lab import Lab
from domain.journal import EntryKind
from domain.vocabulary import Channel
from services.commands.api_keys import ApiScope
from store import inbox, journal, requests, tasks
from store.api import answers
from store.session import Store
from tests.paths import ROOT
from tests.web.api.conftest import Open
from tests.web.api.programs import Program, nurses_bearer, over
from tests.web.conftest import lab_context
from web.app import build_app
from web.context import WebContext

SAMPLES = ROOT / "samples" / "requests"
FUSION = (SAMPLES / "lumbar-fusion.json").read_bytes()


@asynccontextmanager
async def programs(context: WebContext, *subjects: str) -> AsyncIterator[list[Program]]:
    """Programs with keys of these people and providers, over a lab."""
    app = build_app(context)
    opened = [Program.over(app, context, one, tuple(ApiScope)) for one in subjects]
    yield opened
    for one in opened:
        await one.http.aclose()


def _claims(lab: Lab, case_id: str) -> int:
    with lab.store.read() as s:
        return sum(one.kind is EntryKind.TASK_CLAIMED for one in journal.entries(s, case_id))


async def test_a_program_sends_a_request_and_people_work_on_it_by_key(lab: Lab) -> None:
    context = await lab_context(lab)
    async with programs(context, "intake.kim", "nurse.adams", "nurse.lopez") as (intake, nurse, other):
        sent = await intake.post("/submissions", FUSION, "first-sending", kind="request")
        assert sent.status_code == 201, sent.text
        case_id = sent.json()["result"]["case_id"]
        assert sent.headers["location"] == f"/api/v1/cases/{case_id}"
        again = await intake.post("/submissions", FUSION, "first-sending", kind="request")
        assert (again.json(), again.headers["idempotent-replayed"]) == (sent.json(), "true")
        changed = await intake.post("/submissions", FUSION + b" ", "first-sending", kind="request")
        assert (changed.status_code, changed.json()["violations"][0]["rule"]) == (422, "idempotency.reused")
        await lab.settle()
        with lab.store.read() as s:
            assert len(inbox.of_case(s, case_id)) == 1, "what is replayed is not received again"

        task = f"{case_id}-T1"
        claimed = await nurse.post(f"/tasks/{task}/claim", key="nurse-claims")
        assert claimed.status_code == 200, claimed.text
        late = await other.post(f"/tasks/{task}/claim")
        assert late.status_code == 409 and late.json()["violations"][0]["way_out"]
        repeated = await nurse.post(f"/tasks/{task}/claim", key="nurse-claims")
        assert repeated.status_code == 200 and _claims(lab, case_id) == 1

        sheet = await nurse.get(f"/tasks/{task}")
        assert sheet.json()["blank"]["form"]["outcome"] is None
        document = sheet.json()["blank"]["records"]
        for body in (
            {"completion": {"outcome": "refer", "recommendation": "See it."}, "reviewer_id": "nurse.lopez"},
            {"completion": {"outcome": "refer", "recommendation": "See it.", "actor": {"kind": "reviewer", "id": "x"}}},
        ):
            forged = await nurse.post(f"/tasks/{task}/complete", body)
            assert forged.status_code == 422, "nobody is named in a body"
        if document:
            opened = await nurse.get(f"/cases/{case_id}/documents/{document[0]['id']}/content")
            assert opened.status_code == 200 and opened.content
        decided = await nurse.post(
            f"/tasks/{task}/complete", {"completion": {"outcome": "decide", "lines": [], "decision": None}}
        )
        assert (decided.status_code, decided.json()["violations"][0]["rule"]) == (409, "sign.identity")
        for minutes, rule in ((0, False), (6, True)):
            proved = context.services.clock() - timedelta(minutes=minutes)
            reader = nurses_bearer(frozenset({"umpire:write"}), proved)
            headers = {"authorization": "Bearer a.b.c", "idempotency-key": f"decide-after-{minutes}"}
            body = {"completion": {"outcome": "decide"}}
            async with over(context, reader=reader) as http:
                signed = await http.post(f"/tasks/{task}/complete", json=body, headers=headers)
            rules = {one["rule"] for one in signed.json()["violations"]}
            assert signed.status_code == 409 and ("sign.identity" in rules) is rule
        done = await nurse.post(
            f"/tasks/{task}/complete", {"completion": {"outcome": "refer", "recommendation": "Six of twelve months."}}
        )
        assert done.status_code == 200, done.text
        noted = await nurse.post(f"/cases/{case_id}/acts/note", {"text": "Called the office."})
        assert noted.status_code == 200, noted.text
        unsaid = await nurse.post(f"/cases/{case_id}/acts/note", {"text": "x", "reviewer_id": "nurse.lopez"})
        assert unsaid.status_code == 422
    with lab.store.read() as s:
        by = {one.actor.id for one in journal.entries(s, case_id) if one.kind is EntryKind.CASE_NOTED}
    assert by == {"nurse.adams"}


async def test_a_server_that_died_between_act_and_answer_does_nothing_twice(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await lab.submit(FUSION, Channel.API)
    task = f"{found.case_id}-T1"
    context = await lab_context(lab)

    def die(*_given: object) -> None:
        raise RuntimeError("the process ends here")

    async with programs(context, "nurse.adams") as (nurse,):
        with monkeypatch.context() as broken:
            broken.setattr(answers, "keep", die)
            assert (await nurse.post(f"/tasks/{task}/claim", key="once-alone")).status_code == 500
        assert (await nurse.post(f"/tasks/{task}/claim", key="once-alone")).status_code == 409, "it may still be at it"
        later = context.services.clock() + timedelta(minutes=3)
        object.__setattr__(context, "services", replace(context.services, clock=lambda: later))
        answer = await nurse.post(f"/tasks/{task}/claim", key="once-alone")
        assert answer.status_code == 200, answer.text
    assert _claims(lab, str(found.case_id)) == 1


async def test_a_provider_sees_and_sends_its_own_alone(lab: Lab) -> None:
    found = await lab.submit(FUSION, Channel.API)
    with lab.store.read() as s:
        npi = requests.load(s, str(found.case_id), 1).request.requesting_provider.npi
    stranger = "1215000013" if npi != "1215000013" else "1215000021"
    context = await lab_context(lab)
    async with programs(context, npi, stranger) as (own, other):
        path = f"/provider/requests/{found.case_id}"
        assert (await own.get(path)).json()["row"]["case_id"] == found.case_id
        assert (await other.get(path)).status_code == 404
        assert (await own.get(f"/cases/{found.case_id}")).status_code == 403
        foreign = await other.post("/submissions", FUSION, kind="request")
        assert (foreign.status_code, foreign.json()["violations"][0]["rule"]) == (409, "submit.requester")
        asked = await own.post(f"{path}/expedite", {"physician_statement": True})
        assert asked.status_code == 200, asked.text
        added = await own.post(f"{path}/documents", b"Office note: pain for a year.", title="Office note")
        assert added.status_code == 200, added.text
        assert added.json()["look_at"] == f"/api/v1{path}"
        gone = await own.post(f"{path}/withdraw", {"why": "not needed"}, "withdraw-1")
        assert gone.status_code in (200, 202), gone.text


async def test_two_requests_of_one_key_at_once_are_one_act(plan_store: Store) -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def take() -> answers.Turn:
        with plan_store.begin() as s:
            return answers.take(s, "reviewer:nurse.adams", "key-00001", "f" * 64, "api-1", now).turn

    turns = await asyncio.gather(*(asyncio.to_thread(take) for _ in range(4)))
    assert sorted(turns) == ["busy", "busy", "busy", "yours"]


async def test_without_an_engine_a_write_is_unavailable_and_its_key_stays_free(
    program: Open, plan_store: Store
) -> None:
    nurse = program("nurse.adams")
    first = await nurse.post("/tasks/PA-NONE-T1/claim", key="free-again")
    assert first.status_code == 404
    missing = await nurse.http.post("/tasks/PA-NONE-T1/claim")
    assert (missing.status_code, missing.json()["violations"][0]["rule"]) == (422, "idempotency.key")
    with plan_store.read() as s:
        assert tasks.get(s, "PA-NONE-T1") is None


async def test_an_unreadable_document_is_kept_and_its_sender_is_told(program: Open, plan_store: Store) -> None:
    answer = await program("intake.kim").post("/submissions", b"neither JSON nor FHIR", kind="request")
    assert answer.status_code == 422
    assert answer.json()["problems"]
    with plan_store.read() as s:
        kept = inbox.list_open(s)
    assert [(one.sender, one.channel) for one in kept] == [("reviewer:intake.kim", Channel.API)]
