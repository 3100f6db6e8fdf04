"""Commands about a running stay, and what they print: each refusal with its rule and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cli.terminal.errors import ExitCode
from demo.reviewers import CaseParticipants, require_accepted
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseView
from store import case_summaries, cases, journal, requests
from tests.cli.terminal import SAMPLES, CommandOutput, Terminal

pytestmark = pytest.mark.many

STAYS = SAMPLES / "stays"
CHICAGO = ZoneInfo("America/Chicago")


async def admitted(terminal: Terminal, **more: Any) -> str:
    """A stay in a ward, entered by hand; its number."""
    now = (await terminal.lab.now()).isoformat()
    words: dict[str, Any] = {
        "--facility": "MERIDIAN",
        "--facility-npi": "1215000062",
        "--visit": "V910000",
        "--member": "MBR1000001",
        "--class": "inpatient",
        "--unit": "Med-Surg",
        "--admitted-at": now,
        "--as": "intake.kim",
    }
    said = await terminal.type(
        "admit", "--by-hand", *(part for pair in (words | more).items() for part in pair), "--json"
    )
    assert said.code == 0, said.err
    stay_id: str = said.data[0]["stay_id"]
    await rest(terminal)
    return stay_id


async def rest(terminal: Terminal) -> None:
    await terminal.lab.settle()
    await terminal.lab.settle()


async def stay(terminal: Terminal, *words: object) -> CommandOutput:
    said = await terminal.type("stay", *words)
    await rest(terminal)
    return said


async def today(terminal: Terminal) -> str:
    return (await terminal.lab.now()).astimezone(CHICAGO).date().isoformat()


def sheet(terminal: Terminal, stay_id: str) -> dict[str, Any]:
    with terminal.lab.store.read() as s:
        found = case_summaries.get(s, stay_id)
    assert found is not None
    return found.content


def review(terminal: Terminal, stay_id: str, number: int = 1) -> CaseView:
    with terminal.lab.store.read() as s:
        found = cases.get(s, f"PA-{stay_id.removeprefix('ST-')}-R{number}")
    assert found is not None
    return found


async def approve_first_days(terminal: Terminal, stay_id: str) -> None:
    """A nurse's answer to what no paper says: that the illness needs hospital care."""
    nurse = CaseParticipants(terminal.lab, review(terminal, stay_id).case_id)
    require_accepted(await nurse.approve_task("nurse.adams", TaskKind.NURSE_REVIEW, "The illness needs a hospital."))
    await rest(terminal)


async def test_a_sample_update_lets_a_nurse_certify_the_first_days(terminal: Terminal) -> None:
    stay_id = await admitted(terminal)
    said = await stay(terminal, "update", stay_id, STAYS / "02-inpatient-icu.json", "--drg", "281")
    assert (said.code, said.out.strip()) == (ExitCode.OK, "The update is on the stay.")
    assert review(terminal, stay_id).status == "open"
    await approve_first_days(terminal, stay_id)
    assert review(terminal, stay_id).status == "approved"
    assert sheet(terminal, stay_id)["certified_through"] is not None
    assert sheet(terminal, stay_id)["working_drg"] == "281"


async def test_every_sample_update_is_read_whole(terminal: Terminal) -> None:
    stay_id = await admitted(terminal)
    for file in sorted(STAYS.glob("0*.json")):
        said = await stay(terminal, "update", stay_id, file, "--as-of", await today(terminal), "--json")
        assert said.code == 0, (file.name, said.err)
        assert said.data["kind"] == "accepted"


async def test_a_request_from_the_bedside_tells_its_sender_which_stay_it_is(terminal: Terminal) -> None:
    said = await terminal.type("submit", STAYS / "request-from-the-bedside.json", "--json")
    assert said.code == 0, said.err
    stay_id = said.data[0]["case_id"]
    assert stay_id.startswith("ST-") and f"umpire show {stay_id}" in said.data[0]["says"]
    await rest(terminal)
    again = await terminal.type("submit", STAYS / "request-from-the-bedside.json")
    assert f"The same request is on stay {stay_id} already" in again.out


