"""Results of the clock engine: small frozen values that travel in messages and are stored in workflow histories."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import AwareDatetime, Field

from domain.clocks.events import ExtensionReason
from domain.clocks.facts import whole_second
from domain.clocks.rules import Confidence, Consequence, DueKind, DutyCondition
from domain.model import Model


class DueInstant(Model):
    """The latest instant (UTC, whole seconds) at which something may be done; that second still counts.

    `to` names the recipient; `reason` explains in words how the instant was computed, without health information.
    `with_effect` states that a miss of this notice has the legal effect of the clock.
    """

    kind: DueKind
    at: AwareDatetime
    to: str = ""
    reason: str
    citation: str
    with_effect: bool = Field(default=False, exclude_if=lambda bears: not bears)


class AlternateReading(Model):
    """Another way to read the regulation, later than the one that the case acts on."""

    kind: DueKind
    at: AwareDatetime
    reason: str
    citation: str


class TollingPeriod(Model):
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
    """Conditions for a valid extension notice: sent by `latest`, for one of `reasons` (empty: any).

    A notice for the reason `stops_for` also stops the clock, if it gives at least `least_days_given` calendar days.
    """

    latest: AwareDatetime
    reasons: tuple[ExtensionReason, ...] = ()
    stops_for: ExtensionReason | None = None
    least_days_given: int | None = None

    def reason_problem(self, reason: ExtensionReason | None) -> str | None:
        """The problem with extending for this reason, or None; a missing reason is not checked."""
        if reason is None or not self.reasons or reason in self.reasons:
            return None
        return f"{reason.value.replace('_', ' ')} is no reason for which this rule allows more time"


class Clock(Model):
    """A running clock. `due[0]` is the rule's own duty, the notices follow.

    `may_extend` is None when the rule allows no extension, or none any more; `extension_valid` is None when no extension
    notice was sent. `opens_at` is the first instant at which the duty may be done, where the rule has one. `set_aside`
    says why the clock no longer governs (it was replaced, or expediting was refused in time); it stays visible. `paused`: time
    between two events did not count.
    """

    rule_id: str
    variant: str = ""
    title: str
    citation: str
    confidence: Confidence
    condition: DutyCondition = DutyCondition.ALWAYS
    starts_at: AwareDatetime
    base_due: AwareDatetime
    opens_at: AwareDatetime | None = None
    due: tuple[DueInstant, ...]
    may_extend: ExtensionTerms | None = None
    extended: bool = False
    extension_valid: bool | None = None
    extension_problem: str | None = None
    tolled: TollingPeriod | None = None
    time_given_ends: AwareDatetime | None = None
    other_readings: tuple[AlternateReading, ...] = ()
    missed: Consequence | None = None
    set_aside: str | None = None
    paused: bool = Field(default=False, exclude_if=lambda paused: not paused)

    def due_for(self, kind: DueKind) -> DueInstant | None:
        """The earliest due instant of a kind; None when the clock has none."""
        return min((one for one in self.due if one.kind is kind), key=lambda one: one.at, default=None)

    def extension_problem_at(self, reason: ExtensionReason | None, sent_at: datetime) -> str | None:
        """The reason that an extension notice sent at this instant would change nothing; None when it would be valid."""
        terms = self.may_extend
        if terms is None:
            return "the clock is extended already" if self.extended else "this rule allows no extension"
        if whole_second(sent_at) > terms.latest:
            return "the base due instant is reached, and a late notice changes nothing"
        return terms.reason_problem(reason)

    @property
    def decision_due(self) -> AwareDatetime | None:
        """The decision deadline under this clock: by the careful reading where there are two."""
        due = self.due_for(DueKind.DECISION)
        return None if due is None else due.at


class NotStarted(Model):
    """A rule whose clock does not run, with the reason in words: a pending event, or an event that was not on time."""

    rule_id: str
    why: str
