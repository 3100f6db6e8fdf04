"""The case page in a real browser: the sentence of the command line, the clocks by position, records read one by one, and the
case as it stood."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.site import Site, Visitor

Visit = Callable[..., Visitor]
FUSION = "Fusion of one lumbar joint"
PARTS = ("", "?print=1", "/clocks", "/journal", "/documents/{record}", "/letters/{letter}")


def fusion(site: Site) -> str:
    """The open sample request of a lumbar fusion, which a nurse has to look at."""
    found = [one for one in site.umpire("cases") if one["service"].startswith(FUSION) and one["status"] == "open"]
    return str(found[0]["case_id"])


def test_the_sentence_is_that_of_the_command_line(site: Site, visit: Visit) -> None:
    case_id, nurse = fusion(site), visit("nurse.adams")
    nurse.open(f"/cases/{case_id}")
    said = nurse.page.locator("#sentence").text_content()
    assert said == site.umpire("show", case_id)["sentence"]


def test_now_lies_between_receipt_and_due_and_each_clock_has_its_due_instant_rule_and_citation(
    site: Site, visit: Visit
) -> None:
    nurse = visit("nurse.adams")
    nurse.open(f"/cases/{fusion(site)}")
    lanes = nurse.page.locator(".clk tbody tr")
    assert lanes.count() >= 2
    for lane in lanes.all():
        start, now, due = (lane.locator(part).first.bounding_box() for part in (".ev", ".now", ".pole"))
        assert start["x"] <= now["x"] <= due["x"]
        assert lane.locator("svg[aria-label]").get_attribute("aria-label").startswith("Runs from ")
        assert "left" in lane.locator(".due").inner_text() and "CFR" in lane.locator(".rule").inner_text()


def test_a_source_link_shows_its_passage_and_the_record_is_read_by_this_reader_alone(site: Site, visit: Visit) -> None:
    case_id, nurse = fusion(site), visit("nurse.lopez")
    nurse.open(f"/cases/{case_id}")
    assert "unread" in nurse.page.locator(".tabs").inner_text()
    criterion = nurse.page.locator(".n", has_text="FUS-2b").first
    criterion.locator("a").click()
    nurse.page.wait_for_load_state()
    passage = nurse.page.locator("mark.here")
    assert passage.inner_text() == "Physical therapy and anti-inflammatory medicine for 6 months"
    assert nurse.page.locator(".n.here .id").inner_text() == "FUS-2b"
    assert "unread" not in nurse.page.locator(".tabs").inner_text()
    other = visit("md.derm.novak")
    other.open(f"/cases/{case_id}")
    assert "unread" in other.page.locator(".tabs").inner_text()


def test_a_case_as_it_stood_has_no_form_and_no_later_record(site: Site, visit: Visit) -> None:
    case_id, nurse = fusion(site), visit("nurse.adams")
    first = site.umpire("show", case_id)["journal"][0]["at"]
    nurse.open(f"/cases/{case_id}?at={first.replace('+', '%2B')}")
    assert nurse.page.locator("main form").count() == 0
    assert nurse.page.locator("main .tag", has_text="Out").count() == 0, "no letter was written by then"
    assert "As it stood at" in nurse.page.locator(".note").inner_text()


def test_axe_finds_nothing_on_any_part_of_a_case_and_none_scrolls_sideways(site: Site, visit: Visit) -> None:
    case_id, nurse = fusion(site), visit("nurse.adams")
    shown = site.umpire("show", case_id)
    named = {"record": shown["documents"][0]["document_id"], "letter": shown["letters"][0]["letter_id"]}
    wrong = []
    for part in PARTS:
        nurse.page.set_viewport_size({"width": 1440, "height": 900})
        nurse.open(f"/cases/{case_id}{part.format(**named)}")
        wrong += [f"{part}: {fault}" for fault in nurse.faults()]
        nurse.page.set_viewport_size({"width": 320, "height": 900})
        wrong += [f"{part}: too wide"] if nurse.overflow() > 0 else []
    assert wrong == []
    assert nurse.foreign_requests() == [] and nurse.errors == []
