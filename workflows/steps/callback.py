"""What the process of a callback needs beside what all processes share: its look, its windows, its rows.

This module is imported past the workflow sandbox, so nothing here may read a clock, a file or chance; linting forbids it.
"""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from temporalio import workflow

from activities.concerns_and_callbacks import Contacts
from domain.callbacks import message_checks as callbacks_message_checks
from domain.callbacks import message_effects as callback_work
from domain.callbacks import path as callback_path
from domain.callbacks import views as callback_view
from domain.callbacks.case import CallbackDossier
from domain.callbacks.orders import CallbackOrder
from domain.callbacks.start import CallbackStart
from domain.cases.concern_notes import ContactMessage
from domain.cases.views import CaseView, Sheet
from domain.errors import Refusal
from engine import options
from workflows.steps.task_case import ContactProcess


class CallbackGlue(ContactProcess[CallbackDossier]):
    """State and glue of the workflow of a callback."""

    def __init__(self, start: CallbackStart) -> None:
        self.call = start.carried or CallbackDossier(
            case_id=start.case_id,
            received_at=start.received_at,
            member_id=start.member_id or "",
            from_whom=start.from_whom,
            about=start.about,
            about_case_id=start.about_case_id,
            language=start.language,
            tty=start.tty,
            message_document=start.message_document,
            plan_id=start.plan_id,
        )
        super().__init__(self.call)

    def refusals(self, dossier: CallbackDossier, message: ContactMessage, now: datetime) -> tuple[Refusal, ...]:
        return callbacks_message_checks.refusals(dossier, message, now)

    def apply(self, dossier: CallbackDossier, message: ContactMessage, now: datetime) -> str:
        return callback_work.apply(dossier, message, now)

    def judge_at_sight(self, message: ContactMessage) -> tuple[Refusal, ...]:
        return callbacks_message_checks.refusals_at_sight(self.call, message, workflow.now())

    def row(self) -> CaseView:
        return callback_view.row(self.call)

    def sheet(self) -> Sheet:
        return callback_view.sheet(self.call)

    def next_alarm(self) -> datetime | None:
        return callback_path.next_alarm(self.call)

    def go_on(self) -> NoReturn:
        call = self.call
        workflow.continue_as_new(
            CallbackStart(
                case_id=call.case_id,
                received_at=call.received_at,
                from_whom=call.from_whom,
                member_id=call.member_id or None,
                about=call.about,
                about_case_id=call.about_case_id,
                language=call.language,
                tty=call.tty,
                message_document=call.message_document,
                plan_id=call.plan_id,
                carried=call,
            )
        )

    async def look_into(self) -> None:
        """The person if there is one, the plan's rules and zone, the first window; the first call is owed."""
        order = CallbackOrder(
            member_id=self.call.member_id,
            plan_id=self.call.plan_id,
            left_at=self.call.received_at,
            now=workflow.now(),
        )
        found = await workflow.execute_local_activity_method(Contacts.look_into_callback, order, **options.STORE)
        callback_path.looked(self.call, found, workflow.now())

    async def plan(self, after: datetime, business_days: tuple[int, ...]) -> None:
        """Find the next window after `after` (UTC), and open what comes next."""
        callback_path.planned(self.call, await self.dues(after, business_days), workflow.now())
