"""The record of who has seen which case."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from domain.errors import UmpireError
from store.accounts import case_views
from store.accounts.case_views import CaseSight
from store.session import Store
from tests.store.samples import CASE, NOON


@pytest.mark.parametrize("change", ["update case_views set subject = 'nobody'", "delete from case_views"])
def test_what_was_seen_is_never_changed_and_never_taken_away(store: Store, change: str) -> None:
    seen = CaseSight(request_id="r1", case_id=CASE, at=NOON, account_id="a", subject="nurse.adams", what="case")
    with store.begin() as s:
        case_views.record(s, seen)
    with pytest.raises(UmpireError), store.begin() as s:
        s.execute(text(change))
    with store.read() as s:
        assert case_views.select_sights(s, 9) == (seen,)
