"""What the clock engine answers. Small frozen values: they travel in messages and stand in histories."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import AwareDatetime

from domain.clocks.events import ExtensionReason
from domain.clocks.facts import whole_second
from domain.clocks.rules import Condition, Confidence, Consequence, DueKind
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
    citation: str


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


class ExtensionTerms(Model):
    """What an extension notice needs to count: sent by `latest`, for one of `reasons` (empty: any).

    A notice for the reason `stops_for` also stops the clock, if it gives at least `least_days_given` calendar days.
    """

    latest: AwareDatetime
    reasons: tuple[ExtensionReason, ...] = ()
    stops_for: ExtensionReason | None = None
    least_days_given: int | None = None

    def wrong_reason(self, reason: ExtensionReason | None) -> str | None:
        """Why more time cannot be taken for this reason, or None; a reason that is not given is not judged."""
        if reason is None or not self.reasons or reason in self.reasons:
            return None
        return f"{reason.value.replace('_', ' ')} is no reason for which this rule allows more time"


class Clock(Model):
    """A running clock. `due[0]` is the rule's own duty, the notices follow.

    `may_extend` is None when the rule allows no extension, or none any more; `extension_valid` is None when no extension
    notice was sent. `opens_at` is the first instant at which the duty may be done, where the rule has one. `set_aside`
    tells why the clock no longer governs (it was replaced, or expediting was refused in time); it stays visible.
    """

    rule_id: str
    variant: str = ""
    title: str
    citation: str
    confidence: Confidence
    condition: Condition = Condition.ALWAYS
    starts_at: AwareDatetime
    base_due: AwareDatetime
    opens_at: AwareDatetime | None = None
    due: tuple[DueInstant, ...]
    may_extend: ExtensionTerms | None = None
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

    def why_not_extend(self, reason: ExtensionReason | None, sent_at: datetime) -> str | None:
        """Why an extension notice sent at this instant would change nothing; None when it would count."""
        terms = self.may_extend
        if terms is None:
            return "the clock is extended already" if self.extended else "this rule allows no extension"
        if whole_second(sent_at) > terms.latest:
            return "the base due instant is reached, and a late notice changes nothing"
        return terms.wrong_reason(reason)

    @property
    def decision_due(self) -> AwareDatetime | None:
        """When the case has to be decided under this clock: by the careful reading where there are two."""
        due = self.due_for(DueKind.DECISION)
        return None if due is None else due.at


class NotStarted(Model):
    """A rule whose clock does not run, and why in words: what it waits for, or what was not done in time."""

    rule_id: str
    why: str
