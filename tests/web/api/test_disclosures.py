"""Programs have criteria sent, once under a key, and read whether they were sent."""

from __future__ import annotations

from pathlib import Path

from activities.delivery import hand_over_standalone
from activities.integrations.file_outbox import FileOutbox
from engine import edge_clock
from store.session import Store
from tests.web.api.conftest import Open

ASKED = {
    "caller_kind": "provider",
    "caller_name": "Dana Ruiz",
    "caller_organization": "Lakeside Spine Center",
    "way": "fax",
    "on_file": "1215000013",
}


async def test_criteria_asked_for_by_a_program_are_sent_once_and_read_as_sent(
    program: Open, plan_store: Store, tmp_path: Path
) -> None:
    desk, leader = program("intake.kim"), program("compliance.ortiz")
    sent = await desk.post("/criteria/SNF/disclosures", ASKED, key="criteria-0001")
    again = await desk.post("/criteria/SNF/disclosures", ASKED, key="criteria-0001")
    assert (sent.status_code, again.status_code) == (201, 201), sent.text
    assert sent.json() == again.json() and sent.json()["sent_to"] == "704-555-0131"
    (row,) = (await leader.get("/oversight/criteria-disclosures")).json()["rows"]
    assert (row["sending"], row["by"]) == ("to_be_sent", "intake.kim")
    assert hand_over_standalone(plan_store, FileOutbox(tmp_path / "outbox"), edge_clock.now()) == 1
    (row,) = (await leader.get("/oversight/criteria-disclosures")).json()["rows"]
    assert row["sending"] == "sent" and row["receipt"]


async def test_what_reaches_nobody_is_refused_by_its_rule(program: Open) -> None:
    refused = await program("intake.kim").post("/criteria/SNF/disclosures", ASKED | {"on_file": "MBR9999999"})
    assert refused.status_code == 409 and "criteria.on_file" in refused.text
