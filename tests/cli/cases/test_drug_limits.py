"""`umpire show` tells of steps, limits, exceptions and circumstances, each with its reason and where it is written."""

from __future__ import annotations

from tests.cli.terminal import Terminal


async def test_a_step_that_was_not_taken_is_shown_with_reason_citation_and_way_out(terminal: Terminal) -> None:
    said = await terminal.type("show", await terminal.submit("drug-step-not-tried"))
    assert "[ ] EX-STEP-JOINTS: 0 of 1 steps taken, and no exception holds" in said.out
    assert (
        "methotrexate comes before a biological drug for the joints (Example Health formulary 2026, step R3" in said.out
    )
    assert "what would change it: Records of methotrexate for 84 days in the last 365 days" in said.out
    assert "[x] EX-QL-JOINTS: within 2 pen" in said.out
    assert "Circumstances" in said.out and "none stated" in said.out


async def test_an_amount_over_the_limit_is_shown_beside_the_step_that_was_taken(terminal: Terminal) -> None:
    said = await terminal.type("show", await terminal.submit("drug-over-limit"))
    assert "[x] EX-STEP-JOINTS: 1 of the drugs that come first were given long enough" in said.out
    assert "[ ] EX-QL-JOINTS: asked for more than 2 pen for the time asked" in said.out


async def test_an_exception_is_shown_with_its_statement_and_its_clock(terminal: Terminal) -> None:
    said = await terminal.type("show", await terminal.submit("drug-exception"))
    assert "an exception is requested (with the prescriber's statement)" in said.out
    assert "drug exception (stated)" in said.out
    assert "PD-CD-EXC-STD" in said.out and "PD-CD-STD " not in said.out


async def test_the_data_of_a_case_holds_its_limits(terminal: Terminal) -> None:
    said = await terminal.type("show", await terminal.submit("drug-over-limit"), "--json")
    states = {one["rule_id"]: one["state"] for one in said.data["lines"][0]["limits"]}
    assert states == {"EX-STEP-JOINTS": "met", "EX-QL-JOINTS": "not_met", "PD-INDICATION": "met"}


async def test_a_supply_in_transition_is_shown_with_its_law_while_the_amount_is_looked_at(terminal: Terminal) -> None:
    said = await terminal.type("show", await terminal.submit("drug-transition"))
    assert "Supplied for 30 days by law" in said.out and "level of care change (42 CFR 423.120(b)(3))" in said.out
    assert "[ ] EX-QL-JOINTS" in said.out and "level of care change (stated)" in said.out


async def test_a_first_opioid_for_a_month_is_asked_about_and_not_refused(terminal: Terminal) -> None:
    said = await terminal.type("show", await terminal.submit("drug-opioid"), "--json")
    states = {one["rule_id"]: one["state"] for one in said.data["lines"][0]["limits"]}
    assert states["OPIOID-7-DAYS"] == states["OPIOID-90-MME"] == "unknown" and "not_met" not in states.values()
    assert said.data["lines"][0]["route"] == "asked"
