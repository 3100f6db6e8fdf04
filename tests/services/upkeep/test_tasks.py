"""Upkeep tells people once what needs them, and finds nothing where all is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.time_skipping_lab import Lab
from domain.decisions.reviewers import Reviewer
from services.context import ServiceContext
from services.upkeep.runs import last_run, runs
from services.upkeep.tasks import UPKEEP
from store import directory, inbox
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request


async def run(services: ServiceContext, name: str) -> str:
    beats: list[bool] = []
    return await runs(services)[name](lambda: beats.append(True))


def alerts(lab: Lab, rule: str) -> list[str]:
    with lab.store.read() as s:
        return [one.message for item in inbox.list_open(s) for one in item.problems if one.rule == rule]


def _drop_guards(s: Session, table: str) -> None:
    """Take the guards of a table away, as whoever administers the database can."""
    named = text("select name from sqlite_master where type = 'trigger' and tbl_name = :table")
    for (name,) in s.execute(named, {"table": table}).all():
        s.execute(text(f"drop trigger {name}"))


async def test_licenses_and_trainings_that_end_soon_or_have_ended_are_told_once(lab: Lab) -> None:
    services = await lab.services()
    today = services.clock().date()
    with lab.store.begin() as s:
        nurse = next(one for one in directory.reviewers(s) if one.licences)
        ending = nurse.licences[0].model_copy(update={"expires": today + timedelta(days=9)})
        changed: Reviewer = nurse.model_copy(
            update={"licences": (ending,), "training_valid_through": today - timedelta(days=1)}
        )
        directory.put_reviewer(s, changed)
    before = len(alerts(lab, "reviewer.expiring"))
    await run(services, "expiring")
    await run(services, "expiring")
    told = [one for one in alerts(lab, "reviewer.expiring") if nurse.reviewer_id in one]
    assert before == 0 and len(told) == 2
    assert any("license" in one and "expires after" in one for one in told)
    assert any("UM training" in one and "expired on" in one for one in told)


async def test_a_letter_that_is_not_handed_over_for_a_day_is_put_before_people_once(lab: Lab) -> None:
    case_id = await lab.open(request(FUSION, known=FUSION_NOT_MET))
    services = await lab.services()
    assert await run(services, "letters") == "0 letters not handed over for 24 hours."
    with lab.store.begin() as s:
        _drop_guards(s, "letters")
        s.execute(text("update letters set handed_over_at = null where case_id = :case"), {"case": case_id})
    later = replace(services, clock=lambda: lab_now + timedelta(hours=25))
    lab_now = services.clock()
    first, second = await run(later, "letters"), await run(later, "letters")
    assert first == second and not first.startswith("0 ")
    told = alerts(lab, "letter.not_handed_over")
    assert told and len(told) == int(first.split()[0])


async def test_a_journal_that_was_changed_is_told_once_and_a_sound_one_is_not(lab: Lab) -> None:
    case_id = await lab.open(request(FUSION, known=FUSION_NOT_MET))
    services = await lab.services()
    assert (await run(services, "verify")).endswith("0 faults.")
    with lab.store.begin() as s:
        _drop_guards(s, "journal")
        s.execute(text("update journal set summary = 'Nothing.' where case_id = :case and seq = 1"), {"case": case_id})
    for _ in range(2):
        assert (await run(services, "verify")).endswith("1 fault.")
    assert len(alerts(lab, "journal.verify")) == 1


async def test_each_task_keeps_when_it_ran_last_and_what_it_found(lab: Lab) -> None:
    services = await lab.services()
    for task in UPKEEP:
        found = await run(services, task.name)
        last = await services.read(last_run, task.name)
        assert last is not None and last.ended_at is not None and last.found == found
