"""What the clock engine answers. Small frozen values: they travel in messages and stand in histories."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from domain.clock_rules import Condition, Confidence, Consequence, DueKind
from domain.model import Model


class DueInstant(Model):
    """The latest instant (UTC, whole seconds) at which something may be done; that second still counts.

    `to` says to whom it is owed; `reason` tells in words how the instant came about, without health information.
    """

    kind: DueKind
    at: AwareDatetime
    to: str = ""
    reason: str
    citation: str


class Reading(Model):
    """Another way to read the regulation, later than the one that the case acts on."""

    kind: DueKind
    at: AwareDatetime
    reason: str


class Tolled(Model):
    """A clock stopped by an extension notice. `days_left` is by the regulation's wording: base and extension less used.

    Until `answered`, `resumed_on` is the last day of the time given, and the due instants move when an answer comes.
    """

    stopped_at: AwareDatetime
    days_used: int
    days_left: int
    time_given_ends: AwareDatetime
    resumed_on: date
    answered: bool


class Clock(Model):
    """A running clock. `due[0]` is the rule's own duty, the notices follow.

    `extension_valid` is None when no extension notice was sent. `set_aside` tells why the clock no longer governs (it
    was replaced, or expediting was refused in time); it stays visible.
    """

    rule_id: str
    variant: str = ""
    title: str
    citation: str
    confidence: Confidence
    condition: Condition = Condition.ALWAYS
    starts_at: AwareDatetime
    base_due: AwareDatetime
    due: tuple[DueInstant, ...]
    extended: bool = False
    extension_valid: bool | None = None
    extension_problem: str | None = None
    tolled: Tolled | None = None
    time_given_ends: AwareDatetime | None = None
    other_readings: tuple[Reading, ...] = ()
    missed: Consequence | None = None
    set_aside: str | None = None

    def due_for(self, kind: DueKind) -> DueInstant | None:
        """The earliest due instant of a kind; None when the clock owes nothing of it."""
        return min((one for one in self.due if one.kind is kind), key=lambda one: one.at, default=None)

    @property
    def decision_due(self) -> AwareDatetime | None:
        """When the case has to be decided under this clock: by the careful reading where there are two."""
        due = self.due_for(DueKind.DECISION)
        return None if due is None else due.at


class NotStarted(Model):
    """A rule whose clock does not run, and why in words: what it waits for, or what was not done in time."""

    rule_id: str
    why: str
