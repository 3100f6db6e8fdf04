"""People's work on the command line: refusals name the rule and the way out, and questions are only asked where needed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from cli.tasks.worksheet_prompts import split_facts
from store import cases, documents, journal, requests, tasks
from tests.cli.terminal import SAMPLES, Terminal

FORM = SAMPLES / "forms" / "fusion-denial.json"

BACK = ("--as", "intake.kim", "--by", "member", "--person", "The member", "--channel", "phone", "--note", "She called.")
CALLED = ("--as", "md.ortho.chen", "--result", "held", "--called", "Dr. Lee", "--number", "217-555-0140")


async def test_the_worklist_shows_the_least_time_left_first(terminal: Terminal) -> None:
    await terminal.submit("lumbar-fusion")
    urgent = await terminal.submit("behavioral-outpatient")
    await terminal.type("submit", SAMPLES / "requests" / "broken.json")
    listed = (await terminal.type("worklist", "--json")).data
    assert listed[0]["task_id"] == "INBOX-3" and listed[1]["case_id"] == urgent
    said = await terminal.type("worklist", "--role", "nurse")
    assert said.out.splitlines()[0].split("\t")[:5] == ["Time left", "Task", "Kind", "Urgency", "Member"]
    assert "INBOX" not in said.out and "CST" in said.out


async def test_my_work_is_what_i_took_and_what_my_roles_may_take(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    mine = (await terminal.type("worklist", "--mine", "nurse.adams", "--json")).data
    assert [one["task_id"] for one in mine] == [f"{case_id}-T1"]
    await terminal.type("claim", f"{case_id}-T1", "--as", "nurse.lopez")
    assert (await terminal.type("worklist", "--mine", "nurse.adams", "--json")).data == []
    assert (await terminal.type("worklist", "--mine", "nobody")).code == 4


async def test_a_task_is_claimed_released_and_reassigned(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    task = f"{case_id}-T1"
    assert "is yours" in (await terminal.type("claim", task, "--as", "nurse.adams")).out
    taken = await terminal.type("claim", task, "--as", "nurse.lopez")
    assert taken.code == 3 and "[task.claimed]" in taken.err
    assert (await terminal.type("release", task, "--as", "nurse.adams")).code == 0
    people = {
        one["reviewer_id"]: one for one in (await terminal.type("reassign", task, "--as", "nurse.adams", "--json")).data
    }
    assert people["nurse.lopez"]["refusals"] == []
    assert [one["rule"] for one in people["md.ortho.chen"]["refusals"]][0] == "task.role"
    unfit = await terminal.type("reassign", task, "--to", "md.ortho.chen", "--as", "supervisor.bell")
    assert unfit.code == 3 and "[task.role]" in unfit.err
    assert (await terminal.type("reassign", task, "--to", "nurse.lopez", "--as", "supervisor.bell")).code == 0
    with terminal.lab.store.read() as s:
        found = tasks.get(s, task)
    assert found is not None and found.task.assignee == "nurse.lopez"


async def test_an_unknown_task_ends_with_its_own_code(terminal: Terminal) -> None:
    said = await terminal.type("claim", "PA-NONE-T1", "--as", "nurse.adams")
    assert said.code == 4 and "umpire worklist" in said.err


async def test_an_arrival_that_could_not_be_read_is_not_claimed_but_resolved(terminal: Terminal) -> None:
    await terminal.type("submit", SAMPLES / "requests" / "broken.json")
    said = await terminal.type("claim", "INBOX-1", "--as", "intake.kim")
    assert said.code == 3 and "umpire inbox resolve INBOX-1" in said.err
    assert (await terminal.type("inbox", "resolve", "1", "--as", "nurse.adams", "--note", "x")).code == 3
    assert (await terminal.type("inbox", "resolve", "INBOX-1", "--as", "intake.kim", "--note", "sent again")).code == 0
    assert "Everything that arrived has its case" in (await terminal.type("inbox")).out
    assert "sent again" in (await terminal.type("inbox", "show", "1")).out
    raw = await terminal.type("inbox", "show", "1", "--raw")
    assert raw.out == (SAMPLES / "requests" / "broken.json").read_text()


async def test_a_nurse_cannot_deny_from_the_command_line(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    said = await terminal.type("complete", f"{case_id}-T1", "--as", "nurse.adams", "--file", FORM)
    assert (
        said.code == 3
        and "Only a physician's signed decision can be adverse, or one of benefit staff on the plan's documents."
        in said.err
    )
    asked = await terminal.type("complete", f"{case_id}-T1", "--as", "nurse.adams", "--decide", answers="")
    assert asked.code == 3 and "[task.outcome]" in asked.err


async def test_the_right_physician_denies_with_a_form_and_the_letter_is_printed(terminal: Terminal) -> None:
    case_id = await _to_the_physician(terminal)
    wrong = await terminal.type("complete", f"{case_id}-T2", "--as", "md.derm.novak", "--file", FORM)
    assert wrong.code == 3 and "The specialty does not fit the service" in wrong.err
    said = await terminal.type("complete", f"{case_id}-T2", "--as", "md.ortho.chen", "--file", FORM)
    assert said.code == 0, said.err
    letter = await terminal.type("letter", f"{case_id}:adverse_determination:member:1")
    assert "WE DID NOT APPROVE YOUR REQUEST" in letter.out
    assert (await terminal.type("journal", "verify")).code == 0


PLAIN_WORDS = (
    "Medicare covers this surgery after 12 months of other treatment, such as physical therapy. "
    "Your records show 6 months of such treatment so far."
)


def typed(plain_words: str) -> str:
    """The lines that the physician types at the questions of a decision."""
    answers = ["decide", *["not_met", "Read in the note."] * 4, "denied"]
    answers += ["Fusion of one level", "Fusion needs 12 months of other treatment first.", "LCD L37848"]
    answers += ["At least 12 months of treatment", "6 months are documented in the note"]
    answers += ["Six months of treatment are missing", "Records that show 12 months", plain_words, "y", "y"]
    return "\n".join(answers) + "\n"


async def test_a_decision_is_signed_by_answering_questions(terminal: Terminal) -> None:
    case_id = await _to_the_physician(terminal)
    command = ("complete", f"{case_id}-T2", "--as", "md.ortho.chen")
    said = await terminal.type(*command, answers=typed(PLAIN_WORDS))
    assert said.code == 0, said.err
    assert "The signed decision stands." in said.out


async def test_answers_that_were_refused_are_kept_to_be_corrected(terminal: Terminal) -> None:
    case_id = await _to_the_physician(terminal)
    command = ("complete", f"{case_id}-T2", "--as", "md.ortho.chen")
    said = await terminal.type(*command, answers=typed("Too short."))
    assert said.code == 3
    kept = terminal.settings.home / "forms" / f"{case_id}-T2.json"
    corrected = kept.read_text().replace("Too short.", PLAIN_WORDS)
    kept.write_text(corrected)
    assert f"--file {kept}" in said.err
    assert (await terminal.type(*command, "--file", kept)).code == 0


async def test_what_is_not_attested_is_not_signed(terminal: Terminal, tmp_path: Path) -> None:
    case_id = await _to_the_physician(terminal)
    form = json.loads(FORM.read_text())
    form["decision"] |= {"attestation": "", "no_conflict_of_interest": False, "evidence_opened": []}
    path = tmp_path / "form.json"
    path.write_text(json.dumps(form))
    said = await terminal.type("complete", f"{case_id}-T2", "--as", "md.ortho.chen", "--file", path)
    assert said.code == 3
    for rule in ("decision.attestation", "decision.conflict", "decision.evidence"):
        assert rule in said.err


async def test_an_empty_form_has_no_answers_in_it(terminal: Terminal) -> None:
    case_id = await _to_the_physician(terminal)
    blank = (await terminal.type("complete", f"{case_id}-T2", "--as", "md.ortho.chen", "--form")).data
    form, decision = blank["form"], blank["form"]["decision"]
    assert form["outcome"] is None and form["lines"][0]["outcome"] is None
    assert form["lines"][0]["reason"]["records_read"] == []
    assert decision["evidence_opened"] == [] and decision["attestation"] is None
    assert decision["no_conflict_of_interest"] is None
    assert any("At least 12 months of treatment" in one["text"] for one in blank["criteria"])


async def test_a_form_with_a_mistake_is_refused_with_its_place(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "form.json"
    path.write_text('{"outcome": "decide", "lines": [{"line_id": "1", "outcome": "rejected"}]}')
    said = await terminal.type("complete", "PA-X-T1", "--as", "md.ortho.chen", "--file", path)
    assert said.code == 6 and "lines[0].outcome" in said.err


async def test_a_missing_answer_ends_as_wrong_usage_and_names_the_way_out(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    said = await terminal.type("complete", f"{case_id}-T1", "--as", "nurse.adams", "--outcome", "refer", answers="")
    assert said.code == 2 and "--file FILE" in said.err


async def test_records_settle_what_was_missing(terminal: Terminal) -> None:
    case_id = await terminal.submit("cpap-missing-facts")
    records = SAMPLES / "records" / "sleep-test-index.json"
    assert (await terminal.type("add-document", case_id, records)).code == 0
    said = await terminal.type("show", case_id)
    assert "approved. Authorization number AU" in said.out.splitlines()[0]
    late = await terminal.type("add-document", case_id, records)
    assert late.code == 3 and "[records.known]" in late.err


async def test_a_case_is_withdrawn_and_then_refuses_everything(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    assert (await terminal.type("withdraw", case_id, *BACK, "--why", "Changed their mind")).code == 0
    again = await terminal.type("withdraw", case_id, *BACK)
    assert again.code == 3 and "[case.closed]" in again.err
    assert (await terminal.type("withdraw", "PA-NONE", *BACK)).code == 4


async def test_more_time_and_speed_are_asked_for(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    words = ("--reason", "enrollee_asked", "--justification", "The member asked for time to send records.")
    said = await terminal.type("extend", case_id, "--as", "nurse.adams", *words)
    assert said.code == 3 and "[extension.ground]" in said.err
    ground = ("--ground", "noncontract_evidence", "--fact", "Notes.", "--provider", "1999999984")
    said = await terminal.type("extend", case_id, "--as", "nurse.adams", *words, *ground)
    assert said.code == 3 and "[extension.contract_provider]" in said.err
    words = (
        *words,
        "--ground",
        "enrollee_asked",
        "--fact",
        "She asked on the phone.",
        "--person",
        "She",
        "--channel",
        "phone",
    )
    assert (await terminal.type("extend", case_id, "--as", "nurse.adams", *words)).code == 0
    assert (await terminal.type("extend", case_id, "--as", "nurse.adams", *words)).code == 3
    assert (await terminal.type("expedite", case_id, "--physician-statement")).code == 0
    assert "expedited" in (await terminal.type("show", case_id)).out


async def test_what_staff_enter_for_the_member_is_journaled_as_the_members_word(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    assert (await terminal.type("expedite", case_id, "--by", "member", "--as", "nurse.adams")).code == 0
    with terminal.lab.store.read() as s:
        (entry,) = [each for each in journal.entries(s, case_id) if each.kind.value == "expedite_requested"]
    assert entry.actor.kind == "member" and entry.data["entered_by"] == "nurse.adams"


async def test_a_call_that_is_owed_is_recorded_with_its_form(terminal: Terminal, tmp_path: Path) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    await terminal.type("expedite", case_id, "--by", "member", "--as", "intake.kim")
    refused = ("--outcome", "refuse", "--note", "Waiting seven days does no harm.")
    with terminal.lab.store.read() as s:
        asked = next(one for one in tasks.of_case(s, case_id) if one.kind.value == "expedite_decision")
    assert (await terminal.type("complete", asked.task_id, "--as", "md.ortho.chen", *refused)).code == 0
    await terminal.lab.settle()
    with terminal.lab.store.read() as s:
        call = next(one for one in tasks.of_case(s, case_id) if one.kind.value == "oral_notice")
    form = (await terminal.type("complete", call.task_id, "--as", "intake.kim", "--form")).data
    assert set(form["form"]) == {"told_by", "told", "channel", "number", "at", "result", "said"}
    said = {"told_by": "Ina Frey", "told": "The member", "channel": "phone", "number": "217-555-0140"}
    at = (await terminal.lab.now()).isoformat()
    path = tmp_path / "call.json"
    path.write_text(json.dumps(said | {"at": at, "result": "reached"}))
    done = await terminal.type("complete", call.task_id, "--as", "intake.kim", "--file", path)
    assert done.code == 0 and "on record" in done.out, done.err
    assert "Oral notice given" in (await terminal.type("show", case_id)).out


async def test_a_closed_withdrawal_that_is_taken_back_goes_on_as_a_new_case_received_at_the_call(
    terminal: Terminal,
) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    assert (await terminal.type("reinstate", case_id, *BACK)).code == 3, "nothing was withdrawn"
    await terminal.type("withdraw", case_id, *BACK)
    await terminal.lab.advance(days=2)
    for wrong, rule in ((("--by", "provider"), "reinstate.party"), (("--as", "md.ortho.chen"), "reinstate.role")):
        said = await terminal.type("reinstate", case_id, *BACK, *wrong)
        assert said.code == 3 and f"[{rule}]" in said.err
    called = await terminal.lab.now()
    said = await terminal.type("reinstate", case_id, *BACK)
    assert said.code == 0, said.err
    await terminal.lab.settle()
    with terminal.lab.store.read() as s:
        old, (new,) = cases.get(s, case_id), [one for one in cases.find(s) if one.case_id != case_id]
        first, renewed = requests.load(s, case_id), requests.load(s, new.case_id)
        kept = {one.document_id for one in documents.of_case(s, new.case_id)}
        receipt = journal.entries(s, new.case_id)[0]
    assert old is not None and old.status.value == "withdrawn" and new.status.value == "open"
    assert new.received_at >= called and renewed.request.renews == case_id
    assert renewed.request.lines == first.request.lines and kept == {d.document_id for d in first.request.documents}
    assert case_id in receipt.summary
    again = await terminal.type("reinstate", case_id, *BACK)
    assert again.code == 3 and new.case_id in again.err


async def test_a_withdrawal_needs_its_document_on_the_case_or_a_note(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    said = await terminal.type("withdraw", case_id, *BACK[:-2])
    assert said.code == 3 and "[withdraw.statement]" in said.err
    said = await terminal.type("withdraw", case_id, *BACK, "--document", "nothing")
    assert said.code == 3 and "[statement.document]" in said.err


async def test_without_a_worker_a_message_is_left_with_the_case(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    await terminal.lab.stop_worker()
    terminal.patience = timedelta(milliseconds=300)
    said = await terminal.type("withdraw", case_id, *BACK)
    assert said.code == 7 and "The case has the message" in said.err
    sheet = await terminal.type("complete", f"{case_id}-T1", "--as", "nurse.adams", answers="")
    assert sheet.code == 5 and "No worker answers" in sheet.err


async def test_without_an_engine_an_act_is_not_pretended(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    cut_off = Terminal(terminal.lab, address="127.0.0.1:9")
    said = await cut_off.type("claim", f"{case_id}-T1", "--as", "nurse.adams")
    assert said.code == 5 and "TEMPORAL_ADDRESS" in said.err


async def _to_the_physician(terminal: Terminal) -> str:
    case_id = await terminal.submit("lumbar-fusion")
    refer = ("--outcome", "refer", "--recommendation", "6 of 12 months are documented.")
    assert (await terminal.type("complete", f"{case_id}-T1", "--as", "nurse.adams", *refer)).code == 0
    assert (await terminal.type("peer-to-peer", case_id, *CALLED)).code == 0
    for who in ("md.ortho.chen", "md.derm.novak"):
        assert "FUSION" in (await terminal.type("record", case_id, "1", "--as", who)).out.upper()
    return case_id


async def test_a_judgment_reaches_a_nurse_while_the_clinic_is_asked_the_rest(
    terminal: Terminal, tmp_path: Path
) -> None:
    request = json.loads((SAMPLES / "requests" / "power-wheelchair.json").read_text(encoding="utf-8"))
    unsaid = ("mae.pwc_can_operate", "mae.pwc_caregiver_operates")
    request["facts"] = [fact for fact in request["facts"] if fact["id"] not in unsaid]
    file = tmp_path / "wheelchair.json"
    file.write_text(json.dumps(request), encoding="utf-8")
    case_id = (await terminal.type("submit", file, "--json")).data[0]["case_id"]
    (task,) = (await terminal.type("worklist", "--json")).data
    assert task["why"] == "Line 1: only a clinician can judge PWC-N; the provider is asked for the rest"
    letter = (await terminal.type("letter", f"{case_id}:information_request:provider:1")).out
    assert "One of these is enough:\n* Can the patient safely operate the power chair?" in letter
    await terminal.type("claim", task["task_id"], "--as", "nurse.adams")
    said = await terminal.type("complete", task["task_id"], "--as", "nurse.adams", "--outcome", "ask", answers="\n")
    assert "   - Can the patient safely operate the power chair?  [mae.pwc_can_operate]" in said.out
    assert said.code == 3 and "[information.open]" in said.err


def test_facts_to_ask_for_are_ids_or_whole_sentences() -> None:
    assert split_facts("pap.ahi, pap.test_type") == ("pap.ahi", "pap.test_type")
    assert split_facts("pap.ahi; How did she sleep, and for how long?") == (
        "pap.ahi",
        "How did she sleep, and for how long?",
    )
    assert split_facts("How did she sleep, and for how long?") == ("How did she sleep, and for how long?",)
