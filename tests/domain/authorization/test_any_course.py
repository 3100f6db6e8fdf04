"""Whatever happens to a case, in whatever order: nothing stops it, nothing loops, nobody is left out, nothing moves back."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import JsonValue

from domain.authorization import (
    benefit_units,
    clock_tracking,
    conclusion,
    letter_events,
    letter_orders,
    message_effects,
    path,
    routing,
    timers,
    views,
)
from domain.authorization.assessment import BenefitFinding, CoverageFinding, LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.closings.window import vacate_until
from domain.authorization.messages import (
    AddDocuments,
    AuthorizationMessage,
    CloseUndecided,
    ContactLog,
    CorrectRequest,
    ExtensionGround,
    FileGrievance,
    PartyStatement,
    ReinstateRequest,
    RequestExpedite,
    SettlePeerToPeer,
    TakeExtension,
    VacateDismissal,
    WithdrawRequest,
)
from domain.authorization.parts import ANSWERED_ROUTES
from domain.authorization.start import AuthorizationStart
from domain.cases import journal_rows, letter_tracking, oral_notices, steps
from domain.cases.messages import ClaimTask, CompleteTask, NoteDuplicate, ReassignTask, ReleaseTask
from domain.cases.orders import RecordResult
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskKind, TaskOutcome
from domain.cases.views import ENDED_UNDECIDED
from domain.clocks.engine import Clock, DueInstant, DueKind, EventKind
from domain.clocks.rules import Confidence, Consequence, MissedClockEffect, MissNoticeRule
from domain.decisions.closings import OutsideCoverage
from domain.decisions.determination import LineDecision, SignedBenefitDecision, SignedDecision
from domain.journal import Actor
from domain.letters.orders import BlockedLetter, WrittenLetter
from domain.requests.remarks import ReadingRemark
from domain.vocabulary import AskedBy, Audience, Channel, LineOutcome, NoticeKind
from tests.domain.authorization.casebook import (
    BASIS,
    DUE,
    PHYSICIAN,
    REASON,
    STAFF,
    START,
    assessment,
    claimed,
    clock,
    criteria,
    denial,
    line,
    open_case,
)
from tests.domain.authorization.closings.endings import DIED, ELSEWHERE, MISFILED, NO_FORM, OUTSIDE, vacate, window
from tests.domain.decisions.benefit_cases import JUDGED, benefit_decision, line_of, need
from tests.domain.decisions.benefit_cases import LIMIT as PROVISION

MOST_STEPS = 200
LIMIT = BenefitFinding(
    benefit_id="B", limit=Decimal(10), used=Decimal(4), requested=Decimal(2), unit="units", fits=True
)


ENDS_WITH = {
    TaskKind.COVERAGE_QUESTION: TaskOutcome.COVERAGE_CONFIRMED,
    TaskKind.NURSE_REVIEW: TaskOutcome.REFER,
    TaskKind.PHYSICIAN_REVIEW: TaskOutcome.APPROVE,
    TaskKind.EXPEDITE_DECISION: TaskOutcome.GRANT,
    TaskKind.LETTER_REPAIR: TaskOutcome.RETRY,
    TaskKind.CASE_FORWARDING: TaskOutcome.FORWARDED,
    TaskKind.ORAL_NOTICE: TaskOutcome.DONE,
    TaskKind.BENEFIT_REVIEW: TaskOutcome.RETURN,
    TaskKind.NEED_QUESTION: TaskOutcome.DONE,
    TaskKind.EXPEDITED_GRIEVANCE: TaskOutcome.DONE,
}


def file_due(at: datetime) -> Clock:
    """The clock by which a case file has to go out."""
    return Clock(
        rule_id="PD-IRE-FORWARD",
        title="Forward",
        citation="42 CFR 423.568(h)",
        confidence=Confidence.CONFIRMED,
        starts_at=at - timedelta(hours=24),
        base_due=at,
        due=(DueInstant(kind=DueKind.CASE_FILE, at=at, reason="test", citation="42 CFR 423.568(h)"),),
    )


class World:
    """The work of a case's workflow, without Temporal: letters are written, blocked or held back as the test wants it."""

    def __init__(self, case: AuthorizationCase) -> None:
        self.case, self.now = case, START
        self.next_assessment = case.require_context()
        self.clocks: tuple[Clock, ...] = case.clocks
        self.blocked: frozenset[NoticeKind] = frozenset()
        self.carrier_works = True
        self.limit_holds = True
        self.sent: list[str] = []
        self.decided: tuple[object, ...] | None = None

    def rest(self) -> None:
        """Go on until there is nothing to do but wait."""
        for _ in range(MOST_STEPS):
            timers.fire_due_timers(self.case, self.now)
            owed = clock_tracking.owed_calls(self.case, self.now)
            oral_notices.update_tasks(self.case, owed, self.now)
            if self.case.is_open:
                oral_notices.open_tasks(self.case, owed, self.now)
            step = path.advance(self.case, self.now)
            self._check_invariants()
            if isinstance(step, steps.Wait | steps.Finish):
                journal_rows.take_pending_entries(
                    self.case, lambda: views.case_view(self.case, views.current_wait(self.case))
                )
                alarm = timers.next_timer(self.case)
                if alarm is None or alarm > self.now:
                    self._check_at_rest(step)
                    return
            self._do(step)
        raise AssertionError("the case never comes to rest")

    def _do(self, step: path.AuthorizationStep) -> None:
        case, now = self.case, self.now
        match step:
            case path.AssessRequest():
                case.apply_assessment(self.next_assessment, self._clocks())
                routing.cancel_outdated_reviews(case, now)
            case steps.ComputeClocks():
                case.clocks, case.clocks_stale = self._clocks(), False
            case path.WriteNotices(notices):
                letter_events.record_written(case, notices, self._written(notices), now)
            case steps.DeliverLetters(letter_ids):
                self._hand_over(letter_ids)
            case path.SendExtensionNotice():
                case.extended_due = now + timedelta(days=14)
                letter_events.record_written(case, (NoticeKind.EXTENSION,), self._written((NoticeKind.EXTENSION,)), now)
            case path.ReserveUnits(asked):
                refused = () if self.limit_holds else tuple(each.line_id for each in asked if each.within_limit)
                self._learn_limits(frozenset(refused))
                benefit_units.record_reservations(case, asked, refused, now)
            case path.MakeDetermination(status):
                conclusion.make_determination(case, status, now)
            case steps.CloseCase(status):
                timers.fire_due_timers(case, now)
                conclusion.close_case(case, status, now)

    def _learn_limits(self, refused: frozenset[str]) -> None:
        """The next look at the benefit sees what another case took."""
        lines = tuple(
            one.model_copy(update={"benefit": one.benefit.model_copy(update={"fits": False})})
            if one.line_id in refused and one.benefit is not None
            else one
            for one in self.next_assessment.lines
        )
        self.next_assessment = self.next_assessment.model_copy(update={"lines": lines})

    def _clocks(self) -> tuple[Clock, ...]:
        """The clocks of the moment, and the one for forwarding once the time of another expired."""
        expired = [event.at for event in self.case.clock_events if event.kind is EventKind.TIME_EXPIRED]
        told = [e.at for e in self.case.clock_events if e.kind is EventKind.DISMISSAL_NOTICE_SENT]
        windows = tuple(window(at + timedelta(days=10)) for at in told[-1:])
        return (*self.clocks, *windows, *(file_due(at + timedelta(hours=24)) for at in expired[:1]))

    def _written(self, notices: tuple[NoticeKind, ...]) -> RecordResult:
        letters, blocked = [], []
        for notice in notices:
            assert letter_orders.build_orders(self.case, notice, self.now), "a notice has its facts before it is queued"
            if notice in self.blocked:
                blocked.append(BlockedLetter(notice=notice, missing=("x",), why="x"))
                continue
            place = 1 + sum(letter.notice is notice for letter in self.case.letters.values())
            letters += [
                WrittenLetter(
                    letter_id=f"PA-TEST:{notice.value}:{audience.value}:{place}",
                    notice=notice,
                    audience=audience.value,
                    recipient="r",
                    subject="s",
                    sha256="0",
                )
                for audience in Audience
            ]
        return RecordResult(letters=tuple(letters), blocked=tuple(blocked))

    def _hand_over(self, letter_ids: tuple[str, ...]) -> None:
        if not self.carrier_works:
            letter_tracking.report_delivery_trouble(self.case, self.now)
            return
        self.sent += letter_ids
        letter_events.record_mailed(self.case, letter_ids, self.now)

    def tell(self, message: AuthorizationMessage) -> bool:
        answer = message_effects.receive_message(self.case, message, self.now)
        assert self.case.answers[message.message_id] is answer
        if answer.accepted and isinstance(message, ReinstateRequest | VacateDismissal):
            self.decided = None
        return answer.accepted

    # -- promises ------------------------------------------------------------------------------------------------------

    def _check_invariants(self) -> None:
        case = self.case
        signed = {each.line_id for made in case.adverse for each in made.lines if each.is_adverse}
        for line_id, route in case.routes.items():
            assert (route.value == "decided") <= (line_id in signed), "an adverse answer that nobody signed"
            assert not (case.signed_answer(line_id) and line_id in case.approvals), "approved and denied"
        if any(key.endswith("/decision") and word == "met" for key, word in case.judged.items()):
            assert case.concluded is not None and all(case.routes[n] in ANSWERED_ROUTES for n in case.routes)
        if case.concluded is not None:
            said = (case.concluded, case.adverse, dict(case.approvals), dict(case.routes), case.authorization_number)
            assert self.decided in (None, said), "what was concluded changed afterwards"
            self.decided = said
        assert len(self.sent) == len(set(self.sent)), "a letter went out twice"
        assert case.received_at == START, "the receipt moved"
        if case.closing is not None:
            assert (
                case.concluded in (None, *ENDED_UNDECIDED) and NoticeKind.ADVERSE_DETERMINATION not in case.owed_letters
            )
        if case.status.value in ("denied", "approved_in_part"):
            assert case.adverse, "an adverse status that nobody signed"

    def _check_at_rest(self, step: path.AuthorizationStep) -> None:
        case = self.case
        if isinstance(step, steps.Wait):
            asked = case.information is not None and case.information.is_open
            may_be_vacated = not case.is_open and vacate_until(case) is not None
            assert case.open_tasks() or asked or may_be_vacated, "the case waits for nobody"
            assert views.status_summary(case).sentence
        for task in case.open_tasks(TaskKind.NURSE_REVIEW, TaskKind.PHYSICIAN_REVIEW):
            due = case.due()
            assert due is None or due[1].at <= self.now or task.due_at <= due[1].at
        owed = case.forwarding
        if owed is not None and not case.ends_undecided and not case.clocks_stale:
            asked_for = case.open_task(TaskKind.CASE_FORWARDING) is not None
            assert asked_for != (owed.forwarded_at is not None), "the case file is asked for until it is sent"
        assert [entry.seq for entry in case.pending] == []
        again = AuthorizationStart(case_id=case.case_id, request_version=1, received_at=START, carried=case)
        assert AuthorizationStart.model_validate_json(again.model_dump_json()) == again

    # -- a good end ----------------------------------------------------------------------------------------------------

    def bring_to_an_end(self) -> None:
        """Everybody does their work from now on; then every case has to end."""
        self.blocked, self.carrier_works, self.limit_holds = frozenset(), True, True
        self.next_assessment = self.next_assessment.model_copy(update={"coverage": CoverageFinding.ACTIVE})
        for turn in range(60):
            self.now += timedelta(hours=6)
            self.rest()
            if isinstance(path.advance(self.case, self.now), steps.Finish):
                return
            for task in self.case.open_tasks():
                self.tell(self._answer(task.task_id, f"end-{turn}-{task.task_id}"))
        raise AssertionError(f"the case does not end: {self.case.open_tasks()} {self.case.blocked_letters}")

    def _answer(self, task_id: str, message_id: str) -> CompleteTask:
        task = self.case.tasks[task_id]
        outcome, who = ENDS_WITH.get(task.kind, TaskOutcome.ACKNOWLEDGE), task.assignee or FIT[task.kind]
        named = task.line_ids if outcome is TaskOutcome.APPROVE else ()
        lines = tuple(
            LineDecision(line_id=n, outcome=LineOutcome.APPROVED, approved_quantity=self._asked(n)) for n in named
        )
        claimed(self.case, task_id, who)
        return CompleteTask(
            message_id=message_id,
            at=self.now,
            actor=Actor(kind="reviewer", id=who),
            task_id=task_id,
            reviewer_id=who,
            outcome=outcome,
            basis=BASIS,
            lines=lines,
            recommendation="r",
            note="No provision decides it.",
            form=FORM_OF[task.kind](self.now) if task.kind in FORM_OF else None,
        )

    def _asked(self, line_id: str) -> Decimal:
        return self.case.require_context().line(line_id).quantity or Decimal(1)


