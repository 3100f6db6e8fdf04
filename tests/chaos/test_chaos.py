"""A short chaos run on each store: whatever is killed when, nothing is lost, doubled, moved or stuck."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.__main__ import report
from tests.chaos.course import ChaosSize, run_chaos
from tests.store import throwaway_postgres

SHORT = ChaosSize(kills=8, copies=2, stays=3, pause=0.5)


@pytest.mark.devserver
@pytest.mark.timeout(400)
@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_after_kills_under_load_nothing_is_lost_doubled_moved_or_stuck(store: str, tmp_path: Path) -> None:
    if store == "postgres" and (why := throwaway_postgres.unavailable_reason()) is not None:
        pytest.skip(why)
    result = await run_chaos(store, SHORT, 7, tmp_path / "home", lambda said: None)
    assert result.faults == (), report(result)
    assert sum(result.chronicle.kills.values()) == SHORT.kills
    assert result.figures["cases"] and any(sent.answer == "AA" for sent in result.chronicle.messages.values())
