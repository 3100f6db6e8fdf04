"""What a process that follows a person has to know of them and of their plan, looked up once and kept in its history."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import AwareDatetime

from domain.cases.case import Dossier
from domain.cases.escalation_ladders import EscalationLadders
from domain.clocks.engine import ClockEvent
from domain.model import Model
from domain.vocabulary import Lob, NoticeKind, Proceeding, ReviewKind, Urgency


class PersonOrder(Model):
    """Look up a member as of `day` (the day in the member's zone on which the coverage counts)."""

    member_id: str
    now: AwareDatetime
    day: date | None = None


class PersonLook(Model):
    """The member, their plan, and the policy for work about them. `lob` and what depends on it is None without any coverage.

    `covered` is None where the eligibility system does not answer. `needs` is what whoever speaks with the member has to know
    (a language, TTY). `plan_zone` is the plan's own zone, in which its office hours are.
    """

    known: bool
    covered: bool | None = None
    lob: Lob | None = None
    state: str = ""
    zone: str = "UTC"
    plan_id: str = ""
    plan_zone: str = "UTC"
    needs: dict[str, str] = {}
    representative: str | None = None
    pcp_npi: str | None = None
    ladders: EscalationLadders
    letter_repair_hours: int
    missed_clock_hours: int
    nurse_professions: tuple[str, ...]
    rulebook_version: str


class DutiesOrder(Model):
    """Every clock that binds a person in these proceedings, after these events.

    `received_at` is when the proceeding began (the admission, the claim). `review_kind` and `urgency` narrow the rules as they
    do for a request.
    """

    member_id: str
    day: date | None = None
    proceedings: tuple[Proceeding, ...]
    received_at: AwareDatetime
    review_kind: ReviewKind = ReviewKind.CONCURRENT
    urgency: Urgency = Urgency.STANDARD
    clean_noncontract_claim: bool | None = None
    events: tuple[ClockEvent, ...] = ()
    now: AwareDatetime


class PersonalDossier(Dossier):
    """A dossier about a person: a stay, a discharge plan, a look back, a callback, a concern."""

    person: PersonLook | None = None
    tasks_opened: int = 0
    letter_rounds: dict[NoticeKind, int] = {}

    def looked_up(self) -> PersonLook:
        """What is known of the person. Raises LookupError before the first look."""
        if self.person is None:
            raise LookupError(f"{self.case_id}: nobody has looked the person up")
        return self.person

    def take_person(self, found: PersonLook) -> Self:
        """Keep what a look found."""
        self.person = found
        self.lob, self.state, self.zone = found.lob, found.state, found.zone
        return self

    def next_task_number(self) -> int:
        """Numbers are never used twice, although tasks that ended are forgotten in a long life."""
        self.tasks_opened = max(self.tasks_opened, len(self.tasks)) + 1
        return self.tasks_opened

    def forget_ended(self) -> None:
        """Let go of tasks and letters that nobody will ask for again: they stand in the journal. For a new run."""
        for key, letter in self.letters.items():
            number = int(key.rsplit(":", 1)[1])
            self.letter_rounds[letter.notice] = max(self.letter_rounds.get(letter.notice, 0), number)
        self.tasks = {key: task for key, task in self.tasks.items() if task.is_open}
        self.letters = {key: letter for key, letter in self.letters.items() if letter.handed_over_at is None}

    def last_letter_round(self, notice: NoticeKind) -> int:
        return max(super().last_letter_round(notice), self.letter_rounds.get(notice, 0))

    @property
    def ladders(self) -> EscalationLadders:
        return self.looked_up().ladders

    @property
    def letter_repair_hours(self) -> int:
        return self.looked_up().letter_repair_hours

    @property
    def missed_clock_hours(self) -> int:
        return self.looked_up().missed_clock_hours
