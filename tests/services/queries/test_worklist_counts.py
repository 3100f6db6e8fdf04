"""The counts over the views of a worklist: each is that of its rows, whichever of them were counted together."""

from __future__ import annotations

import pytest

from domain.vocabulary import Lob
from services.principals import Principal
from services.queries import worklists
from services.queries.worklists import WorkFilters, Worklist, WorkView
from store import directory
from store.session import Store
from tests.store.samples import NOON
from tests.store.worklist.test_open_work import PEOPLE, RULES, fill

FILTERS = (WorkFilters(), WorkFilters(lob=Lob.MEDICAID), WorkFilters(state="WY"))
THREE = tuple(one for one in PEOPLE if one.reviewer_id in ("nurse.il", "md.il", "lead"))


@pytest.mark.parametrize("counted", [3, 1000])
def test_each_view_is_counted_and_told_missed_as_its_rows_are_up_to_the_number_that_is_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch, counted: int
) -> None:
    monkeypatch.setattr(worklists, "COUNTED", counted)
    fill(store, 12)
    with store.begin() as s:
        for one in PEOPLE:
            directory.put_reviewer(s, one)
    with store.read() as s:
        for person in THREE:
            who = Principal(
                f"reviewer:{person.reviewer_id}", person.name, "", person.reviewer_id, roles=frozenset(person.roles)
            )
            for filters in FILTERS:

                def load(view: WorkView, limit: int, who: Principal = who, filters: WorkFilters = filters) -> Worklist:
                    return worklists.load_worklist(s, who, view, filters, RULES, NOON, limit=limit)

                whole = {view: load(view, 1000) for view in WorkView}
                expected = {view: min(len(found.rows), counted + 1) for view, found in whole.items()}
                for view, found in whole.items():
                    late = [row for row in found.rows if row.due_at < NOON and row.stopped_until is None]
                    shown = load(view, 2)
                    assert shown.counts == found.counts == expected, (person.reviewer_id, filters, view)
                    assert {shown.missed, found.missed} <= {len(late), min(len(late), counted + 1)}
