"""Letters that belong to no case: criteria that somebody asked for, and the reminder of a draft that is deleted soon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

from pydantic import Field, model_validator

from domain.cited_value import Confidence
from domain.letters.blanks import parse_words
from domain.letters.context import PlanContact
from domain.model import Model


class StandaloneKind(StrEnum):
    """The kind of a letter that belongs to no case."""

    CRITERIA_ASKED_FOR = "criteria_asked_for"
    DRAFT_REMINDER = "draft_reminder"


class LetterWay(StrEnum):
    """The way by which such a letter goes to its reader."""

    MAIL = "mail"
    FAX = "fax"
    EMAIL = "email"


CRITERIA_KEY = "criteria"
"""The element that is laid out from the criteria themselves, and so has no words."""
_PLAN = frozenset({"plan_name", "plan_phone", "plan_tty", "plan_hours", "plan_website"})
BLANKS_OF: Mapping[StandaloneKind, frozenset[str]] = {
    StandaloneKind.CRITERIA_ASKED_FOR: _PLAN | {"asked_on", "title", "version"},
    StandaloneKind.DRAFT_REMINDER: _PLAN | {"draft", "saved_on", "deleted_at"},
}
"""The blanks of each kind's words: a closed list."""


class StandaloneElement(Model):
    """A statement of the letter. `text` states why it is there, for the maintainers of the rulebook; `words` are printed."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: str = Field(min_length=1)
    words: str | None = Field(default=None, min_length=1)
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence


class StandaloneRule(Model):
    """The content of one kind of letter, in the order in which it is printed."""

    kind: StandaloneKind
    title: str = Field(min_length=1)
    elements: tuple[StandaloneElement, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _says_what_it_can(self) -> StandaloneRule:
        keys = [element.key for element in self.elements]
        if len(set(keys)) < len(keys):
            raise ValueError("each key stands once")
        if (CRITERIA_KEY in keys) != (self.kind is StandaloneKind.CRITERIA_ASKED_FOR):
            raise ValueError(
                f"the element {CRITERIA_KEY} belongs in {StandaloneKind.CRITERIA_ASKED_FOR}, and there alone"
            )
        for element in self.elements:
            if (element.words is None) != (element.key == CRITERIA_KEY):
                raise ValueError(f"{element.key}: every element but {CRITERIA_KEY} has words")
            parse_words(element.words or "", BLANKS_OF[self.kind])
        return self


class StandaloneHead(Model):
    """The head of a letter: the plan that writes, who reads it, and the lines below the name (an address, or a fax number or
    mailbox). `issue_date` is the day in `zone`."""

    plan: PlanContact
    zone: str
    recipient: str
    reached_at: tuple[str, ...]
    issue_date: date
    letter_number: str


class StandalonePage(Model):
    """The letter as it is sent: the same content as HTML and as plain text."""

    subject: str
    html: str
    text: str


StandalonePrinter = Callable[[StandaloneHead, Mapping[str, str]], StandalonePage]
"""Prints a letter of one kind: its head, and the values of the blanks that are not the plan's. Raises LetterIncomplete."""
