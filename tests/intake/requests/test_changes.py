"""Updates and cancellations reach the running case, or are refused with the reason."""

from __future__ import annotations

import json

from demo.time_skipping_lab import Lab
from domain.vocabulary import ArrivalKind, Channel
from intake.resume import resume_arrivals
from intake.submission import submit
from services.commands.decision_form import load_worksheet
from services.context import SubmissionStatus
from services.queries.authorization_detail import load_authorization_detail
from store import cases, inbox, journal, requests, tasks
from store.inbox import InboxStatus
from tests.intake.arrivals import context_of, inbox_item, journal_kinds, plain, sample, settle, status, versions

PAS, API = Channel.FHIR_PAS, Channel.API


def wheelchair(**changes: object) -> bytes:
    return plain("power-wheelchair", **changes)


async def test_an_update_changes_the_lines_of_its_running_case(lab: Lab) -> None:
    services = await context_of(lab)
    first = await submit(services, sample("home-oxygen-expedited"), PAS)
    await settle(lab)
    update = await submit(await context_of(lab), sample("home-oxygen-update"), PAS)
    await settle(lab)
    assert update.kind is SubmissionStatus.CHANGED and update.case_id == first.case_id
    assert first.case_id is not None
    assert "request_corrected" in journal_kinds(lab, first.case_id)
    with lab.store.read() as s:
        merged = requests.load(s, first.case_id).request
    assert len(merged.lines) == 2
    assert merged.received_at == first.received_at


async def test_the_same_update_twice_changes_nothing_the_second_time(lab: Lab) -> None:
    await submit(await context_of(lab), sample("home-oxygen-expedited"), PAS)
    await settle(lab)
    first = await submit(await context_of(lab), sample("home-oxygen-update"), PAS)
    again = await submit(await context_of(lab), sample("home-oxygen-update"), PAS)
    assert again.kind is SubmissionStatus.JOINED and again.case_id == first.case_id
    assert first.case_id is not None and versions(lab, first.case_id) == 2


async def test_a_cancellation_withdraws_the_running_case(lab: Lab) -> None:
    first = await submit(await context_of(lab), sample("home-oxygen-expedited"), PAS)
    await settle(lab)
    cancel = await submit(await context_of(lab), sample("home-oxygen-cancel"), PAS)
    await settle(lab)
    assert cancel.kind is SubmissionStatus.CHANGED and first.case_id is not None
    assert status(lab, first.case_id) == "withdrawn"


async def test_a_withdrawn_request_that_comes_again_is_a_new_case(lab: Lab) -> None:
    first = await submit(await context_of(lab), sample("home-oxygen-expedited"), PAS)
    await settle(lab)
    await submit(await context_of(lab), sample("home-oxygen-cancel"), PAS)
    await settle(lab)
    anew = await submit(await context_of(lab), sample("home-oxygen-expedited"), PAS)
    assert anew.kind is SubmissionStatus.STARTED and anew.case_id != first.case_id


async def test_an_update_without_its_prior_request_is_taken_in_as_new_and_says_so(lab: Lab) -> None:
    outcome = await submit(await context_of(lab), sample("home-oxygen-update"), PAS)
    assert outcome.kind is SubmissionStatus.STARTED and outcome.case_id is not None
    assert "intake.prior_unknown" in [note.rule for note in outcome.notes]


async def test_a_cancellation_without_its_prior_request_is_refused_and_kept(lab: Lab) -> None:
    outcome = await submit(await context_of(lab), sample("home-oxygen-cancel"), PAS)
    assert [problem.rule for problem in outcome.problems] == ["intake.prior_unknown"]
    assert inbox_item(lab, outcome.inbox_id).status is InboxStatus.REFUSED


async def test_nobody_changes_what_another_requester_asked_for(lab: Lab) -> None:
    await submit(await context_of(lab), wheelchair(), API)
    other = wheelchair(
        submission_id="x",
        action="cancel",
        prior_submission_id="HM-2026-0001",
        requesting_provider={"npi": "1777777719"},
    )
    outcome = await submit(await context_of(lab), other, API)
    assert [problem.rule for problem in outcome.problems] == ["intake.prior_unknown"]


async def test_a_change_that_does_not_come_from_whom_the_request_came_is_kept_and_asked_of_intake(lab: Lab) -> None:
    """Anybody can write the requester's number into a document: the plan's own number ends nobody's request."""
    first = await submit(await context_of(lab), wheelchair(), API, "portal-7")
    await settle(lab)
    back = {"submission_id": "HM-2", "action": "cancel", "prior_submission_id": "HM-2026-0001"}
    for sender in ("1888888884", None):
        outcome = await submit(await context_of(lab), wheelchair(**back), API, sender)
        await settle(lab)
        assert [problem.rule for problem in outcome.problems] == ["intake.sender"]
        assert inbox_item(lab, outcome.inbox_id).status is InboxStatus.REFUSED
    assert first.case_id is not None and status(lab, first.case_id) == "open" and versions(lab, first.case_id) == 1
    requester = json.loads(wheelchair())["requesting_provider"]["npi"]
    proven = await submit(await context_of(lab), wheelchair(**back), API, requester)
    await settle(lab)
    assert proven.kind is SubmissionStatus.CHANGED and status(lab, first.case_id) == "withdrawn"
    with lab.store.read() as s:
        entry = next(each for each in journal.entries(s, first.case_id) if each.kind.value == "withdrawn")
    assert (entry.actor.kind, entry.actor.id) == ("provider", requester)
    assert entry.data["asked"]["inbox_id"] == proven.inbox_id  # type: ignore[index,call-overload]


