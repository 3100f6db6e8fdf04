"""Lists and the search show whom and what each row is about, and select by what people ask."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.cases.tasks import TaskStatus
from domain.cases.views import CaseStatus
from domain.coverage.directory import Member, Provider
from domain.decisions.reviewers import Reviewer
from domain.errors import NotOnFile
from domain.requests.request import ProviderReference
from domain.vocabulary import ArrivalKind, Channel, Lob, ProcessKind, Role, Urgency
from services.queries import search
from services.queries.case_lists import choose_work, list_cases, work_rows
from store import directory, inbox, read_models, requests
from store.cases import CaseSelection
from store.session import Store
from store.tasks import select_work
from tests.store.samples import NOON, case_view, draft, json, line, request, task

MEMBER = Member(
    member_id="MBR1000099",
    family_name="Abara",
    given_name="Ngozi",
    birth_date=date(1961, 4, 9),
    address=("1 Elm Street", "Springfield, IL 62701"),
)
PROVIDER = Provider(npi="1215000013", name="Prairie Spine Center", specialties=(), network={})


def put_case(store: Store, case_id: str, *work: object, **changes: object) -> None:
    view = case_view(case_id, **{"member_id": MEMBER.member_id} | changes)
    with store.begin() as s:
        read_models.record_entries(s, case_id, [draft(1, case=json(view)[0], tasks=json(*work), lines=json(line()))])


def selected(store: Store, **wanted: object) -> list[str]:
    with store.read() as s:
        return [row.case_id for row in list_cases(s, CaseSelection(**wanted))]


def work(store: Store, *, kind: str | None = None, unclaimed: bool = False, **wanted: object) -> list[str]:
    people = {name: wanted.pop(name) for name in ("role", "reviewer") if name in wanted}
    with store.read() as s:
        chosen = choose_work(s, CaseSelection(**wanted), kind=kind, unclaimed=unclaimed, **people)  # type: ignore[arg-type]
        return [item.task_id for item in select_work(s, chosen).items]


def test_a_row_shows_the_member_the_service_and_the_diagnosis(store: Store) -> None:
    with store.begin() as s:
        directory.put_member(s, MEMBER)
        requests.save(s, "PA-1", request(diagnoses=("M51.16",)))
    put_case(store, "PA-1", task(1, "PA-1"))
    with store.read() as s:
        (row,) = list_cases(s, CaseSelection())
        (item,) = work_rows(s, select_work(s, choose_work(s, CaseSelection())).items)
    for shown in (row, item):
        assert shown.member_name == f"{MEMBER.family_name}, {MEMBER.given_name}"
        assert (shown.birth_date, shown.diagnoses) == (MEMBER.birth_date, ("M51.16",))
        assert shown.service == line().description
    assert (item.lob, item.zone) == (row.lob, row.zone)


def test_a_row_of_a_member_who_is_in_no_directory_leaves_the_name_empty(store: Store) -> None:
    put_case(store, "PA-1", member_id="NOBODY")
    with store.read() as s:
        (row,) = list_cases(s, CaseSelection())
    assert (row.member_name, row.birth_date, row.member_id) == ("", None, "NOBODY")


def test_cases_are_selected_by_urgency_provider_and_whatever_else_is_given(store: Store) -> None:
    put_case(store, "PA-1", urgency=Urgency.EXPEDITED, requesting_npi="1999999984")
    put_case(store, "PA-2", urgency=Urgency.STANDARD, requesting_npi="1215000013", lob=Lob.MEDICAID)
    with store.begin() as s:
        requests.save(s, "PA-1", request())
        asked, supplier = request(), ProviderReference(npi="1417000014")
        clinic = ProviderReference(npi="1215000013")
        by_others = {"servicing_provider": supplier, "requesting_provider": clinic}
        requests.save(s, "PA-2", asked.model_copy(update=by_others))
    assert selected(store, urgency=Urgency.EXPEDITED) == ["PA-1"]
    assert selected(store, provider="1999999984") == ["PA-1"]
    assert selected(store, provider=supplier.npi, lob=Lob.MEDICAID) == ["PA-2"]
    assert selected(store, urgency=Urgency.EXPEDITED, lob=Lob.MEDICAID) == []


def test_work_is_selected_by_kind_case_claim_and_deadline(store: Store) -> None:
    claimed = task(2, "PA-1", status=TaskStatus.CLAIMED, assignee="nurse.adams")
    put_case(store, "PA-1", task(1, "PA-1", role=Role.PHYSICIAN), claimed, urgency=Urgency.EXPEDITED)
    put_case(store, "CB-1", task(1, "CB-1"), process=ProcessKind.CALLBACK, lob=None)
    with store.begin() as s:
        item = inbox.receive(s, b"?", NOON, Channel.FAX, kind=ArrivalKind.REQUEST)
    arrival = f"INBOX-{item.inbox_id}"
    assert set(work(store)) == {"PA-1-T1", "PA-1-T2", "CB-1-T1", arrival}
    assert set(work(store, unclaimed=True)) == {"PA-1-T1", "CB-1-T1", arrival}
    assert set(work(store, urgency=Urgency.EXPEDITED)) == {"PA-1-T1", "PA-1-T2"}
    assert work(store, process=ProcessKind.CALLBACK) == ["CB-1-T1"]
    assert work(store, kind="unread_submission") == [arrival]
    assert work(store, due_before=NOON - timedelta(days=30)) == []
    assert work(store, role=Role.PHYSICIAN) == ["PA-1-T1"]


def test_my_work_is_what_i_claimed_and_what_my_roles_may_claim(store: Store) -> None:
    with store.begin() as s:
        directory.put_reviewer(s, Reviewer(reviewer_id="nurse.adams", name="R. Adams", roles=(Role.NURSE,)))
    mine = task(2, "PA-1", status=TaskStatus.CLAIMED, assignee="nurse.adams", role=Role.PHYSICIAN)
    other = task(3, "PA-1", status=TaskStatus.CLAIMED, assignee="nurse.lopez")
    put_case(store, "PA-1", task(1, "PA-1", role=Role.PHYSICIAN), mine, other, task(4, "PA-1"))
    assert work(store, reviewer="nurse.adams") == ["PA-1-T2", "PA-1-T4"]
    assert work(store, reviewer="nurse.adams", unclaimed=True) == ["PA-1-T4"]
    with pytest.raises(NotOnFile):
        work(store, reviewer="nobody")


def test_a_search_finds_by_number_name_birth_date_and_provider(store: Store) -> None:
    with store.begin() as s:
        directory.put_member(s, MEMBER)
        directory.put_provider(s, PROVIDER)
        requests.save(s, "PA-1", request(requesting_provider=ProviderReference(npi=PROVIDER.npi)))
    put_case(store, "PA-1", requesting_npi=PROVIDER.npi, authorization_number="AUTH77")
    put_case(store, "PA-2", member_id="MBR2", status=CaseStatus.APPROVED, closed_at=NOON)
    known = MEMBER
    for text in (
        "PA-1",
        "pa-1",
        "auth77",
        known.member_id,
        known.family_name.lower(),
        f"{known.given_name} {known.family_name[:4]}",
        known.birth_date.isoformat(),
        PROVIDER.npi,
        PROVIDER.name.split()[0],
    ):
        with store.read() as s:
            assert [row.case_id for row in search.find(s, text, 10).cases] == ["PA-1"], text
    with store.read() as s:
        assert search.find(s, known.family_name[1:], 10).members == (), "a name is found by its beginning"
        nothing = search.find(s, "%", 10)
    assert (nothing.cases, nothing.members, nothing.providers) == ((), (), ())
