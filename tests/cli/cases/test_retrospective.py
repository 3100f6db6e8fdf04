"""`umpire retro`: claims from files, what is raised about them, and what was learned."""

from __future__ import annotations

import re

from tests.cli.terminal import SAMPLES, Terminal, run

CLAIMS = SAMPLES / "claims"


def test_a_check_reads_a_claim_and_needs_no_store() -> None:
    said = run("retro", "submit", "--check", CLAIMS / "cpap-not-authorized.json")
    assert said.code == 0 and "readable (claim RB-2026-0102, 1 line(s), 1 document(s))" in said.out


def test_a_check_names_every_reason_with_its_place_and_rule() -> None:
    said = run("retro", "submit", "--check", CLAIMS / "faulty.json")
    assert said.code == 6
    assert "$.lines[1].strat" in said.err and "[umpire-claim/1]" in said.err


def test_a_check_can_be_read_by_programs() -> None:
    said = run("retro", "submit", "--check", "--json", CLAIMS / "faulty.json", CLAIMS / "not-required.json")
    assert said.code == 6
    assert [one["readable"] for one in said.data] == [False, True]


async def test_a_claim_starts_its_review_and_again_joins_it(terminal: Terminal) -> None:
    said = await terminal.type("retro", "submit", CLAIMS / "cpap-not-authorized.json")
    assert said.code == 0 and "Retrospective review RR-" in said.out
    again = await terminal.type("retro", "submit", CLAIMS / "cpap-not-authorized.json")
    assert again.code == 0 and "is under review already" in again.out


async def test_a_lesson_is_recorded_and_listed(terminal: Terminal) -> None:
    assert "No finding" in (await terminal.type("retro", "finding", "list")).out
    said = await terminal.type("retro", "submit", CLAIMS / "cpap-not-authorized.json")
    number = re.findall(r"RR-[A-Z0-9]+", said.out)[0]
    told = ("--as", "nurse.adams", "--stage", "prior_authorization", "--what", "Nobody asked.", "--suggestion", "Ask.")
    recorded = await terminal.type("retro", "finding", "add", number, *told)
    assert recorded.code == 0 and "Lesson recorded" in recorded.out
    listed = await terminal.type("retro", "finding", "list", "--json")
    assert [one["case_id"] for one in listed.data] == [number]
    referred = await terminal.type(
        "retro", "refer-to-compliance", number, "--as", "somebody", "--about", "fraud", "--what", "Twice."
    )
    assert referred.code == 3 and "not in the directory" in referred.err


async def test_a_review_that_is_not_there_is_not_found(terminal: Terminal) -> None:
    said = await terminal.type(
        "retro", "raise-concern", "RR-NONE", "--as", "nurse.adams", "--kind", "safety", "--what", "A fall."
    )
    assert said.code == 4 and "There is no retrospective review" in said.err


async def test_tasks_of_a_review_are_claimed_like_any_other(terminal: Terminal) -> None:
    said = await terminal.type("retro", "submit", CLAIMS / "emergency-chest-pain.json")
    number = re.findall(r"RR-[A-Z0-9]+", said.out)[0]
    claimed = await terminal.type("claim", f"{number}-T1", "--as", "nurse.adams")
    assert claimed.code == 0 and "is yours until" in claimed.out
