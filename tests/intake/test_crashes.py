"""Killed between any two steps, intake goes on where it stopped: one case, the same receipt instant, each message once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from demo.time_skipping_lab import Lab, laboratory
from domain.errors import Unavailable
from domain.vocabulary import ArrivalKind, Channel
from intake import interpretation, submission
from intake.resume import is_stored, resume_arrivals
from intake.submission import submit
from services import case_client
from services.context import SubmissionStatus
from store import documents, inbox, requests
from store.inbox import InboxStatus
from tests.intake.arrivals import context_of, inbox_item, journal_kinds, plain, sample, settle
from tests.intake.dying_steps import Killed, kill, kill_after_commit

pytestmark = pytest.mark.many

PAS, API = Channel.FHIR_PAS, Channel.API


STEPS = [
    (submission, "read_request"),
    (interpretation, "membership_issues"),
    (documents, "put"),
    (documents, "attach"),
    (requests, "save"),
    (inbox, "accept"),
    (case_client, "start_kept_case"),
    (inbox, "mark_started"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("place", "name"), STEPS, ids=[name for _, name in STEPS])
async def test_a_new_request_survives_a_death_at_each_step(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, place: object, name: str, after: bool
) -> None:
    services = await context_of(lab)
    kill(monkeypatch, place, name, after)
    with pytest.raises(Killed):
        await submit(services, sample("home-oxygen-complete"), PAS)
    await lab.advance(hours=3)
    (outcome,) = await resume_arrivals(await context_of(lab))
    await settle(lab)
    assert await resume_arrivals(services) == ()
    assert outcome.kind is SubmissionStatus.STARTED and outcome.case_id is not None
    assert outcome.received_at == services.clock()
    assert journal_kinds(lab, outcome.case_id).count("request_received") == 1
    with lab.store.read() as s:
        assert requests.load(s, outcome.case_id).version == 1
        assert requests.load(s, outcome.case_id).request.received_at == services.clock()


async def test_a_new_request_survives_a_death_after_any_of_its_commits(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Committed work stands, the rest is done again, and nothing is done twice: wherever the process died."""
    died = 0
    while True:
        document = on_another_day(died)
        with monkeypatch.context() as patch:
            kill_after_commit(patch, died + 1)
            try:
                await submit(await context_of(lab), document, API)
            except Killed:
                died += 1
            else:
                break
        (outcome,) = await resume_arrivals(await context_of(lab)) or (
            await submit(await context_of(lab), document, API),
        )
        await settle(lab)
        assert outcome.case_id is not None
        assert await resume_arrivals(await context_of(lab)) == ()
        assert journal_kinds(lab, outcome.case_id).count("request_received") == 1
        with lab.store.read() as s:
            assert requests.load(s, outcome.case_id).version == 1
    assert died >= 3, "receipt, case and start are committed one after the other"


def on_another_day(number: int) -> bytes:
    """A request like the sample, for a later day: another case."""
    asked = json.loads(plain())
    first = date.fromisoformat(asked["lines"][0]["start"]) + timedelta(days=number)
    asked["lines"][0] |= {"start": first.isoformat(), "end": (first + timedelta(days=3)).isoformat()}
    return json.dumps(asked | {"submission_id": f"another-day-{number}"}).encode()


CHANGE_STEPS = [(requests, "save"), (case_client, "send_message"), (inbox, "accept"), (inbox, "mark_started")]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("place", "name"), CHANGE_STEPS, ids=[name for _, name in CHANGE_STEPS])
async def test_an_update_survives_a_death_at_each_step(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, place: object, name: str, after: bool
) -> None:
    first = await submit(await context_of(lab), sample("home-oxygen-expedited"), PAS)
    await settle(lab)
    with monkeypatch.context() as patch:
        kill(patch, place, name, after)
        with pytest.raises(Killed):
            await submit(await context_of(lab), sample("home-oxygen-update"), PAS)
        (outcome,) = await resume_arrivals(await context_of(lab))
    await settle(lab)
    assert await resume_arrivals(await context_of(lab)) == ()
    assert outcome.kind is SubmissionStatus.CHANGED and outcome.case_id == first.case_id
    assert first.case_id is not None
    assert journal_kinds(lab, first.case_id).count("request_corrected") == 1
    with lab.store.read() as s:
        assert requests.load(s, first.case_id).version == 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("place", "name"), [(case_client, "signal_message"), (inbox, "accept")], ids=["leave", "accept"]
)
async def test_a_repeat_survives_a_death_at_each_step(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, place: object, name: str, after: bool
) -> None:
    first = await submit(await context_of(lab), plain(), API)
    await settle(lab)
    with monkeypatch.context() as patch:
        kill(patch, place, name, after)
        with pytest.raises(Killed):
            await submit(await context_of(lab), plain(), API)
        (outcome,) = await resume_arrivals(await context_of(lab))
    await settle(lab)
    assert outcome.kind is SubmissionStatus.JOINED
    assert first.case_id is not None and journal_kinds(lab, first.case_id).count("duplicate_received") == 1


