from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from domain.cases.tasks import TaskStatus
from domain.cases.views import CaseStatus
from domain.errors import Corrupt
from domain.vocabulary import ArrivalKind, Channel, Lob, ProcessKind, Role
from store import cases, inbox, read_models, tables, tasks
from store.session import Store
from tests.store.samples import CASE, NOON, case_view, draft, json, task


def _case(store: Store, case_id: str, *work: object, **changes: object) -> None:
    view = case_view(case_id, **changes)
    with store.begin() as s:
        read_models.record_entries(s, case_id, [draft(1, case=json(view)[0], tasks=json(*work))])


def _found(store: Store, **filters: object) -> list[str]:
    with store.read() as s:
        return [view.case_id for view in cases.find(s, **filters)]


def _selected(store: Store, **wanted: object) -> list[str]:
    with store.read() as s:
        return [view.case_id for view in cases.select_cases(s, cases.CaseSelection(**wanted))]


def test_cases_are_listed_by_their_decision_instant_and_those_without_one_last(store: Store) -> None:
    _case(store, "PA-NONE", decision_due=None)
    _case(store, "PA-LATE", decision_due=NOON + timedelta(days=9), lob=Lob.MEDICAID)
    _case(store, "PA-SOON", decision_due=NOON + timedelta(hours=1), member_id="MBR2")
    _case(store, "PA-DONE", status=CaseStatus.APPROVED)
    assert _found(store) == ["PA-SOON", "PA-DONE", "PA-LATE", "PA-NONE"]
    assert _found(store, status=CaseStatus.OPEN) == ["PA-SOON", "PA-LATE", "PA-NONE"]
    assert _found(store, member_id="MBR2") == ["PA-SOON"]
    assert _selected(store, lob=Lob.MEDICAID) == ["PA-LATE"]
    assert _selected(store, due_before=NOON + timedelta(days=7)) == ["PA-SOON"]
    assert _found(store, limit=2) == ["PA-SOON", "PA-DONE"]


def test_dossiers_are_listed_by_their_process_and_what_names_none_is_a_request(store: Store) -> None:
    _case(store, "PA-1")
    _case(store, "PA-OLD")
    _case(store, "CB-1", process=ProcessKind.CALLBACK, lob=None)
    old = case_view("PA-OLD").model_dump(mode="json", exclude={"process", "title"})
    with store.begin() as s:
        s.execute(update(tables.cases).where(tables.cases.c.case_id == "PA-OLD").values(view=old))
    assert _found(store, process=ProcessKind.REQUEST) == ["PA-1", "PA-OLD"]
    assert _found(store, process=ProcessKind.CALLBACK) == ["CB-1"]
    assert _found(store, process=ProcessKind.STAY) == []


def test_the_worklist_says_what_somebody_needs(store: Store) -> None:
    _case(store, "CB-1", task(1, "CB-1", needs={"language": "es"}, about="benefits"))
    with store.read() as s:
        (item,) = tasks.worklist(s)
    assert item.needs == {"language": "es"} and item.about == "benefits"


def test_work_is_listed_for_every_role_that_may_take_it_and_for_no_other_that_it_only_names(store: Store) -> None:
    both = task(1, role=Role.PHYSICIAN, also_for=(Role.PSYCHOLOGIST,), professions=("physician", "pharmacist"))
    _case(store, "PA-1", both)
    with store.read() as s:
        found = {role: len(tasks.worklist(s, role)) for role in (Role.PHYSICIAN, Role.PSYCHOLOGIST, Role.PHARMACIST)}
    assert found == {Role.PHYSICIAN: 1, Role.PSYCHOLOGIST: 1, Role.PHARMACIST: 0}


def test_the_worklist_is_ordered_by_time_left_and_mixes_in_the_inbox(store: Store) -> None:
    nurse, doctor = task(3, "PA-1"), task(1, "PA-1", role=Role.PHYSICIAN)
    claimed = task(9, "PA-2", status=TaskStatus.CLAIMED, assignee="nurse.adams")
    done = task(2, "PA-2", status=TaskStatus.DONE)
    _case(store, "PA-1", nurse, doctor)
    _case(store, "PA-2", claimed, done)
    with store.begin() as s:
        item = inbox.receive(s, b"?", NOON, Channel.FAX, kind=ArrivalKind.REQUEST)
    with store.read() as s:
        assert [work.task_id for work in tasks.worklist(s)] == [
            "PA-1-T1",
            "PA-1-T3",
            f"INBOX-{item.inbox_id}",
            "PA-2-T9",
        ]
        assert [work.task_id for work in tasks.worklist(s, Role.NURSE)] == ["PA-1-T3", "PA-2-T9"]
        assert [work.case_id for work in tasks.worklist(s, assignee="nurse.adams")] == ["PA-2"]
        assert [work.inbox_id for work in tasks.worklist(s, Role.INTAKE)] == [item.inbox_id]
        assert tasks.worklist(s, Role.PHARMACIST) == ()


def test_a_task_is_found_with_its_case(store: Store) -> None:
    _case(store, CASE, task(1))
    with store.read() as s:
        assert tasks.get(s, f"{CASE}-T1") == tasks.CaseTask(case_id=CASE, task=task(1))
        assert tasks.get(s, "INBOX-1") is None
    assert tasks.inbox_id_of("INBOX-12") == 12
    assert tasks.inbox_id_of(f"{CASE}-T1") is tasks.inbox_id_of("INBOX-x") is None


def test_one_task_id_in_two_cases_is_corrupt(store: Store) -> None:
    _case(store, "PA-1", task(1, "PA-X"))
    _case(store, "PA-2", task(1, "PA-X"))
    with store.read() as s, pytest.raises(Corrupt, match="used by 2 cases"):
        tasks.get(s, "PA-X-T1")