def _call(at: datetime, result: str = "reached") -> dict[str, JsonValue]:
    said: dict[str, JsonValue] = {"told_by": "Ann", "told": "Bea", "channel": "phone", "number": "217-555-0140"}
    return said | {"at": at.isoformat(), "result": result}


def _answer_to_grievance(at: datetime) -> dict[str, JsonValue]:
    return {"answered_to": "Bea", "channel": "phone", "at": at.isoformat(), "answer": "We looked at it again."}


FORM_OF: dict[TaskKind, Callable[[datetime], dict[str, JsonValue]]] = {
    TaskKind.ORAL_NOTICE: _call,
    TaskKind.NEED_QUESTION: lambda at: need(at.day % 2 == 0),
    TaskKind.EXPEDITED_GRIEVANCE: lambda at: _answer_to_grievance(at),
}


# -- what can happen ---------------------------------------------------------------------------------------------------------

FINDINGS = [
    criteria("met", auto=True),
    criteria("met"),
    criteria("not_met"),
    criteria("unknown"),
    criteria("other"),
    None,
]
FIT = {
    TaskKind.COVERAGE_QUESTION: "intake",
    TaskKind.NURSE_REVIEW: "nurse",
    TaskKind.PHYSICIAN_REVIEW: "md.fit",
    TaskKind.EXPEDITE_DECISION: "md.fit",
    TaskKind.LETTER_REPAIR: "supervisor",
    TaskKind.MISSED_CLOCK: "compliance",
    TaskKind.NO_CLOCK: "compliance",
    TaskKind.CASE_FORWARDING: "appeals",
    TaskKind.ORAL_NOTICE: "intake",
    TaskKind.BENEFIT_REVIEW: "benefits",
    TaskKind.NEED_QUESTION: "md.fit",
    TaskKind.EXPEDITED_GRIEVANCE: "appeals",
}
REMARKS = (
    ReadingRemark(path="$.x", rule="umpire-urgency", message="an urgency that was not understood"),
    ReadingRemark(path="$.y", rule="pas-service", message="a service that was not understood", about_service=True),
)
QUANTITIES = [None, None, Decimal(-1), Decimal(0), Decimal(1), Decimal(2), Decimal("1E+300")]
KINDS = (
    "complete complete complete complete complete complete claim release reassign documents documents correct withdraw"
)
KINDS += " expedite extend p2p p2p duplicate reinstate reinstate close vacate vacate grievance"


