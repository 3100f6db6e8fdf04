"""A page of open work is one range of one index, on both databases: no table of tasks is read through, and nothing sorted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from store.session import Store
from store.worklist.paging import WorkPlace, select_groups, select_keys
from store.worklist.selection import WorkSelection
from tests.store.samples import NOON
from tests.store.worklist.test_open_work import fill, fitness

PLACE = WorkPlace(False, NOON + timedelta(hours=3), 0, "PA-0003-T1", 0)
SELECTIONS = {
    "everybody's": WorkSelection(),
    "what fits": WorkSelection(own="nurse.il", fitness=fitness("nurse.il")),
    "what fits a physician and is free": WorkSelection(fitness=fitness("md.il"), free=True),
    "by filters": WorkSelection(state="TX", kind="nurse_review", specialty="dermatology"),
    "mine": WorkSelection(own="nurse.il", only_own=True),
}


@pytest.mark.parametrize("said", SELECTIONS)
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
def test_the_index_answers_a_page_in_its_order(store: Store, said: str, backward: bool) -> None:
    fill(store, 20)
    query = select_keys(SELECTIONS[said], 41, PLACE, backward)
    asked = query.compile(store.engine, compile_kwargs={"literal_binds": True})
    if store.engine.dialect.name == "sqlite":
        with store.read() as s:
            steps = [row[-1] for row in s.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]
        assert len(steps) == 1 and "COVERING INDEX ix_tasks_open" in steps[0], steps
        assert steps[0].startswith("SEARCH")
        return
    with store.read() as s:
        # So few rows would be read through; a table with many is not.
        for way in ("seqscan", "bitmapscan", "sort"):
            s.execute(text(f"SET LOCAL enable_{way} = off"))
        plan = "\n".join(row[0] for row in s.execute(text(f"EXPLAIN {asked}")))
    assert "ix_tasks_open" in plan and "Seq Scan" not in plan and "Sort" not in plan, plan


def test_what_open_work_needs_is_counted_in_the_order_of_an_index(store: Store) -> None:
    fill(store, 20)
    asked = str(select_groups(NOON, NOON).compile(store.engine, compile_kwargs={"literal_binds": True}))
    with store.read() as s:
        if store.engine.dialect.name == "sqlite":
            steps = [row[-1] for row in s.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]
            assert steps == ["SCAN tasks USING COVERING INDEX ix_tasks_open_needs"]
            return
        for way in ("seqscan", "bitmapscan", "sort", "hashagg"):
            s.execute(text(f"SET LOCAL enable_{way} = off"))
        plan = "\n".join(row[0] for row in s.execute(text(f"EXPLAIN {asked}")))
    assert "ix_tasks_open_needs" in plan and "Sort" not in plan, plan
