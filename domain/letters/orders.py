"""Letter orders of an authorization, and the written or blocked letters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime

from domain.clocks.consequences import Liability
from domain.decisions.determination import SignedDecision
from domain.model import Model
from domain.vocabulary import LineOutcome, Lob, NoticeKind, Urgency


class LetterLineFacts(Model):
    line_id: str
    outcome: LineOutcome | None = None
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None


class LimitQuestion(Model):
    """The question of a letter about one drug limit of a line: `facts` are ids of the fact dictionary, or words."""

    line_id: str
    title: str
    facts: tuple[str, ...]
    any_one_of: bool


class LetterOrder(Model):
    """The order to write one notice for each of its audiences. `round` numbers repeated notices of a case.

    The key of each letter is case, notice, audience and round: ordering it again gives the same letter. `decided_since` states
    that a request whose clock was missed has been decided since; `answered_late`, that an approval comes after its due instant
    `missed_due`; `approved_by_law`, that only the missed clock approved it. `liability` states who pays for what because of a
    missed clock, from the instant `liable_since`.
    `effective_on` is the day from which a decision ends or reduces care that the member has now; None where it does not.
    """

    case_id: str
    request_version: int
    notice: NoticeKind
    round: int
    plan_id: str
    lob: Lob
    state: str
    zone: str
    urgency: Urgency
    now: AwareDatetime
    lines: tuple[LetterLineFacts, ...]
    decision_due: AwareDatetime | None = None
    decision_due_citation: str | None = None
    decided_at: AwareDatetime | None = None
    signed: SignedDecision | None = None
    approved_by_rule: str | None = None
    authorization_number: str | None = None
    asked_verdicts: tuple[str, ...] = ()
    asked_facts: tuple[str, ...] = ()
    asked_lines: tuple[str, ...] = ()
    asked_limits: tuple[LimitQuestion, ...] = ()
    respond_by: AwareDatetime | None = None
    extension_reason: str | None = None
    new_due: AwareDatetime | None = None
    peer_to_peer_until: AwareDatetime | None = None
    not_required_because: str | None = None
    withdrawn_by: str | None = None
    expedite_refusal_reason: str | None = None
    consequence: str | None = None
    consequence_words: str | None = None
    missed_due: AwareDatetime | None = None
    missed_citation: str | None = None
    decided_since: bool = False
    answered_late: bool = False
    approved_by_law: bool = False
    liability: Liability | None = None
    liable_since: AwareDatetime | None = None
    effective_on: date | None = None


class WrittenLetter(Model):
    letter_id: str
    notice: NoticeKind
    audience: str
    recipient: str
    subject: str
    sha256: str


class BlockedLetter(Model):
    """A letter that could not be written; `missing` are the required elements without content, `why` the reason in words."""

    notice: NoticeKind
    missing: tuple[str, ...]
    why: str