class Chance:
    """One course of events, chosen by a seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.lines = self._lines()
        self.number = 0
        self.told: list[AuthorizationMessage] = []

    def happen(self, world: World) -> None:
        roll = self.dice.random()
        if roll < 0.15:
            world.now += timedelta(hours=self.dice.choice([0, 1, 6, 24, 24, 72]))
        elif roll < 0.22:
            coverage = self.dice.choice([CoverageFinding.ACTIVE, *CoverageFinding])
            lines = self._lines() if self.dice.random() < 0.3 else self.lines
            world.next_assessment = assessment(*lines, coverage=coverage).model_copy(
                update={"remarks": self.dice.choice([(), (), REMARKS])}
            )
            world.clocks = self.dice.choice(
                [(clock(),), (), (clock(START + timedelta(hours=72)),), (EXTENDED,), (SENT_ON,), (CALLED,)]
            )
        elif roll < 0.27:
            world.blocked = frozenset(self.dice.sample(list(NoticeKind), self.dice.randint(0, 4)))
            world.carrier_works, world.limit_holds = self.dice.random() < 0.7, self.dice.random() < 0.7
        elif roll < 0.33:
            self._repeat(world)
        else:
            message = self._message(world)
            self.told.append(message)
            world.tell(message)
        if self.dice.random() < 0.7:
            world.rest()

    def _lines(self) -> tuple[LineAssessment, ...]:
        return tuple(self._line(str(number + 1)) for number in range(self.dice.randint(1, 3)))

    def _line(self, line_id: str) -> LineAssessment:
        one = line(line_id, self.dice.choice(FINDINGS), self.dice.choice([True, True, True, None, False]))
        changes = {
            "quantity": self.dice.choice([Decimal(2), None]),
            "provisions": self.dice.choice([(), (PROVISION,), (PROVISION, JUDGED), (JUDGED,)]),
            "under_age": self.dice.choice([None, True, False]),
            "benefit": self.dice.choice([None, None, LIMIT, LIMIT.model_copy(update={"fits": False})]),
            "fitting_specialties": self.dice.choice([("orthopedic_surgery",), ("orthopedic_surgery", "x"), ("x",)]),
        }
        return one.model_copy(update=changes)

    def _message(self, world: World) -> AuthorizationMessage:
        self.number += 1
        flag, kind = self.dice.random() < 0.7, self.dice.choice(KINDS.split())
        tasks = world.case.open_tasks() if flag else tuple(world.case.tasks.values())
        task = self.dice.choice(tasks) if tasks else None
        task_id = task.task_id if task is not None else "PA-TEST-T1"
        who = task.assignee or FIT[task.kind] if task is not None and flag else self.dice.choice(PEOPLE)
        at = world.now - timedelta(minutes=0 if flag else self.dice.randint(-90, 60 * 48))
        base = {"message_id": f"m{self.number}", "at": at, "actor": Actor(kind="reviewer", id=who)}
        version = self.dice.randint(-1, 3)
        match kind:
            case "claim":
                return ClaimTask(**base, task_id=task_id, reviewer_id=who)
            case "release":
                return ReleaseTask(**base, task_id=task_id, reviewer_id=who)
            case "reassign":
                return ReassignTask(**base, task_id=task_id, reviewer_id=self.dice.choice(PEOPLE))
            case "documents":
                return AddDocuments(**base, document_ids=("d",), request_version=None if flag else version)
            case "correct":
                world.case.newest_version = 3
                base["actor"] = Actor(kind="provider", id=world.case.requesting_npi)
                return CorrectRequest(**base, request_version=version, what="x")
            case "withdraw":
                base["actor"] = Actor(kind="member", id=world.case.member_id)
                by = self.dice.choice([*[AskedBy.PLAN] * 6, AskedBy.MEMBER, AskedBy.PROVIDER])
                return WithdrawRequest(**base, asked=self._statement(at), by=by, entered_by=self._entered_by())
            case "reinstate":
                base["actor"] = Actor(kind="member", id=world.case.member_id)
                said = PartyStatement(person="The member", channel=Channel.MAIL, at=at, inbox_id=1)
                return ReinstateRequest(**base, asked=said, by=AskedBy.MEMBER)
            case "expedite":
                by = self.dice.choice([AskedBy.MEMBER, AskedBy.PROVIDER])
                stated = self.dice.choice([None, True, False])
                asked = RequestExpedite(**base, asked_by=by, physician_statement=stated)
                return asked.model_copy(update={"entered_by": self._entered_by()})
            case "extend":
                days = self.dice.choice([None, None, -1, 0, 45, 10**9])
                extend = {"reviewer_id": "nurse", "reason": "enrollee_asked", "justification": "more time"}
                extend["reason"] = self.dice.choice(["enrollee_asked", "missing_information", "plan_justified"])
                more = {"ground": self._ground(at), "second_person": self.dice.choice([None, "md.fit", "nurse"])}
                return TakeExtension.model_validate(
                    base | extend | more | {"days_given": days, "actor": Actor(kind="reviewer", id="nurse")}
                )
            case "p2p":
                called = at - timedelta(hours=self.dice.choice([0, 0, 1, -2, 24 * 400]))
                call = ContactLog(called="Dr. Lee", number="1", at=called, by=self.dice.choice(["nurse", "stranger"]))
                result = self.dice.choice(["held", "declined", "plan_no_show"])
                return SettlePeerToPeer(**base, result=result, contact=self.dice.choice([call, call, None]))
            case "close":
                return self._closing(base, at)
            case "grievance":
                base["actor"] = Actor(kind="reviewer", id="intake")
                about = self.dice.choice(["extension", "expedite_refusal"])
                said = PartyStatement(person="The member", channel=Channel.PHONE, at=at)
                return FileGrievance.model_validate(
                    base | {"reviewer_id": "intake", "about": about, "asked": said, "said": "It takes too long."}
                )
            case "vacate":
                by = self.dice.choice(["appeals", "appeals", "nurse"])
                return vacate(at, by, message_id=base["message_id"])
            case "duplicate":
                return NoteDuplicate(**base, inbox_id=1)
        return self._completion(world, base, task, who)

    def _closing(self, base: dict[str, object], at: datetime) -> CloseUndecided:
        """Staff end the request without a decision, on the facts of the kind or on others."""
        ends = {"appeals": [NO_FORM, DIED], "enrollment": [OUTSIDE], "intake": [ELSEWHERE, MISFILED]}
        who = self.dice.choice(sorted(ends))
        closing = self.dice.choice(ends[who] if self.dice.random() < 0.8 else [NO_FORM, DIED, OUTSIDE, ELSEWHERE])
        if isinstance(closing, OutsideCoverage):
            last = self.dice.choice([None, date(2026, 12, 10), date(2026, 11, 1), date(2027, 5, 1)])
            closing = closing.model_copy(update={"covered_through": last})
        actor = Actor(kind="reviewer", id=who)
        return CloseUndecided.model_validate(base | {"actor": actor, "reviewer_id": who, "closing": closing})

    def _statement(self, at: datetime) -> PartyStatement | None:
        """A party's statement: properly, in the future, years ago, without anything that shows it, or not at all."""
        said = PartyStatement(person="The member", channel=self.dice.choice(list(Channel)), at=at, inbox_id=1)
        later, earlier = at + timedelta(hours=5), at.replace(year=1900)
        wrong = [{"at": later}, {"at": earlier}, {"inbox_id": None}, {"document_id": "d"}, {"person": " "}]
        roll = self.dice.random()
        return said if roll < 0.6 else None if roll < 0.7 else said.model_copy(update=self.dice.choice(wrong))

    def _ground(self, at: datetime) -> ExtensionGround | None:
        """The ground of an extension, with the facts that it needs or without."""
        code = self.dice.choice(["enrollee_asked", "noncontract_evidence", "extraordinary"])
        fact, npi = self.dice.choice(["Records of the clinic", " "]), self.dice.choice([None, "1999999984", "1"])
        ground = {"code": code, "fact": fact, "party": self._statement(at), "provider_npi": npi}
        return ExtensionGround.model_validate(ground) if self.dice.random() < 0.8 else None

    def _entered_by(self) -> str | None:
        return self.dice.choice([None, "intake", "stranger"])

    def _repeat(self, world: World) -> None:
        """The same request arrives again: it expedites, adds diagnoses or records as a further version, or only joins."""
        self.number += 1
        base = {"at": world.now, "actor": Actor(kind="provider", id=world.case.requesting_npi)}
        world.case.newest_version += 1
        version = world.case.newest_version
        messages: list[AuthorizationMessage] = [
            NoteDuplicate(**base, message_id=f"r{self.number}-joins", inbox_id=self.number),
            RequestExpedite(
                **base, message_id=f"r{self.number}-expedites", asked_by=AskedBy.PROVIDER, physician_statement=True
            ),
            AddDocuments(**base, message_id=f"r{self.number}-adds", document_ids=("d", "e"), request_version=version),
        ]
        for message in self.dice.sample(messages, self.dice.randint(1, 3)):
            world.tell(message)
        if self.told and self.dice.random() < 0.5:
            world.tell(self.dice.choice(self.told))

    def _completion(self, world: World, base: dict[str, object], task: Task | None, who: str) -> CompleteTask:
        names = task.line_ids if task is not None else ("1",)
        fitting = (
            sorted(ALLOWED_OUTCOMES[task.kind]) if task is not None and self.dice.random() < 0.85 else list(TaskOutcome)
        )
        outcome = self.dice.choice(fitting)
        signed: SignedDecision | SignedBenefitDecision | None = None
        if outcome is TaskOutcome.DECIDE and task is not None:
            signed = self._signed(world, task, who)
            if task.kind is TaskKind.BENEFIT_REVIEW and self.dice.random() < 0.8:
                lines = tuple(line_of(line_id=line_id) for line_id in task.line_ids)
                signed = benefit_decision(task_id=task.task_id, signed_at=world.now, lines=lines)
        named = names if outcome is TaskOutcome.APPROVE else names[: self.dice.randint(0, 1)]
        return CompleteTask(
            **base,
            task_id=task.task_id if task is not None else "PA-TEST-T9",
            reviewer_id=who,
            outcome=outcome,
            lines=tuple(
                LineDecision(line_id=n, outcome=LineOutcome.APPROVED, approved_quantity=self._some()) for n in named
            ),
            signed=signed,
            recommendation="Not documented.",
            facts_to_ask=("sp.nonop_months",),
            note="Waiting does no harm.",
            basis=BASIS if self.dice.random() < 0.9 else None,
            form=self._form(world, task),
        )

    def _form(self, world: World, task: Task | None) -> dict[str, JsonValue]:
        if task is not None and task.kind is TaskKind.EXPEDITED_GRIEVANCE:
            return _answer_to_grievance(world.now)
        if task is not None and task.kind is TaskKind.NEED_QUESTION:
            return need(self.dice.random() < 0.5)
        return _call(world.now, self.dice.choice(["reached", "left_message", "not_reached"]))

    def _some(self) -> Decimal | None:
        return self.dice.choice(QUANTITIES)

    def _signed(self, world: World, task: Task, who: str) -> SignedDecision:
        person = next((each for each in STAFF if each.reviewer_id == who), PHYSICIAN)
        lines = tuple(self._decision(line_id) for line_id in task.line_ids)
        made = denial(world.case, task.task_id, person, lines=lines, signed_at=world.now)
        match self.dice.randint(0, 7):
            case 0:
                return made.model_copy(update={"signature": "é" * 64})
            case 1:
                return made.model_copy(update={"signed_at": datetime.fromisoformat("0001-01-01T00:00:00+00:00")})
        return made

    def _decision(self, line_id: str) -> LineDecision:
        outcome = self.dice.choice([LineOutcome.DENIED, LineOutcome.DENIED, *LineOutcome])
        quantity = None if outcome is LineOutcome.DENIED else self._some()
        return LineDecision(line_id=line_id, outcome=outcome, approved_quantity=quantity, reason=REASON)


