"""Whatever a stay does and whatever people fill in: no notice is forgotten, nothing stays open, nothing is lost on the way."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from domain.cases.messages import ReviewAnswered
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.discharge.notice_duties import DUTY_RULES, NOTICE_BY_RULE
from domain.discharge.path import KINDS_KEPT_OPEN
from domain.discharge.policy import AssessmentDomain
from domain.journal import EntryKind
from domain.requests.request import StayPurpose
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from domain.vocabulary import Lob, NoticeKind
from tests.domain.discharge.discharge_world import HOSPITAL, NEXT, DischargeWorld, person, stay_snapshot

pytestmark = pytest.mark.many

COURSES = 120
KNOWN = (True, False, None)
LAST_FORMS: dict[TaskKind, dict[str, Any]] = {
    TaskKind.TARGET_SETTING: {"setting": "home"},
    TaskKind.MEDICATION_RECONCILIATION: {"medicines": []},
    TaskKind.TEACH_BACK: {"topics": ["salt"], "warning_signs": ["You are short of breath."], "understood": True},
}
"""The fields that the summary needs, when everything else is over."""


class Dice(random.Random):
    """The next thing that happens to a plan."""

    def maybe(self, chance: float) -> bool:
        return self.random() < chance


def start(dice: Dice) -> DischargeWorld:
    """A stay of any kind: in hospital, under observation, in a nursing facility, at home with care."""
    kind = dice.choice(["inpatient", "observation", "snf", "home_health", "unknown"])
    shown = {
        "inpatient": {},
        "observation": {"status": OrderedStatus.OBSERVATION, "level": LevelOfCare.OBSERVATION, "admitted_at": None},
        "snf": {"status": None, "level": LevelOfCare.SNF},
        "home_health": {"status": None, "level": LevelOfCare.HOME_HEALTH, "admitted_at": None},
        "unknown": {"status": None, "level": None, "admitted_at": None, "facility_npi": None},
    }[kind]
    lob = dice.choice([Lob.MEDICARE_ADVANTAGE] * 4 + [Lob.MEDICAID, Lob.COMMERCIAL_ERISA])
    world = DischargeWorld(stay_snapshot(**shown), look=person(lob, dice.choice(["1999999984", None])))
    if kind == "observation":
        world.tell(observation_began_at=world.now)
    return world


def stay_changes(dice: Dice, world: DischargeWorld) -> dict[str, Any]:
    """One change of a stay, as hospitals report them."""
    shown, day = world.plan.picture, world.plan.day(world.now)
    ahead = day + timedelta(days=dice.randint(-1, 6))
    choices: list[dict[str, Any]] = [
        {"expected_discharge": dice.choice([ahead, None])},
        {"certified_through": ahead},
        {"covered_through": dice.choice([ahead, None])},
        {"level": dice.choice([*LevelOfCare, None])},
        {"behavioral": dice.maybe(0.5)},
        {"attending_npi": "1999999984", "facility_npi": dice.choice([HOSPITAL, None])},
    ]
    if shown.admitted_at is None:
        choices.append(
            {"admitted_at": world.now, "status": OrderedStatus.INPATIENT, "level": LevelOfCare.INPATIENT_WARD}
        )
    if shown.discharged_at is None:
        choices += [{"discharged_at": world.now, "disposition": dice.choice(["01", "03", "06", None])}]
    elif dice.maybe(0.2):
        choices.append({"discharged_at": None, "disposition": None})
    return dice.choice(choices)


def form(dice: Dice, world: DischargeWorld, kind: TaskKind) -> dict[str, Any] | None:
    """A form of this kind, filled in as somebody might."""
    at, day = world.now.isoformat(), world.plan.day(world.now)
    signs = ["You gain two pounds in a day."] if dice.maybe(0.5) else []
    known, gaps = dice.choice(KNOWN), ["The bed rail is loose."] if dice.maybe(0.2) else []
    visit = {
        "with_whom": "Dr. Sam Ordering",
        "purpose": "check",
        "at": (world.now + timedelta(days=dice.randint(-1, 9))).isoformat(),
        "place": "Springfield",
    }
    domains = dice.sample(list(AssessmentDomain), dice.randint(1, len(AssessmentDomain)))
    forms: dict[TaskKind, dict[str, Any]] = {
        TaskKind.NEEDS_ASSESSMENT: {
            "answers": [{"domain": one.value, "needs": dice.choice(KNOWN)} for one in domains],
            "lace": {"charlson": 2} if dice.maybe(0.5) else {},
        },
        TaskKind.TARGET_SETTING: {
            "setting": dice.choice(["home", "home_health", "snf", "irf", "ltch", "hospice", "assisted_living"]),
            "target_date": dice.choice([None, (day + timedelta(days=dice.randint(0, 6))).isoformat()]),
            "complexity": dice.choice(["high", "moderate", None]),
            "days": dice.choice([None, "20"]),
        },
        TaskKind.PROVIDER_CHOICES: {
            "choices": [
                {"name": f"House {n}", "npi": f"121500001{n}", "setting": "snf", "in_network": None}
                for n in range(dice.randint(1, 4))
            ],
            "why_fewer": "There are no more within an hour.",
        },
        TaskKind.NEXT_AUTHORIZATION: {"provider_npi": NEXT, "days": "10", "requesting_npi": HOSPITAL},
        TaskKind.REFERRAL: {"provider_npi": NEXT, "accepted": known},
        TaskKind.EQUIPMENT: {"items": dice.choice([[], ["walker"]])},
        TaskKind.MEDICATION_RECONCILIATION: {
            "medicines": [{"name": "furosemide", "action": "new", "how": "one in the morning"}],
            "discrepancies": gaps,
        },
        TaskKind.TEACH_BACK: {"topics": ["weight"], "understood": known, "warning_signs": signs},
        TaskKind.FOLLOW_UP_BOOKING: {"visits": [visit]},
        TaskKind.TRANSPORT: {"arranged": known},
        TaskKind.DETAILED_REASON: {
            "reason": "You walk safely on your own, climb the stairs of your house, and take your medicines yourself.",
            "basis": "42 CFR 409.33",
            "facts_of_case": ["You walk 50 metres alone.", "You climb 12 stairs."],
            "decided_by": "md.ortho.chen",
            "changed_since": "Your wound has closed.",
        },
        TaskKind.FORM_DELIVERY: {
            "delivered_by": "Ward clerk",
            "delivered_at": at,
            "to": "member",
            "signature": dice.choice(["signed", "refused_to_sign"]),
        },
        TaskKind.QIO_RECORDS: {"sent_at": at, "what": ["record"]},
        TaskKind.POST_DISCHARGE_CALL: {"reached": dice.maybe(0.5), "called_at": at, "equipment_arrived": known},
        TaskKind.FOLLOW_UP_VISIT: {"happened": known, "on": day.isoformat(), "booked": [visit] if gaps else []},
        TaskKind.MEDICATION_CHECK_IN: {"taking_medicines": known, "gaps": gaps},
        TaskKind.EDUCATION: {"topics": ["salt"], "understood": known},
        TaskKind.EQUIPMENT_CHECK: {"arrived": known, "gaps": gaps},
        TaskKind.HAND_OVER: {"has_member": known, "has_summary": True, "gaps": gaps},
        TaskKind.PCP_NOTICE: {"told_at": dice.choice([at, None])},
        TaskKind.MEMBER_CONTACT: {"contacted_at": dice.choice([at, None]), "gaps": gaps},
    }
    return forms.get(kind)


def one_more_thing(dice: Dice, world: DischargeWorld) -> None:
    """Somebody does something, or time passes."""
    roll = dice.random()
    open_tasks = world.plan.open_tasks()
    if roll < 0.45 and open_tasks:
        task = dice.choice(open_tasks)
        assert world.end(task, form(dice, world, task.kind)).accepted
    elif roll < 0.6:
        world.tell(**stay_changes(dice, world))
    elif roll < 0.68:
        what, about = (
            dice.choice(["asked", "has_information", "decided"]),
            dice.choice(["discharge", "end_of_services"]),
        )
        upheld = dice.choice([True, False]) if what == "decided" else None
        world.qio(about, what, timely=dice.choice(KNOWN), upheld=upheld)
    elif roll < 0.72:
        world.writer_broken = frozenset(dice.sample(list(NoticeKind), dice.randint(0, 5)))
    elif roll < 0.76 and world.plan.reviews:
        answer(dice, world)
    elif roll < 0.84:
        world.carry()
    else:
        world.wait(hours=dice.choice([1, 5, 12, 30, 80]))


def answer(dice: Dice, world: DischargeWorld) -> None:
    review = dice.choice(world.plan.reviews)
    world.send(
        ReviewAnswered(
            **world.stamp("umpire"),
            case_id=review.case_id,
            purpose=StayPurpose.NEXT_SETTING,
            round=review.round,
            status=dice.choice([CaseStatus.APPROVED, CaseStatus.DENIED, CaseStatus.NOT_REQUIRED]),
            lines=(),
            decided_at=world.now,
        )
    )


def to_the_end(dice: Dice, world: DischargeWorld) -> None:
    """The member leaves, letters can be written again, the time after the discharge passes, compliance has looked."""
    world.writer_broken = frozenset()
    if world.plan.is_open and world.plan.picture.discharged_at is None:
        world.tell(discharged_at=world.now, disposition=dice.choice(["01", "20", None]))
    if dice.maybe(0.1):
        world.tell(voided=True)
    for _ in range(20):
        for kind, filled in LAST_FORMS.items():
            for task in world.plan.open_tasks(kind):
                if world.plan.tasks[task.task_id].is_open:
                    world.end(task, filled)
        for task in world.plan.open_tasks(*KINDS_KEPT_OPEN):
            if world.plan.tasks[task.task_id].is_open:
                world.end(task)
        if world.finished:
            return
        world.wait(days=12)


@pytest.mark.parametrize("seed", range(COURSES))
def test_no_notice_is_forgotten_and_nothing_stays_open(seed: int) -> None:
    dice = Dice(seed)
    world = start(dice)
    for _ in range(dice.randint(10, 60)):
        if world.finished:
            break
        one_more_thing(dice, world)
    to_the_end(dice, world)
    plan = world.plan

    assert world.finished
    assert not plan.open_tasks()
    assert not plan.unsent_letters() and not plan.owed and not plan.blocked
    assert all(referral.started for referral in plan.referrals)
    for clock in plan.clocks:
        if clock.rule_id in DUTY_RULES and not plan.picture.voided:
            assert world.judged(clock.rule_id) in ("met", "missed") or clock.set_aside is not None, clock.rule_id
    missed = {key.split("/")[0] for key, word in plan.judged.items() if word == "missed"}
    assert missed <= {one.rule_id for one in plan.missed}, "a miss stays on record"
    if plan.picture.discharged_at is not None and not plan.is_over:
        assert NoticeKind.DISCHARGE_SUMMARY in {order.notice for order in world.letters}

    entries = [entry.seq for entry in world.entries]
    assert entries == list(range(1, len(entries) + 1)), "every entry reached the journal once and in order"
    deliveries = [entry for entry in world.entries if entry.kind is EntryKind.FORM_DELIVERED]
    assert len(deliveries) == len(plan.deliveries)
    ended = {task["task_id"] for entry in world.entries for task in entry.data.get("tasks", []) if task["completed_at"]}
    assert ended == set(plan.tasks), "the end of every task is in the journal"
    requests = [request.stay.round for request in world.requests if request.stay is not None]
    assert requests == list(range(1, len(plan.reviews) + 1)), "each round of the next setting is asked for once"


@pytest.mark.parametrize("seed", range(30))
def test_a_plan_carried_into_new_runs_goes_the_same_way(seed: int) -> None:
    """One world is carried over after every step, the other never: the same things happen in both."""
    worlds = []
    for carried in (False, True):
        dice = Dice(seed)
        world = start(dice)
        for _ in range(30):
            if world.finished:
                break
            one_more_thing(dice, world)
            if carried:
                world.carry()
        worlds.append(world)
    kept, carried_over = worlds
    assert [(entry.kind, entry.summary) for entry in kept.entries] == [
        (entry.kind, entry.summary) for entry in carried_over.entries
    ]
    assert kept.notices() == carried_over.notices()


def test_every_form_of_medicare_has_its_notice() -> None:
    assert set(NOTICE_BY_RULE.values()) <= set(NoticeKind)
