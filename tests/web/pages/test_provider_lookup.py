"""Does it need authorization: answered at once with reason, rule and a kept number, and never a list of members."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from engine import edge_clock
from store.portal import look_ups
from store.session import Store
from tests.web.browsers import WebClient

Browse = Callable[[str | None], WebClient]
CLINIC, OTHER = "1999999984", "1215000013"
PAGE = "/provider/lookup"
NUMBER = re.compile(r"LK-[2-9A-HJ-NP-Z]{8}")
_DAY = (edge_clock.now() + timedelta(days=7)).date().isoformat()
OXYGEN = {"member": "MBR1000001", "born": "1951-04-12", "code": "E1390", "kind": "medical", "day": _DAY, "place": "12"}
WALKER = OXYGEN | {"code": "E0143", "npi": "1215000021"}


async def test_a_look_up_says_required_with_rule_and_citation_and_a_number_that_shows_it_again(
    browse: Browse, plan_store: Store
) -> None:
    clinic = browse(CLINIC)
    shown = await clinic.post(PAGE, PAGE, act="once", **OXYGEN)
    assert shown.status_code == 200
    assert "Authorization is required." in shown.text and "EH-PA-DME-OXYGEN" in shown.text
    number = NUMBER.findall(shown.text)[0]
    twice = await clinic.post(PAGE, PAGE, act="once", **OXYGEN)
    assert NUMBER.findall(twice.text)[0] == number, "a form that is sent twice asks once"
    later = await clinic.get(f"{PAGE}/{number}")
    assert later.status_code == 200 and "EH-PA-DME-OXYGEN" in later.text
    with plan_store.read() as s:
        kept = look_ups.get(s, number)
    assert kept is not None and kept.rulebook_version[:12] in later.text and kept.npi == CLINIC
    assert (await browse(OTHER).get(f"{PAGE}/{number}")).status_code == 404


async def test_not_required_comes_only_with_the_rule_that_says_so(browse: Browse) -> None:
    shown = await browse(CLINIC).post(PAGE, PAGE, **WALKER)
    assert "No authorization is needed." in shown.text and "Example Health prior authorization list" in shown.text


async def test_a_service_that_no_rule_names_is_never_called_free(browse: Browse) -> None:
    shown = await browse(CLINIC).post(PAGE, PAGE, **OXYGEN | {"code": "A9999"})
    assert "We cannot tell." in shown.text and "treated as needing authorization" in shown.text


async def test_a_day_without_coverage_cannot_be_told(browse: Browse) -> None:
    shown = await browse(CLINIC).post(PAGE, PAGE, **OXYGEN | {"day": "1999-01-01"})
    assert "We cannot tell." in shown.text and "no coverage" in shown.text


async def test_a_member_is_found_by_both_names_and_birth_date_and_the_page_lists_nobody(browse: Browse) -> None:
    named = {**OXYGEN, "member": "", "given": "alma", "family": "WHITFIELD"}
    shown = await browse(CLINIC).post(PAGE, PAGE, **named)
    assert "Authorization is required." in shown.text and "Alma Whitfield" in shown.text
    for wrong in ({"born": "1951-04-13"}, {"family": "Whit"}, {"given": ""}):
        other = await browse(CLINIC).post(PAGE, PAGE, **named | wrong)
        assert "Authorization is required." not in other.text and "MBR1000001" not in other.text


async def test_a_wrong_birth_date_reads_like_an_unknown_member_and_nothing_typed_is_kept(
    browse: Browse, plan_store: Store
) -> None:
    said = []
    for member in ("MBR1000001", "MBR9999999"):
        answer = await browse(CLINIC).post(PAGE, PAGE, **OXYGEN | {"member": member, "born": "1950-01-01"})
        said.append(answer.text.partition('role="alert">')[2].partition("</section>")[0])
    assert said[0] == said[1] and "Nobody with this number" in said[0]
    with plan_store.read() as s:
        assert look_ups.count_misses(s, f"provider:{CLINIC}", edge_clock.now() - timedelta(hours=1)) == 2


async def test_guessing_at_members_ends_after_twenty_tries(browse: Browse) -> None:
    clinic = browse(CLINIC)
    answers = [
        await clinic.post(PAGE, PAGE, **OXYGEN | {"born": f"1950-01-{1 + number % 28:02}"}) for number in range(21)
    ]
    assert [one.status_code for one in answers] == [200] * 20 + [409]


async def test_problems_stand_at_their_fields_with_what_was_typed(browse: Browse) -> None:
    shown = await browse(CLINIC).post(PAGE, PAGE, member="MBR1000001", code="what is this")
    assert shown.status_code == 422 and 'value="what is this"' in shown.text
    assert {'id="born-e"', 'id="code-e"', 'id="day-e"'} <= set(re.findall(r'id="\w+-e"', shown.text))
