"""Letters about a stay are written with the journal and carried once, and one that cannot be written is reported."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.case_records import CaseRecords
from activities.delivery import LetterDelivery
from demo.time_skipping_lab import prepared_store, rulebook
from domain.cases.orders import RecordInput, RecordResult
from domain.journal import UMPIRE, EntryDraft, EntryKind
from domain.letters.orders import LetterOrder
from domain.letters.stay_facts import Medicine, StayFacts
from domain.vocabulary import Lob, NoticeKind, ServiceKind
from store import directory, journal, letters
from store.letters import LetterRecord
from store.session import Store, open_store

NOW = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)
CASE = "ST-X"
FACTS = StayFacts(
    member_id="MBR1000001",
    facility="Riverbend Clinic",
    facility_state="IL",
    service="care in the skilled nursing facility",
    admitted_on=date(2026, 11, 2),
    last_covered_day=date(2026, 11, 20),
    discharge_on=date(2026, 11, 20),
    setting="your home",
    qio_request_by=datetime(2026, 11, 19, 18, 0, tzinfo=UTC),
    medicines=(Medicine(name="Apixaban", action="new", how="5 mg by mouth, 2 times a day"),),
    warning_signs=("Your leg swells or hurts more",),
    service_kind=ServiceKind.MEDICAL,
)


class Counting:
    """Takes every letter and counts them."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def carry(self, letter: LetterRecord) -> str:
        self.taken.append(letter.letter_id)
        return "receipt"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    made = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    yield made
    made.close()


@pytest.fixture
def carrier() -> Counting:
    return Counting()


def letter(notice: NoticeKind, **changes: Any) -> LetterOrder:
    values: dict[str, Any] = {
        "case_id": CASE,
        "notice": notice,
        "round": 1,
        "plan_id": "1888888884",
        "lob": Lob.MEDICARE_ADVANTAGE,
        "state": "IL",
        "zone": "America/Chicago",
        "now": NOW,
        "recipients": {"provider": "1999999984"},
        "facts": FACTS,
    }
    return LetterOrder(**(values | changes))


def record(store: Store, carrier: Counting, *orders: LetterOrder, seq: int = 1, attempt: int = 1) -> RecordResult:
    entry = EntryDraft(seq=seq, at=NOW, kind=EntryKind.TASK_OPENED, actor=UMPIRE, summary="A step", data={})
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, attempt=attempt)
    records = CaseRecords(store, rulebook(), LetterDelivery(store, carrier))
    return environment.run(records.record, RecordInput(case_id=CASE, entries=(entry,), letters=orders))


def written(store: Store) -> dict[str, LetterRecord]:
    with store.read() as s:
        return {found.letter_id: found for found in letters.of_case(s, CASE)}


def test_a_notice_about_a_stay_is_written_with_the_journal_and_carried_to_each_audience(
    store: Store, carrier: Counting
) -> None:
    keys = [f"{CASE}:nomnc:{audience}:1" for audience in ("member", "provider")]
    done = record(store, carrier, letter(NoticeKind.NOMNC))
    assert [one.letter_id for one in done.letters] == keys == list(done.handed_over) == carrier.taken
    found = written(store)
    assert [found[key].recipient for key in keys] == ["Alma Whitfield", "Riverbend Clinic"]
    assert "1-888-524-9900" in found[keys[0]].rendered.text and "12 Sample Street" in found[keys[0]].rendered.text
    with store.read() as s:
        assert len(journal.entries(s, CASE)) == 1


def test_an_order_repeated_gives_the_same_letters_once(store: Store, carrier: Counting) -> None:
    first = record(store, carrier, letter(NoticeKind.NOMNC))
    again = record(store, carrier, letter(NoticeKind.NOMNC), attempt=2)
    assert again.letters == first.letters and again.handed_over == ()
    assert len(carrier.taken) == len(set(carrier.taken)) == 2 == len(written(store))


def test_another_round_is_another_letter(store: Store, carrier: Counting) -> None:
    record(store, carrier, letter(NoticeKind.IMPORTANT_MESSAGE, facts=FACTS.model_copy(update={"discharge_on": None})))
    record(store, carrier, letter(NoticeKind.IMPORTANT_MESSAGE, round=2), seq=2)
    first, second = (written(store)[f"{CASE}:important_message:member:{n}"].rendered for n in (1, 2))
    assert "discharge_day" not in first.elements and "discharge_day" in second.elements


