"""`umpire retro`: claims from files, what is raised about them, and what was learned."""

from __future__ import annotations

import re

import pytest

from domain.cases.tasks import TaskKind
from domain.decisions.prudent_layperson import DenialGround
from tests.cli.terminal import SAMPLES, Terminal, run
from tests.workflows.lab_claims import emergency_before_the_physician

pytestmark = pytest.mark.many

CLAIMS = SAMPLES / "claims"


def test_a_check_reads_a_claim_and_needs_no_store() -> None:
    said = run("retro", "submit", "--check", CLAIMS / "cpap-not-authorized.json")
    assert said.code == 0 and "readable (claim RB-2026-0102, 1 line, 1 document)" in said.out


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


async def test_a_review_is_shown_from_its_claim_to_its_lessons(terminal: Terminal) -> None:
    said = await terminal.type("retro", "submit", CLAIMS / "emergency-chest-pain.json")
    shown = await terminal.type("show", re.findall(r"RR-[A-Z0-9]+", said.out)[0])
    first_words = [line.strip() for line in shown.out.splitlines()]
    titles = (
        "Claim number",
        "Billed by",
        "Care from",
        "Claim received",
        "Covered on that day",
    )
    places = [next((n for n, line in enumerate(first_words) if line.startswith(title)), -1) for title in titles]
    assert -1 not in places and places == sorted(places), shown.out
    assert not any(line.startswith(("DRG signal", "Review ended")) for line in first_words), (
        "what is not known is no row"
    )


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


JUDGED = ["nine of ten", "", "an hour before", "no", "no", "no"]
"""The lines that the physician types about the presenting symptoms: none of them severe."""


def typed(ground: str, criteria: int, *judged: str) -> str:
    """The lines that the physician types at the questions of a denial of emergency care."""
    answers = ["decide", *["not_met", "Read in the note."] * criteria, "denied", *REASON_TYPED, ground, *judged]
    return "\n".join([*answers, "y", "y"]) + "\n"


REASON_TYPED = (
    "Fusion of one level",
    "Fusion needs 12 months of other treatment first.",
    "LCD L37848",
    "At least 12 months of treatment",
    "6 months are documented in the note",
    "Six months of treatment are missing",
    "Records that show 12 months",
    "Medicare covers this surgery after 12 months of other treatment, such as physical therapy. "
    "Your records show 6 months of such treatment so far.",
)


async def test_a_denial_of_emergency_care_is_asked_for_its_ground_and_the_judgment_of_the_symptoms(
    terminal: Terminal,
) -> None:
    review, records = await emergency_before_the_physician(terminal.lab)
    task = review.task(TaskKind.PHYSICIAN_REVIEW)
    for record in records:
        assert (await terminal.type("record", review.case_id, record, "--as", "md.ortho.chen")).code == 0
    command = ("complete", task.task_id, "--as", "md.ortho.chen")
    printed = (await terminal.type(*command, "--form")).data
    blank = printed["form"]
    (line,) = blank["lines"]
    assert line["reason"]["emergency"]["presentation"]["acute_and_severe"] is None
    assert line["reason"]["emergency"]["grounds"] is None
    assert all(ground in printed["meaning"]["lines[].reason.emergency.grounds"] for ground in DenialGround)
    asked = len(blank["decision"]["criteria_answered"])
    refused = await terminal.type(*command, answers=typed("no_prior_authorization", asked))
    assert refused.code == 3 and "Emergency care needs no prior authorization" in refused.err
    said = await terminal.type(*command, answers=typed("presenting_symptoms", asked, *JUDGED))
    assert said.code == 0, said.err
    assert "emergency care: judged by the presenting symptoms" in said.out
