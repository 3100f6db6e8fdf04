"""Care under way of a new member: for some time after the coverage began it goes on, and no new authorization is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from pydantic import Field, PositiveInt

from domain.cited_value import Confidence
from domain.coverage.directory import Coverage
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import Lob


class ContinuityRule(Model):
    """A law under which care that a new member has under way is approved without review, for `days` from the first covered day.

    `fact` is the yes-or-no fact that brings the care under it: asked where it is unknown, never assumed. `states` empty means
    everywhere; a State's law does not bind plans that an employer funds itself. `first_day` is the first day of service from
    which it binds.
    """

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    lobs: tuple[Lob, ...] = Field(min_length=1)
    states: tuple[str, ...] = ()
    first_day: date
    last_day: date | None = None
    days: PositiveInt
    fact: str = Field(min_length=1)
    question: str = Field(min_length=1)
    cite: str = Field(min_length=1)
    confidence: Confidence
    note: str = ""

    def binds(self, lob: Lob, state: str | None, self_funded: bool | None, day: date) -> bool:
        """Whether the rule binds a plan on a day of service."""
        in_force = self.first_day <= day and (self.last_day is None or day <= self.last_day)
        of_state = not self.states or (state in self.states and self_funded is not True)
        return in_force and of_state and lob in self.lobs

    def last_protected_day(self, effective: date) -> date:
        """The last day of the protection: the day on which the coverage takes effect is the first."""
        return effective + timedelta(days=self.days - 1)


class ContinuityFinding(Model):
    """The protection of a line by a rule. `state` tells whether its fact holds; `through` is the last protected day."""

    rule_id: str
    question: str
    fact: str
    state: Tri
    through: date
    citation: str


def enrolled_since(coverage: Coverage, others: Iterable[Coverage]) -> date:
    """The day since which the member is in this plan without a gap: a renewed coverage makes nobody a new member."""
    of_plan = [one for one in others if one.plan_id == coverage.plan_id]
    since, before = coverage.effective, None
    while since != before:
        before, eve = since, since - timedelta(days=1)
        since = min((one.effective for one in of_plan if one.covers(eve)), default=since)
    return since


def find_continuity_rule(
    rules: Iterable[ContinuityRule],
    lob: Lob,
    state: str | None,
    self_funded: bool | None,
    effective: date,
    day: date,
) -> ContinuityRule | None:
    """The rule, the longest first, that protects care on this day of service of a member covered since `effective`."""
    found = [
        rule
        for rule in rules
        if rule.binds(lob, state, self_funded, day) and effective <= day <= rule.last_protected_day(effective)
    ]
    return max(found, key=lambda rule: rule.days, default=None)