async def test_an_engine_that_was_away_loses_nothing_and_moves_no_receipt(lab: Lab) -> None:
    services = await context_of(lab)
    away = replace(services, temporal=None)
    new = await submit(away, plain(), API)
    again = await submit(away, plain(), API)
    assert (new.kind, again.kind) == (SubmissionStatus.STORED, SubmissionStatus.STORED)
    assert all(is_stored(outcome) for outcome in await resume_arrivals(away))
    await lab.advance(hours=6)
    outcomes = await resume_arrivals(await context_of(lab))
    await settle(lab)
    assert [outcome.kind for outcome in outcomes] == [SubmissionStatus.STARTED, SubmissionStatus.JOINED]
    assert outcomes[0].received_at == services.clock()
    assert inbox_item(lab, again.inbox_id).status is InboxStatus.ACCEPTED


async def test_one_arrival_that_fails_does_not_keep_the_others_from_their_cases(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = await context_of(lab)
    with lab.store.begin() as s:
        inbox.receive(s, sample("cpap-missing-facts"), services.clock(), PAS, kind=ArrivalKind.REQUEST)
        inbox.receive(s, plain(), services.clock(), API, kind=ArrivalKind.REQUEST)
    kill(monkeypatch, submission, "read_request", after=False)
    outcomes = await resume_arrivals(services)
    assert [outcome.kind for outcome in outcomes] == [SubmissionStatus.STARTED]
    assert len(await resume_arrivals(services)) == 1


async def test_without_a_worker_a_change_is_left_with_the_case(lab: Lab) -> None:
    services = await context_of(lab, patience=timedelta(milliseconds=300))
    await submit(services, plain("power-wheelchair"), API)
    await settle(lab)
    await lab.stop_worker()
    cancel = plain("power-wheelchair", submission_id="HM-2", action="cancel", prior_submission_id="HM-2026-0001")
    outcome = await submit(services, cancel, API)
    assert outcome.kind is SubmissionStatus.QUEUED


async def test_what_was_left_with_a_case_that_refuses_it_goes_to_intake(tmp_path: Path) -> None:
    """Nobody waits for the answer any more: a cancellation and, behind it, a change, while no worker answered."""
    async with laboratory(tmp_path, cached=False) as lab:
        services = await context_of(lab, patience=timedelta(milliseconds=300))
        first = await submit(services, plain("power-wheelchair"), API)
        await settle(lab)
        await lab.stop_worker()
        said = {"prior_submission_id": "HM-2026-0001"}
        (line,) = json.loads(sample("power-wheelchair"))["lines"]
        cancel = plain("power-wheelchair", submission_id="HM-2", action="cancel", **said)
        other = line | {"description": "another chair"}
        change = plain("power-wheelchair", submission_id="HM-3", action="update", lines=[other], **said)
        await lab.advance(minutes=1)
        left = [await submit(await context_of(lab, patience=services.patience), raw, API) for raw in (cancel, change)]
        assert [outcome.kind for outcome in left] == [SubmissionStatus.QUEUED] * 2
        assert {inbox_item(lab, outcome.inbox_id).status for outcome in left} == {InboxStatus.RECEIVED}
        await lab.start_worker()
        await settle(lab)
        await resume_arrivals(await context_of(lab))
        cancelled, changed = (inbox_item(lab, outcome.inbox_id) for outcome in left)
        assert (cancelled.status, cancelled.case_id) == (InboxStatus.ACCEPTED, first.case_id)
        assert changed.status is InboxStatus.REFUSED and changed.problems
        assert first.case_id is not None and journal_kinds(lab, first.case_id).count("withdrawn") == 1


async def test_a_store_that_is_away_is_said_at_once_and_nothing_is_pretended(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    monkeypatch.setattr(submission.inbox, "receive", away)
    with pytest.raises(Unavailable):
        await submit(await context_of(lab), plain(), API)
