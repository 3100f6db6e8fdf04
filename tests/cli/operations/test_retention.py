"""Records stay as long as the law says, longer under a hold, and then go without a trace of the member."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from cli.terminal.context import CliContext
from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from engine.settings import Settings
from store import cases, directory, journal
from store.accounts import case_views
from store.accounts.case_views import CaseSight
from tests.cli.terminal import CommandOutput, run
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase

SECRETS = ("M41.26", "walks with two canes")
COMPLIANCE = ("--as", "compliance.ortiz")


@dataclass
class DeniedCase:
    """A case of Medicare Advantage that was denied, and commands typed so many years after."""

    lab: Lab
    case_id: str
    type_later: Callable[..., CommandOutput]

    @property
    def bytes_on_disk(self) -> bytes:
        """Everything that the home folder holds: database, its log and the letters."""
        folder = self.lab.outbox.parent
        return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture
async def denied(lab: Lab) -> DeniedCase:
    line = FUSION.model_copy(update={"diagnoses": ("M41.26",)})
    people = LabCase(lab, await lab.open(request(line, known=FUSION_NOT_MET)))
    refer = {"recommendation": "She walks with two canes; twelve months are not documented."}
    await people.send(await people.completion(TaskKind.NURSE_REVIEW, "nurse.adams", TaskOutcome.REFER, **refer))
    await people.send(await people.settled("held"))
    await people.send(await people.denial())
    assert people.view().status == "denied"
    settings = Settings.from_environment({"UMPIRE_HOME": str(lab.outbox.parent), "TEMPORAL_ADDRESS": "127.0.0.1:1"})
    now: datetime = await lab.now()
    await lab.stop_worker()

    def type_later(years: float, *words: object) -> CommandOutput:
        here = CliContext(settings, clock=lambda: now + timedelta(days=365.25 * years))
        said = run("retention", *words, here=here)
        here.close()
        return said

    return DeniedCase(lab, people.case_id, type_later)


def test_a_record_goes_when_its_time_is_over_and_not_a_year_earlier(denied: DeniedCase) -> None:
    early = denied.type_later(10, "purge", denied.case_id, "--confirm", *COMPLIANCE)
    assert "0 records purged" in early.out
    assert all(secret.encode() in denied.bytes_on_disk for secret in SECRETS), "the case was about this"
    dry = denied.type_later(11.5, "purge", *COMPLIANCE)
    assert "1 record would be purged" in dry.out and denied.case_id in dry.out
    assert all(secret.encode() in denied.bytes_on_disk for secret in SECRETS), "without --confirm nothing is done"
    done = denied.type_later(11.5, "purge", "--confirm", *COMPLIANCE)
    assert done.code == 0 and "1 record purged by compliance.ortiz" in done.out
    left = denied.bytes_on_disk
    assert [secret for secret in SECRETS if secret.encode() in left] == [], (
        "also in free pages, the log and the letters"
    )
    again = denied.type_later(11.5, "purge", "--confirm", *COMPLIANCE)
    assert again.code == 0 and "0 records purged" in again.out


def test_a_purged_journal_still_verifies_and_says_that_it_was_purged(denied: DeniedCase, tmp_path: Path) -> None:
    here = CliContext(Settings.from_environment({"UMPIRE_HOME": str(denied.lab.outbox.parent)}))
    assert run("journal", "anchor", tmp_path / "before.json", here=here).code == 0
    assert denied.type_later(11.5, "purge", "--confirm", *COMPLIANCE).code == 0
    said = run("journal", "verify", "--anchor", tmp_path / "before.json", here=here)
    assert said.code == 0, said.err
    assert "1 record purged when their time was over" in said.out
    with denied.lab.store.read() as s:
        *_, last = journal.entries(s, denied.case_id)
    assert last.kind is EntryKind.RECORD_PURGED and last.actor.id == "compliance.ortiz"
    shown = run("show", denied.case_id, here=here)
    assert shown.code != 0 and "was purged on" in shown.err and "journal verify" in shown.err
    here.close()


def test_a_legal_hold_keeps_a_record_until_it_is_released(denied: DeniedCase) -> None:
    with denied.lab.store.read() as s:
        view = cases.get(s, denied.case_id)
    assert view is not None
    held = denied.type_later(
        11, "hold", "--member", view.member_id, "--matter", "Docket 35-cv-12", *COMPLIANCE, "--json"
    )
    assert held.code == 0, held.err
    listed = denied.type_later(11.5, "due")
    assert "legal hold" in listed.out
    assert "0 records purged" in denied.type_later(11.5, "purge", "--confirm", *COMPLIANCE).out
    number = held.data["hold_id"]
    assert denied.type_later(12, "release", number, "--reason", "Settled", *COMPLIANCE).code == 0
    assert "1 record purged" in denied.type_later(12, "purge", "--confirm", *COMPLIANCE).out


def test_only_compliance_holds_releases_and_purges(denied: DeniedCase) -> None:
    for words in (
        ("purge", "--confirm"),
        ("purge",),
        ("hold", "--case", denied.case_id, "--matter", "Audit"),
    ):
        said = denied.type_later(11.5, *words, "--as", "nurse.adams")
        assert said.code != 0 and "Only compliance" in said.err, words
    assert SECRETS[0].encode() in denied.bytes_on_disk


def test_a_record_that_somebody_opened_lately_is_still_in_use(denied: DeniedCase) -> None:
    with denied.lab.store.begin() as s:
        view = cases.get(s, denied.case_id)
        assert view is not None and view.closed_at is not None
        seen = view.closed_at + timedelta(days=365.25 * 11.4)
        sight = CaseSight(request_id="r1", case_id=denied.case_id, at=seen, account_id="a", subject="x", what="case")
        case_views.record(s, sight)
    said = denied.type_later(11.5, "purge", denied.case_id, "--confirm", *COMPLIANCE)
    assert "0 records purged" in said.out
    assert "recently opened" in denied.type_later(11.5, "due").out
    assert "1 record purged" in denied.type_later(12.5, "purge", "--confirm", *COMPLIANCE).out


def test_a_case_stays_as_long_as_a_case_that_belongs_to_it(denied: DeniedCase) -> None:
    with denied.lab.store.begin() as s:
        view = cases.get(s, denied.case_id)
        assert view is not None
        follows = view.model_copy(
            update={"case_id": f"{denied.case_id}-F1", "follows": denied.case_id, "status": CaseStatus.OPEN}
        )
        s.execute(
            text(
                "insert into cases select :new, 'open', lob, member_id, null, null, :view from cases where case_id = :old"
            ),
            {"new": follows.case_id, "view": follows.model_dump_json(), "old": denied.case_id},
        )
    listed = denied.type_later(11.5, "due")
    assert "related case stays" in listed.out
    assert "0 records purged" in denied.type_later(11.5, "purge", "--confirm", *COMPLIANCE).out


def test_a_member_whose_birth_date_is_unknown_may_be_a_child_so_the_record_stays(denied: DeniedCase) -> None:
    with denied.lab.store.begin() as s:
        view = cases.get(s, denied.case_id)
        assert view is not None and directory.member(s, view.member_id) is not None
        s.execute(text("delete from coverages where member_id = :id"), {"id": view.member_id})
        s.execute(text("delete from members where member_id = :id"), {"id": view.member_id})
    said = denied.type_later(40, "purge", denied.case_id, *COMPLIANCE)
    assert "birth date unknown" in said.out and "0 records would be purged" in said.out


def test_a_journal_that_does_not_verify_is_evidence_and_is_not_purged(denied: DeniedCase) -> None:
    with denied.lab.store.begin() as s:
        s.execute(text("DROP TRIGGER journal_no_update"))
        s.execute(text("update journal set summary = 'Another story' where seq = 2"))
    said = denied.type_later(11.5, "purge", "--confirm", *COMPLIANCE)
    assert said.code != 0 and "is not purged" in said.err
    assert SECRETS[1].encode() in denied.bytes_on_disk


def test_a_hold_on_nobody_is_refused(denied: DeniedCase) -> None:
    for words in (("--member", "MBR0"), ("--case", "PA-NOSUCHCASE00"), ("--lob", "medicare"), ()):
        said = denied.type_later(1, "hold", *words, "--matter", "Audit", *COMPLIANCE)
        assert said.code != 0, words
