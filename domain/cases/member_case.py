"""Cases about a member, and the member and plan data that they look up."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import AwareDatetime

from domain.cases.case import Case
from domain.cases.escalation_ladders import EscalationLadders
from domain.clocks.engine import ClockEvent
from domain.errors import ImpossibleState
from domain.model import Model
from domain.vocabulary import Lob, NoticeKind, Proceeding, ReviewKind, ServiceKind, Urgency


class MemberInput(Model):
    """Activity input: look up a member as of `day` (the day in the member's zone on which the coverage counts)."""

    member_id: str
    now: AwareDatetime
    day: date | None = None


class MemberContext(Model):
    """The member, their plan, and the policy for work about them. `lob` and what depends on it is None without any coverage.

    `covered` is None where the eligibility system does not answer. `needs` are the member's communication needs (a language,
    TTY). `plan_zone` is the zone of the plan's office hours.
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


class ClockInput(Model):
    """Activity input: compute every clock that binds a member in these proceedings, after these events.

    `received_at` is when the proceeding began (the admission, the claim). `review_kind` and `urgency` narrow the rules as they
    do for a request.
    """

    member_id: str
    day: date | None = None
    proceedings: tuple[Proceeding, ...]
    received_at: AwareDatetime
    review_kind: ReviewKind = ReviewKind.CONCURRENT
    urgency: Urgency = Urgency.STANDARD
    service_kind: ServiceKind | None = None
    clean_noncontract_claim: bool | None = None
    events: tuple[ClockEvent, ...] = ()
    now: AwareDatetime


class MemberCase(Case):
    """A case about a member: a stay, a discharge plan, a retrospective review, a callback, a quality concern."""

    person: MemberContext | None = None
    tasks_opened: int = 0
    letter_rounds: dict[NoticeKind, int] = {}

    def member_context(self) -> MemberContext:
        """The member data that was looked up. Raises ImpossibleState before the first lookup."""
        if self.person is None:
            raise ImpossibleState(f"{self.case_id}: nobody has looked the person up")
        return self.person

    def set_member_context(self, found: MemberContext) -> Self:
        """Set the member data of the case from a lookup."""
        self.person = found
        self.lob, self.state, self.zone = found.lob, found.state, found.zone
        return self

    def next_task_number(self) -> int:
        """The next task number. Numbers are never used twice, although a long-running case drops ended tasks."""
        self.tasks_opened = max(self.tasks_opened, len(self.tasks)) + 1
        return self.tasks_opened

    def drop_ended_items(self) -> None:
        """Drop ended tasks and mailed letters, which remain in the journal, before a continue-as-new."""
        for key, letter in self.letters.items():
            number = int(key.rsplit(":", 1)[1])
            self.letter_rounds[letter.notice] = max(self.letter_rounds.get(letter.notice, 0), number)
        self.tasks = {key: task for key, task in self.tasks.items() if task.is_open}
        self.letters = {key: letter for key, letter in self.letters.items() if letter.handed_over_at is None}

    def last_letter_sequence(self, notice: NoticeKind) -> int:
        return max(super().last_letter_sequence(notice), self.letter_rounds.get(notice, 0))

    @property
    def ladders(self) -> EscalationLadders:
        return self.member_context().ladders

    @property
    def letter_repair_hours(self) -> int:
        return self.member_context().letter_repair_hours

    @property
    def missed_clock_hours(self) -> int:
        return self.member_context().missed_clock_hours
