"""Names of people and records instead of their ids, in what the journal says."""

from __future__ import annotations

import pytest

from domain.journal import UMPIRE, Actor
from web.presentation.cases.case_page import describe_actor, letter_address, name_people

NAMES = {"nurse.adams": "Grace Adams, RN", "md.ortho.chen": "Wei Chen, MD", "b0f5c8ae53ab": "'Consultation'"}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Claimed by nurse.adams.", "Claimed by Grace Adams, RN."),
        ("md.ortho.chen opened the record b0f5c8ae53ab.", "Wei Chen, MD opened the record 'Consultation'."),
        ("45 CFR 147.136, version 18.3", "45 CFR 147.136, version 18.3"),
        ("nurse.adamson wrote", "nurse.adamson wrote"),
    ],
)
def test_ids_of_known_people_and_records_are_said_by_name_and_nothing_else_changes(said: str, shown: str) -> None:
    assert name_people(said, NAMES) == shown


def test_what_the_program_did_is_said_to_be_its_own() -> None:
    assert describe_actor(UMPIRE, NAMES) == "Umpire"
    assert describe_actor(Actor(kind="rule", id="criteria"), NAMES) == "Umpire, by rule"
    assert describe_actor(Actor(kind="reviewer", id="nurse.adams"), NAMES) == "Grace Adams, RN"


def test_the_number_of_a_letter_stands_whole_in_its_address() -> None:
    assert (
        letter_address("PA-1", "PA-1:approval:member:1/x?") == "/cases/PA-1/letters/PA-1%3Aapproval%3Amember%3A1%2Fx%3F"
    )
