"""Every page, for everybody who has it: accessible, reflowing, without inline parts or foreign requests, and named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.site import Site, Visitor

Visit = Callable[..., Visitor]
PAGES: dict[str, tuple[str, ...]] = {
    "nurse.adams": ("/worklist", "/cases/{case}"),
}
"""The pages that are looked at, by who opens them. `{case}` is a case of the samples that a nurse may work on."""


def addresses(site: Site, subject: str) -> list[str]:
    cases = {one["case_id"]: one for one in site.umpire("cases")}
    case = next(case_id for case_id, one in sorted(cases.items()) if one["status"] == "open")
    return [address.format(case=case) for address in PAGES[subject]]


@pytest.mark.parametrize("subject", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_on_any_page_in_any_theme_and_width(
    site: Site, visit: Visit, subject: str, dark: bool, width: int
) -> None:
    visitor = visit(subject, width=width, dark=dark)
    found = {}
    for address in addresses(site, subject):
        assert visitor.open(address).status == 200, address
        found[address] = visitor.faults()
    assert {address: faults for address, faults in found.items() if faults} == {}


@pytest.mark.parametrize("subject", PAGES)
def test_no_page_scrolls_sideways_runs_inline_parts_or_asks_another_host(
    site: Site, visit: Visit, subject: str
) -> None:
    visitor = visit(subject)
    wrong = []
    for address in addresses(site, subject):
        visitor.open(address)
        assert visitor.page.title().endswith(" · Umpire"), address
        if visitor.inline_parts():
            wrong.append(f"{address}: inline parts")
        for width in (320, 390, 768, 1024, 1440):
            visitor.page.set_viewport_size({"width": width, "height": 900})
            if visitor.overflow() > 0:
                wrong.append(f"{address}: {visitor.overflow()} px too wide at {width}")
    assert wrong == []
    assert visitor.foreign_requests() == []
    assert visitor.errors == []