async def test_less_said_by_another_sender_is_a_proposal_that_the_reviewers_of_the_case_see(lab: Lab) -> None:
    first = await submit(await context_of(lab), sample("home-oxygen-expedited"), PAS, "clinic-1")
    await settle(lab)
    assert first.case_id is not None
    other = await submit(await context_of(lab), sample("home-oxygen-update"), PAS, "plan-desk")
    await settle(lab)
    assert [problem.rule for problem in other.problems] == ["intake.sender"]
    assert inbox_item(lab, other.inbox_id).status is InboxStatus.REFUSED, "intake asks the requester"
    assert versions(lab, first.case_id) == 1, "the request is as it was asked"
    with lab.store.read() as s:
        (told,) = load_authorization_detail(s, first.case_id).proposals
        assert inbox.proposals(s, "PA-OTHER") == ()
    assert told.startswith(f"Inbox item {other.inbox_id}, from plan-desk: the change does not come from whom ")
    assert "(line" in told and told.endswith("It changed nothing.")
    await lab.advance(hours=44)  # nobody sends what is missing, and a nurse looks at the request
    with lab.store.read() as s:
        task = next(task for task in tasks.of_case(s, first.case_id) if task.is_open)
    worksheet = await load_worksheet(await context_of(lab), task.task_id, "nurse.adams")
    assert worksheet.sheet.proposals == (told,)


async def test_a_decided_case_is_not_changed(lab: Lab) -> None:
    first = await submit(await context_of(lab), sample("home-oxygen-complete"), PAS)
    await settle(lab)
    assert first.case_id is not None
    with lab.store.read() as s:
        prior = requests.load(s, first.case_id).request
    late = wheelchair(
        submission_id="late",
        action="cancel",
        prior_submission_id=prior.submission_id,
        member={"member_id": prior.member.member_id},
        requesting_provider={"npi": prior.requesting_provider.npi},
    )
    outcome = await submit(await context_of(lab), late, API)
    assert [problem.rule for problem in outcome.problems] == ["case.closed"]


async def test_a_cancelled_line_leaves_the_others(lab: Lab) -> None:
    lines = [
        {"line_id": "1", "code": "K0823", "code_system": "hcpcs", "quantity": "1"},
        {"line_id": "2", "code": "E2209", "code_system": "hcpcs", "quantity": "2"},
    ]
    first = await submit(await context_of(lab), wheelchair(lines=lines), API)
    await settle(lab)
    cancel = [{**lines[1], "certification": "cancel"}]
    change = {"submission_id": "HM-2", "action": "cancel", "prior_submission_id": "HM-2026-0001", "lines": cancel}
    outcome = await submit(await context_of(lab), wheelchair(**change), API)
    await settle(lab)
    assert outcome.kind is SubmissionStatus.CHANGED and "line 2 cancelled" in outcome.says
    assert first.case_id is not None and status(lab, first.case_id) == "open"
    with lab.store.read() as s:
        assert [line.line_id for line in requests.load(s, first.case_id).request.lines] == ["1"]


async def test_a_line_that_was_never_there_cannot_be_cancelled(lab: Lab) -> None:
    await submit(await context_of(lab), wheelchair(), API)
    lines = [{"line_id": "9", "code": "K0823", "code_system": "hcpcs", "certification": "cancel"}]
    change = {"submission_id": "HM-2", "action": "update", "prior_submission_id": "HM-2026-0001", "lines": lines}
    outcome = await submit(await context_of(lab), wheelchair(**change), API)
    assert [problem.rule for problem in outcome.problems] == ["intake.line_unknown"]


async def test_an_update_that_only_brings_records_is_no_correction(lab: Lab) -> None:
    first = await submit(await context_of(lab), wheelchair(), API)
    await settle(lab)
    change = {
        "submission_id": "HM-2",
        "action": "update",
        "prior_submission_id": "HM-2026-0001",
        "documents": [{"title": "A later note", "text": "Seen again."}],
        "facts": [],
    }
    outcome = await submit(await context_of(lab), wheelchair(**change), API)
    await settle(lab)
    assert outcome.kind is SubmissionStatus.CHANGED and first.case_id is not None
    said = journal_kinds(lab, first.case_id)
    assert "information_received" in said and "request_corrected" not in said


async def test_an_update_that_has_become_urgent_expedites_the_case(lab: Lab) -> None:
    first = await submit(await context_of(lab), wheelchair(), API)
    await settle(lab)
    urgent = {"urgency": "expedited", "asked_by": "provider", "physician_statement": True}
    change = {"submission_id": "HM-2", "action": "update", "prior_submission_id": "HM-2026-0001", "urgency": urgent}
    await submit(await context_of(lab), wheelchair(**change), API)
    await settle(lab)
    assert first.case_id is not None and "expedited" in journal_kinds(lab, first.case_id)


