"""The cases whose histories are kept: one per path. `python tests/workflows/recording.py NAME...` records those that are named.

A history is recorded when its path is new, and then never again: recording it anew would hide exactly the change that the
replay test is there to find. When a workflow has to change while cases run, patch it (`workflow.patched`) and add a history.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HISTORIES = ROOT / "tests" / "histories"
_TRACE = re.compile(r'"stackTrace": "(?:[^"\\]|\\.)*"')  # the folders of whoever recorded it are nobody's business
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from care import CPAP, CPAP_FACTS, FUSION, FUSION_NOT_MET, OXYGEN, OXYGEN_FACTS, WALKER, facts, request  # noqa: E402
from desk import Desk  # noqa: E402
from retrospective_scenarios import SCENARIOS as RETROSPECTIVE  # noqa: E402

from demo.lab import Lab, laboratory  # noqa: E402
from domain.messages import AddDocuments, SettlePeerToPeer  # noqa: E402
from domain.tasks import TaskKind, TaskOutcome  # noqa: E402
from domain.vocabulary import AskedBy, Urgency  # noqa: E402
from store import requests  # noqa: E402


async def opened(lab: Lab, *lines: object, **more: object) -> Desk:
    return Desk(lab, await lab.open(request(*lines, **more)))  # type: ignore[arg-type]


async def approved_by_rule(lab: Lab) -> Desk:
    return await opened(lab, OXYGEN, known=OXYGEN_FACTS)


async def not_required(lab: Lab) -> Desk:
    return await opened(lab, WALKER, servicing="1215000021")


async def asked_and_answered(lab: Lab) -> Desk:
    desk = await opened(lab, CPAP, known={name: value for name, value in CPAP_FACTS.items() if name != "pap.ahi"})
    await lab.advance(days=3)
    with lab.store.begin() as s:
        asked = requests.load(s, desk.case_id).request
        answered = asked.model_copy(update={"facts": (*asked.facts, *facts({"pap.ahi": 22}))})
        version = requests.save(s, desk.case_id, answered)
    stamp = await desk.stamp("1999999984", "provider")
    await desk.send(AddDocuments(**stamp, document_ids=(), request_version=version))
    return desk


async def denied_after_a_peer_to_peer(lab: Lab) -> Desk:
    desk = await opened(lab, FUSION, known=FUSION_NOT_MET)
    await desk.send(await desk.claim(TaskKind.NURSE_REVIEW, "nurse.adams"))
    await desk.refused(await desk.completion(TaskKind.NURSE_REVIEW, "nurse.adams", TaskOutcome.DECIDE))
    await desk.refer()
    await desk.refused(await desk.denial())
    await desk.send(SettlePeerToPeer(**await desk.stamp("1999999984", "provider"), result="held"))
    await desk.send(await desk.denial())
    return desk


async def missed_then_approved(lab: Lab) -> Desk:
    desk = await opened(lab, FUSION, known=FUSION_NOT_MET)
    due = desk.view().decision_due
    if due is None:
        raise LookupError("the case has no decision clock")
    await lab.advance_to(due + timedelta(seconds=1))
    await desk.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    await desk.send(await desk.completion(TaskKind.MISSED_CLOCK, "compliance.ortiz", TaskOutcome.ACKNOWLEDGE))
    return desk


async def extended_then_withdrawn(lab: Lab) -> Desk:
    desk = await opened(lab, FUSION, known=FUSION_NOT_MET)
    await desk.send(await desk.extend("enrollee_asked"))
    await lab.advance(days=9)
    await desk.send(await desk.withdraw())
    return desk


async def expediting_refused(lab: Lab) -> Desk:
    desk = await opened(lab, FUSION, known=FUSION_NOT_MET, urgency=Urgency.EXPEDITED, asked_by=AskedBy.MEMBER)
    refusal = await desk.completion(
        TaskKind.EXPEDITE_DECISION, "md.ortho.chen", TaskOutcome.REFUSE, note="Waiting seven days does no harm."
    )
    await desk.send(refusal)
    return desk


async def still_open_at_hour_71(lab: Lab) -> Desk:
    desk = await opened(lab, FUSION, known=FUSION_NOT_MET, urgency=Urgency.EXPEDITED)
    await lab.advance(hours=71)
    return desk


SCENARIOS: dict[str, Callable[[Lab], Awaitable[Desk]]] = {
    scenario.__name__: scenario
    for scenario in (
        approved_by_rule,
        not_required,
        asked_and_answered,
        denied_after_a_peer_to_peer,
        missed_then_approved,
        extended_then_withdrawn,
        expediting_refused,
        still_open_at_hour_71,
        *RETROSPECTIVE,
    )
}


async def record(name: str) -> None:
    """Run one scenario in a fresh lab and keep its history."""
    with tempfile.TemporaryDirectory() as folder:
        async with laboratory(Path(folder)) as lab:
            desk = await SCENARIOS[name](lab)
            history = await lab.handle(desk.case_id).fetch_history()
            (HISTORIES / f"{name}.json").write_text(_TRACE.sub('"stackTrace": ""', history.to_json()) + "\n")
    await asyncio.sleep(0.05)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or sys.exit(f"name what to record: {', '.join(SCENARIOS)}"):
        asyncio.run(record(wanted))
