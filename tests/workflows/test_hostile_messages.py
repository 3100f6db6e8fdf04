"""Tens of thousands of messages as nobody would send them: each is refused or carried out, and none raises an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel, ValidationError

from domain import limits
from domain.authorization import message_effects as authorization_effects
from domain.authorization import views as authorization_views
from domain.callbacks import forms as callback_forms
from domain.callbacks import message_checks as callback_checks
from domain.callbacks import message_effects as callback_effects
from domain.callbacks import views as callback_views
from domain.cases import concern_notes, desk_messages, receipt, steps
from domain.cases.case import Case
from domain.cases.concern_notes import NoteConcern
from domain.cases.desk_messages import DESK_MESSAGES
from domain.cases.messages import BaseMessage, CompleteTask
from domain.cases.tasks import TaskKind
from domain.concerns import forms as concern_forms
from domain.concerns import message_checks as concern_checks
from domain.concerns import message_effects as concern_effects
from domain.concerns import views as concern_views
from domain.coverage.requirements import Requirement
from domain.decisions.signed import RecordOnFile
from domain.discharge import forms as discharge_forms
from domain.discharge import message_effects as discharge_effects
from domain.discharge import views as discharge_views
from domain.journal import canonical_json
from domain.requests.request import MemberReference, ProviderReference
from domain.retrospective import forms as retrospective_forms
from domain.retrospective import message_effects as retrospective_effects
from domain.retrospective import path as retrospective_path
from domain.retrospective import views as retrospective_views
from domain.retrospective.claim import Claim, ClaimLine
from domain.retrospective.comparison import NotAuthorized, whole_line
from domain.retrospective.drg_check import BilledDiagnosis
from domain.retrospective.parts import ClaimContext
from domain.stays import message_checks as stay_checks
from domain.stays import message_effects as stay_effects
from domain.stays import views as stay_views
from domain.vocabulary import Channel, CodeSystem, Lob, ServiceKind
from tests.domain.authorization.casebook import criteria, line, open_case
from tests.domain.contact_samples import open_callback, open_concern
from tests.domain.discharge.discharge_world import DischargeWorld
from tests.domain.retrospective.claims import FIRST, POLICY, case_with
from tests.domain.stays.stay_world import StayWorld
from tests.workflows.hostile_values import hostile
from workflows.steps.authorization import AuthorizationWorkflow
from workflows.steps.callback import CallbackWorkflow
from workflows.steps.concern import ConcernWorkflow
from workflows.steps.discharge import DischargeWorkflow
from workflows.steps.retrospective import RetrospectiveWorkflow
from workflows.steps.stay import StayWorkflow

BEGINS = datetime(2026, 6, 15, 15, 0, tzinfo=UTC)
Receive = Callable[[Any, Any, datetime], Any]
Forms = Mapping[TaskKind, type[BaseModel]]
ADVERSE = {"denied", "approved_in_part"}


class Opened(NamedTuple):
    """A case that people work on, and its view at an instant."""

    case: Case
    now: datetime
    view: Callable[[], Any]


class Process(NamedTuple):
    """A process as this test drives it: the start of its cases, the messages they take, and what carries them out."""

    begin: Callable[[int], Opened]
    signals: Mapping[str, type[BaseMessage]]
    receive: Receive
    forms: Forms = {}


def authorization(number: int) -> Opened:
    case = open_case(line("1", criteria("not_met")))
    return Opened(case, case.received_at + timedelta(hours=1), lambda: authorization_views.case_view(case, None))


def stay(number: int) -> Opened:
    world = StayWorld(BEGINS, Lob.MEDICAID, "America/Chicago")
    if number % 2:
        world.rest()
    return Opened(world.stay, world.now, lambda: stay_views.case_view(world.stay))


def discharge_plan(number: int) -> Opened:
    world = DischargeWorld()
    if number % 2:
        world.tell("discharged", discharged_at=world.now, disposition="01")
    return Opened(world.plan, world.now, lambda: discharge_views.case_view(world.plan, world.now))


def retrospective_review(number: int) -> Opened:
    billed = ClaimLine(
        line_id="1",
        code="E0424",
        code_system=CodeSystem.OTHER,
        units=Decimal(1),
        unit="months",
        start=FIRST,
        end=FIRST,
        place_of_service="23" if number % 2 else None,
    )
    now = datetime(2026, 3, 2, 15, tzinfo=UTC)
    claim = Claim(
        claim_number="C-1",
        received_at=now,
        channel=Channel.API,
        service_kind=ServiceKind.MEDICAL,
        member=MemberReference(member_id="MBR1"),
        billing_provider=ProviderReference(npi="1999999984"),
        emergency=True if number % 2 else None,
        diagnoses=(BilledDiagnosis(code="J44.9"),),
        lines=(billed,),
    )
    need = Requirement(required=True, because="the list", citation="L1")
    found = NotAuthorized(
        line_id="1",
        required=True,
        because="the list",
        citation="L1",
        portion=whole_line(billed),
        open_requests=("PA-9",) if number % 3 else (),
    )
    file = case_with(ClaimContext(claim=claim, day=FIRST, findings=(found,), needs={"1": need}, policy=POLICY))
    match retrospective_path.advance(file, now):
        case steps.Wait():
            pass
        case retrospective_path.OpenPostServiceReview(review_id, _):
            file.review = review_id
        case other:
            raise AssertionError(other)
    return Opened(file, now, lambda: retrospective_views.case_view(file))


def concern(number: int) -> Opened:
    case = open_concern(("quality", "safety", "care_management")[number % 3])
    return Opened(case, case.received_at + timedelta(hours=1), lambda: concern_views.case_view(case))


def callback(number: int) -> Opened:
    case = open_callback()
    return Opened(case, case.received_at + timedelta(hours=1), lambda: callback_views.case_view(case))


def receive_concern(case: Any, message: Any, now: datetime) -> Any:
    return receipt.receive_message(case, message, now, concern_checks.violations, concern_effects.apply_message)


def receive_callback(case: Any, message: Any, now: datetime) -> Any:
    return receipt.receive_message(case, message, now, callback_checks.violations, callback_effects.apply_message)


def receive_at_desk(case: Any, message: Any, now: datetime) -> Any:
    held = (RecordOnFile(document_id="doc-1", title="Clinic notes"),)
    return desk_messages.receive_message(case, message, held, now)


PROCESSES = {
    "authorization": Process(authorization, AuthorizationWorkflow.signals, authorization_effects.receive_message),
    "stay": Process(stay, StayWorkflow.signals, stay_effects.receive_message, stay_checks.FORMS),
    "discharge plan": Process(
        discharge_plan, DischargeWorkflow.signals, discharge_effects.receive_message, discharge_forms.FORMS
    ),
    "retrospective review": Process(
        retrospective_review,
        RetrospectiveWorkflow.signals,
        retrospective_effects.receive_message,
        retrospective_forms.FORMS,
    ),
    "concern": Process(concern, ConcernWorkflow.signals, receive_concern, concern_forms.FORMS),
    "callback": Process(callback, CallbackWorkflow.signals, receive_callback, callback_forms.FORMS),
}


def random_message(kind: type[BaseMessage], case: Case, forms: Forms, chance: Random) -> BaseMessage | None:
    """A message of this type that can be read, often by somebody on file about a task that is open; None for one that cannot,
    which is refused before."""
    fields = hostile(kind, chance)
    fields |= {"type": kind.model_fields["type"].default, "message_id": f"m{chance.random()}"}
    tasks = [task for task in case.tasks.values() if task.is_open]
    people = sorted(case.reviewers) or ["nurse"]
    if chance.random() < 0.7:
        who = chance.choice(people)
        fields |= {"at": BEGINS, "actor": {"kind": "reviewer", "id": who}}
        fields |= {"reviewer_id": who} if "reviewer_id" in kind.model_fields else {}
    if tasks and "task_id" in kind.model_fields and chance.random() < 0.8:
        task = chance.choice(tasks)
        fields["task_id"] = task.task_id
        if kind is CompleteTask and task.kind in forms:
            fields["form"] = hostile(forms[task.kind], chance)
    try:
        return kind.model_validate(fields)
    except (ValidationError, OverflowError):
        return None


def answered(opened: Opened, kind: type[BaseMessage], process: Process, chance: Random) -> str:
    case = opened.case
    message = random_message(kind, case, process.forms, chance)
    if message is None:
        return "unreadable"
    if limits.message_violations(message):
        return "beyond limits"
    receive: Receive = concern_notes.record_concern if isinstance(message, NoteConcern) else process.receive
    receive = receive_at_desk if isinstance(message, DESK_MESSAGES) else receive
    received_at, seq = case.received_at, case.seq
    answer = receive(case, message, max(opened.now, BEGINS))
    if case.seq == seq:  # as the workflow does
        receipt.note_heard(case, message, max(opened.now, BEGINS))
    for entry in case.pending:
        canonical_json(entry.model_dump(mode="json"))
        entry.at.astimezone(UTC)
    assert case.seq > seq, "it leaves an entry"
    case.pending.clear()
    view = opened.view()
    assert view.status.value not in ADVERSE, "an adverse status that nobody signed"
    assert case.received_at == received_at, "the receipt never moves"
    return "accepted" if answer.accepted else "refused"


@pytest.mark.parametrize("count", [200, pytest.param(20_000, marks=pytest.mark.many)])
@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
@pytest.mark.timeout(600)
def test_no_message_raises_an_error_whatever_its_fields_hold(process: Process, count: int) -> None:
    chance, seen = Random(20260615), Counter[str]()
    failed: set[str] = set()
    for number in range(count):
        opened = process.begin(number)
        for kind in process.signals.values():
            try:
                seen[answered(opened, kind, process, chance)] += 1
            except Exception as error:
                failed.add(f"{kind.__name__}: {type(error).__name__} {error}"[:300])
        if sum(seen.values()) >= count:
            break
    assert failed == set()
    assert len(seen) >= 3, seen
