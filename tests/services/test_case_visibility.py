"""Which cases a person sees at all: in lists, in the search, and alone."""

from __future__ import annotations

from typing import Any

from domain.cases.tasks import Task, TaskKind, TaskStatus
from domain.requests.request import ProviderReference
from domain.vocabulary import ProcessKind, Role, ServiceKind
from services.case_lookup import sees_case
from services.principals import Principal
from services.queries import search
from services.queries.case_lists import list_cases
from services.queries.leading.access_log import list_sights
from services.queries.worklists import WorkFilters, choose_filtered
from store import read_models, requests, tasks
from store.accounts import case_views
from store.accounts.case_views import CaseSight
from store.cases import CaseSelection
from store.session import Store
from tests.store.samples import NOON, case_view, draft, json, request, task

PSYCH, PLAIN, CONCERN = "PA-BEHAVIORAL1", "PA-ORDINARY001", "QC-CONCERN00001"


def staff(reviewer_id: str, *roles: Role) -> Principal:
    return Principal(f"reviewer:{reviewer_id}", reviewer_id, "", reviewer_id=reviewer_id, roles=frozenset(roles))


def provider(npi: str) -> Principal:
    return Principal(f"provider:{npi}", npi, "", npi=npi)


def _open(store: Store, case_id: str, *work: Task, **changes: Any) -> None:
    with store.begin() as s:
        view = case_view(case_id, **changes)
        if view.process is ProcessKind.REQUEST:
            requests.save(s, case_id, request(requesting_provider=ProviderReference(npi=view.requesting_npi)))
        read_models.record_entries(s, case_id, [draft(1, case=json(view)[0], tasks=json(*work))])


def _behavioral(store: Store, **of_task: Any) -> None:
    _open(store, PSYCH, task(1, PSYCH, **of_task), service_kind=ServiceKind.BEHAVIORAL)
    _open(store, PLAIN, task(1, PLAIN))


def _listed(store: Store, reader: Principal | None) -> list[str]:
    """The cases that this reader is shown, the same by every way."""
    with store.read() as s:
        listed = [row.case_id for row in list_cases(s, CaseSelection(), reader=reader)]
        by_number = [
            row.case_id for one in (PSYCH, PLAIN, CONCERN) for row in search.find(s, one, 9, reader=reader).cases
        ]
        alone = [one for one in (PSYCH, PLAIN, CONCERN) if sees_case(s, reader, one)]
    assert set(listed) == set(by_number) == set(alone)
    return sorted(listed)


def test_a_behavioral_health_case_is_absent_for_who_does_not_work_on_it(store: Store) -> None:
    _behavioral(store, role=Role.PHYSICIAN, kind=TaskKind.PHYSICIAN_REVIEW)
    assert _listed(store, staff("nurse.adams", Role.NURSE)) == [PLAIN]
    assert _listed(store, staff("intake.kim", Role.INTAKE)) == [PLAIN]


def test_it_is_there_for_the_roles_that_may_take_an_open_task_of_it_and_for_who_has_had_one(store: Store) -> None:
    _behavioral(store, role=Role.NURSE, also_for=(Role.PHARMACIST,))
    assert _listed(store, staff("nurse.adams", Role.NURSE)) == [PSYCH, PLAIN]
    assert _listed(store, staff("pharm.wu", Role.PHARMACIST)) == [PSYCH, PLAIN]
    taken = task(1, PSYCH, role=Role.NURSE, status=TaskStatus.CLAIMED, assignee="nurse.lopez")
    with store.begin() as s:
        read_models.record_entries(s, PSYCH, [draft(2, tasks=json(taken))])
    assert _listed(store, staff("nurse.adams", Role.NURSE)) == [PLAIN]
    assert _listed(store, staff("nurse.lopez", Role.NURSE)) == [PSYCH, PLAIN]
    done = taken.model_copy(update={"status": TaskStatus.DONE})
    with store.begin() as s:
        read_models.record_entries(s, PSYCH, [draft(3, tasks=json(done))])
    assert _listed(store, staff("nurse.lopez", Role.NURSE)) == [PSYCH, PLAIN]


def test_it_is_there_for_the_roles_that_lead_or_audit_the_work_and_for_the_operator(store: Store) -> None:
    _behavioral(store, role=Role.PHYSICIAN)
    for role in (Role.SUPERVISOR, Role.MEDICAL_DIRECTOR, Role.COMPLIANCE):
        assert _listed(store, staff("somebody", role)) == [PSYCH, PLAIN]
    assert _listed(store, None) == [PSYCH, PLAIN]


def test_a_concern_is_absent_even_for_a_supervisor_who_has_no_task_of_it(store: Store) -> None:
    _open(store, CONCERN, task(1, CONCERN, role=Role.MEDICAL_DIRECTOR), process=ProcessKind.CONCERN, title="quality")
    assert _listed(store, staff("supervisor.bell", Role.SUPERVISOR)) == []
    assert _listed(store, staff("director.osei", Role.MEDICAL_DIRECTOR)) == [CONCERN]
    assert _listed(store, staff("compliance.ortiz", Role.COMPLIANCE)) == [CONCERN]


