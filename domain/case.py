"""A case as its workflow holds it: the one mutable aggregate of the domain.

Only the case's own workflow changes it, through the functions of `casework`, `pathway` and `watch`. Every change leaves a
journal entry in `pending`, which the workflow hands to the store; what is not in the journal did not happen. Entries are
numbered in the order in which the case learned of things; their stamps tell when things were done and may lie before those
of earlier entries.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.assessment import Assessment, CoverageFinding, LineAssessment
from domain.case_parts import ANSWERED, Forwarding, InformationRequest, MissedClock, PeerToPeer, Route
from domain.clock_binding import governing
from domain.clocks import Clock, ClockEvent, DueInstant, DueKind, EventKind
from domain.decisions import AdverseDetermination, Approval, LineDecision
from domain.journal import UMPIRE, Actor, EntryDraft, EntryKind
from domain.messages import Answer, RequestExpedite, TakeExtension
from domain.orders import Reservation
from domain.plan import Reviewer
from domain.tasks import Task, TaskKind, TaskStatus
from domain.views import CaseStatus, LetterView
from domain.vocabulary import Lob, NoticeKind, Role, ServiceKind, Urgency
from domain.wording import someone


class Case(BaseModel):
    """The state of one prior authorization. Instants are UTC; `zone` is the one IANA zone in which its days are counted."""

    model_config = ConfigDict(hide_input_in_errors=True)

    case_id: str
    request_version: int
    newest_version: int = 1
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
    adverse: tuple[AdverseDetermination, ...] = ()
    reserved: tuple[Reservation, ...] = ()
    decided_at: AwareDatetime | None = None
    concluded: CaseStatus | None = None
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
    untold: list[MissedClock] = []
    forwarding: Forwarding | None = None

    tasks: dict[str, Task] = {}
    information: InformationRequest | None = None
    peer_to_peer: PeerToPeer | None = None
    expedite: RequestExpedite | None = None
    extension: TakeExtension | None = None
    extended_due: AwareDatetime | None = None
    withdrawal: str | None = None
    coverage_confirmed: bool = False
    coverage_set_aside: bool = False
    expedite_refusal: str | None = None

    reviewers: dict[str, Reviewer] = {}
    answers: dict[str, Answer] = {}
    letters: dict[str, LetterView] = {}
    owed_letters: list[NoticeKind] = []
    blocked_letters: list[NoticeKind] = []
    hand_over_again_at: AwareDatetime | None = None

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

    @property
    def is_covered(self) -> bool:
        """Covered by the system's word; while the system is silent, by the word of intake."""
        found = self.assessment.coverage if self.assessment is not None else None
        return found is CoverageFinding.ACTIVE or (found is CoverageFinding.UNAVAILABLE and self.coverage_confirmed)

    @property
    def is_settled(self) -> bool:
        """Whether every line has its answer and nobody has to ask about coverage: only the conclusion is left to draw."""
        return self.assessment is not None and not self.unresolved() and (self.is_covered or self.coverage_set_aside)

    @property
    def is_decided(self) -> bool:
        """Whether the request can be changed no more: it was answered, or taken back."""
        return self.concluded is not None or self.withdrawal is not None or self.is_settled

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
        return tuple(line for line in self.assessment.lines if self.routes.get(line.line_id) not in ANSWERED)

    def signed_answer(self, line_id: str) -> tuple[AdverseDetermination, LineDecision] | None:
        """The determination that answers a line adversely, with its answer; None when no such answer stands."""
        if self.routes.get(line_id) is not Route.DECIDED:
            return None
        found = ((made, line) for made in reversed(self.adverse) for line in made.lines if line.line_id == line_id)
        return next(((made, line) for made, line in found if line.is_adverse), None)

    def standing_determinations(self) -> tuple[AdverseDetermination, ...]:
        """The determinations of which an adverse answer stands, in the order in which they were accepted."""
        answers = [self.signed_answer(line.line_id) for line in self.looked_at().lines]
        standing = [answer[0] for answer in answers if answer is not None]
        return tuple(made for made in self.adverse if made in standing)

    def open_task(self, kind: TaskKind) -> Task | None:
        return next((task for task in self.tasks.values() if task.kind is kind and task.is_open), None)

    def open_tasks(self, *kinds: TaskKind) -> tuple[Task, ...]:
        """The open tasks (of these kinds; of all kinds when none is named)."""
        return tuple(task for task in self.tasks.values() if task.is_open and (not kinds or task.kind in kinds))

    def unsent(self, *notices: NoticeKind) -> tuple[str, ...]:
        """Letters that are still in the house (of these notices; of all when none is named)."""
        waiting = ((key, letter) for key, letter in self.letters.items() if letter.handed_over_at is None)
        return tuple(key for key, letter in waiting if not notices or letter.notice in notices)

    def has_left(self, notice: NoticeKind) -> bool:
        """Whether no letter of this notice is still to be written, to be mended or to be handed over."""
        return notice not in self.owed_letters and notice not in self.blocked_letters and not self.unsent(notice)

    def due(self, kind: DueKind = DueKind.DECISION) -> tuple[Clock, DueInstant] | None:
        """The clock on which the case acts for this duty, with its instant: the earliest of all that bind."""
        return governing(self.clocks, kind)

    # -- writing -------------------------------------------------------------------------------------------------------

    def note(self, kind: EntryKind, at: datetime, summary: str, actor: Actor = UMPIRE, **data: Any) -> None:
        """Append a journal entry. `data` must be JSON; views in it replace what the read models hold."""
        self.seq += 1
        self.pending.append(EntryDraft(seq=self.seq, at=at, kind=kind, actor=actor, summary=summary, data=data))

    def owe(self, notice: NoticeKind) -> None:
        """A letter has to be written, once."""
        if notice not in self.owed_letters:
            self.owed_letters.append(notice)

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
        **data: Any,
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
        self.note(EntryKind.TASK_OPENED, now, about, tasks=[self.put_task(task)], **data)
        return task

    def move_task(self, task: Task, due_at: datetime, now: datetime) -> None:
        """Give an open task another due instant, because the clock it serves has moved."""
        moved = task.model_copy(update={"due_at": due_at})
        about = f"{task.task_id} is now due {self.local(due_at)}: its clock has moved."
        self.note(EntryKind.TASK_MOVED, now, about, tasks=[self.put_task(moved)])

    def cancel_tasks(self, now: datetime, why: str, *tasks: Task) -> None:
        """End these tasks without an outcome."""
        for task in tasks:
            ended = task.model_copy(update={"status": TaskStatus.CANCELLED, "completed_at": now})
            self.note(EntryKind.TASK_CANCELLED, now, f"{task.task_id} ended: {why}.", tasks=[self.put_task(ended)])

    def take_in(self, assessment: Assessment, clocks: tuple[Clock, ...]) -> None:
        """Keep what a look found: it holds until something is known that it did not see. What it does not know any more
        of lines that are gone is dropped."""
        self.assessment, self.clocks = assessment, clocks
        self.lob, self.state, self.zone = assessment.lob, assessment.state, assessment.zone
        self.look_needed = self.clocks_stale = False
        known = {line.line_id for line in assessment.lines}
        self.routes = {line_id: route for line_id, route in self.routes.items() if line_id in known}
        self.approvals = {line_id: approval for line_id, approval in self.approvals.items() if line_id in known}

    def decided(self, at: datetime) -> None:
        """Somebody or something decided a line at `at`; the case is decided by the last of these."""
        self.decided_at = at if self.decided_at is None else max(self.decided_at, at)

    def approve(self, approval: Approval, route: Route) -> None:
        """Keep the approval of a line."""
        self.approvals[approval.line_id] = approval
        self.routes[approval.line_id] = route


class CaseStart(BaseModel):
    """What starts a case: its number and where its request lies in the store.

    `carried` is the case itself when a long history goes on in a new run.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    case_id: str
    request_version: int
    received_at: AwareDatetime
    carried: Case | None = None
