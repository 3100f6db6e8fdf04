"""Requests that end without a decision, from the command line to the letter."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from store import cases, journal, letters
from tests.cli.terminal import SAMPLES, Terminal

WHO = ("--as", "appeals.reyes")
DEAD = ("--reason", "member_died", "--explanation", "We are sorry for your loss.", "--nobody-pursues")
CAUSE = ("--good-cause", "The report of the death was about somebody else.", "--note", "She called herself.")
ASKED = ("--by", "member", "--person", "The member", "--channel", "phone")


def text_of(terminal: Terminal, case_id: str, letter: str) -> str:
    """The text of the first letter of this 'notice/audience', in one line."""
    notice, audience = letter.split("/")
    with terminal.lab.store.read() as s:
        return " ".join(letters.get(s, f"{case_id}:{notice}:{audience}:1").rendered.text.split())


async def test_a_dismissal_is_told_with_both_ways_out_of_it_and_vacating_opens_the_case_with_its_clock(
    terminal: Terminal,
) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    with terminal.lab.store.read() as s:
        before = cases.get(s, case_id)
    assert before is not None and before.decision_due is not None
    await terminal.lab.advance(days=1)
    died = ("--died-on", ((await terminal.lab.now()).date() - timedelta(days=1)).isoformat())
    refused = await terminal.type("dismiss", case_id, "--as", "intake.kim", *DEAD, *died)
    assert refused.code == 3 and "[closing.credential]" in refused.err
    done = await terminal.type("dismiss", case_id, *WHO, *DEAD, *died)
    assert done.code == 0, done.err
    told = text_of(terminal, case_id, "dismissal/member")
    assert "We are sorry for your loss." in told and "we did not say no to it" in told
    assert "within 6 months" in told and "within 65 days" in told
    assert text_of(terminal, case_id, "dismissal/provider")
    shown = await terminal.type("show", case_id)
    assert "dismissed" in shown.out.lower() and "MA-DISMISSAL-VACATE" in shown.out

    await terminal.lab.advance(days=30)
    undone = await terminal.type("vacate", case_id, *WHO, *ASKED, *CAUSE)
    assert undone.code == 0, undone.err
    with terminal.lab.store.read() as s:
        after = cases.get(s, case_id)
    assert after is not None and after.status.value == "open" and after.received_at == before.received_at
    assert after.decision_due is not None
    assert after.decision_due - before.decision_due == timedelta(days=30), "the time of the dismissal does not count"


async def test_days_outside_the_coverage_are_told_to_the_requester_alone_and_decide_nothing(
    terminal: Terminal, tmp_path: Path
) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    who = ("--as", "enrollment.brandt", "--checked-in", "Enrollment system")
    done = await terminal.type("not-covered", case_id, *who, "--other-payer", "Prairie Health Plan")
    assert done.code == 0, done.err
    told = text_of(terminal, case_id, "not_covered/provider")
    assert "is not our member on the days" in told and "Prairie Health Plan covers these days" in told
    assert "appeal" not in told.lower(), "where nothing was decided there is nothing to appeal"
    with terminal.lab.store.read() as s:
        view, sent = cases.get(s, case_id), [f"{one.notice}/{one.audience}" for one in cases.letters(s, case_id)]
    assert view is not None and view.status.value == "not_covered" and view.decided_at is None
    assert "not_covered/member" not in sent and not any("adverse" in one for one in sent)
    copy = await terminal.type("submit", SAMPLES / "requests" / "lumbar-fusion.json")
    assert "it opened nothing" in copy.out and "send it under a new identifier" in copy.out
    asked = json.loads((SAMPLES / "requests" / "lumbar-fusion.json").read_text()) | {"submission_id": "urn:again|2"}
    (anew := tmp_path / "again.json").write_text(json.dumps(asked))
    (found,) = (await terminal.type("submit", anew, "--json")).data
    assert found["case_id"] != case_id, "under a new identifier it is a new request"


async def test_a_misdirected_request_is_forwarded_with_proof_and_its_first_arrival_is_told(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    who = ("--as", "intake.kim", "--to", "Prairie Health Plan", "--channel", "fax", "--address", "1-800-555-0171")
    bare = await terminal.type("forward", case_id, *who)
    assert bare.code == 3 and "[forward.proof]" in bare.err
    done = await terminal.type("forward", case_id, *who, "--proof", "Confirmation 4711")
    assert done.code == 0, done.err
    told = text_of(terminal, case_id, "misdirected/provider")
    assert "the first arrival counts as its receipt" in told and "1-800-555-0171" in told
    assert "We made no decision" in text_of(terminal, case_id, "misdirected/member")


async def test_a_claimant_is_told_in_time_that_a_request_was_not_properly_filed(terminal: Terminal) -> None:
    case_id = await terminal.submit("pharmacy-drug")
    await terminal.lab.advance(days=1)
    who = ("--as", "intake.kim", "--missing", "The name of the drug.", "--how-to-file", "Send our form UM-1 by fax.")
    done = await terminal.type("not-filed", case_id, *who, "--told", "The member", "--number", "217-555-0111")
    assert done.code == 0, done.err
    told = text_of(terminal, case_id, "improper_filing/member")
    assert "It lacks: The name of the drug." in told and "Send our form UM-1 by fax." in told
    shown = await terminal.type("show", case_id)
    assert "ERISA-PROCEDURE-NOTICE" in shown.out
    with terminal.lab.store.read() as s:
        kinds = [(entry.kind.value, entry.summary) for entry in journal.entries(s, case_id)]
    met = [says for kind, says in kinds if kind == "clock_met" and "ERISA-PROCEDURE-NOTICE" in says]
    assert met, "the notice in five days is judged by the call"
    medicare = await terminal.submit("lumbar-fusion")
    refused = await terminal.type("not-filed", medicare, *who)
    assert refused.code == 3 and "[filing.rule]" in refused.err


async def test_an_arrival_for_another_plan_is_forwarded_from_the_inbox_with_proof(terminal: Terminal) -> None:
    await terminal.type("submit", SAMPLES / "requests" / "member-unknown.json")
    who = ("--to", "Prairie Health Plan", "--channel", "fax", "--address", "1-800-555-0171")
    bare = await terminal.type("inbox", "forward", "INBOX-1", "--as", "intake.kim", *who, "--proof", " ")
    assert bare.code == 3 and "[forward.proof]" in bare.err
    nurse = await terminal.type("inbox", "forward", "INBOX-1", "--as", "nurse.adams", *who, "--proof", "4711")
    assert nurse.code == 3 and "[inbox.role]" in nurse.err
    done = await terminal.type(
        "inbox", "forward", "INBOX-1", "--as", "intake.kim", *who, "--proof", "Confirmation 4711"
    )
    assert done.code == 0, done.err
    shown = await terminal.type("inbox", "show", "INBOX-1")
    assert "Confirmation 4711" in shown.out and "first arrived" in shown.out
