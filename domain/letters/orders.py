"""Letter orders, and the written or blocked letters."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, model_validator

from domain.letters import earlier_orders
from domain.letters.request_facts import AnyRequestFacts
from domain.letters.stay_facts import StayFacts
from domain.model import Model
from domain.vocabulary import STAY_NOTICES, Audience, Lob, NoticeKind

LetterFacts = Annotated[AnyRequestFacts | StayFacts, Field(discriminator="kind")]
"""The facts of one notice, told apart by `kind`."""


class NoticeFactMissing(Exception):
    """The case lacks a fact that its notice has to tell: whoever orders the letter blocks the notice, and people are asked."""


class LetterOrder(Model):
    """The order to write one notice for each of its audiences. `round` numbers repeated notices of a case.

    The key of each letter is case, notice, audience and round: ordering it again gives the same letter. `recipients` names the
    NPI behind each audience of a letter about a stay that is not the member, by the audience's value (`provider`, `pcp`); an
    audience that the rulebook writes to only when needed gets its version when it is named there. A letter on a request goes
    to the member and the requesting provider.
    """

    case_id: str
    notice: NoticeKind
    round: int
    plan_id: str
    lob: Lob
    state: str
    zone: str
    now: AwareDatetime
    recipients: dict[str, str] = {}
    facts: LetterFacts

    @model_validator(mode="before")
    @classmethod
    def _read_earlier_shape(cls, order: Any) -> Any:
        return earlier_orders.translate_order(order)

    @model_validator(mode="after")
    def _facts_are_of_the_notice(self) -> LetterOrder:
        if self.facts.kind != ("stay" if self.notice in STAY_NOTICES else self.notice):
            raise ValueError(f"facts of {self.facts.kind} for a letter of {self.notice}")
        return self

    def letter_id(self, audience: Audience) -> str:
        """The idempotency key of one letter."""
        return f"{self.case_id}:{self.notice.value}:{audience.value}:{self.round}"


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
