"""`umpire submit --by-hand`: calls and faxes become requests, with who called, who took it, and when it came."""

from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import Terminal

CALL = (
    *(
        "submit",
        "--by-hand",
        "--channel",
        "phone",
        "--as",
        "intake.kim",
        "--caller",
        "Dana Wu",
        "--member",
        "MBR1000001",
    ),
    *("--caller-phone", "217-555-0110", "--service-kind", "medical", "--urgency", "standard", "--asked-by", "provider"),
    *(
        "--requester",
        "1999999984",
        "--diagnosis",
        "J44.9",
        "--code",
        "E1390",
        "--code-system",
        "hcpcs",
        "--quantity",
        "3",
    ),
    *("--unit", "month", "--first-day", "2037-01-10", "--service", "Oxygen concentrator"),
)


async def test_a_phone_request_by_options_asks_nothing_and_shows_who_called_and_who_took_it(
    terminal: Terminal, tmp_path: Path
) -> None:
    fax = tmp_path / "fax.pdf"
    fax.write_bytes(b"%PDF-1.4 invented")
    received = (await terminal.lab.now()).isoformat()
    said = await terminal.type(*CALL, "--received-at", received, "--document", fax, "--fact", "o2.sat_rest=86")
    assert said.code == 0 and "is running" in said.out
    case_id = said.out.split("Case ")[1].split(" ")[0]
    shown = (await terminal.type("show", case_id)).out
    assert "by intake.kim; from Dana Wu (217-555-0110)" in shown and "by phone" in shown
    assert "fax.pdf" in shown and "1 fact" in shown


async def test_what_no_option_gives_is_asked_and_a_wrong_answer_is_asked_again(terminal: Terminal) -> None:
    answers = [
        *("fax", "yesterday", "now", "intake.kim", "Dana Wu", "", "provider", "MBR1000001", "expedited", "y"),
        *("1999999984", "Riverbend Clinic", "", "", "medical", "J44.9", "hcpcs", "e1390", "Oxygen concentrator", "3"),
        *("month", "soon", "2037-01-10", "", "n", "Called twice."),
    ]
    said = await terminal.type("submit", "--by-hand", answers="\n".join(answers) + "\n")
    assert said.code == 0, said.out + said.err
    assert "Expected date, time and offset" in said.out and "Expected a day, such as 2026-03-10." in said.out


async def test_a_receipt_in_the_future_and_a_stranger_are_refused_and_nothing_is_stored(terminal: Terminal) -> None:
    late = await terminal.type(*CALL, "--received-at", "2099-01-01T00:00+00:00")
    assert late.code == 3 and "[intake.received_at]" in late.err
    doctor = await terminal.type(
        *(("md.ortho.chen" if word == "intake.kim" else word) for word in CALL), "--received-at", "now"
    )
    assert doctor.code == 3 and "[submit.role]" in doctor.err
    code = await terminal.type(*(("ZZZZZ" if word == "E1390" else word) for word in CALL), "--received-at", "now")
    assert code.code == 6 and "a HCPCS code such as E1390" in code.err
    assert (await terminal.type("inbox")).out == "Everything that arrived has its case.\n"


async def test_nobody_outside_says_that_staff_entered_a_request(terminal: Terminal, tmp_path: Path) -> None:
    printed = (await terminal.type("submit", "--template", "medical")).out
    file = tmp_path / "request.json"
    entry = '"by_hand": {"taken_by": "intake.kim", "caller_name": "Dana Wu"}'
    file.write_text(printed.replace('"by_hand": null', entry))
    said = await terminal.type("submit", file, "--check", "--channel", "portal")
    assert said.code == 6 and "only the plan's staff enters requests by hand" in said.err
