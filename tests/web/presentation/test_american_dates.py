"""Pages say days as Americans write them, and change nothing of what others wrote or of what a program reads."""

from __future__ import annotations

import pytest

from web.presentation.american_dates import respell, respell_page


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("on 2026-12-02.", "on Dec 2, 2026."),
        ("version 2024-01-01.3", "version Jan 1, 2024 (3)"),
        ("before 2026-12-02 21:31 UTC", "before Dec 2, 2026, 9:31 PM UTC"),
        ("at 2026-12-02T21:31:00+00:00", "at Dec 2, 2026, 9:31 PM UTC"),
        ("until Wed 2026-12-02 21:31 CST", "until Wed Dec 2, 9:31 PM CST"),
        ("PA-2026-12-02 and 2026-13-40 stay", "PA-2026-12-02 and 2026-13-40 stay"),
    ],
)
def test_a_day_and_an_instant_are_said_as_americans_write_them(said: str, shown: str) -> None:
    assert respell(said) == shown


def test_attributes_fields_and_what_others_wrote_stay_as_they_are() -> None:
    kept = (
        '<input value="2026-12-02"><textarea>2026-12-02</textarea>'
        '<div class="doc"><div>2026-12-02</div><p>2026-12-02</p></div>'
    )
    assert respell_page(f"<p>2026-12-02</p>{kept}<b>2026-12-02</b>") == f"<p>Dec 2, 2026</p>{kept}<b>Dec 2, 2026</b>"