async def test_an_update_may_state_what_is_special_about_a_case_and_take_it_back(lab: Lab) -> None:
    first = await submit(await context_of(lab), wheelchair(), API)
    await settle(lab)
    assert first.case_id is not None

    async def governing(submission: str, **said: object) -> str | None:
        prior = json.loads(wheelchair())["submission_id"]
        update = wheelchair(submission_id=submission, action="update", prior_submission_id=prior, **said)
        outcome = await submit(await context_of(lab), update, API)
        await settle(lab)
        assert outcome.case_id == first.case_id
        with lab.store.read() as s:
            view = cases.get(s, outcome.case_id)
        return view.governing_rule if view is not None else None

    assert await governing("U-1", circumstances=["post_stabilization"]) == "MA-POSTSTAB-1H"
    assert await governing("U-2") == "MA-POSTSTAB-1H"
    assert await governing("U-3", circumstances=[]) == "MA-OD-STD-PA"


async def kept_unread(lab: Lab, raw: bytes) -> int:
    """An arrival that was kept, and whose reader died."""
    now = await lab.now()
    with lab.store.begin() as s:
        return inbox.receive(s, raw, now, API, kind=ArrivalKind.REQUEST).inbox_id


def change(number: int, units: str) -> bytes:
    said = {"submission_id": f"HM-{number}", "action": "update", "prior_submission_id": "HM-2026-0001"}
    (line,) = json.loads(wheelchair())["lines"]
    return wheelchair(**said, lines=[line | {"description": units}])


async def test_a_change_whose_reader_died_is_read_before_a_newer_one(lab: Lab) -> None:
    first = await submit(await context_of(lab), wheelchair(), API)
    kept = await kept_unread(lab, change(2, "the first word"))
    await lab.advance(minutes=1)
    newer = await submit(await context_of(lab), change(3, "the last word"), API)
    await resume_arrivals(await context_of(lab))
    await settle(lab)
    assert first.case_id is not None and newer.case_id == first.case_id
    with lab.store.read() as s:
        made = [requests.load(s, first.case_id, number) for number in (1, 2, 3)]
    assert [one.inbox_id for one in made] == [first.inbox_id, kept, newer.inbox_id]
    assert made[-1].request.lines[0].description == "the last word"
    assert journal_kinds(lab, first.case_id).count("request_corrected") == 2


async def test_a_change_that_arrived_before_one_on_file_is_a_question_for_intake(lab: Lab) -> None:
    """An older fax that is entered late takes nothing back; a person asks the requester."""
    first = await submit(await context_of(lab), wheelchair(), API)
    arrived = await lab.now()
    await lab.advance(minutes=1)
    await submit(await context_of(lab), change(3, "the last word"), API)
    late = await submit(await context_of(lab), change(2, "an older word"), API, received_at=arrived)
    assert [problem.rule for problem in late.problems] == ["intake.older_change"]
    assert inbox_item(lab, late.inbox_id).status is InboxStatus.REFUSED
    assert first.case_id is not None and versions(lab, first.case_id) == 2
    with lab.store.read() as s:
        (said,) = load_authorization_detail(s, first.case_id).proposals
    assert "a newer change of the request is on file" in said


async def test_a_copy_of_an_older_word_takes_a_newer_one_not_back(lab: Lab) -> None:
    """A fax comes twice: of the request, of its change, and of a cancellation that was taken back since."""
    first = await submit(await context_of(lab), wheelchair(), API)
    assert first.case_id is not None
    await submit(await context_of(lab), change(2, "the first word"), API)
    await submit(await context_of(lab), change(3, "the last word"), API)
    for raw in (change(2, "the first word"), wheelchair()):
        copy = await submit(await context_of(lab), raw, API)
        assert (copy.kind, copy.case_id) == (SubmissionStatus.JOINED, first.case_id)
    await settle(lab)
    with lab.store.read() as s:
        request = requests.load(s, first.case_id)
    assert request.version == 3 and request.request.lines[0].description == "the last word"
    assert journal_kinds(lab, first.case_id).count("duplicate_received") == 2


async def test_a_copy_from_before_the_withdrawal_opens_no_new_case(lab: Lab) -> None:
    first = await submit(await context_of(lab), wheelchair(), API)
    await settle(lab)
    before = await lab.now()
    await lab.advance(minutes=1)
    await submit(
        await context_of(lab),
        wheelchair(submission_id="HM-2", action="cancel", prior_submission_id="HM-2026-0001"),
        API,
    )
    await settle(lab)
    copy = await submit(await context_of(lab), wheelchair(), API, received_at=before)
    assert first.case_id is not None and status(lab, first.case_id) == "withdrawn"
    assert (copy.kind, copy.case_id) == (SubmissionStatus.DECIDED_BEFORE, first.case_id)
    anew = await submit(await context_of(lab), wheelchair(), API)
    assert anew.kind is SubmissionStatus.STARTED and anew.case_id != first.case_id
