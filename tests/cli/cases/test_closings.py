"""Requests that end without a decision, from the command line to the letter."""

from __future__ import annotations

from datetime import timedelta

from store import cases, letters
from tests.cli.terminal import Terminal

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
    died = ("--died-on", (await terminal.lab.now()).date().isoformat())
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
