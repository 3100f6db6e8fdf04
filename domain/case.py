"""A case as its workflow holds it: the one mutable aggregate of the domain.

Only the case's own workflow changes it, through the functions of `casework` and `watch`. Every change leaves a journal entry
in `pending`, which the workflow hands to the store; what is not in the journal did not happen.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.assessment import Assessment, LineAssessment
from domain.clock_binding import governing
from domain.clocks import Clock, ClockEvent, DueInstant, DueKind, EventKind
from domain.decisions import AdverseDetermination, Approval, LineDecision
from domain.journal import UMPIRE, Actor, EntryDraft, EntryKind
from domain.messages import Answer, RequestExpedite, TakeExtension
from domain.plan import Reviewer
from domain.tasks import Task, TaskKind, TaskStatus
from domain.views import CaseStatus, CaseView, LetterView, LineView, Waiting
from domain.vocabulary import LineOutcome, Lob, NoticeKind, ReviewKind, Role, ServiceKind, Urgency
from domain.wording import someone


class Route(StrEnum):
    """Where a line stands."""

    NEW = "new"
    NOT_REQUIRED = "not_required"
    APPROVED_BY_RULE = "approved_by_rule"
    ASKED = "asked"
    NURSE = "nurse"
    PHYSICIAN = "physician"
    APPROVED = "approved"
    DECIDED = "decided"


class InformationRequest(BaseModel):
    """The one question to the provider: what is missing, and how long the clock lets us wait for it.

    `hours_given` is set where the law gives a time of its own; it counts from the instant at which the letter left.
    """

    asked_at: AwareDatetime
    wait_until: AwareDatetime
    line_ids: tuple[str, ...]
    facts: tuple[str, ...] = ()
    hours_given: int | None = None
    answered_at: AwareDatetime | None = None
    wait_ended: bool = False

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and not self.wait_ended


class PeerToPeer(BaseModel):
    offered_at: AwareDatetime
    until: AwareDatetime
    result: str | None = None
    ended: bool = False

    @property
    def is_settled(self) -> bool:
        return self.ended or self.result in ("held", "declined", "provider_no_show")


class MissedClock(BaseModel):
    """A due instant that passed without its duty done. Never removed."""

    rule_id: str
    kind: DueKind
    due_at: AwareDatetime
    effect: str | None


class Case(BaseModel):
    """The state of one prior authorization. Instants are UTC; `zone` is the one IANA zone in which its days are counted."""

    case_id: str
    request_version: int
    received_at: AwareDatetime
    member_id: str = ""
    requesting_npi: str = ""
    lob: Lob | None = None
    state: str = ""
    zone: str = "UTC"
    service_kind: ServiceKind = ServiceKind.MEDICAL
    urgency: Urgency = Urgency.STANDARD
    status: CaseStatus = CaseStatus.OPEN

    assessment: Assessment | None = None
    look_needed: bool = True
    routes: dict[str, Route] = {}
    approvals: dict[str, Approval] = {}
    adverse: AdverseDetermination | None = None
    decided_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    authorization_number: str | None = None
    nurse_recommendation: str | None = None

    clocks: tuple[Clock, ...] = ()
    clock_events: list[ClockEvent] = []
    clocks_stale: bool = False
    done: dict[DueKind, AwareDatetime] = {}
    judged: dict[str, str] = {}
    missed: list[MissedClock] = []
    consequence: MissedClock | None = None

    tasks: dict[str, Task] = {}
    information: InformationRequest | None = None
    peer_to_peer: PeerToPeer | None = None
    expedite: RequestExpedite | None = None
    extension: TakeExtension | None = None
    extended_due: AwareDatetime | None = None
    withdrawal: str | None = None
    coverage_confirmed: bool = False
    expedite_refusal: str | None = None

    reviewers: dict[str, Reviewer] = {}
    answers: dict[str, Answer] = {}
    letters: dict[str, LetterView] = {}
    blocked_letters: list[NoticeKind] = []
    owed_letters: list[NoticeKind] = []
    hand_over_again_at: AwareDatetime | None = None
    concluded: CaseStatus | None = None

    seq: int = 0
    pending: list[EntryDraft] = []

    # -- reading -------------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.status is CaseStatus.OPEN

    @property
    def is_opened(self) -> bool:
        """Whether the journal has begun: everything a case shows comes after its receipt."""
        return self.seq > 0

    def day(self, instant: datetime) -> date:
        """The calendar day of an instant in the case's zone."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def local(self, instant: datetime) -> str:
        """An instant for people, in the case's zone: ``Fri 2026-11-27 20:41 CST``."""
        return f"{instant.astimezone(ZoneInfo(self.zone)):%a %Y-%m-%d %H:%M %Z}"

    def looked_at(self) -> Assessment:
        """The current assessment. Raises LookupError before the first one: nothing may be concluded without it."""
        if self.assessment is None:
            raise LookupError(f"{self.case_id} has not been assessed")
        return self.assessment

    def unresolved(self) -> tuple[LineAssessment, ...]:
        """The lines that need authorization and have neither an approval nor a decision."""
        if self.assessment is None:
            return ()
        done = {Route.NOT_REQUIRED, Route.APPROVED_BY_RULE, Route.APPROVED, Route.DECIDED}
        return tuple(line for line in self.assessment.lines if self.routes.get(line.line_id) not in done)

    def in_the_house(self) -> tuple[str, ...]:
        """The letters that are written and not handed over."""
        return tuple(key for key, letter in self.letters.items() if letter.handed_over_at is None)

    def open_task(self, kind: TaskKind) -> Task | None:
        return next((task for task in self.tasks.values() if task.kind is kind and task.is_open), None)

    def open_tasks(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks.values() if task.is_open)

    def due(self, kind: DueKind = DueKind.DECISION) -> tuple[Clock, DueInstant] | None:
        """The clock on which the case acts for this duty, with its instant: the earliest of all that bind."""
        return governing(self.clocks, kind)

    # -- writing -------------------------------------------------------------------------------------------------------

    def note(self, kind: EntryKind, at: datetime, summary: str, actor: Actor = UMPIRE, **data: Any) -> None:
        """Append a journal entry. `data` must be JSON; views in it replace what the read models hold."""
        self.seq += 1
        self.pending.append(EntryDraft(seq=self.seq, at=at, kind=kind, actor=actor, summary=summary, data=data))

    def put_task(self, task: Task) -> dict[str, Any]:
        """Keep the task and return it as it goes into an entry's data."""
        self.tasks[task.task_id] = task
        return task.model_dump(mode="json")

    def happened(self, kind: EventKind, at: datetime, **details: Any) -> None:
        """Record an event that clocks look at; they are computed anew before the case goes on."""
        self.clock_events.append(ClockEvent(kind=kind, at=at, **details))
        self.clocks_stale = True

    def new_task(
        self,
        kind: TaskKind,
        role: Role,
        why: str,
        now: datetime,
        due_at: datetime,
        line_ids: tuple[str, ...] = (),
        specialties: tuple[str, ...] = (),
        professions: tuple[str, ...] = (),
    ) -> Task:
        """Open a task and journal it."""
        task = Task(
            task_id=f"{self.case_id}-T{len(self.tasks) + 1}",
            kind=kind,
            role=role,
            why=why,
            line_ids=line_ids,
            specialties=specialties,
            professions=professions,
            opened_at=now,
            due_at=max(due_at, now),
        )
        about = f"Task for {someone(role)}: {why}"
        self.note(EntryKind.TASK_OPENED, now, about, tasks=[self.put_task(task)], lines=self.line_views())
        return task

    def move_task(self, task: Task, due_at: datetime, now: datetime) -> None:
        """Give an open task another due instant, because the clock it serves has moved."""
        moved = task.model_copy(update={"due_at": due_at})
        self.note(
            EntryKind.TASK_MOVED,
            now,
            f"{task.task_id} is now due {due_at:%Y-%m-%d %H:%M} UTC: its clock has moved.",
            tasks=[self.put_task(moved)],
        )

    def take_in(self, assessment: Assessment, clocks: tuple[Clock, ...]) -> None:
        """Keep what a look found: it holds until something is known that it did not see."""
        self.assessment, self.clocks = assessment, clocks
        self.look_needed = self.clocks_stale = False

    def decided(self, at: datetime) -> None:
        """Somebody or something decided a line at `at`; the case is decided by the last of these."""
        self.decided_at = at if self.decided_at is None else max(self.decided_at, at)

    def approve(self, approval: Approval, route: Route) -> None:
        """Keep the approval of a line."""
        self.approvals[approval.line_id] = approval
        self.routes[approval.line_id] = route

    def cancel_tasks(self, now: datetime, why: str, *kinds: TaskKind) -> None:
        """Cancel open tasks (of these kinds; of all kinds when none is named)."""
        for task in self.open_tasks():
            if not kinds or task.kind in kinds:
                cancelled = task.model_copy(update={"status": TaskStatus.CANCELLED, "completed_at": now})
                self.note(
                    EntryKind.TASK_CANCELLED, now, f"Task {task.task_id} ended: {why}", tasks=[self.put_task(cancelled)]
                )

    def drain(self, waiting: Waiting | None) -> tuple[EntryDraft, ...]:
        """Take the entries that the store has not seen; the last one carries the case's row for the lists."""
        entries, self.pending = self.pending, []
        if not entries:
            return ()
        last = entries[-1]
        row = self.view(waiting).model_dump(mode="json")
        return (*entries[:-1], last.model_copy(update={"data": last.data | {"case": row}}))

    # -- views ---------------------------------------------------------------------------------------------------------

    def view(self, waiting: Waiting | None) -> CaseView:
        if self.lob is None:
            raise LookupError(f"{self.case_id} has not been assessed")
        due = self.due()
        return CaseView(
            case_id=self.case_id,
            lob=self.lob,
            state=self.state,
            zone=self.zone,
            review_kind=ReviewKind.PROSPECTIVE,
            service_kind=self.service_kind,
            urgency=self.urgency,
            member_id=self.member_id,
            requesting_npi=self.requesting_npi,
            request_version=self.request_version,
            received_at=self.received_at,
            status=self.status,
            waiting=waiting,
            decision_due=due[1].at if due else None,
            governing_rule=due[0].rule_id if due else None,
            decided_at=self.decided_at,
            authorization_number=self.authorization_number,
            rulebook_version=self.looked_at().rulebook_version,
            closed_at=self.closed_at,
        )

    def clock_views(self) -> list[dict[str, Any]]:
        """Every clock as it goes into an entry's data, with what became of each duty."""
        return [clock.model_dump(mode="json") | {"judged": self._judged(clock)} for clock in self.clocks]

    def _judged(self, clock: Clock) -> dict[str, str]:
        prefix = f"{clock.rule_id}/{clock.variant}/"
        return {key.removeprefix(prefix): word for key, word in self.judged.items() if key.startswith(prefix)}

    def line_views(self) -> list[dict[str, Any]]:
        return [self._line_view(line).model_dump(mode="json") for line in self.looked_at().lines]

    def _line_view(self, line: LineAssessment) -> LineView:
        approval = self.approvals.get(line.line_id)
        decided = next((d for d in self.adverse.lines if d.line_id == line.line_id), None) if self.adverse else None
        answer = decided or approval
        return LineView(
            line_id=line.line_id,
            code=line.code,
            description=line.description,
            route=self.routes.get(line.line_id, Route.NEW).value,
            guideline_id=line.criteria.guideline_id if line.criteria else None,
            verdict=line.criteria.state if line.criteria else None,
            verdict_id=line.criteria.verdict_id if line.criteria else None,
            outcome=_outcome(approval, decided),
            approved_quantity=answer.approved_quantity if answer else None,
            approved_start=answer.approved_start if answer else None,
            approved_end=answer.approved_end if answer else None,
            decided_by=approval.by
            if approval
            else (self.adverse.signed.reviewer_id if decided and self.adverse else None),
        )


class CaseStart(BaseModel):
    """What starts a case: its number and where its request lies in the store.

    `carried` is the case itself when a long history goes on in a new run.
    """

    model_config = ConfigDict(frozen=True)

    case_id: str
    request_version: int
    received_at: AwareDatetime
    carried: Case | None = None


def _outcome(approval: Approval | None, decided: LineDecision | None) -> LineOutcome | None:
    if decided is not None:
        return decided.outcome
    return LineOutcome.APPROVED if approval is not None else None
