"""Errors of a database that goes away are outages, whatever its driver calls them."""

from __future__ import annotations

import pytest

from domain.errors import Unavailable
from store.errors import translate_database_errors


@pytest.mark.parametrize("broken", [BrokenPipeError, ConnectionResetError, ConnectionAbortedError])
def test_a_connection_that_breaks_under_the_driver_is_an_outage(broken: type[ConnectionError]) -> None:
    """Otherwise an arrival would count it as a failure of its own, and a command would end without a word."""
    with pytest.raises(Unavailable, match=broken.__name__), translate_database_errors():
        raise broken
