"""Views of a case for lists and screens. Journal entries carry them in `data`; the read models hold the last values.

`data["case"]` is a CaseView, `data["tasks"]` a list of Task, `data["clocks"]` the list of all clocks, `data["lines"]` a list
of LineView, `data["letters"]` a list of LetterView. Whatever key an entry has replaces what was there under the same id.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, Field, JsonValue, PrivateAttr

from domain.decisions.decision_makers import DecisionMaker
from domain.decisions.determination import ApprovalBasis
from domain.drug_limits.outcomes import ExceptionRequest, LimitOutcome
from domain.model import Model
from domain.pharmacy.temporary_supplies import SupplyOffer
from domain.vocabulary import Audience, LineOutcome, Lob, NoticeKind, ProcessKind, ReviewKind, ServiceKind, Urgency


class CaseStatus(StrEnum):
    """The status of a case. A request ends with its determination; other processes are completed or voided."""

    OPEN = "open"
    APPROVED = "approved"
    APPROVED_IN_PART = "approved_in_part"
    DENIED = "denied"
    NOT_REQUIRED = "not_required"
    WITHDRAWN = "withdrawn"
    COMPLETED = "completed"
    VOIDED = "voided"
    DISMISSED = "dismissed"
    NOT_COVERED = "not_covered"
    MISDIRECTED = "misdirected"
    NOT_FILED = "not_filed"


ENDED_UNDECIDED = frozenset(
    {
        CaseStatus.WITHDRAWN,
        CaseStatus.DISMISSED,
        CaseStatus.NOT_COVERED,
        CaseStatus.MISDIRECTED,
        CaseStatus.NOT_FILED,
    }
)
"""Ends of a request without a determination: nobody said yes or no, and the same request sent again is a new one."""


class Waiting(Model):
    """The current wait of a case: for what, from whom, until when, and what happens then. Renders as one sentence."""

    what: str
    owner: str
    until: AwareDatetime | None
    then: str
    _holder: str = PrivateAttr(default="")

    @property
    def holder(self) -> str:
        """The owner as people say it: a person's name where the reader of the row looked it up. It is not stored."""
        return self._holder or self.owner

    def shown_with(self, name: str) -> Self:
        """The same wait, told with this name for its owner."""
        told = self.model_copy()
        told._holder = name
        return told


class CaseView(Model):
    """One row of the case list. Instants are UTC; `decision_due` is the earliest decision instant that binds.

    `process` is the kind of process; `title` is a short description of a case that is not a request for care; `lob` is None
    where it is not known (a caller who is not a member). The fields of a request (`review_kind` to `decision_due`) are empty
    where the case has none; `follows` is the decided case that the request is about.
    `requesting_npi` is also the facility of a stay and the provider of a claim.
    """

    case_id: str
    process: ProcessKind = ProcessKind.REQUEST
    title: str = ""
    lob: Lob | None
    state: str
    zone: str
    member_id: str
    received_at: AwareDatetime
    status: CaseStatus
    waiting: Waiting | None
    review_kind: ReviewKind | None = None
    service_kind: ServiceKind | None = None
    urgency: Urgency | None = None
    requesting_npi: str = ""
    request_version: int | None = None
    decision_due: AwareDatetime | None = None
    governing_rule: str | None = None
    decided_at: AwareDatetime | None = None
    authorization_number: str | None = None
    rulebook_version: str
    follows: str | None = Field(default=None, exclude_if=lambda case_id: case_id is None)
    closed_at: AwareDatetime | None = None

    @property
    def line_of_business(self) -> str:
        """The line of business, or an empty text where it is not known."""
        return self.lob.value if self.lob is not None else ""


class CaseSummary(Model):
    """The summary of a stay, a discharge plan or another case, besides its row, tasks, clocks and letters.

    `content` is JSON in the shape of the process's own summary.
    """

    process: ProcessKind
    content: dict[str, JsonValue]


CANCELLED = "cancelled"
"""The route of a line that was taken out of its request: it stays in the lists as that."""


class LineView(Model):
    """A service line and its determination so far. `verdict_id` names the stored criteria trace, `supply` the temporary supply
    that the law granted."""

    line_id: str
    code: str
    description: str
    route: str
    guideline_id: str | None = None
    verdict: str | None = None
    verdict_id: str | None = None
    outcome: LineOutcome | None = None
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None
    approved_level: str | None = Field(default=None, exclude_if=lambda level: level is None)
    decided_by: DecisionMaker | None = None
    basis: ApprovalBasis | None = Field(default=None, exclude_if=lambda basis: basis is None)
    limits: tuple[LimitOutcome, ...] = ()
    exception: ExceptionRequest | None = None
    supply: SupplyOffer | None = Field(default=None, exclude_if=lambda supply: supply is None)


class CaseLetter(Model):
    """A letter of the case. `handed_over_at` is None until the letter is mailed; `recalled_at` is when one that was not mailed
    yet ceased to be true, so that it is not mailed any more."""

    letter_id: str
    notice: NoticeKind
    audience: Audience
    recipient: str
    subject: str
    written_at: AwareDatetime
    handed_over_at: AwareDatetime | None = None
    recalled_at: AwareDatetime | None = Field(default=None, exclude_if=lambda at: at is None)


class AnsweredLine(Model):
    """The determination on one line of a review, for the case that requested it."""

    line_id: str
    outcome: LineOutcome | None
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None
    by: DecisionMaker | None = None
    approved_level: str | None = Field(default=None, exclude_if=lambda level: level is None)


class CaseStatusSummary(Model):
    """The result of a status query: one sentence, and the data behind it."""

    case_id: str
    sentence: str
    status: CaseStatus
    waiting: Waiting | None
    open_tasks: tuple[str, ...]
