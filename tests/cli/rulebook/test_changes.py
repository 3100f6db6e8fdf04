"""`umpire rulebook diff`, `touches` and `schema`, as people and programs call them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.terminal.context import CliContext
from domain.cases.views import CaseStatus, CaseView
from domain.clocks.binding import compute_clocks
from domain.clocks.facts import ClockFacts
from domain.journal import UMPIRE, EntryDraft, EntryKind
from domain.vocabulary import Lob, ReviewKind, ServiceKind, Urgency
from engine.settings import Settings
from rulebook.rulebook import load_rulebook
from rulebook.yamlfile import RULEBOOK_ROOT
from store import read_models
from store.session import open_store

pytestmark = pytest.mark.many

RECEIVED = datetime(2026, 11, 3, 14, 15, tzinfo=UTC)


def umpire(*arguments: str, here: CliContext | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), obj=here)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A rulebook in which a standard request has five days and not seven."""
    copy = tmp_path / "rulebook"
    shutil.copytree(RULEBOOK_ROOT, copy)
    file = copy / "clocks" / "medicare_advantage.yaml"
    file.write_text(file.read_text("utf-8").replace("{value: 7, unit", "{value: 5, unit", 1), "utf-8")
    return copy


@pytest.fixture
def here(tmp_path: Path) -> CliContext:
    """A house with two cases of the shipped rulebook, of which one is closed."""
    settings = Settings.from_environment({"UMPIRE_HOME": str(tmp_path / "home")})
    (tmp_path / "home").mkdir()
    store = open_store(settings.database_url)
    store.create()
    with store.begin() as s:
        for case_id, status in (("PA-OPEN00000001", CaseStatus.OPEN), ("PA-CLOSED000001", CaseStatus.APPROVED)):
            read_models.record_entries(s, case_id, [_entry(case_id, status)])
    store.close()
    return CliContext(settings, lambda: RECEIVED)


def _entry(case_id: str, status: CaseStatus) -> EntryDraft:
    book = load_rulebook({})
    facts = ClockFacts(
        lob=Lob.MEDICARE_ADVANTAGE,
        urgency=Urgency.STANDARD,
        received_at=RECEIVED,
        zone="America/New_York",
        service_kind=ServiceKind.MEDICAL,
        review_kind=ReviewKind.PROSPECTIVE,
        requires_prior_authorization=True,
        state="NY",
    )
    clocks = compute_clocks(book.clocks, facts, (), book.calendar)
    view = CaseView(
        case_id=case_id,
        lob=facts.lob,
        state="NY",
        zone=facts.zone,
        review_kind=ReviewKind.PROSPECTIVE,
        service_kind=ServiceKind.MEDICAL,
        urgency=facts.urgency,
        member_id="MBR1",
        requesting_npi="1999999984",
        request_version=1,
        received_at=RECEIVED,
        status=status,
        waiting=None,
        decision_due=RECEIVED + timedelta(days=7),
        governing_rule="MA-OD-STD-PA",
        rulebook_version=book.version,
    )
    data = {
        "case": view.model_dump(mode="json"),
        "clocks": [clock.model_dump(mode="json") | {"judged": {}} for clock in clocks],
    }
    return EntryDraft(
        seq=1, at=RECEIVED, kind=EntryKind.TASK_OPENED, actor=UMPIRE, summary="The case as it stands", data=data
    )


def test_a_change_is_told_in_words(changed: Path):
    done = umpire("rulebook", "diff", str(RULEBOOK_ROOT), str(changed))
    assert done.exit_code == 0
    assert "MA-OD-STD-PA: the time changes from 7 calendar days to 5 calendar days" in done.output
    assert "1 change." in done.output
    (one,) = json.loads(umpire("rulebook", "diff", str(RULEBOOK_ROOT), str(changed), "--json").stdout)
    assert one["file"] == "clocks/medicare_advantage.yaml" and one["entry"] == "MA-OD-STD-PA"


def test_a_folder_that_is_no_rulebook_is_told_without_a_traceback(tmp_path: Path):
    done = umpire("rulebook", "diff", str(tmp_path / "nothing"))
    assert done.exit_code == 6 and "is no folder" in done.output


def test_nothing_is_touched_by_the_rules_it_was_made_with(here: CliContext):
    done = umpire("rulebook", "impact", here=here)
    assert done.exit_code == 0, done.output
    assert "0 of 1 open case affected" in done.output


def test_only_open_cases_of_a_changed_rule_are_listed(here: CliContext, changed: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UMPIRE_RULEBOOK", str(changed))
    done = umpire("rulebook", "impact", here=here)
    assert done.exit_code == 0, done.output
    assert "PA-OPEN00000001" in done.output and "the time is now 5 calendar days" in done.output
    assert "PA-CLOSED000001" not in done.output
    since = umpire("rulebook", "impact", "--since", str(RULEBOOK_ROOT), "--json", here=here)
    ((case_id, why),) = (one.values() for one in json.loads(since.stdout))
    assert case_id == "PA-OPEN00000001" and len(why) == 1
    assert why[0].startswith("MA-OD-STD-PA: the time is now 5 calendar days, which ends ")


def test_a_change_of_who_may_decide_touches_the_open_cases_of_its_line(
    here: CliContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    copy = Path(shutil.copytree(RULEBOOK_ROOT, tmp_path / "other"))
    file = copy / "review" / "deciders.yaml"
    file.write_text(file.read_text("utf-8").replace("same_state: false", "same_state: true", 1), "utf-8")
    monkeypatch.setenv("UMPIRE_RULEBOOK", str(copy))
    since = umpire("rulebook", "impact", "--since", str(RULEBOOK_ROOT), "--json", here=here)
    says = "who may decide: DEC-MA-OD: same_state changes from false to true"
    assert json.loads(since.stdout) == [{"case_id": "PA-OPEN00000001", "why": [says]}]


def test_editors_get_a_schema_for_each_kind_of_file(tmp_path: Path):
    listed = umpire("rulebook", "schema")
    assert listed.exit_code == 0 and "clocks/*.yaml" in listed.output
    assert json.loads(umpire("rulebook", "schema", "clocks").stdout)["required"] == ["clocks"]
    written = umpire("rulebook", "schema", "--out", str(tmp_path / "schemas"))
    assert written.exit_code == 0
    assert json.loads((tmp_path / "schemas" / "guidelines.schema.json").read_text("utf-8"))["required"] == [
        "guidelines"
    ]
    unknown = umpire("rulebook", "schema", "moons")
    assert unknown.exit_code == 2 and "Kinds: clocks" in unknown.output