def test_tasks_of_a_case_that_is_absent_are_absent_from_the_teams_worklist(store: Store) -> None:
    _behavioral(store, role=Role.PHYSICIAN)
    with store.read() as s:
        chosen = choose_filtered(s, WorkFilters(), staff("nurse.adams", Role.NURSE))
        shown = tasks.select_work(s, chosen, 9).items
        counted = tasks.count_work(s, chosen)
    assert [item.case_id for item in shown] == [PLAIN]
    assert counted == 1


def test_a_stay_at_a_psychiatric_level_takes_its_discharge_plan_along_and_never_comes_back(store: Store) -> None:
    stay, plan = "ST-AAAABBBBCCCC", "DP-AAAABBBBCCCC"
    _open(store, stay, process=ProcessKind.STAY)
    _open(store, plan, process=ProcessKind.DISCHARGE_PLAN)
    nurse = staff("nurse.adams", Role.NURSE)
    assert _seen(store, nurse, stay, plan) == [stay, plan]
    levels = {"level_of_care": "psych_ip", "admitted_at": None, "discharged_at": None, "voided_at": None}
    moved = levels | {"level_of_care": "inpatient_ward"}
    for seq, course in enumerate((levels, moved), start=2):
        with store.begin() as s:
            read_models.record_entries(s, stay, [draft(seq, stay=course | {"working_drg": None, "days": []})])
        assert _seen(store, nurse, stay, plan) == []
    with store.begin() as s:
        read_models.rebuild(s)
    assert _seen(store, nurse, stay, plan) == []


def _seen(store: Store, reader: Principal, *case_ids: str) -> list[str]:
    with store.read() as s:
        return [one for one in case_ids if sees_case(s, reader, one)]


def test_a_provider_sees_only_the_cases_that_name_them(store: Store) -> None:
    _open(store, PLAIN, requesting_npi="1215000013")
    _open(store, PSYCH, requesting_npi="1999999984", service_kind=ServiceKind.BEHAVIORAL)
    _open(store, CONCERN, process=ProcessKind.CONCERN, requesting_npi="1215000013")
    assert _listed(store, provider("1215000013")) == [PLAIN]
    assert _listed(store, provider("1999999984")) == [PSYCH]
    assert _listed(store, provider("1215000021")) == []
    named = request(servicing_provider=ProviderReference(npi="1215000021"))
    with store.begin() as s:
        requests.save(s, PLAIN, named, None)
    assert _listed(store, provider("1215000021")) == [PLAIN]


def test_a_behavioral_request_that_is_not_opened_yet_is_there_for_intake_and_the_named_roles(store: Store) -> None:
    with store.begin() as s:
        requests.save(s, PSYCH, request(service_kind=ServiceKind.BEHAVIORAL), None)
    assert _seen(store, staff("intake.kim", Role.INTAKE), PSYCH) == [PSYCH]
    assert _seen(store, staff("supervisor.bell", Role.SUPERVISOR), PSYCH) == [PSYCH]
    assert _seen(store, staff("nurse.adams", Role.NURSE), PSYCH) == []


def test_the_record_of_views_is_read_by_case_and_person_in_pages_without_the_cases_of_others(store: Store) -> None:
    _behavioral(store, role=Role.PHYSICIAN)
    _open(store, CONCERN, process=ProcessKind.CONCERN)
    with store.begin() as s:
        for number, case_id in enumerate((PLAIN, PSYCH, CONCERN, PLAIN)):
            seen = CaseSight(
                request_id=f"r{number}",
                case_id=case_id,
                at=NOON,
                account_id="reviewer:nurse.adams",
                subject="nurse.adams",
                what="case",
                allowed=case_id == PLAIN,
            )
            case_views.record(s, seen)
            case_views.record(s, seen)
    compliance, supervisor = staff("compliance.ortiz", Role.COMPLIANCE), staff("supervisor.bell", Role.SUPERVISOR)
    with store.read() as s:
        first = list_sights(s, compliance, limit=3)
        second = list_sights(s, compliance, limit=3, after=first.after)
        assert [row.request_id for row in first.rows] == ["r3", "r2", "r1"]
        assert [row.request_id for row in second.rows] == ["r0"]
        assert second.after is None
        assert [row.case_id for row in list_sights(s, supervisor).rows] == [PLAIN, PSYCH, PLAIN]
        assert [row.request_id for row in list_sights(s, supervisor, case_id=PSYCH).rows] == ["r1"]
        assert [row.request_id for row in list_sights(s, compliance, refused_only=True).rows] == ["r2", "r1"]
        assert list_sights(s, compliance, subject="nurse.lopez").rows == ()
        assert len(list_sights(s, compliance, after="nonsense").rows) == 4
