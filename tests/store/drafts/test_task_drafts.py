"""Drafts of task forms: one a task and person, seen by nobody else, and forgotten when nobody goes on with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from store.drafts import task_drafts
from store.session import Store

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)


def _typed(store: Store, reviewer_id: str) -> dict[str, list[str]] | None:
    with store.read() as s:
        found = task_drafts.find(s, "PA-1-T1", reviewer_id)
    return None if found is None else found.typed


def _keep(store: Store, reviewer_id: str, text: str, at: datetime = NOW) -> None:
    with store.begin() as s:
        task_drafts.keep(s, "PA-1-T1", reviewer_id, {"note": [text]}, at)


def test_a_draft_is_seen_by_whoever_wrote_it_and_by_nobody_else(store: Store) -> None:
    _keep(store, "nurse.adams", "mine")
    _keep(store, "nurse.lopez", "his")
    assert _typed(store, "nurse.adams") == {"note": ["mine"]}
    assert _typed(store, "nurse.lopez") == {"note": ["his"]}
    assert _typed(store, "md.ortho.chen") is None


def test_the_last_draft_of_a_task_stands(store: Store) -> None:
    _keep(store, "nurse.adams", "first")
    _keep(store, "nurse.adams", "second")
    assert _typed(store, "nurse.adams") == {"note": ["second"]}


def test_a_draft_ends_at_hand_over_and_only_that_one(store: Store) -> None:
    _keep(store, "nurse.adams", "mine")
    _keep(store, "nurse.lopez", "his")
    with store.begin() as s:
        task_drafts.end(s, "PA-1-T1", "nurse.adams")
    assert _typed(store, "nurse.adams") is None
    assert _typed(store, "nurse.lopez") == {"note": ["his"]}


def test_a_draft_that_nobody_went_on_with_is_forgotten_after_thirty_days(store: Store) -> None:
    _keep(store, "nurse.adams", "old")
    _keep(store, "nurse.lopez", "new", NOW + timedelta(days=30))
    assert _typed(store, "nurse.adams") == {"note": ["old"]}
    _keep(store, "nurse.lopez", "newer", NOW + timedelta(days=30, seconds=1))
    assert _typed(store, "nurse.adams") is None
