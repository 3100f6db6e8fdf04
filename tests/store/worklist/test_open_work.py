"""Open work is read page by page: each row once, in order, whatever is selected, and stopped clocks last."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.cases.assignment import Fitness, fitness_of
from domain.cases.tasks import TaskKind, TaskStatus
from domain.decisions.determination import reviewer_violations
from domain.decisions.reviewers import License, Reviewer
from domain.decisions.signed import DeciderRule
from domain.errors import ValidationIssue
from domain.vocabulary import ArrivalKind, Channel, Lob, Role, Urgency
from store import inbox, read_models, tasks
from store.session import Store
from store.worklist.paging import WorkPlace
from store.worklist.selection import WorkSelection
from tests.store.samples import NOON, case_view, draft, json, task

DAY = date(2026, 3, 2)
LOBS = (Lob.MEDICAID, Lob.MEDICARE_ADVANTAGE, Lob.PART_D, None)
STATES = ("IL", "TX", "NC", "")
SPECIALTIES = ("orthopedic_surgery", "neurosurgery", "dermatology")


def license_of(
    profession: str, state: str, expires: date = date(2030, 1, 1), unrestricted: bool | None = True
) -> License:
    return License(profession=profession, state=state, number="1", expires=expires, unrestricted=unrestricted)


def person(name: str, *roles: Role, **known: Any) -> Reviewer:
    return Reviewer(reviewer_id=name, name=name, roles=roles, **{"training_valid_through": date(2030, 1, 1)} | known)


def decider(lob: Lob, same_state: bool, specialty: bool) -> DeciderRule:
    return DeciderRule(
        rule_id=f"DEC-{lob.value}",
        lob=lob,
        roles=(Role.PHYSICIAN,),
        professions=("physician",),
        unrestricted_licence=True,
        same_state=same_state,
        specialty=specialty,
        peer_to_peer_first=False,
        citations=("plan policy",),
        confidence="known",
    )


RULES = (decider(Lob.MEDICAID, True, True), decider(Lob.MEDICARE_ADVANTAGE, False, True))
PEOPLE = (
    person("nurse.il", Role.NURSE, licences=(license_of("registered_nurse", "IL"),)),
    person("nurse.tx", Role.NURSE, licences=(license_of("registered_nurse", "TX"),)),
    person("nurse.none", Role.NURSE),
    person("md.il", Role.PHYSICIAN, licences=(license_of("physician", "IL"),), specialties=("orthopedic_surgery",)),
    person("md.lapsed", Role.PHYSICIAN, licences=(license_of("physician", "IL", date(2025, 1, 1)),)),
    person("md.limited", Role.PHYSICIAN, licences=(license_of("physician", "IL", unrestricted=None),)),
    person("psych", Role.PSYCHOLOGIST, licences=(license_of("psychologist", "IL"),)),
    person("lead", Role.SUPERVISOR),
    person("untrained", Role.NURSE, training_valid_through=date(2025, 1, 1)),
    person("away", Role.NURSE, active=False),
    person("intake", Role.INTAKE),
)


def fill(store: Store, number: int, seed: int = 7) -> None:
    """Cases with a task or two each, of every kind of case and assignee, some due at the same instant."""
    chance = random.Random(seed)
    for place in range(number):
        case_id = f"PA-{place:04}"
        lob, state = chance.choice(LOBS), chance.choice(STATES)
        urgency = chance.choice((Urgency.STANDARD, Urgency.EXPEDITED, None))
        work = []
        for one in range(chance.randint(1, 2)):
            review = chance.random() < 0.5
            holder = chance.choice((None, None, "nurse.il", "md.il"))
            changes: dict[str, Any] = {
                "kind": TaskKind.PHYSICIAN_REVIEW if review else TaskKind.NURSE_REVIEW,
                "role": Role.PHYSICIAN if review else Role.NURSE,
                "also_for": chance.choice(((), (Role.SUPERVISOR,), (Role.PSYCHOLOGIST,))),
                "professions": chance.choice((("physician",), ("physician", "psychologist"))) if review else (),
                "specialties": chance.choice(((), ("orthopedic_surgery",), SPECIALTIES)) if review else (),
                "due_at": NOON + timedelta(hours=chance.randint(-5, 40)),
                "assignee": holder,
                "status": chance.choice((TaskStatus.CLAIMED if holder else TaskStatus.OPEN, TaskStatus.DONE)),
            }
            work.append(task(one + 1, case_id, **changes))
        tolled = chance.random() < 0.2
        view = case_view(case_id, lob=lob, state=state, urgency=urgency, governing_rule="MA-STD")
        clocks = [clock(tolled)] if tolled else []
        with store.begin() as s:
            read_models.record_entries(s, case_id, [draft(1, case=json(view)[0], tasks=json(*work), clocks=clocks)])
    with store.begin() as s:
        for hour in (1, 1, 3):
            inbox.receive(s, b"?", NOON + timedelta(hours=hour), Channel.FAX, kind=ArrivalKind.REQUEST)
        trouble = ValidationIssue(path="PA-1", rule="case.stuck", message="The case does not run.", expected="a worker")
        inbox.alert(s, "PA-1 does not run", NOON, trouble)


def clock(tolled: bool, answered: bool = False) -> dict[str, Any]:
    """The governing clock of a case as the journal has it."""
    shown: dict[str, Any] = {
        "rule_id": "MA-STD",
        "title": "Standard decision",
        "citation": "42 CFR 422.568",
        "confidence": "confirmed",
        "starts_at": NOON.isoformat(),
        "base_due": NOON.isoformat(),
        "due": [],
    }
    stop = {
        "stopped_at": NOON.isoformat(),
        "days_used": 2,
        "days_left": 12,
        "time_given_ends": (NOON + timedelta(days=45)).isoformat(),
        "resumed_on": "2026-04-16",
        "answered": answered,
    }
    return shown | ({"tolled": stop} if tolled else {})


def every_id(store: Store, wanted: WorkSelection) -> list[str]:
    with store.read() as s:
        return [item.task_id for item in tasks.select_work(s, wanted).items]


def fitness(name: str) -> Fitness:
    who = next(one for one in PEOPLE if one.reviewer_id == name)
    return fitness_of(who, PEOPLE, RULES, DAY)


def test_pages_forward_and_backward_show_each_row_once_in_one_order(store: Store) -> None:
    fill(store, 30)
    whole = every_id(store, WorkSelection())
    assert len(whole) == len(set(whole)) > 20
    with store.read() as s:
        forward: list[str] = []
        after: WorkPlace | None = None
        pages = []
        while True:
            page = tasks.select_work(s, WorkSelection(), 7, after=after)
            forward += [item.task_id for item in page.items]
            assert page.has_earlier is (after is not None)
            pages.append(page)
            after = page.rows[-1][0]
            if not page.has_later:
                break
        assert forward == whole
        for earlier, later in pairwise(pages):
            back = tasks.select_work(s, WorkSelection(), 7, before=later.rows[0][0])
            assert back.items == earlier.items
            assert back.has_earlier is (earlier is not pages[0])


def test_missed_work_is_on_top_and_work_whose_clock_the_law_stopped_is_last(store: Store) -> None:
    fill(store, 30)
    with store.read() as s:
        items = tasks.select_work(s, WorkSelection()).items
    keys = [(one.stopped_until is not None, one.due_at) for one in items]
    assert keys == sorted(keys)
    assert items[0].due_at < NOON and items[-1].stopped_until == NOON + timedelta(days=45)


def test_a_clock_that_runs_again_puts_its_task_back_in_its_place(store: Store) -> None:
    late = task(1, "PA-1", due_at=NOON + timedelta(hours=9))
    view = json(case_view("PA-1"))[0]
    with store.begin() as s:
        read_models.record_entries(
            s,
            "PA-1",
            [draft(1, case=view, tasks=json(late, task(2, "PA-1", kind=TaskKind.LETTER_REPAIR)), clocks=[clock(True)])],
        )
        first, last = tasks.select_work(s, WorkSelection()).items
        assert (first.task_id, first.stopped_until) == ("PA-1-T2", None)
        assert last.stopped_until is not None
        read_models.record_entries(s, "PA-1", [draft(2, clocks=[clock(True, answered=True)])])
        assert [one.stopped_until for one in tasks.select_work(s, WorkSelection()).items] == [None, None]


def test_a_task_follows_what_its_case_becomes(store: Store) -> None:
    with store.begin() as s:
        read_models.record_entries(s, "PA-1", [draft(1, tasks=json(task(1, "PA-1")))])
        read_models.record_entries(s, "PA-1", [draft(2, case=json(case_view("PA-1", state="TX"))[0])])
    assert every_id(store, WorkSelection(state="TX")) == ["PA-1-T1"]
    with store.begin() as s:
        read_models.record_entries(s, "PA-1", [draft(3, case=json(case_view("PA-1", urgency=Urgency.EXPEDITED))[0])])
    assert every_id(store, WorkSelection(state="IL", urgency=Urgency.EXPEDITED)) == ["PA-1-T1"]


@pytest.mark.parametrize("name", [one.reviewer_id for one in PEOPLE])
def test_the_store_selects_exactly_the_work_that_fits_and_a_claim_of_it_passes(store: Store, name: str) -> None:
    fill(store, 40)
    who = next(one for one in PEOPLE if one.reviewer_id == name)
    fit = fitness(name)
    expected = []
    with store.read() as s:
        for item in tasks.select_work(s, WorkSelection()).items:
            found = tasks.get(s, item.task_id)
            if found is None:
                if Role.INTAKE in fit.roles:
                    expected.append(item.task_id)
            elif fit.fits(found.task, *tasks.lob_and_state(s, found)):
                expected.append(item.task_id)
                roles = (found.task.role, *found.task.also_for)
                needed = found.task.professions if found.task.role in who.roles or fit.needs_every_license else ()
                assert reviewer_violations(who, roles, needed, DAY) == ()
    assert every_id(store, WorkSelection(fitness=fit)) == expected
    assert bool(expected) is (name not in ("untrained", "away", "md.limited", "md.lapsed"))


def test_a_nurse_is_not_given_the_state_of_another_but_a_state_of_nobody_is_everybodys() -> None:
    at_home = task(1, role=Role.NURSE)
    assert fitness("nurse.il").fits(at_home, Lob.MEDICAID, "IL")
    assert not fitness("nurse.il").fits(at_home, Lob.MEDICAID, "TX")
    assert fitness("nurse.il").fits(at_home, Lob.MEDICAID, "NC")
    assert fitness("nurse.none").fits(at_home, Lob.MEDICAID, "TX")


def test_a_signed_review_fits_by_state_and_specialty_where_the_rule_on_deciders_asks_for_them() -> None:
    review = task(1, role=Role.PHYSICIAN, professions=("physician",), specialties=("dermatology",))
    mine = review.model_copy(update={"specialties": ("orthopedic_surgery",)})
    who = fitness("md.il")
    assert not who.fits(review, Lob.MEDICARE_ADVANTAGE, "TX")
    assert who.fits(mine, Lob.MEDICARE_ADVANTAGE, "TX")
    assert not who.fits(mine, Lob.MEDICAID, "TX")
    assert who.fits(mine, Lob.MEDICAID, "IL")
    assert who.fits(review, Lob.PART_D, "TX"), "no rule asks for a specialty there"


def test_every_filter_selects_and_counts_what_its_rows_show(store: Store) -> None:
    fill(store, 40)
    with store.read() as s:
        whole = tasks.select_work(s, WorkSelection()).items
        facts = {one.task_id: tasks.lob_and_state(s, found) for one in whole if (found := tasks.get(s, one.task_id))}
        for wanted, matches in (
            (WorkSelection(lob=Lob.MEDICAID), lambda one: facts.get(one.task_id, ("", ""))[0] is Lob.MEDICAID),
            (WorkSelection(state="TX"), lambda one: facts.get(one.task_id, ("", ""))[1] == "TX"),
            (WorkSelection(kind="nurse_review"), lambda one: one.kind == "nurse_review"),
            (WorkSelection(kind="case_alert"), lambda one: one.kind == "case_alert"),
            (WorkSelection(specialty="dermatology"), lambda one: "dermatology" in one.specialties),
            (WorkSelection(own="nurse.il", only_own=True), lambda one: one.assignee == "nurse.il"),
            (WorkSelection(free=True), lambda one: one.assignee is None),
            (WorkSelection(case_ids=("PA-0001",)), lambda one: one.case_id == "PA-0001"),
            (WorkSelection(due_before=NOON), lambda one: one.due_at < NOON),
        ):
            expected = [one.task_id for one in whole if matches(one)]
            assert [one.task_id for one in tasks.select_work(s, wanted).items] == expected, wanted
            assert tasks.count_work(s, wanted) == len(expected)
            assert tasks.count_work(s, wanted, 2) == min(2, len(expected))
