"""Errors of a database that goes away are outages, whatever its driver calls them."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from domain.errors import Corrupt, UmpireError, Unavailable
from store.errors import translate_database_errors


@pytest.mark.parametrize("broken", [BrokenPipeError, ConnectionResetError, ConnectionAbortedError])
def test_a_connection_that_breaks_under_the_driver_is_an_outage(broken: type[ConnectionError]) -> None:
    """Otherwise an arrival would count it as a failure of its own, and a command would end without a word."""
    with pytest.raises(Unavailable, match=broken.__name__), translate_database_errors():
        raise broken


@pytest.mark.parametrize(("state", "kind"), [("25006", Unavailable), ("40001", Unavailable), ("23505", Corrupt)])
def test_a_database_that_only_reads_after_a_failover_is_an_outage_and_no_contradiction(
    state: str, kind: type[UmpireError]
) -> None:
    with pytest.raises(kind, match=state) as raised, translate_database_errors():
        raise DBAPIError("UPDATE cases", {}, psycopg.errors.lookup(state)("a row of a member"))
    assert "member" not in str(raised.value)
