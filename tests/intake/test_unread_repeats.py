"""A repeat of what nobody could read is one task: it joins its first, and both keep their bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.time_skipping_lab import prepared_store
from domain.vocabulary import Channel
from intake.claims import submit_claim
from intake.submission import submit
from services.commands import inbox_actions
from services.context import ServiceContext
from store import inbox, requests
from store.seed import load_plan
from store.session import open_store
from tests.paths import SAMPLES

FIRST = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
BROKEN = (SAMPLES / "requests" / "broken.json").read_bytes()


@pytest.fixture
def services(tmp_path: Path) -> Iterator[ServiceContext]:
    """Intake without an engine: what it accepts is put on file and not started."""
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    yield ServiceContext(store, None, "q", clock=lambda: FIRST + timedelta(days=2))
    store.close()


def open_items(services: ServiceContext) -> list[tuple[int, int | None]]:
    with services.store.read() as s:
        return [(one.inbox_id, one.times_received) for one in inbox.list_open(s)]


def request(**changes: Any) -> bytes:
    sample = json.loads((SAMPLES / "requests" / "lumbar-fusion.json").read_text())
    return json.dumps({**sample, **changes}).encode()


async def test_the_same_broken_bytes_are_one_task_and_every_sender_is_answered(services: ServiceContext) -> None:
    said = [await submit(services, BROKEN, Channel.API, at, FIRST) for at in ("a", "b", "a")]
    assert open_items(services) == [(1, 3)]
    assert "the same document waits as INBOX-1 already, received 3 times" in said[2].says
    assert all(one.problems for one in said)
    with services.store.read() as s:
        assert [inbox.raw(s, number) for number in (1, 2, 3)] == [BROKEN] * 3
        assert inbox.get(s, 3).note == "The same document is INBOX-1."


async def test_an_identifier_of_the_same_sender_is_the_same_document_and_of_another_it_is_not(
    services: ServiceContext,
) -> None:
    await submit(services, request(lines=[]), Channel.API, None, FIRST)
    await submit(services, request(lines=[], service_kind="surgical"), Channel.API, None, FIRST)
    assert open_items(services) == [(1, 2)]
    await submit(services, request(lines=[], sender={"npi": "1999999984"}), Channel.API, None, FIRST)
    assert open_items(services) == [(1, 2), (3, None)]


async def test_a_claim_that_is_not_accepted_joins_its_first_too(services: ServiceContext) -> None:
    faulty = (SAMPLES / "claims" / "faulty.json").read_bytes()
    for _ in range(2):
        await submit_claim(services, faulty, Channel.API, None, FIRST)
    assert open_items(services) == [(1, 2)]


async def test_what_a_person_has_settled_is_a_task_again_when_it_comes_again(services: ServiceContext) -> None:
    await submit(services, BROKEN, Channel.API, None, FIRST)
    with services.store.begin() as s:
        inbox_actions.resolve_items(s, [1], "intake.kim", "Asked for it again.", FIRST)
    await submit(services, BROKEN, Channel.API, None, FIRST)
    assert open_items(services) == [(2, None)]


async def test_a_member_who_came_late_into_the_directory_has_a_case_that_counts_from_the_first_arrival(
    services: ServiceContext,
) -> None:
    raw = request(member={"member_id": "MBR7000001"})
    await submit(services, raw, Channel.API, None, FIRST)
    plan = (SAMPLES / "plan" / "example_health.yaml").read_text().replace("MBR1000011", "MBR7000001")
    file = Path(str(services.store.display_url).partition("///")[2]).parent / "plan.yaml"
    file.write_text(plan)  # noqa: ASYNC240
    load_plan(services.store, file)
    said = await submit(services, raw, Channel.API, None, FIRST + timedelta(days=1))
    assert said.case_id is not None
    with services.store.read() as s:
        assert requests.load(s, said.case_id).request.received_at == FIRST
        assert inbox.list_open(s) == ()
        assert f"became case {said.case_id}" in (inbox.get(s, 1).note or "")


async def test_many_are_settled_at_once_with_one_note_or_none_is(services: ServiceContext) -> None:
    for number in range(3):
        await submit(services, request(lines=[], submission_id=f"X-{number}"), Channel.API, "clearing", FIRST)
    with services.store.begin() as s:
        chosen = [one.inbox_id for one in inbox_actions.select_items(s, "umpire-request/1", "clearing")]
        done = inbox_actions.resolve_items(s, chosen, "supervisor.bell", "The sender was told.", FIRST)
    assert {(one.resolved_by, one.resolved_at, one.note) for one in done} == {
        ("supervisor.bell", FIRST, "The sender was told.")
    }
    assert open_items(services) == []