EXTENDED = clock(DUE + timedelta(days=14))
SENT_ON = clock(START + timedelta(hours=72)).model_copy(
    update={
        "missed": Consequence(
            effect=MissedClockEffect.DEEMED_ADVERSE_FORWARD,
            note="The case goes to the reviewer.",
            told=MissNoticeRule.ALWAYS,
            next_rule="PD-IRE-FORWARD",
            forward_to="independent review entity",
        )
    }
)
CALLED = clock().model_copy(
    update={
        "due": (
            *clock().due,
            *(
                DueInstant(kind=kind, at=DUE, reason="test", citation="N.Y. Ins. Law 4903(b)(1)")
                for kind in (DueKind.ORAL_NOTICE, DueKind.MEMBER_CALL, DueKind.PROVIDER_CALL)
            ),
        )
    }
)
PEOPLE = [*(who.reviewer_id for who in STAFF), "stranger"]


def run(courses: range, length: int) -> None:
    for course in courses:
        chance = Chance(course)
        world = World(open_case(*chance.lines))
        world.rest()
        try:
            for _ in range(length):
                chance.happen(world)
            world.rest()
            world.bring_to_an_end()
        except Exception as error:
            error.add_note(f"course {course}")
            raise


@pytest.mark.parametrize("seed", range(10))
def test_no_course_of_events_stops_a_case_or_breaks_a_promise(seed: int) -> None:
    run(range(seed * 12, seed * 12 + 8), 40)


@pytest.mark.many
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(10))
def test_no_longer_course_of_events_does_either(seed: int) -> None:
    run(range(1000 + seed * 60, 1000 + seed * 60 + 60), 90)


@pytest.mark.parametrize("hours", [0, 24 * 3, 24 * 30])
def test_a_case_that_everybody_works_on_ends(hours: int) -> None:
    world = World(open_case(line("1", criteria("not_met")), line("2", criteria("unknown")), line("3", None)))
    world.now += timedelta(hours=hours)
    world.bring_to_an_end()
    assert world.case.status.value == "approved"
