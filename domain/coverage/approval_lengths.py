"""Least lengths of approvals: where a law says how long an approval holds, none may end before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Self

from pydantic import Field, PositiveInt, model_validator

from domain.calendars import add_months
from domain.cited_value import Confidence
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import Lob


class ApprovalLengthRule(Model):
    """A law by which an approval holds at least `months`, or `chronic_months` for a chronic or long-term condition.

    `chronic_fact` is the yes-or-no fact on such a condition; while it is unknown the longer time holds, so that nobody loses an
    approval because nobody asked. A State's law does not bind plans that an employer funds itself. A shorter treatment that
    the requester asked for stays as it was asked.
    """

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    lobs: tuple[Lob, ...] = Field(min_length=1)
    states: tuple[str, ...] = Field(min_length=1)
    first_day: date
    last_day: date | None = None
    months: PositiveInt
    chronic_months: PositiveInt
    chronic_fact: str = Field(min_length=1)
    cite: str = Field(min_length=1)
    confidence: Confidence
    note: str = ""

    @model_validator(mode="after")
    def _chronic_is_longer(self) -> Self:
        if self.chronic_months < self.months:
            raise ValueError("chronic_months is less than months")
        return self

    def binds(self, lob: Lob, state: str | None, self_funded: bool | None, day: date) -> bool:
        """Whether the rule binds a plan for requests received on a day."""
        in_force = self.first_day <= day and (self.last_day is None or day <= self.last_day)
        return in_force and lob in self.lobs and state in self.states and self_funded is not True

    def finding(self, chronic: Tri) -> ApprovalLength:
        """The least length for a line, given whether its condition is chronic."""
        months = self.months if chronic is Tri.NOT_MET else self.chronic_months
        return ApprovalLength(rule_id=self.rule_id, months=months, chronic=chronic, citation=self.cite)


class ApprovalLength(Model):
    """The least length of an approval of a line, in months from the day of the decision."""

    rule_id: str
    months: int
    chronic: Tri
    citation: str

    def least_end(self, decided_on: date, asked_end: date | None) -> date:
        """The first day on which an approval may end: that of the law, or the requester's own where it is earlier."""
        floor = add_months(decided_on, self.months)
        return floor if asked_end is None else min(floor, asked_end)


def find_approval_length(
    rules: Iterable[ApprovalLengthRule], lob: Lob, state: str | None, self_funded: bool | None, day: date
) -> ApprovalLengthRule | None:
    """The rule, the longest first, that binds; None where no law says how long an approval holds."""
    found = [rule for rule in rules if rule.binds(lob, state, self_funded, day)]
    return max(found, key=lambda rule: (rule.chronic_months, rule.months), default=None)
