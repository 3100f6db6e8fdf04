"""Concerns and callbacks on the command line: raised from anything, taken at any hour, finished by their own forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from store import documents, inbox
from tests.cli.terminal import SAMPLES, Terminal

pytestmark = pytest.mark.many

MESSAGE = ("callback", "log", "--from", "member", "--member", "MBR1000001", "--as", "intake.kim")
WHO = ("--name", "Alma Whitfield", "--phone", "217-555-0107", "--about", "clinical_review")
CONCERN = (
    "concern",
    "raise",
    "--kind",
    "safety",
    "--what",
    "The oxygen was not there for a day.",
    "--as",
    "nurse.adams",
)


async def taken(terminal: Terminal, *more: object) -> str:
    said = await terminal.type(*MESSAGE, *WHO, *more, "--json")
    assert said.code == 0, said.err
    case_id: str = said.data[0]["case_id"]
    return case_id


async def raised(terminal: Terminal, *about: object) -> str:
    said = await terminal.type(*CONCERN, *about, "--json")
    assert said.code == 0, said.err
    case_id: str = said.data[0]["case_id"]
    return case_id


async def form(terminal: Terminal, task: str, path: Path, **answers: Any) -> Path:
    """The empty form of a task as it is printed, filled in and kept in a file."""
    blank = (await terminal.type("complete", task, "--as", "nobody", "--form")).data
    blank["form"] |= answers
    return kept(path, blank)


def kept(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


async def test_a_message_becomes_a_call_that_is_owed_with_language_and_tty_on_it(terminal: Terminal) -> None:
    case_id = await taken(terminal, "--language", "es", "--tty")
    assert case_id.startswith("CB-")
    listed = await terminal.type("worklist", "--role", "nurse")
    assert "language: es; tty: calls by TTY" in listed.out
    assert (await terminal.type("callback", "list", "--json")).data[0]["case_id"] == case_id
    shown = await terminal.type("show", case_id, "--as", "nurse.adams")
    assert shown.out.splitlines()[0].startswith(f"Callback {case_id}: Waits for call back from a nurse until")
    assert "217-555-0107" in shown.out and "Alma Whitfield" in shown.out


async def test_a_call_record_is_not_saved_without_the_callers_name_title_and_organization(
    terminal: Terminal, tmp_path: Path
) -> None:
    case_id = await taken(terminal)
    task = f"{case_id}-T1"
    filled = await form(terminal, task, tmp_path / "call.json", reached="member", outcome="answered", said="Told.")
    refused = await terminal.type("complete", task, "--as", "nurse.adams", "--file", filled)
    assert refused.code == 3
    for field in ("caller_name", "caller_title", "caller_organization"):
        assert f"[task.form.{field}]" in refused.err
    who = {"caller_name": "Grace Adams", "caller_title": "Registered Nurse", "caller_organization": "Example Health"}
    data = json.loads(filled.read_text())
    data["form"] |= who
    filled.write_text(json.dumps(data))
    said = await terminal.type("complete", task, "--as", "nurse.adams", "--file", filled)
    assert said.code == 0 and "The call was returned to the member." in said.out
    assert "closed since" in (await terminal.type("show", case_id)).out.splitlines()[0]


async def test_a_call_record_is_filled_in_by_answering_questions(terminal: Terminal) -> None:
    case_id = await taken(terminal)
    answers = [
        "Grace Adams",
        "Registered Nurse",
        "Example Health",
        "member",
        "answered",
        "The letter is on its way.",
        "",
        "",
    ]
    said = await terminal.type("complete", f"{case_id}-T1", "--as", "nurse.adams", answers="\n".join(answers) + "\n")
    assert said.code == 0, said.err + said.out


async def test_an_empty_form_answers_nothing_and_says_what_each_field_means(terminal: Terminal) -> None:
    case_id = await taken(terminal)
    blank = (await terminal.type("complete", f"{case_id}-T1", "--as", "nurse.adams", "--form")).data
    assert set(blank["form"].values()) == {None}
    assert "Your own title" in blank["meaning"]["caller_title"] and "required" in blank["meaning"]["caller_title"]
    assert "member | representative" in blank["meaning"]["reached"]


async def test_the_callers_name_and_number_are_in_the_store_and_nowhere_in_temporal(terminal: Terminal) -> None:
    case_id = await taken(terminal)
    history = (await terminal.lab.handle(case_id).fetch_history()).to_json()
    assert "0107" not in history and "V2hpdGZpZWxk" not in history and "Whitfield" not in history
    with terminal.lab.store.read() as s:
        found = documents.of_case(s, case_id)
        assert b"217-555-0107" in documents.get(s, found[0].document_id)


async def test_a_telephone_system_leaves_a_message_and_its_repeat_joins(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "message.json"
    document = {
        "format": "umpire-callback/1",
        "from_whom": "provider",
        "caller_name": "Front services",
        "phone": "217-555-0199",
        "about": "peer_to_peer",
        "reference": "VM-1",
    }
    path.write_text(json.dumps(document))
    first = (await terminal.type("callback", "log", path, "--sender", "pbx", "--json")).data[0]
    again = (await terminal.type("callback", "log", path, "--sender", "pbx", "--json")).data[0]
    assert (first["kind"], again["kind"]) == ("started", "joined") and first["case_id"] == again["case_id"]
    path.write_text(json.dumps(document | {"phone": ""}))
    wrong = await terminal.type("callback", "log", path)
    assert wrong.code == 6 and "$.phone" in wrong.err
    assert "INBOX-3" in (await terminal.type("inbox")).out


async def test_without_an_engine_a_message_is_kept_and_goes_on_by_itself(terminal: Terminal) -> None:
    cut_off = Terminal(terminal.lab, address="127.0.0.1:9")
    away = await cut_off.type(*MESSAGE, *WHO, "--json")
    assert away.code == 7 and away.data[0]["kind"] == "kept"
    resumed = (await terminal.type("inbox", "retry", "--json")).data
    assert [one["case_id"] for one in resumed] == [away.data[0]["case_id"]]
    assert resumed[0]["received_at"] == away.data[0]["received_at"]


async def test_a_concern_is_raised_from_any_task_and_the_case_keeps_nothing_but_its_number(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    concern = await raised(terminal, "--task", f"{case_id}-T1")
    assert concern.startswith("QC-")
    shown = (await terminal.type("show", case_id)).out
    assert f"A concern was raised: {concern}." in shown and "oxygen was not there" not in shown
    assert concern in (await terminal.type("concern", "list")).out
    assert (await terminal.type("show", concern)).out.splitlines()[0].startswith(f"Concern {concern}: Waits for")


async def test_the_same_concern_raised_again_is_the_same_concern(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    first = await raised(terminal, "--case", case_id)
    again = (await terminal.type(*CONCERN, "--case", case_id, "--json")).data[0]
    assert again["kind"] == "joined" and again["case_id"] == first


async def test_a_concern_is_raised_from_a_callback_too(terminal: Terminal) -> None:
    call = await taken(terminal)
    concern = await raised(terminal, "--task", f"{call}-T1")
    assert f"A concern was raised: {concern}." in (await terminal.type("show", call)).out


async def test_a_concern_about_nothing_known_is_refused_with_the_way_out(terminal: Terminal) -> None:
    assert (await terminal.type(*CONCERN, "--case", "PA-NONE")).code == 4
    assert (await terminal.type(*CONCERN, "--task", "PA-NONE-T1")).code == 4
    assert (await terminal.type(*CONCERN)).code == 2
    await terminal.type("submit", SAMPLES / "requests" / "broken.json")
    assert (await terminal.type(*CONCERN, "--task", "INBOX-1")).code == 3


async def test_what_a_peer_review_found_is_shown_to_whoever_works_with_it_only(
    terminal: Terminal, tmp_path: Path
) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    concern = await raised(terminal, "--case", case_id)
    triage = await form(
        terminal,
        f"{concern}-T1",
        tmp_path / "triage.json",
        severity=2,
        routes=["peer_review"],
        found="The delivery failed.",
        danger_now=False,
    )
    assert (await terminal.type("complete", f"{concern}-T1", "--as", "nurse.lopez", "--file", triage)).code == 0
    review = await form(
        terminal,
        f"{concern}-T2",
        tmp_path / "review.json",
        no_conflict_of_interest=True,
        records_read=["Delivery log"],
        standard="not_met",
        severity=2,
        rationale="Nobody checked the delivery.",
        to_committee=False,
    )
    done = await terminal.type("complete", f"{concern}-T2", "--as", "md.pulm.rivera", "--file", review)
    assert done.code == 0, done.err
    for words in (("show", concern), ("show", concern, "--as", "nurse.adams"), ("show", concern, "--json")):
        assert "Nobody checked" not in (await terminal.type(*words)).out
    assert "Nobody checked" in (await terminal.type("show", concern, "--as", "director.osei")).out
    assert "Nobody checked" not in (await terminal.type("show", case_id, "--json")).out


async def test_a_closed_callback_answers_that_it_is_closed(terminal: Terminal) -> None:
    case_id = await taken(terminal)
    answers = ["Grace Adams", "Registered Nurse", "Example Health", "member", "answered", "Told.", "", ""]
    task = f"{case_id}-T1"
    assert (await terminal.type("complete", task, "--as", "nurse.adams", answers="\n".join(answers) + "\n")).code == 0
    late = await terminal.type("claim", task, "--as", "nurse.lopez")
    assert late.code == 3 and "[case.closed]" in late.err and "umpire callback log" in late.err


async def test_what_only_requests_know_is_refused_for_other_dossiers(terminal: Terminal) -> None:
    case_id = await taken(terminal)
    back = ("--as", "intake.kim", "--by", "member", "--person", "She", "--channel", "phone", "--note", "She called.")
    for words in (("withdraw", case_id, *back), ("expedite", case_id), ("clocks", case_id)):
        said = await terminal.type(*words)
        assert said.code == 3 and "[case.process]" in said.err


async def test_a_task_is_claimed_and_reassigned_in_any_process(terminal: Terminal) -> None:
    task = f"{await taken(terminal)}-T1"
    assert "is yours" in (await terminal.type("claim", task, "--as", "nurse.adams")).out
    assert (await terminal.type("reassign", task, "--to", "nurse.lopez", "--as", "supervisor.bell")).code == 0
    refused = await terminal.type("claim", task, "--as", "intake.kim")
    assert refused.code == 3 and "[task.claimed]" in refused.err


async def test_a_form_of_another_kind_of_task_is_refused_before_it_is_sent(terminal: Terminal, tmp_path: Path) -> None:
    task = f"{await taken(terminal)}-T1"
    other = kept(tmp_path / "other.json", {"kind": "concern_triage", "form": {}})
    said = await terminal.type("complete", task, "--as", "nurse.adams", "--file", other)
    assert said.code == 6 and "call_back" in said.err
    nothing = kept(tmp_path / "list.json", [])
    assert (await terminal.type("complete", task, "--as", "nurse.adams", "--file", nothing)).code == 6


async def test_other_processes_are_listed_by_name_and_shown_as_data(terminal: Terminal) -> None:
    case_id = await taken(terminal)
    await terminal.submit("lumbar-fusion")
    listed = (await terminal.type("cases", "--process", "callback", "--json")).data
    assert [one["case_id"] for one in listed] == [case_id]
    assert case_id not in (await terminal.type("cases")).out
    unnamed = (await terminal.type("show", case_id, "--json")).data
    assert unnamed["message"]["phone"] == "restricted to staff who return calls"
    data = (await terminal.type("show", case_id, "--as", "nurse.adams", "--json")).data
    assert data["sheet"]["content"]["about"] == "clinical_review" and data["message"]["phone"] == "217-555-0107"
    assert data["journal"][0]["kind"] == "call_taken" and "No stays" in (await terminal.type("stays")).out
    with terminal.lab.store.read() as s:
        assert len(inbox.of_case(s, case_id)) == 1
