"""What the processes of concerns and of callbacks share: work for people, and nothing else.

This module is imported past the workflow sandbox, so nothing here may read a clock, a file or chance; linting forbids it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from temporalio import workflow

from activities.concerns_and_callbacks import Contacts
from domain.cases import receipt as reception
from domain.cases import task_case_views as contact_rows
from domain.cases.business_day_dues import Dues, DuesOrder
from domain.cases.concern_notes import ContactMessage
from domain.cases.member_case import PersonalDossier
from domain.cases.messages import Answer
from domain.cases.orders import Recorded
from domain.cases.views import Sheet
from domain.errors import Refusal
from domain.letters.orders import LetterOrder
from domain.letters.stay_facts import StayLetterOrder
from engine import options
from workflows.steps.case import Process

D = TypeVar("D", bound=PersonalDossier)


class ContactProcess(Process[D, ContactMessage]):
    """State and glue of a workflow whose whole course is tasks. Subclasses tell the process itself."""

    def refusals(self, dossier: D, message: ContactMessage, now: datetime) -> tuple[Refusal, ...]:
        """Every rule that the message breaks."""
        raise NotImplementedError

    def apply(self, dossier: D, message: ContactMessage, now: datetime) -> str:
        """Carry out what may be."""
        raise NotImplementedError

    def sheet(self) -> Sheet:
        """All that the dossier shows of itself."""
        raise NotImplementedError

    def judge(self, message: ContactMessage) -> Answer:
        return reception.receive(self.dossier, message, workflow.now(), self.refusals, self.apply)

    def next_alarm(self) -> datetime | None:
        return contact_rows.next_alarm(self.dossier)

    async def dues(self, at: datetime, business_days: tuple[int, ...]) -> Dues:
        """When work that begins at `at` (UTC) is due, and the window of a call left then; in the dossier's zone."""
        order = DuesOrder(zone=self.dossier.zone, at=at, business_days=business_days)
        return await workflow.execute_local_activity_method(Contacts.plan_dues, order, **options.STORE)

    async def write_journal(
        self, letters: tuple[LetterOrder, ...] = (), stay_letters: tuple[StayLetterOrder, ...] = ()
    ) -> Recorded:
        """The last entry carries the whole view as it stands now."""
        if self.dossier.pending:
            contact_rows.put_sheet(self.dossier, self.sheet())
        return await super().write_journal(letters, stay_letters)