async def test_a_call_with_the_facility_is_a_note_with_facts(terminal: Terminal) -> None:
    stay_id = await admitted(terminal)
    words = [
        "--note",
        "Two more nights.",
        "--fact",
        "ip.expected_midnights=2",
        "--fact",
        "ip.order=yes",
        "--as",
        "nurse.adams",
    ]
    said = await stay(terminal, "update", stay_id.lower(), *words)
    assert said.code == 0, said.err
    with terminal.lab.store.read() as s:
        request = requests.load(s, review(terminal, stay_id).case_id, 1).request
    assert {fact.id: fact.value for fact in request.facts} == {"ip.expected_midnights": 2, "ip.order": True}
    assert {fact.effective.isoformat() for fact in request.facts if fact.effective} == {await today(terminal)}
    assert [document.title.startswith("Note of a call") for document in request.documents] == [True]


async def test_misspelt_facts_are_refused_all_at_once_and_with_what_was_meant(terminal: Terminal) -> None:
    stay_id = await admitted(terminal)
    facts = ["ip.ordr=yes", "ip.order=perhaps", "ip.expected_midnights=many", "ip.order", "snf.plan_waives_3day=yes"]
    said = await stay(terminal, "update", stay_id, *(part for fact in facts for part in ("--fact", fact)))
    assert said.code == ExitCode.NOT_READABLE
    for words in ("ip.order", "yes or no", "a number", "there is no value", "no sender can state"):
        assert words in said.err
    assert said.err.count("[fact]") == 5


async def test_an_update_of_nothing_and_of_no_stay_say_the_way_out(terminal: Terminal) -> None:
    stay_id = await admitted(terminal)
    nothing = await stay(terminal, "update", stay_id)
    assert nothing.code == ExitCode.REFUSED and "update.empty" in nothing.err and "--note" in nothing.err
    nobody = await stay(terminal, "update", "ST-NOBODY", "--note", "x")
    assert nobody.code == ExitCode.NOT_FOUND and "umpire stays" in nobody.err
    stranger = await stay(terminal, "update", stay_id, "--note", "x", "--as", "nobody")
    assert stranger.code == ExitCode.NOT_FOUND and "--as" in stranger.err


async def test_records_with_several_faults_name_each_place(terminal: Terminal, tmp_path: Path) -> None:
    stay_id = await admitted(terminal)
    file = tmp_path / "wrong.json"
    file.write_text('{"facts": [{"id": "ip.order", "value": {}}, {"id": "ip.order"}]}')
    said = await stay(terminal, "update", stay_id, file)
    assert said.code == ExitCode.NOT_READABLE
    assert "facts[0].value" in said.err and "facts[1].value" in said.err


async def test_while_the_engine_is_away_an_update_is_kept_and_nothing_else_is_done(terminal: Terminal) -> None:
    stay_id = await admitted(terminal)
    away = Terminal(terminal.lab, address="127.0.0.1:9")
    said = await away.type("stay", "update", stay_id, STAYS / "04-ward.json")
    assert said.code == ExitCode.STORED and "Temporal is back" in said.err
    delay = [
        "--day",
        await today(terminal),
        "--reason",
        "transport",
        "--attribution",
        "hospital",
        "--as",
        "nurse.adams",
    ]
    said = await away.type("stay", "avoidable-day", stay_id, *delay)
    assert said.code == ExitCode.UNREACHABLE
    await terminal.type("inbox", "retry")
    await rest(terminal)
    assert review(terminal, stay_id).review_kind == "concurrent"


async def test_a_second_look_at_days_that_are_not_denied_is_refused(terminal: Terminal) -> None:
    stay_id = await admitted(terminal)
    now = (await terminal.lab.now()).isoformat()
    said = await stay(terminal, "reconsider", stay_id, "--day", await today(terminal), "--held-at", now)
    assert said.code == ExitCode.REFUSED and "second_look.days" in said.err
    both = await stay(terminal, "reconsider", stay_id, "--day", await today(terminal), "--held-at", now, "--reopening")
    assert both.code == ExitCode.USAGE


