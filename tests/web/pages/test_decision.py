"""The decision page: the letter that is read before is the letter that is sent, and nothing is signed around a rule."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from demo.time_skipping_lab import Lab
from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseStatus
from domain.requests.request import DocumentReference
from domain.vocabulary import Audience
from services.commands import signing
from store import letters, tasks
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from tests.web.pages_read import sent_by
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase
from web.app import build_app
from web.context import WebContext
from web.pages import decision

CHEN, DERMATOLOGIST = "md.ortho.chen", "md.derm.novak"
WHY = (
    "Medicare covers this surgery after 12 months of other treatment, such as physical therapy. "
    "The records that your doctor sent show 6 months of physical therapy so far."
)
TEXTS = {
    "asked.1": "Fusion of one joint of the lower spine.",
    "plain.1": WHY,
    "rule.1": "Spine fusion for a curve of the spine is covered after 12 months of other treatment.",
    "change.1": "Records that show 12 months of treatment without surgery.",
    "gap.1": "Six months of treatment are missing.",
}
STATEMENTS = {"free": "yes", "attested": "yes"}


class Desk:
    """A physician's review in the lab, with a browser of each signer over its pages."""

    def __init__(self, lab: Lab, context: WebContext, case: LabCase) -> None:
        self.lab, self.context, self.case = lab, context, case
        self._transport = httpx.ASGITransport(build_app(context))

    @property
    def task(self) -> Task:
        return self.case.task(TaskKind.PHYSICIAN_REVIEW)

    @property
    def address(self) -> str:
        return f"/tasks/{self.task.task_id}/decision"

    def browser(self, subject: str = CHEN) -> WebClient:
        return WebClient(httpx.AsyncClient(transport=self._transport, base_url="http://umpire.test"), subject)

    async def answers(self, **changes: str) -> dict[str, str]:
        """The form filled in properly, but for `changes`; an empty text leaves the field out."""
        open_criteria = await self.lab.open_criteria(self.case.case_id, self.task.task_id)
        answered = {f"answer.{node}": "not_met" for node in open_criteria}
        noted = {f"note.{node}": "6 months of physical therapy are documented." for node in open_criteria}
        filled = {"outcome.1": "denied", **TEXTS, **STATEMENTS, **answered, **noted, **changes}
        return {name: said for name, said in filled.items() if said}


@asynccontextmanager
async def at_the_desk(lab: Lab, *, settled: bool = True) -> AsyncIterator[Desk]:
    case = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    await case.refer()
    if settled:
        await case.send(await case.settled("held"))
    yield Desk(lab, await lab_context(lab), case)


def proven(monkeypatch: pytest.MonkeyPatch, password: str = "right") -> None:
    async def confirm(context: object, who: object, form: Mapping[str, object]) -> bool:
        return form.get("password") == password

    monkeypatch.setattr(decision, "confirm_identity", confirm)


async def test_the_letter_that_the_signer_reads_is_the_letter_that_is_sent(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven(monkeypatch)
    async with at_the_desk(lab) as desk:
        browser, answers = desk.browser(), await desk.answers()
        shown = await browser.post(desk.address, desk.address, **answers)
        assert shown.status_code == 200, shown.text
        print(shown.text)
        assert 0