def test_a_letter_that_lacks_a_fact_is_reported_and_the_journal_and_the_others_are_written(
    store: Store, carrier: Counting
) -> None:
    bare = FACTS.model_copy(update={"last_covered_day": None})
    done = record(store, carrier, letter(NoticeKind.NOMNC, facts=bare), letter(NoticeKind.IMPORTANT_MESSAGE))
    (blocked,) = done.blocked
    assert blocked.notice is NoticeKind.NOMNC and "coverage_end" in blocked.missing
    assert list(written(store)) == [f"{CASE}:important_message:member:1"]
    with store.read() as s:
        assert len(journal.entries(s, CASE)) == 1


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"recipients": {}}, "recipient_address"),
        ({"facts": FACTS.model_copy(update={"member_id": "NOBODY"})}, "member_name"),
        ({"plan_id": "NONE"}, "help_phone"),
        ({"lob": Lob.MEDICAID}, "notice_rule"),
        ({"facts": FACTS.model_copy(update={"facility_state": "XX"})}, "qio_contact"),
        ({"facts": FACTS.model_copy(update={"facility_state": None})}, "qio_contact"),
    ],
)
def test_a_notice_whose_member_plan_recipient_law_or_reviewer_is_unknown_is_blocked_as_a_whole(
    store: Store, carrier: Counting, changes: dict[str, Any], missing: str
) -> None:
    done = record(store, carrier, letter(NoticeKind.NOMNC, **changes))
    assert missing in done.blocked[0].missing
    assert written(store) == {} and carrier.taken == []


def test_the_reviewer_is_that_of_the_place_of_care(store: Store, carrier: Counting) -> None:
    abroad = FACTS.model_copy(update={"facility_state": "TX"})
    record(store, carrier, letter(NoticeKind.NOMNC, facts=abroad))
    assert "Acentra Health" in written(store)[f"{CASE}:nomnc:member:1"].rendered.text


def test_the_reviewer_is_that_of_the_hospitals_state_and_not_of_the_members(store: Store, carrier: Counting) -> None:
    in_illinois = FACTS.model_copy(update={"facility_npi": "1215000146", "facility_state": None})
    record(store, carrier, letter(NoticeKind.NOMNC, state="NY", facts=in_illinois))
    text = written(store)[f"{CASE}:nomnc:member:1"].rendered.text
    assert "1-888-524-9900" in text and "1-866-815-5440" not in text


def test_a_hospital_whose_state_is_not_known_gives_no_reviewer_at_all(store: Store, carrier: Counting) -> None:
    nowhere = FACTS.model_copy(update={"facility_npi": "1000000004", "facility_state": None})
    done = record(store, carrier, letter(NoticeKind.NOMNC, facts=nowhere))
    assert "qio_contact" in done.blocked[0].missing


def test_a_reviewer_whom_nobody_has_confirmed_is_asked_for_and_not_printed(store: Store, carrier: Counting) -> None:
    with store.begin() as s:
        plan = directory.plan_contact(s, "1888888884")
        assert plan is not None
        directory.put_plan(s, "1888888884", plan.model_copy(update={"review_organizations": ()}))
    (blocked,) = record(store, carrier, letter(NoticeKind.NOMNC)).blocked
    assert written(store) == {}
    assert "Which is Medicare's review organization for IL?" in blocked.why and "review_organizations" in blocked.why


def test_the_practice_gets_the_discharge_summary_when_the_order_names_it(store: Store, carrier: Counting) -> None:
    record(store, carrier, letter(NoticeKind.DISCHARGE_SUMMARY))
    assert list(written(store)) == [f"{CASE}:discharge_summary:member:1"]
    named = letter(NoticeKind.DISCHARGE_SUMMARY, round=2, recipients={"pcp": "1777777719"})
    record(store, carrier, named, seq=2)
    practice = written(store)[f"{CASE}:discharge_summary:pcp:2"]
    assert practice.recipient == "Dr. Sam Ordering" and "Apixaban" in practice.rendered.text


def test_a_provider_whom_the_directory_does_not_know_is_reached_by_the_identifier(
    store: Store, carrier: Counting
) -> None:
    record(store, carrier, letter(NoticeKind.NOMNC, recipients={"provider": "1000000004"}))
    assert "NPI 1000000004" in written(store)[f"{CASE}:nomnc:provider:1"].rendered.text


def test_a_reduction_tells_the_rights_of_the_line_of_business_and_needs_to_know_for_which_care(
    store: Store, carrier: Counting
) -> None:
    facts = FACTS.model_copy(
        update={
            "member_id": "MBR1000003",
            "last_covered_day": date(2026, 11, 30),
            "reason": "You walk 150 feet on your own and take your medicine by mouth. A nurse every day is not needed for that",
            "facts_of_case": ("You walk 150 feet.", "Your wound has closed."),
            "basis": "42 CFR 409.31",
            "signed_by": "Miriam Stone, MD",
            "what_would_change": "Your doctor can send us newer notes",
        }
    )
    order = letter(NoticeKind.REDUCTION_NOTICE, lob=Lob.MEDICAID, facts=facts)
    unknown = order.model_copy(update={"facts": facts.model_copy(update={"service_kind": None})})
    assert "appeal_deadline" in record(store, carrier, unknown).blocked[0].missing
    assert len(record(store, carrier, order, seq=2).letters) == 2
    said = " ".join(written(store)[f"{CASE}:reduction_notice:member:1"].rendered.text.split())
    assert "State fair hearing" in said and "The change starts on Tuesday, December 1, 2026." in said
