from __future__ import annotations

import pytest

from web.presentation.addresses import process_address


@pytest.mark.parametrize(
    ("case_id", "address"),
    [
        ("PA-1", "/cases/PA-1"),
        ("ST-1", "/stays/ST-1"),
        ("DP-1", "/discharge/DP-1"),
        ("RR-1", "/retrospective/RR-1"),
        ("QC-1", "/concerns/QC-1"),
        ("CB-1", "/calls/CB-1"),
        ("AP-1", "/cases/AP-1"),
    ],
)
def test_every_kind_of_case_has_its_own_page(case_id: str, address: str) -> None:
    assert process_address(case_id) == address
