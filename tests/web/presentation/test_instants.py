"""Dates and times in words."""

from __future__ import annotations

import pytest

from web.presentation.instants import respell_instants


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("PA-1-T1 is yours until Wed 2026-12-02 21:31 CST.", "PA-1-T1 is yours until Wed Dec 2, 9:31 PM CST."),
        ("from Thu 2026-12-03 00:05 EST", "from Thu Dec 3, 12:05 AM EST"),
        ("by Fri 2026-12-04 12:00 EST", "by Fri Dec 4, 12:00 PM EST"),
        ("rulebook 2026-12-01.2, asked on 2026-12-02", "rulebook 2026-12-01.2, asked on 2026-12-02"),
        ("Wed 2026-13-02 21:31 CST", "Wed 2026-13-02 21:31 CST"),
    ],
)
def test_an_instant_in_a_sentence_is_said_as_americans_say_it_and_all_else_stays(written: str, said: str) -> None:
    assert respell_instants(written) == said