async def test_approved_days_are_not_taken_back_for_medical_necessity(terminal: Terminal) -> None:
    stay_id = await admitted(terminal)
    await stay(terminal, "update", stay_id, STAYS / "02-inpatient-icu.json")
    await approve_first_days(terminal, stay_id)
    first = sheet(terminal, stay_id)["certified_through"]
    said = await stay(
        terminal, "propose-reduction", stay_id, "--from", first, "--why", "Better", "--as", "md.hosp.laurent"
    )
    assert said.code == ExitCode.REFUSED and "reduction.none" in said.err
    nurse = await stay(
        terminal, "propose-reduction", stay_id, "--from", first, "--why", "Better", "--as", "nurse.adams"
    )
    assert "reduction.role" in nurse.err
    assert sheet(terminal, stay_id)["certified_through"] == first


async def test_an_avoidable_day_is_laid_to_the_plan_itself_as_well(terminal: Terminal) -> None:
    stay_id = await admitted(terminal)
    words = [stay_id, "--day", await today(terminal), "--reason", "payer_decision_pending", "--as", "nurse.adams"]
    said = await stay(terminal, "avoidable-day", *words)
    assert (said.code, said.out.strip()) == (ExitCode.OK, "The day is recorded.")
    with terminal.lab.store.read() as s:
        (entry,) = [one for one in journal.entries(s, stay_id) if one.kind == "avoidable_day"]
    assert "attributed to payer" in entry.summary
    outside = await stay(terminal, "avoidable-day", stay_id, "--day", "2020-01-01", *words[3:])
    assert outside.code == ExitCode.REFUSED and "delay.day" in outside.err


async def test_the_reasons_for_avoidable_days_are_listed_and_an_ambiguous_one_has_to_be_laid_to_somebody(
    terminal: Terminal,
) -> None:
    listed = await stay(terminal, "avoidable-day", "--reasons")
    assert "payer_decision_pending" in listed.out and "no_accepting_snf" in listed.out
    as_data = await stay(terminal, "avoidable-day", "--reasons", "--json")
    assert {"reason", "title", "attributions"} <= set(as_data.data[0])
    stay_id = await admitted(terminal)
    words = [stay_id, "--day", await today(terminal), "--as", "nurse.adams", "--reason"]
    said = await stay(terminal, "avoidable-day", *words, "no_accepting_snf")
    assert said.code == ExitCode.USAGE and "post_acute_facility" in said.err
    unknown = await stay(terminal, "avoidable-day", *words, "bad_weather")
    assert unknown.code == ExitCode.USAGE and "transport" in unknown.err


async def test_news_of_the_qio_reaches_the_discharge_plan_of_the_stay(terminal: Terminal) -> None:
    stay_id = await admitted(terminal)
    open_ended = await stay(terminal, "qio-update", stay_id, "--about", "discharge", "--what", "decided")
    assert open_ended.code == ExitCode.REFUSED and "qio.decision" in open_ended.err
    plan = stay_id.replace("ST-", "DP-")
    said = await stay(
        terminal, "qio-update", plan, "--about", "discharge", "--what", "asked", "--timely", "yes", "--json"
    )
    assert said.code == 0 and said.data["case_id"] == plan
    with terminal.lab.store.read() as s:
        assert "qio_heard" in [entry.kind for entry in journal.entries(s, plan)]


async def test_a_closed_stay_answers_every_command_that_it_is_closed(terminal: Terminal) -> None:
    stay_id = await admitted(terminal, **{"--event": "preadmit", "--class": "preadmit"})
    await terminal.lab.advance(days=60)
    await rest(terminal)
    update = await stay(terminal, "update", stay_id, "--note", "x")
    reduce = await stay(
        terminal, "propose-reduction", stay_id, "--from", "2030-01-01", "--why", "x", "--as", "director.osei"
    )
    delay = await stay(
        terminal,
        "avoidable-day",
        stay_id,
        "--day",
        await today(terminal),
        "--reason",
        "payer_decision_pending",
        "--as",
        "nurse.adams",
    )
    for said in (update, reduce, delay):
        assert said.code == ExitCode.REFUSED and "stay.closed" in said.err and "appeal" in said.err
    qio = await stay(terminal, "qio-update", stay_id, "--about", "discharge", "--what", "asked")
    assert qio.code == ExitCode.NOT_FOUND and "no discharge plan" in qio.err
