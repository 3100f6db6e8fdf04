"""A case as it stood: what was journaled later is not known yet; and the cases that belong to it, seen from both."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.cases.tasks import TaskStatus
from domain.cases.views import CaseStatus
from domain.errors import NotOnFile
from domain.vocabulary import ProcessKind, Role
from services.principals import Principal
from services.queries.case_history import entries_until, load_detail_as_of
from services.queries.related_cases import list_related
from store import documents, journal, read_models
from store.session import Store
from tests.store.samples import NOON, case_view, draft, json, task

STAY, PLAN, ROUND = "ST-STAYCASE0001", "DP-STAYCASE0001", "PA-STAYCASE0001-R1"
HOUR = timedelta(hours=1)


def put(store: Store, case_id: str, *entries: tuple[datetime, dict[str, object]]) -> None:
    """Journal entries of these instants with this data."""
    drafts = [
        draft(seq, **data).model_copy(update={"at": at})  # type: ignore[arg-type]
        for seq, (at, data) in enumerate(entries, start=1)
    ]
    with store.begin() as s:
        read_models.record_entries(s, case_id, drafts)


def row(case_id: str, **changes: object) -> object:
    process = {"ST": ProcessKind.STAY, "DP": ProcessKind.DISCHARGE_PLAN}.get(case_id[:2], ProcessKind.REQUEST)
    return json(case_view(case_id, process=process, **changes))[0]  # type: ignore[arg-type]


def test_what_came_later_is_not_known_at_a_past_moment(store: Store) -> None:
    done = task(1, STAY, status=TaskStatus.DONE, completed_at=NOON + HOUR)
    put(
        store,
        STAY,
        (NOON, {"case": row(STAY), "tasks": json(task(1, STAY))}),
        (NOON + HOUR, {"case": row(STAY, status=CaseStatus.COMPLETED), "tasks": json(done, task(2, STAY))}),
    )
    with store.begin() as s:
        for number, at in enumerate((NOON, NOON + 2 * HOUR)):
            kept = documents.put(s, f"note {number}".encode(), f"Note {number}", "text/plain", at)
            documents.attach(s, STAY, kept.document_id, at)
    with store.read() as s:
        then = load_detail_as_of(s, STAY, NOON + HOUR / 2, None)
        now = load_detail_as_of(s, STAY, NOON + HOUR, None)
        with pytest.raises(NotOnFile, match="had not begun"):
            load_detail_as_of(s, STAY, NOON - HOUR, None)
    assert then.view is not None and then.view.status is CaseStatus.OPEN
    assert (len(then.tasks), then.tasks[0].is_open, len(then.entries)) == (1, True, 1)
    assert [one.title for one in then.documents] == ["Note 0"]
    assert now.view is not None and now.view.status is CaseStatus.COMPLETED
    assert len(now.tasks) == 2, "the very instant of an entry is within what was known"


def test_an_entry_that_is_stamped_earlier_but_stands_behind_a_later_one_is_not_known(store: Store) -> None:
    put(store, STAY, (NOON, {}), (NOON + HOUR, {}), (NOON + HOUR / 4, {}))
    with store.read() as s:
        entries = journal.entries(s, STAY)
    assert [one.seq for one in entries_until(entries, NOON + HOUR / 2)] == [1]


def test_a_stay_its_round_and_its_plan_name_each_other_from_every_side(store: Store) -> None:
    for case_id in (STAY, PLAN, ROUND, "PA-SOMETHINGELSE"):
        put(store, case_id, (NOON, {"case": row(case_id)}))
    with store.read() as s:
        seen = {
            case_id: {one.case_id: one.relation for one in list_related(s, case_view(case_id), None)}
            for case_id in (STAY, PLAN, ROUND)
        }
    assert seen == {
        STAY: {PLAN: "Discharge plan", ROUND: "Review of days"},
        PLAN: {STAY: "Stay", ROUND: "Review of days"},
        ROUND: {STAY: "Stay", PLAN: "Discharge plan"},
    }


def test_a_request_after_a_decision_and_the_decided_one_name_each_other(store: Store) -> None:
    first, second = "PA-FIRSTFIRST01", "PA-SECONDSECO02"
    put(store, first, (NOON, {"case": row(first)}))
    put(store, second, (NOON, {"case": row(second, follows=first)}))
    with store.read() as s:
        assert [one.relation for one in list_related(s, case_view(first), None)] == ["Request after the decision"]
        assert [one.relation for one in list_related(s, case_view(second, follows=first), None)] == ["Decided request"]


def test_a_claim_whose_finding_names_an_authorization_is_related_to_its_case(store: Store) -> None:
    claim, authorized = "RR-CLAIMCASE0001", "PA-FIRSTFIRST01"
    finding = {"lines": [{"in_words": f"covered by AU1 ({authorized}, line 1)"}]}
    put(store, authorized, (NOON, {"case": row(authorized)}))
    view = json(case_view(claim, process=ProcessKind.RETROSPECTIVE_REVIEW))[0]
    sheet = {"process": "retrospective_review", "content": finding}
    put(store, claim, (NOON, {"case": view, "sheet": sheet, "lessons": []}))
    with store.read() as s:
        assert [one.relation for one in list_related(s, case_view(authorized), None)] == ["Retrospective review"]
        seen = case_view(claim, process=ProcessKind.RETROSPECTIVE_REVIEW)
        assert [one.case_id for one in list_related(s, seen, None)] == [authorized]


def test_a_concern_is_named_only_to_those_who_may_read_it(store: Store) -> None:
    concern = "QC-CONCERNCASE1"
    view = json(case_view(concern, process=ProcessKind.CONCERN))[0]
    sheet = {"process": "concern", "content": {"about_dossier": STAY}}
    put(store, STAY, (NOON, {"case": row(STAY)}))
    put(store, concern, (NOON, {"case": view, "sheet": sheet}))
    nurse = Principal("reviewer:n", "N", "", reviewer_id="n", roles=frozenset({Role.NURSE}))
    director = Principal("reviewer:d", "D", "", reviewer_id="d", roles=frozenset({Role.MEDICAL_DIRECTOR}))
    with store.read() as s:
        assert list_related(s, case_view(STAY), nurse) == ()
        assert [one.case_id for one in list_related(s, case_view(STAY), director)] == [concern]
