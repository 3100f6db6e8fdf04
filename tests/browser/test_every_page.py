"""Every page, for everybody who has it: accessible, reflowing, without inline parts or foreign requests, and named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.site import Site, Visitor

Visit = Callable[..., Visitor]
PAGES: dict[str, tuple[str, ...]] = {
    "nurse.adams": (
        "/worklist",
        "/worklist?who=team",
        "/keys",
        "/find?q=MBR1000004",
        "/cases/{case}",
        "/cases/{case}/clocks",
        "/cases/{case}/journal",
        "/cases/{case}/acts",
        "/cases/{case}/acts/note",
        "/stays",
        "/discharge",
        "/calls",
        "/criteria?service=E0601",
        "/peer-to-peer",
        "/concerns",
        "/settings",
    ),
    "intake.kim": ("/inbox", "/inbox/{item}", "/calls"),
    "supervisor.bell": ("/oversight/clocks", "/oversight/people", "/oversight/access"),
    "planner.ivers": ("/discharge", "/affirmation"),
    "1215000013": ("/provider", "/provider/lookup", "/provider/new", "/provider/criteria"),
}
"""The pages that are looked at, by who opens them. `{case}` is an open case of the samples, `{item}` an arrival."""


def addresses(site: Site, subject: str) -> list[str]:
    case = str(site.umpire("find", "MBR1000004")["cases"][0]["case_id"])
    item = min(int(one["inbox_id"]) for one in site.umpire("inbox"))
    return [address.format(case=case, item=item) for address in PAGES[subject]]


@pytest.mark.parametrize("subject", PAGES)
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, False), (1440, True)], ids=["wide", "narrow", "dark"])
def test_axe_finds_nothing_on_any_page_in_any_theme_and_width(
    site: Site, visit: Visit, subject: str, width: int, dark: bool
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
                wrong.append(f"{address}: {visitor.overflow()} px too wide at {width}: {visitor.widest()}")
    assert wrong == []
    assert visitor.foreign_requests() == []
    assert visitor.errors == []
