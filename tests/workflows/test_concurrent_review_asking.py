"""The questions of a stay and whom it tells: updates that do not come, signals of a long stay, letters in trouble."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from demo.time_skipping_lab import Lab, laboratory
from domain.cases.tasks import TaskKind, TaskOutcome, TaskStatus
from domain.cases.views import CaseStatus
from domain.errors import Unavailable
from domain.journal import Actor
from domain.stays.adt import AdtKind, PatientClass, StayEvent
from domain.stays.avoidable_days import Attribution, AvoidableDay
from domain.stays.messages import ClinicalUpdate, LongStayFindings, RecordAvoidableDay, UpdateFollowUp
from domain.stays.parts import DayStatus
from domain.stays.start import AdtEventReceived, StayStart
from engine import options
from engine.settings import TASK_QUEUE
from store import directory, requests, tasks
from store.letters import LetterRecord
from tests.workflows.lab_stay import FACTS, LabStay, new_stay, skip_to_monday

pytestmark = pytest.mark.many


@pytest.fixture
async def forgetful(tmp_path: Path) -> AsyncIterator[Lab]:
    """A lab whose worker keeps nothing in memory, so that it can be stopped and started."""
    async with laboratory(tmp_path, cached=False) as lab:
        yield lab


MEDICAID = "MBR1000003"
"""A member in whose line of business the notice of an admission is no request for its days."""


async def inpatient(lab: Lab, member: str = "MBR1000001") -> LabStay:
    await skip_to_monday(lab)
    stay = await new_stay(lab, member)
    await stay.emergency()
    await stay.admitted()
    return stay


def kinds(stay: LabStay, kind: TaskKind) -> int:
    with stay.lab.store.read() as s:
        return sum(task.kind is kind for task in tasks.of_case(s, stay.case_id))


async def test_an_update_that_does_not_come_is_asked_again_and_then_people_decide_on_what_is_there(lab: Lab) -> None:
    stay = await inpatient(lab, MEDICAID)
    await lab.advance(days=5)
    asked = [entry.summary for entry in stay.entries("update_requested")]
    assert ["second time" in asked[1], "third time" in asked[2], len(asked)] == [True, True, 3]
    assert stay.sent().count("clinical_update_request/provider") == 3
    assert "No update was received" in stay.entries("round_opened")[0].summary
    review = stay.review()
    assert review.sent() == [], "the facility is not asked a fourth time"
    assert review.task(TaskKind.NURSE_REVIEW).status is TaskStatus.OPEN
    assert stay.answer(stay.day(0)) is None, "no day is decided by silence"


async def test_the_review_of_a_noticed_admission_is_due_by_its_notice_although_no_update_comes(lab: Lab) -> None:
    stay = await inpatient(lab)
    await lab.advance(hours=49)
    review = stay.review().view()
    noticed = stay.entries("stay_event")[1].at
    assert review.received_at == noticed
    assert review.decision_due == (noticed + timedelta(hours=72)).replace(microsecond=0)


async def test_an_update_whose_content_is_not_on_file_stops_no_stay_and_no_rule_answers_its_days(lab: Lab) -> None:
    stay = await inpatient(lab)
    named = await stay.say(ClinicalUpdate, kind="provider", update_id="no-such-document")
    assert named.accepted
    with lab.store.read() as s:
        asked = requests.load(s, stay.review().case_id).request
    assert [remark.rule for remark in asked.remarks] == ["stay.update_content"]
    assert stay.review().view().status is CaseStatus.OPEN, "what is missing answers no day"
    assert (await stay.update()).accepted, "the stay goes on"


async def test_a_stay_waits_for_its_review_until_the_decision_is_due(lab: Lab) -> None:
    stay = await inpatient(lab)
    await lab.advance(days=6)
    wait, due = stay.view().waiting, stay.review().view().decision_due
    assert wait is not None and stay.review().case_id in wait.what
    assert wait.until == due is not None and wait.until > stay.review().view().received_at


async def test_the_last_question_says_what_follows_it(lab: Lab) -> None:
    stay = await inpatient(lab, MEDICAID)
    first = stay.view().waiting
    assert first is not None and first.then.startswith("it is asked again")
    await lab.advance(days=3)
    last = stay.view().waiting
    assert last is not None and last.then == "people review the days by what is there"


async def test_a_promise_of_the_facility_moves_the_time_to_ask_again(lab: Lab) -> None:
    stay = await inpatient(lab)
    promised = await lab.now() + timedelta(hours=50)
    form = UpdateFollowUp(spoke_with="R. Stone", title="Case manager", says="Tomorrow afternoon.", promised_by=promised)
    message = await stay.completion(
        TaskKind.CLINICAL_UPDATE, "nurse.adams", TaskOutcome.DONE, form=form.model_dump(mode="json")
    )
    await stay.send(message)
    waiting = stay.view().waiting
    assert waiting is not None and waiting.until == promised
    assert len(stay.entries("update_requested")) == 1


async def test_an_update_that_nobody_chases_escalates(lab: Lab) -> None:
    stay = await inpatient(lab)
    await lab.advance(days=2)
    told = [entry.summary for entry in stay.entries("escalated")]
    assert any("supervisor" in each for each in told)


async def test_a_facility_without_a_number_is_called_and_no_letter_waits_for_ever(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    start = StayStart(
        stay_id=stay.case_id, received_at=stay.begins, member_id=stay.member_id, facility="A hospital far away"
    )

    now = await lab.now()
    event = StayEvent(
        event_id="E0",
        kind=AdtKind.ADMIT,
        happened_at=now,
        recorded_at=now,
        facility="FAR",
        patient_class=PatientClass.INPATIENT,
        unit="Med-Surg",
    )
    told = AdtEventReceived(message_id="E0", at=now, actor=Actor(kind="provider", id="FAR"), event=event)
    lab.put_on_file("ConcurrentReview", start, stay.case_id)
    await lab.client.start_workflow(
        "ConcurrentReview",
        start,
        id=options.workflow_id(stay.case_id),
        task_queue=TASK_QUEUE,
        start_signal="tell_stay",
        start_signal_args=[told],
    )
    lab.handle(stay.case_id)
    await lab.settle()
    await lab.settle()
    assert "call" in stay.task(TaskKind.CLINICAL_UPDATE).why
    assert (stay.letters(), stay.entries("letter_blocked")) == ([], [])


async def test_a_stay_beyond_its_usual_length_sets_people_talking_at_its_midnights_and_ends_nothing(lab: Lab) -> None:
    stay = await inpatient(lab)
    await stay.update(FACTS, through=stay.day(20), working_drg="291")
    usual = float(stay.sheet()["usual_length_of_drg"])
    assert usual == 4.0
    await lab.advance(days=3, hours=14)
    assert (kinds(stay, TaskKind.DISCHARGE_HUDDLE), kinds(stay, TaskKind.DIRECTOR_ROUND)) == (0, 0)
    await lab.advance(hours=2)
    assert (kinds(stay, TaskKind.DISCHARGE_HUDDLE), kinds(stay, TaskKind.DIRECTOR_ROUND)) == (1, 0)
    await lab.advance(days=2)
    assert (kinds(stay, TaskKind.DISCHARGE_HUDDLE), kinds(stay, TaskKind.DIRECTOR_ROUND)) == (1, 1)
    assert all(row["answer"] == "certified" for row in stay.sheet()["days"])


async def test_a_long_stay_is_looked_at_every_week(lab: Lab) -> None:
    stay = await inpatient(lab)
    await stay.update(FACTS, through=stay.day(40))
    await lab.advance(days=15)
    assert kinds(stay, TaskKind.LONG_STAY) == 1
    assert "has reached 14 days" in stay.task(TaskKind.LONG_STAY).why
    look = LongStayFindings(findings="Waits for a place in rehabilitation.", next_steps="Ask two more facilities.")
    message = await stay.completion(
        TaskKind.LONG_STAY, "director.osei", TaskOutcome.DONE, form=look.model_dump(mode="json")
    )
    await stay.send(message)
    await lab.advance(days=7)
    assert kinds(stay, TaskKind.LONG_STAY) == 2
    assert "has reached 21 days" in stay.task(TaskKind.LONG_STAY).why
    await lab.advance(days=7)
    assert kinds(stay, TaskKind.LONG_STAY) == 2, "an open look is not opened twice; it escalates"


async def test_an_avoidable_day_is_shown_with_its_reason_and_a_wrong_one_is_refused(lab: Lab) -> None:
    stay = await inpatient(lab)
    entry = AvoidableDay(day=stay.day(0), reason="procedure_slot", attribution=Attribution.HOSPITAL)
    note = RecordAvoidableDay(**await stay.stamp("nurse.adams"), reviewer_id="nurse.adams", entry=entry)
    await stay.send(note)
    found = {one["attribution"]: one["days"] for one in stay.sheet()["avoidable_days"]["by_attribution"]}
    assert found == {name.value: int(name is Attribution.HOSPITAL) for name in Attribution}
    wrong = entry.model_copy(update={"attribution": Attribution.PAYER})
    message = RecordAvoidableDay(**await stay.stamp("nurse.adams"), reviewer_id="nurse.adams", entry=wrong)
    assert await stay.refused(message) == {"delay.attribution"}


async def test_a_letter_that_cannot_be_written_is_mended_by_a_person_and_the_review_goes_on(lab: Lab) -> None:
    await skip_to_monday(lab)
    with lab.store.begin() as s:
        member, coverage = directory.member(s, "MBR1000001"), directory.coverages(s, "MBR1000001")[0]
        assert member is not None
        directory.put_coverage(s, coverage.model_copy(update={"plan_id": "1999999992"}))
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted()
    assert stay.task(TaskKind.LETTER_REPAIR).status is TaskStatus.OPEN
    assert stay.sent() == []
    await stay.update(FACTS)
    assert stay.answer(stay.day(0)) is not None
    with lab.store.begin() as s:
        directory.put_coverage(s, coverage)


async def test_what_the_hospital_tells_while_no_worker_runs_is_not_lost(forgetful: Lab) -> None:
    lab = forgetful
    stay = await inpatient(lab)
    await lab.stop_worker()
    now = await lab.now()

    event = StayEvent(
        event_id="later",
        kind=AdtKind.TRANSFER,
        happened_at=now,
        recorded_at=now,
        facility="MERIDIAN",
        patient_class=PatientClass.INPATIENT,
        unit="ICU",
    )
    told = AdtEventReceived(message_id="later", at=now, actor=Actor(kind="provider", id="M"), event=event)
    handle = lab.client.get_workflow_handle(options.workflow_id(stay.case_id))
    await handle.signal("tell_stay", told)
    await lab.start_worker()
    await lab.advance(minutes=5)
    assert stay.sheet()["level_of_care"] == "icu"
    await stay.update(FACTS)
    await lab.advance(minutes=5)
    found = stay.answer(stay.day(0))
    assert found is not None and found[0] is DayStatus.CERTIFIED


class Jammed:
    """A carrier that takes no letter until somebody mends it."""

    def __init__(self) -> None:
        self.works, self.taken = False, list[str]()

    def carry(self, letter: LetterRecord) -> str:
        if not self.works:
            raise Unavailable("the carrier is jammed")
        self.taken.append(letter.letter_id)
        return "receipt"


async def test_a_carrier_in_trouble_holds_no_review_up_and_each_letter_goes_out_once(tmp_path: Path) -> None:
    carrier = Jammed()
    async with laboratory(tmp_path, carrier=carrier) as lab:
        stay = await inpatient(lab)
        await lab.advance(minutes=2)
        assert stay.task(TaskKind.LETTER_REPAIR).status is TaskStatus.OPEN
        await stay.update(FACTS)
        assert stay.answer(stay.day(0)) is not None
        carrier.works = True
        await lab.advance(hours=1)
        assert stay.sent().count("clinical_update_request/provider") == 1
        assert len(carrier.taken) == len(set(carrier.taken))
        assert stay.task(TaskKind.LETTER_REPAIR).status is TaskStatus.CANCELLED
