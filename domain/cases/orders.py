"""Activity inputs and results that all cases share.

They carry ids and references, never documents; every result is kept in the workflow's history.
"""

from __future__ import annotations

import base64
import zlib
from datetime import date
from typing import Any, Self

from pydantic import AwareDatetime, Field, model_validator

from domain.clocks.engine import Clock, EventKind
from domain.decisions.reviewers import Reviewer
from domain.decisions.signed import RecordOnFile
from domain.journal import EntryDraft
from domain.letters import earlier_orders
from domain.letters.orders import BlockedLetter, LetterOrder, WrittenLetter
from domain.model import Model

PLAIN_CHARACTERS = 100_000
"""A longer state of a case is packed: it is written with every journal entry."""
PACKED = "zlib:"


class NoInput(Model):
    """Input of an activity that needs none."""


class ComputedClocks(Model):
    """Every clock that binds the case, after the events of the input; `awaited` are the events that a clock waits for."""

    clocks: tuple[Clock, ...]
    awaited: tuple[EventKind, ...] = Field(default=(), exclude_if=lambda named: not named)


class ReviewersInput(Model):
    """Load the current records of the reviewers named, the newest version of the case's request, and which of `document_ids`
    came later than the request; the records on file for the case with the request, or `with_records` alone; the States of the
    plan's nurses on the day `nurses_on` (local)."""

    case_id: str
    reviewer_ids: tuple[str, ...] = ()
    with_request: bool = True
    document_ids: tuple[str, ...] = Field(default=(), exclude_if=lambda ids: not ids)
    with_records: bool = Field(default=False, exclude_if=lambda asked: not asked)
    nurses_on: date | None = Field(default=None, exclude_if=lambda day: day is None)


class CaseRun(Model):
    """A new start of a case as it stands: the name of its workflow, and that workflow's input as JSON text, packed when it
    is long."""

    workflow: str
    start: str

    @classmethod
    def keeping(cls, workflow: str, start: str) -> Self:
        """The run that starts with this JSON text."""
        if len(start) > PLAIN_CHARACTERS:
            start = PACKED + base64.b64encode(zlib.compress(start.encode())).decode()
        return cls(workflow=workflow, start=start)

    @property
    def start_json(self) -> str:
        """The input of the workflow as JSON text."""
        if not self.start.startswith(PACKED):
            return self.start
        return zlib.decompress(base64.b64decode(self.start.removeprefix(PACKED))).decode()


class StartInput(Model):
    """Keep the start of a case on file before its workflow is started."""

    case_id: str
    run: CaseRun


class KeptCaseInput(Model):
    """Read a case as it was kept with its last journal entry, or its start where it has none yet.

    `started_by` is the number of the workflow that started this run as its child, `started_at` (UTC) when that was."""

    case_id: str
    started_by: str | None = Field(default=None, exclude_if=lambda parent: parent is None)
    started_at: AwareDatetime | None = Field(default=None, exclude_if=lambda at: at is None)


class KeptCase(Model):
    """The case as it was kept; None where nothing was. `is_of_case`: a case that was open then started the run as its child."""

    run: CaseRun | None
    is_of_case: bool = Field(default=False, exclude_if=lambda started: not started)


class RecordInput(Model):
    """Write journal entries and letters of a case in one transaction.

    `run` is the case as of the last entry, for a new start should its workflow be lost; None: it cannot be kept.
    """

    case_id: str
    entries: tuple[EntryDraft, ...]
    letters: tuple[LetterOrder, ...] = ()
    run: CaseRun | None = Field(default=None, exclude_if=lambda run: run is None)

    @model_validator(mode="before")
    @classmethod
    def _read_earlier_shape(cls, order: Any) -> Any:
        return earlier_orders.translate_record_input(order)


class RecordResult(Model):
    """The letters written or blocked. `handed_over` are mailed already; the others have to be delivered.

    `contradicts`: nothing was written, since the journal holds other entries under these numbers: the run was set back.
    """

    letters: tuple[WrittenLetter, ...] = ()
    handed_over: tuple[str, ...] = ()
    blocked: tuple[BlockedLetter, ...] = ()
    contradicts: bool = Field(default=False, exclude_if=lambda contradicts: not contradicts)


class DeliveryInput(Model):
    """Deliver these letters. `now` is when the case requested it; the journal records when they were mailed."""

    case_id: str
    letter_ids: tuple[str, ...]
    now: AwareDatetime


class DeliveryResult(Model):
    """The letters of the input that are mailed; for the others the carrier is in trouble."""

    out: tuple[str, ...]


class DirectorySnapshot(Model):
    """The directory's records of the reviewers; unknown ids are left out. `newest_version` is that of the request.
    `later_documents` are those asked for that came after the request, each with the version of it that brought it; `records`
    are those on file for the case, `nurse_states` the States in which a nurse of the plan is licensed; both are None where
    nobody asked, or a release answered that did not look."""

    reviewers: tuple[Reviewer, ...]
    newest_version: int
    later_documents: dict[str, int] = Field(default_factory=dict, exclude_if=lambda found: not found)
    records: tuple[RecordOnFile, ...] | None = Field(default=None, exclude_if=lambda held: held is None)
    nurse_states: tuple[str, ...] | None = Field(default=None, exclude_if=lambda states: states is None)
