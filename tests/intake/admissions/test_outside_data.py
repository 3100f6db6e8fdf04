"""Messages from outside the project, each with its outcome. Skips plainly where they are not there.

Two tables: public samples, which are about nobody that the plan knows, and stories about two members, whom the plan then has.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from demo.time_skipping_lab import Lab
from intake.admissions.admissions import receive_hl7
from services.context import ServiceContext
from store import directory, inbox
from tests.intake.admissions.stay_listener import event_kinds, run_listening_stays
from tests.paths import SHARED

DATA = SHARED / "data" / "adt"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the outside ADT messages are not on this machine")

UNKNOWN, NO_STAY = "must_look AE intake.member_unknown", "noted AA"
PUBLIC = {
    "ADT-A01-01": UNKNOWN,
    "ADT-A01-02": UNKNOWN,
    "ADT-A02-01": UNKNOWN,
    "ADT-A02-02": UNKNOWN,
    "ADT-A03-01": UNKNOWN,
    "ADT-A03-02": UNKNOWN,
    "ADT-A04-01": UNKNOWN,
    "ADT-A04-02": UNKNOWN,
    "ADT-A05-01": UNKNOWN,
    "ADT-A05-02": UNKNOWN,
    "ADT-A06-01": UNKNOWN,
    "ADT-A06-02": UNKNOWN,
    "ADT-A07-01": UNKNOWN,
    "ADT-A07-02": UNKNOWN,
    "ADT-A08-01": UNKNOWN,
    "ADT-A08-02": UNKNOWN,
    "ADT-A09-01": NO_STAY,
    "ADT-A09-02": NO_STAY,
    "ADT-A10-01": NO_STAY,
    "ADT-A10-02": NO_STAY,
    "ADT-A11-01": "waiting AA",
    "ADT-A11-02": "waiting AA",
    "ADT-A13-01": UNKNOWN,
    "ADT-A13-02": UNKNOWN,
    "ADT-A14-01": NO_STAY,
    "ADT-A14-02": NO_STAY,
    "ADT-A16-01": NO_STAY,
    "ADT-A16-02": NO_STAY,
    "ADT-A25-01": NO_STAY,
    "ADT-A25-02": NO_STAY,
    "ADT-A31-01": NO_STAY,
    "ADT-A31-02": NO_STAY,
    "ADT-A40-01": NO_STAY,
    "ADT-A40-02": NO_STAY,
    "ADT-A41-01": NO_STAY,
    "ADT-A41-02": NO_STAY,
    "ADT-A45-01": NO_STAY,
    "ADT-A45-02": NO_STAY,
    "ADT-A60-01": NO_STAY,
    "ADT-A60-02": NO_STAY,
    "ADT01-23": UNKNOWN,
    "ADT01-28": UNKNOWN,
    "ADT04-23": NO_STAY,
    "ADT04-251": UNKNOWN,
    "ADT04-28": UNKNOWN,
}
STORIES = {
    "a01-ed-register-A04": ["opened AA"],
    "a02-observation-A08": ["joined AA"],
    "a03-obs-to-inpatient-A06": ["joined AA"],
    "a04-transfer-A02": ["joined AA"],
    "a05-dx-update-A08": ["joined AA"],
    "a06-discharge-A03": ["joined AA"],
    "a07-cancel-discharge-A13": ["joined AA"],
    "a08-discharge-snf-A03": ["joined AA"],
    "x01-admit-A01": ["opened AA"],
    "x02-exact-duplicate-A01": ["repeated AA"],
    "x04-evn1-disagrees": ["joined AA"],
    "x06-lf-line-ends": ["repeated AA"],
    "x09-z-segments-and-escapes": ["joined AA"],
    "x10-merge-A40": ["merged AA"],
    "x11-batch": ["split AA", "repeated AA", "opened AA"],
}


def files(folder: str) -> dict[str, bytes]:
    """The files as their sender sends them: those of the publisher lost the end of their last segment."""
    found = {path.stem: path.read_bytes() for path in sorted((DATA / folder).glob("*.hl7"))}
    return {name: raw if raw.endswith((b"\r", b"\n")) else raw + b"\r" for name, raw in found.items()}


async def told(services: ServiceContext, raw: bytes) -> tuple[list[str], str | None]:
    # Public samples are marked as tests, which an installation may treat like any other message.
    outcomes = await receive_hl7(replace(services, test_messages_live=True), raw, "outside")
    with services.store.read() as s:
        assert inbox.raw(s, outcomes[0].inbox_id) == raw
    said = [" ".join([one.kind, one.ack, *(problem.rule for problem in one.problems)]) for one in outcomes]
    return said, outcomes[0].stay_id


async def test_every_public_message_has_the_outcome_of_the_table(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        found = {name: (await told(services, raw))[0] for name, raw in files("fhir-converter").items()}
    assert found == {name: [outcome] for name, outcome in PUBLIC.items()}


async def test_every_story_has_the_outcome_of_the_table_when_its_members_are_the_plans(lab: Lab) -> None:
    with lab.store.begin() as s:
        for member_id, family, given, born in (
            ("MBR1000001", "Testerson", "Avery", date(1956, 11, 3)),
            ("MBR1000002", "Sampleman", "Jordan", date(1988, 2, 14)),
        ):
            member = directory.member(s, member_id)
            assert member is not None
            names = {"family_name": family, "given_name": given, "birth_date": born}
            directory.put_member(s, member.model_copy(update=names))
    found, stays = {}, {}
    async with run_listening_stays(lab) as services:
        for name, raw in files("stories").items():
            found[name], stays[name] = await told(services, raw)
        assert found == STORIES
        first, second = stays["a01-ed-register-A04"], stays["x01-admit-A01"]
        assert first is not None and await event_kinds(lab, first) == [
            "register", "update", "to_inpatient", "transfer", "update", "discharge", "cancel_discharge", "discharge",
        ]  # fmt: skip
        assert second is not None and await event_kinds(lab, second) == ["admit", "discharge", "update", "merge"]


async def test_every_story_goes_to_a_person_when_its_numbers_are_other_members(lab: Lab) -> None:
    mismatch = "must_look AE intake.member_mismatch"
    special = {"x10-merge-A40": [NO_STAY], "x11-batch": ["split AA", mismatch, mismatch]}
    async with run_listening_stays(lab) as services:
        found = {name: (await told(services, raw))[0] for name, raw in files("stories").items()}
    assert found == {name: special.get(name, [mismatch]) for name in STORIES}


def test_the_tables_name_every_file() -> None:
    assert set(files("fhir-converter")) == set(PUBLIC) and set(files("stories")) == set(STORIES)
