"""Ends of a request without a determination: dismissed, not covered, another plan's, not properly filed.

Nobody says no in any of them, and no clinician takes part: each is an act of trained staff with a credential for it, has its
facts, and has a letter that says what the reader can do. Which grounds a line of business knows is rulebook data.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domain.cited_value import Confidence
from domain.model import Model
from domain.vocabulary import Channel, Circumstance, Lob


class DismissalReason(StrEnum):
    """The coded reason of a dismissal. A withdrawal by its party is an act of its own."""

    NOT_A_PROPER_PARTY = "not_a_proper_party"
    NO_REPRESENTATIVE_FORM = "no_representative_form"
    INVALID_REQUEST = "invalid_request"
    MEMBER_DIED = "member_died"


class ContactEffort(Model):
    """One effort to get what is missing: when (UTC), through which channel, whom, and what came of it."""

    at: AwareDatetime
    channel: Channel
    person: str
    result: str


class Dismissal(Model):
    """A dismissal with the facts of its reason. `explanation` is printed in the letters.

    `form_due` is the last day of the time given for a representative's form; `died_on` and `nobody_pursues` are the facts of a
    member's death, the latter that neither spouse nor estate nor anybody else with a financial interest pursues the request.
    """

    kind: Literal["dismissed"] = "dismissed"
    reason: DismissalReason
    explanation: str
    efforts: tuple[ContactEffort, ...] = ()
    form_due: date | None = None
    died_on: date | None = None
    nobody_pursues: bool | None = None


class OutsideCoverage(Model):
    """The finding of enrollment staff that the person is not the plan's member on days of the request.

    `covered_through` is the last covered day; None: no day of the request is covered. `checked_in` names the system or file
    that was looked at, `other_payer` who covers the days as far as is known.
    """

    kind: Literal["not_covered"] = "not_covered"
    checked_in: str
    checked_at: AwareDatetime
    covered_through: date | None = None
    other_payer: str | None = None


class Misdirection(Model):
    """A request for another plan, with its forwarding: to whom, where to, through which channel, when (UTC), and the proof.

    `proof` is the number of a transmission or a tracking number; `document_id` a document on the case that shows it. The
    first arrival stays the receipt, also for whoever gets it now.
    """

    kind: Literal["misdirected"] = "misdirected"
    to: str
    channel: Channel
    address: str
    sent_at: AwareDatetime
    proof: str | None = None
    document_id: str | None = None


class ImproperFiling(Model):
    """A request that missed the plan's procedure for filing (29 CFR 2560.503-1(c)(1)): what is missing and how to file.

    `told_at` (UTC), `told` and `number` are the call that told the claimant, where there was one; `in_writing` whether the
    claimant asked for it in writing: then only the letter counts.
    """

    kind: Literal["not_filed"] = "not_filed"
    missing: tuple[str, ...]
    how_to_file: str
    told: str | None = None
    number: str | None = None
    told_at: AwareDatetime | None = None
    in_writing: bool | None = None

    @property
    def is_told_orally(self) -> bool:
        return self.told_at is not None and bool((self.told or "").strip())


Closing = Annotated[Dismissal | OutsideCoverage | Misdirection | ImproperFiling, Field(discriminator="kind")]


class DismissalGround(Model):
    """A reason for which a line of business knows a dismissal. `least_efforts`: how often somebody must have asked before;
    `words`: the letter's sentence about the reason."""

    reason: DismissalReason
    least_efforts: int = Field(ge=0)
    words: str = Field(min_length=1)
    cite: str
    confidence: Confidence


class DismissalRule(Model):
    """The rule on dismissals of a line of business; with `circumstances` only of coverages that have one of them.

    `vacate_rule` is the clock of the time in which the plan may vacate a dismissal for good cause.
    """

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    lob: Lob
    circumstances: tuple[Circumstance, ...] = ()
    grounds: tuple[DismissalGround, ...] = Field(min_length=1)
    vacate_rule: str
    cites: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence

    def ground(self, reason: DismissalReason) -> DismissalGround | None:
        return next((one for one in self.grounds if one.reason is reason), None)


class FilingRule(Model):
    """The law by which a request that missed the procedure is answered with how to file it."""

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    lobs: tuple[Lob, ...] = Field(min_length=1)
    cite: str
    confidence: Confidence


class ClosingRules(Model):
    """The rules on closings that bind one request; None where its line of business has no such rule."""

    dismissal: DismissalRule | None = None
    filing: FilingRule | None = None
