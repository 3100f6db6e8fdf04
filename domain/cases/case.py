"""The base of every case: its journal, tasks, letters and clocks, and the results of the messages it has handled.

A prior authorization, a hospital stay, a discharge plan, a retrospective review, a callback and a quality concern are all
cases; each adds its own fields in its own type. Only the case's own workflow changes it. Every change leaves an entry in
`pending`, which the workflow passes to the store: what is not in the journal did not happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from domain.cases.escalation_ladders import EscalationLadders
from domain.cases.messages import MessageResult
from domain.cases.tasks import Task, TaskKind, TaskStatus
from domain.cases.views import CaseLetter
from domain.clocks.binding import governing_clock
from domain.clocks.engine import Clock, ClockEvent, DueInstant, DueKind, EventKind
from domain.clocks.missed_clock import MissedClock
from domain.decisions.reviewers import Reviewer
from domain.decisions.signed import DeciderRule, RecordOpening
from domain.journal import UMPIRE, Actor, EntryDraft, EntryKind
from domain.model import Model
from domain.plain_language.phrases import role_phrase
from domain.vocabulary import Lob, NoticeKind, Role


class Part(BaseModel):
    """Fields of a case that change together, with the methods that change them; `wire_names` are their names on the wire where
    those differ."""

    wire_names: ClassVar[dict[str, str]] = {}


class StepTrouble(Model):
    """Trouble since `since` (UTC): the kinds of error seen, and how often the step failed. The case rests until `rests_until`.

    `rests_first`: it failed again before it could rest, so it rests before anything else. `is_hidden`: its row or summary
    cannot be made, so that its entries are journaled without.
    """

    since: AwareDatetime
    kinds: tuple[str, ...]
    failures: int
    rests_until: AwareDatetime
    rests_first: bool = False
    is_hidden: bool = False


class Case(BaseModel):
    """The state that all cases share. Instants are UTC; `zone` is the IANA zone in which the case's days are counted.

    Journal entries are numbered in the order in which the case recorded them; their timestamps state when things were done
    and may lie before those of earlier entries. On the wire a case is flat: the fields of its parts stand beside its own.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    case_id: str
    received_at: AwareDatetime
    member_id: str = ""
    lob: Lob | None = None
    state: str = ""
    zone: str = "UTC"

    clocks: tuple[Clock, ...] = ()
    clock_events: list[ClockEvent] = []
    clocks_stale: bool = False
    judged: dict[str, str] = {}
    missed: list[MissedClock] = []

    tasks: dict[str, Task] = {}
    reviewers: dict[str, Reviewer] = {}
    nurse_states: tuple[str, ...] | None = Field(default=None, exclude_if=lambda states: states is None)
    """The States in which the plan had a licensed nurse at the last claim or hand-over of a task; None where nobody looked."""
    answers: dict[str, MessageResult] = {}

    letters: dict[str, CaseLetter] = {}
    owed_letters: list[NoticeKind] = []
    blocked_letters: list[NoticeKind] = []
    hand_over_again_at: AwareDatetime | None = None

    closed_at: AwareDatetime | None = None
    seq: int = 0
    pending: list[EntryDraft] = []
    trouble: StepTrouble | None = Field(default=None, exclude_if=lambda trouble: trouble is None)
    openings: tuple[RecordOpening, ...] = Field(default=(), exclude_if=lambda opened: not opened)
    """The records that were opened, each once for each reviewer."""
    unheard: list[dict[str, Any]] = Field(default=[], exclude_if=lambda unheard: not unheard)
    """Messages that one run hands to the next unread, as JSON: it ended before it could handle them."""

    def deciders(self) -> tuple[DeciderRule, ...]:
        """The rules on who may sign what the case decides; none where it decides nothing, or does not know yet."""
        return ()

    @model_validator(mode="before")
    @classmethod
    def _fold_parts(cls, flat: Any) -> Any:
        if not isinstance(flat, dict):
            return flat
        parts = {name: {field: flat[wire] for field, wire in names if wire in flat} for name, names in cls._parts()}
        return flat | parts

    @model_serializer(mode="wrap")
    def _flatten_parts(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        flat: dict[str, Any] = write(self)
        for name, names in self._parts():
            part = flat.pop(name, {})
            flat |= {wire: part[field] for field, wire in names if field in part}
        return flat

    @classmethod
    def _parts(cls) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
        """The parts of this kind of case: the names of their fields here and on the wire."""
        for name, field in cls.model_fields.items():
            if isinstance(part := field.annotation, type) and issubclass(part, Part):
                yield name, tuple((one, part.wire_names.get(one, one)) for one in part.model_fields)

    # -- defined by each kind of case ----------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether the case has not been closed."""
        return self.closed_at is None

    @property
    def ladders(self) -> EscalationLadders:
        """The escalation ladders of the case's tasks. Raises ImpossibleState before the first lookup."""
        raise NotImplementedError

    @property
    def letter_repair_hours(self) -> int:
        """The hours that staff have to repair a letter that could not be written or mailed."""
        raise NotImplementedError

    @property
    def missed_clock_hours(self) -> int:
        """The hours that compliance has to review a missed clock."""
        raise NotImplementedError

    # -- reading -------------------------------------------------------------------------------------------------------

    @property
    def is_opened(self) -> bool:
        """Whether the journal has begun: the first entry of a case is its receipt."""
        return self.seq > 0

    def day(self, instant: datetime) -> date:
        """The calendar day of an instant in the case's zone."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def local(self, instant: datetime) -> str:
        """An instant for display, in the case's zone: ``Fri 2026-11-27 20:41 CST``."""
        return f"{instant.astimezone(ZoneInfo(self.zone)):%a %Y-%m-%d %H:%M %Z}"

    def open_task(self, kind: TaskKind) -> Task | None:
        return next((task for task in self.tasks.values() if task.kind is kind and task.is_open), None)

    def open_tasks(self, *kinds: TaskKind) -> tuple[Task, ...]:
        """The open tasks (of these kinds; of all kinds when none is named)."""
        return tuple(task for task in self.tasks.values() if task.is_open and (not kinds or task.kind in kinds))

    def unsent_letters(self, *notices: NoticeKind) -> tuple[str, ...]:
        """Letters that are not mailed yet (of these notices; of all when none is named)."""
        waiting = (
            (key, letter)
            for key, letter in self.letters.items()
            if letter.handed_over_at is None and letter.recalled_at is None
        )
        return tuple(key for key, letter in waiting if not notices or letter.notice in notices)

    def is_mailed(self, notice: NoticeKind) -> bool:
        """Whether no letter of this notice is still to be written, repaired or mailed."""
        return (
            notice not in self.owed_letters and notice not in self.blocked_letters and not self.unsent_letters(notice)
        )

    def last_letter_sequence(self, notice: NoticeKind) -> int:
        """The number of the last letter of this notice; 0 before the first."""
        found = (int(key.rsplit(":", 1)[1]) for key, letter in self.letters.items() if letter.notice is notice)
        return max(found, default=0)

    def opened_by(self, reviewer_id: str) -> tuple[str, ...]:
        """The ids of the records that this reviewer opened, in that order."""
        return tuple(one.document_id for one in self.openings if one.reviewer_id == reviewer_id)

    def due(self, kind: DueKind = DueKind.DECISION) -> tuple[Clock, DueInstant] | None:
        """The clock that governs this duty, with its due instant: the earliest of all that bind."""
        return governing_clock(self.clocks, kind)

    # -- writing -------------------------------------------------------------------------------------------------------

    def note(self, kind: EntryKind, at: datetime, summary: str, actor: Actor = UMPIRE, **data: Any) -> None:
        """Append a journal entry. `data` must be JSON; the views in it replace those in the read models."""
        self.seq += 1
        self.pending.append(EntryDraft(seq=self.seq, at=at, kind=kind, actor=actor, summary=summary, data=data))

    def queue_notice(self, notice: NoticeKind) -> None:
        """Queue a notice to be written, once."""
        if notice not in self.owed_letters:
            self.owed_letters.append(notice)

    def store_task(self, task: Task) -> dict[str, Any]:
        """Store the task in the case and return it as JSON for a journal entry."""
        self.tasks[task.task_id] = task
        return task.model_dump(mode="json")

    def happened(self, kind: EventKind, at: datetime, **details: Any) -> None:
        """Record a clock event; the clocks are recomputed before the case continues."""
        self.clock_events.append(ClockEvent(kind=kind, at=at, **details))
        self.clocks_stale = True

    def remember_opening(self, opening: RecordOpening) -> None:
        """Remember that a reviewer opened a record; the first time counts."""
        if opening.document_id not in self.opened_by(opening.reviewer_id):
            self.openings = (*self.openings, opening)

    def add_task(
        self,
        kind: TaskKind,
        role: Role,
        why: str,
        now: datetime,
        due_at: datetime,
        line_ids: tuple[str, ...] = (),
        specialties: tuple[str, ...] = (),
        professions: tuple[str, ...] = (),
        also_for: tuple[Role, ...] = (),
        about: str | None = None,
        needs: Mapping[str, str] | None = None,
        **data: Any,
    ) -> Task:
        """Open a task and journal it. `about` distinguishes tasks of one kind (an appointment, a notice, a day)."""
        task = Task(
            task_id=f"{self.case_id}-T{self.next_task_number()}",
            kind=kind,
            role=role,
            why=why,
            about=about,
            needs=dict(needs or {}),
            line_ids=line_ids,
            specialties=specialties,
            professions=professions,
            also_for=also_for,
            opened_at=now,
            due_at=max(due_at, now),
        )
        summary = f"Task for {role_phrase(role)}: {why}"
        self.note(EntryKind.TASK_OPENED, now, summary, tasks=[self.store_task(task)], **data)
        return task

    def next_task_number(self) -> int:
        return len(self.tasks) + 1

    def move_task(self, task: Task, due_at: datetime, now: datetime) -> None:
        """Move the due instant of an open task, because its clock has moved."""
        moved = task.model_copy(update={"due_at": due_at})
        about = f"{task.task_id} is now due {self.local(due_at)}: its clock has moved."
        self.note(EntryKind.TASK_MOVED, now, about, tasks=[self.store_task(moved)])

    def cancel_tasks(self, now: datetime, why: str, *tasks: Task) -> None:
        """End these tasks without an outcome."""
        for task in tasks:
            ended = task.model_copy(update={"status": TaskStatus.CANCELLED, "completed_at": now})
            self.note(EntryKind.TASK_CANCELLED, now, f"{task.task_id} ended: {why}.", tasks=[self.store_task(ended)])
