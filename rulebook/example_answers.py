"""What the clocks say to each key that a worked example may expect. A key that is not here is not covered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.calendars import Calendar, local_day, zone_of
from domain.clocks.binding import binding, compute_all, governing
from domain.clocks.engine import Clock, DueInstant, NotStarted, compute, was_met
from domain.clocks.events import ClockEvent, EventKind
from domain.clocks.facts import Timeline
from domain.clocks.rules import ClockRule, DueKind, Effect, Roll
from domain.clocks.timing import due_after, start_of
from domain.vocabulary import Lob, Urgency
from rulebook.aid_continuing import Continuation
from rulebook.example_reading import NotCovered, Scene

Answer = datetime | date | str | int | bool | None

_NOTICES = (
    DueKind.WRITTEN_NOTICE,
    DueKind.EXPEDITE_REFUSAL_NOTICE,
    DueKind.INFORMATION_REQUEST,
    DueKind.PROCEDURE_NOTICE,
)
_FILINGS = (DueKind.FILING, DueKind.HEARING_REQUEST)

# Keys that ask for the earliest instant at which something is owed, by the example's own rule if it owes such a thing.
_BY_KIND: dict[str, tuple[DueKind, ...]] = {
    "written_due": (DueKind.WRITTEN_NOTICE,),
    "written_notice_due": (DueKind.WRITTEN_NOTICE,),
    "written_by": (DueKind.WRITTEN_NOTICE,),
    "member_written_due": (DueKind.WRITTEN_NOTICE,),
    "member_notice_due": (DueKind.WRITTEN_NOTICE,),
    "oral_notice_due": (DueKind.ORAL_NOTICE,),
    "provider_notice_due": (DueKind.PROVIDER_NOTICE,),
    "payment_due": (DueKind.PAYMENT,),
    "pay_by": (DueKind.PAYMENT,),
    "service_due": (DueKind.SERVICE,),
    "provide_by": (DueKind.SERVICE,),
    "ask_for_missing_information_by": (DueKind.INFORMATION_REQUEST,),
    "information_request_due": (DueKind.INFORMATION_REQUEST,),
    "procedure_notice_due": (DueKind.PROCEDURE_NOTICE,),
    "records_to_qio_due": (DueKind.CASE_FILE,),
    "case_file_due": (DueKind.CASE_FILE,),
    "documents_due": (DueKind.CASE_FILE,),
    "docs_due": (DueKind.CASE_FILE,),
    "written_refusal_due": (DueKind.EXPEDITE_REFUSAL_NOTICE, DueKind.WRITTEN_NOTICE),
    "file_by": _FILINGS,
    "request_by": _FILINGS,
    "grievance_due": (DueKind.GRIEVANCE_ANSWER,),
    "effectuate_by": (DueKind.EFFECTUATION,),
    "effectuation_due": (DueKind.EFFECTUATION,),
    "authorize_by": (DueKind.EFFECTUATION,),
    "preliminary_review_due": (DueKind.PRELIMINARY_REVIEW,),
    "protected_until": (DueKind.END_OF_PROTECTION,),
    "protection_ends": (DueKind.END_OF_PROTECTION,),
    "deliver_by": (DueKind.FORM_DELIVERY,),
}
# Keys that name a form or a duty of one rule.
_BY_RULE: dict[str, tuple[str, ...]] = {
    "nomnc_deliver_by": ("MA-NOMNC",),
    "denc_due": ("MA-DENC",),
    "denc_deliver_by": ("MA-DENC",),
    "im_first_copy_by": ("MA-IM",),
    "dnd_due": ("MA-DND",),
    "moon_due": ("MA-MOON",),
    "moon_deliver_by": ("MA-MOON",),
    "qio_request_by": ("MA-FT-REQUEST", "MA-DISCHARGE-QIO-REQUEST"),
}
# Keys that ask when a late or upheld case has to be sent on.
_FORWARD = {"ire_case_file_due", "ire_forward_due", "ire_forward_by", "forward_by", "forward_due", "forward_to_ire_by"}

_EFFECT_WORDS: dict[Effect, tuple[str, ...]] = {
    Effect.DEEMED_ADVERSE: ("deemed adverse",),
    Effect.DEEMED_ADVERSE_FORWARD: ("deemed adverse, forward to ire", "deemed adverse forward to ire"),
    Effect.DEEMED_AFFIRMED_FORWARD: ("deemed affirmed, forward to ire", "deemed affirmed forward to ire"),
    Effect.DEEMED_DENIED: ("deemed denied", "deemed denial"),
    Effect.DEEMED_EXHAUSTED: ("deemed exhausted",),
    Effect.DEEMED_APPROVED: ("deemed approved", "deemed authorized"),
    Effect.DEEMED_REVERSED: ("deemed reversed",),
    Effect.PLAN_PAYS: ("plan financially responsible", "plan pays"),
    Effect.VIOLATION: ("violation",),
}
# By what a duty is met, where an example asks whether it was done in time.
_MET_BY: dict[DueKind, tuple[EventKind, ...]] = {
    DueKind.INFORMATION_REQUEST: (EventKind.INFORMATION_REQUESTED,),
    DueKind.PROCEDURE_NOTICE: (EventKind.PROCEDURE_NOTICE_SENT,),
    DueKind.WRITTEN_NOTICE: (EventKind.WRITTEN_NOTICE_SENT, EventKind.NOTICE_SENT),
    DueKind.PROVIDER_NOTICE: (EventKind.PROVIDER_NOTICE_SENT,),
    DueKind.EXPEDITE_REFUSAL_NOTICE: (EventKind.EXPEDITE_REFUSAL_NOTICE_SENT, EventKind.WRITTEN_NOTICE_SENT),
    DueKind.DECISION: (EventKind.DECISION_MADE,),
    DueKind.FORM_DELIVERY: (EventKind.FORM_DELIVERED,),
    DueKind.CASE_FILE: (EventKind.CASE_FILE_SENT,),
    DueKind.GRIEVANCE_ANSWER: (EventKind.GRIEVANCE_ANSWERED,),
    DueKind.EFFECTUATION: (EventKind.EFFECTUATED,),
    DueKind.FILING: (EventKind.APPEAL_REQUESTED, EventKind.HEARING_REQUESTED, EventKind.EXTERNAL_REVIEW_REQUESTED),
}
_LAWS = {"medicaid": "MCD", "part_d": "PD", "medicare": "MA"}


class Silent(ValueError):
    """The clocks say nothing to this key; the text tells why."""


class Answers:
    """The clocks of one example, and what they say to a key."""

    def __init__(
        self,
        scene: Scene,
        keys: Iterable[str],
        rules: tuple[ClockRule, ...],
        calendar: Calendar,
        continuation: dict[Lob, Continuation],
        *,
        combined: bool = False,
        of_variant: bool = False,
    ) -> None:
        self.scene, self.rules, self.calendar, self.continuation = scene, rules, calendar, continuation
        self.zone: ZoneInfo = zone_of(scene.facts.zone)
        self.bound = compute_all(rules, scene.facts, scene.events, calendar)
        self._two_readings = "conservative_due" in set(keys)
        self._combined, self._of_variant = combined, of_variant

    @cached_property
    def own(self) -> Clock | NotStarted:
        """The clock of the example's rule: the one that binds, else as it would run; of a variant, that variant's."""
        found = [clock for clock in self.bound if clock.rule_id == self.scene.rule.rule_id]
        if found and not self._of_variant:
            return found[0]
        return compute(self.scene.rule, self.scene.facts, self.scene.events, self.calendar)

    def answer(self, key: str) -> Answer:
        """Raises NotCovered for a key that is not known, and where the example does not tell what the key needs."""
        name = key.lower()
        if name in _BY_KIND:
            return self._of_kind(_BY_KIND[name])
        if name in _BY_RULE:
            return self._of_rules(_BY_RULE[name])
        if name in _FORWARD:
            return self._forward()
        if name in _ASKED:
            return _ASKED[name](self)
        return self._of_law(name)

    # -- instants ----------------------------------------------------------------------------------------------------------

    def _clock(self) -> Clock:
        if isinstance(self.own, Clock):
            return self.own
        raise Silent(self.own.why)

    def due(self) -> datetime:
        return self._clock().due[0].at

    def _governing(self, kind: DueKind) -> tuple[Clock, DueInstant] | None:
        return governing(self.bound, kind)

    def decision(self) -> datetime | None:
        """By the example's own clock if it owes the decision and governs; else by the clock that governs the case.

        Where an example states two readings, this one is the wording's, `conservative_due` the one that the case acts on.
        """
        own = self.own
        runs = isinstance(own, Clock) and own.set_aside is None and self._binds()
        if isinstance(own, Clock) and self._two_readings and own.other_readings:
            return own.other_readings[0].at
        if isinstance(own, Clock) and runs and own.due[0].kind is DueKind.DECISION and not self._combined:
            return own.due[0].at
        found = self._governing(DueKind.DECISION)
        return found[1].at if found is not None else self.due()

    def _binds(self) -> bool:
        rule, facts = self.scene.rule, self.scene.facts
        return any(
            one.binds
            for one in binding(self.rules, facts, self.scene.events)
            if one.rule_id == rule.rule_id and (not self._of_variant or one.variant == rule.variant)
        )

    def _of_kind(self, kinds: tuple[DueKind, ...]) -> datetime | None:
        own = self.own
        found = [due for due in own.due if due.kind in kinds] if isinstance(own, Clock) else []
        if not found:
            found = [one[1] for kind in kinds if (one := self._governing(kind)) is not None]
        return min((due.at for due in found), default=None)

    def _of_rules(self, rule_ids: tuple[str, ...]) -> datetime | None:
        return min((clock.due[0].at for clock in self.bound if clock.rule_id in rule_ids), default=None)

    def _of_law(self, name: str) -> datetime | None:
        """`erisa_due`, `ca_base_due`, `erisa_due_after_tolling`: the decision by the clocks of one law."""
        for ending in ("_due_after_tolling", "_base_due", "_decision_due", "_due"):
            if name.endswith(ending):
                law = name.removesuffix(ending)
                break
        else:
            raise NotCovered("no such key")
        prefix = f"{_LAWS.get(law, law.upper())}-"
        if not any(rule.rule_id.startswith(prefix) for rule in self.rules):
            raise NotCovered("no such key")
        clocks = [one for one in self.bound if one.rule_id.startswith(prefix) and one.set_aside is None]
        found = governing(clocks, DueKind.DECISION)
        if found is None:
            return None
        if ending == "_base_due":
            return found[0].base_due
        readings = found[0].other_readings
        return readings[0].at if ending == "_due_after_tolling" and readings else found[1].at

    def notice(self) -> datetime | None:
        """The notice that the rule is about: its own duty, the request for information it needs, or the written notice."""
        rule, own = self.scene.rule, self.own
        if rule.needs is not None:
            timeline = Timeline(self.scene.facts, self.scene.events)
            since = timeline.of(rule.needs.of, rule.rule_id)
            return due_after(since[0].moment, rule.needs.within, self.zone, self.calendar).at if since else None
        if isinstance(own, Clock) and own.due[0].kind in _NOTICES:
            return own.due[0].at
        return self._of_kind((DueKind.WRITTEN_NOTICE,)) or self.due()

    def notice_if_urgent(self) -> datetime:
        """The same duty, had the request been urgent."""
        facts = self.scene.facts.model_copy(update={"urgency": Urgency.EXPEDITED})
        clocks = compute_all(self.rules, facts, self.scene.events, self.calendar)
        urgent = [
            rule
            for rule in self.rules
            if rule.rule_id == self.scene.rule.rule_id and rule.applies.urgency is Urgency.EXPEDITED
        ]
        found = [clock for clock in clocks if urgent and clock.rule_id == urgent[0].rule_id]
        if not found:
            raise NotCovered("the rule has no urgent form")
        return found[0].due[0].at

    def _forward(self) -> datetime | None:
        """The case file: as a clock of the case says, or counted from the end of the time that was missed."""
        if (found := self._of_kind((DueKind.CASE_FILE,))) is not None:
            return found
        clock = self._clock()
        follows = [rule for rule in self.rules if clock.missed and rule.rule_id == clock.missed.next_rule]
        for rule in follows:
            expired = ClockEvent(kind=EventKind.TIME_EXPIRED, at=clock.due[0].at)
            late = compute(rule, self.scene.facts, (*self.scene.events, expired), self.calendar)
            if isinstance(late, Clock):
                return late.due[0].at
        raise NotCovered("no rule sends this case on")

    def not_rolled(self) -> datetime:
        """The due instant before it is moved off a day that is no business day."""
        rule = self.scene.rule
        if rule.length is None:
            raise NotCovered("the rule has no length")
        started = start_of(rule, Timeline(self.scene.facts, self.scene.events), self.calendar)
        if isinstance(started, str):
            raise Silent(started)
        length = rule.length.model_copy(update={"roll": Roll.NONE})
        return due_after(started.moment, length, self.zone, self.calendar).at

    # -- everything else ---------------------------------------------------------------------------------------------------

    def in_time(self) -> bool:
        clock = self._clock()
        kinds = _MET_BY.get(clock.due[0].kind, ())
        done = [one.at for one in self.scene.events if one.kind in kinds and one.kind in self.scene.told]
        if not done:
            raise NotCovered("the example tells no event that meets the duty")
        return was_met(clock.due[0], min(done))

    def extension_valid(self) -> bool | None:
        return self._clock().extension_valid

    def tolled(self, name: str) -> int:
        tolled = self._clock().tolled
        if tolled is None:
            raise Silent("the clock was not stopped")
        return int(getattr(tolled, name))

    def hours_before_end(self) -> int:
        ends = self.scene.facts.course_ends_at
        if ends is None:
            raise NotCovered("the example does not tell when the course ends")
        return int((ends - self.scene.facts.received_at) / timedelta(hours=1))

    def rule_applied(self) -> str:
        found = self._governing(DueKind.DECISION)
        if found is None:
            raise Silent("no clock of a decision runs")
        return found[0].rule_id

    def if_missed(self) -> str:
        missed = self.scene.rule.missed
        if missed is None:
            raise Silent("the rule says nothing of a miss")
        return missed.effect.value

    def continues(self) -> str:
        rule = self.continuation.get(self.scene.facts.lob)
        if rule is None:
            raise NotCovered("no rule on continuation for this line of business")
        return str(rule)

    def second_copy(self) -> str:
        """From the first day on which the copy may be given to the discharge, in words."""
        copy = next((clock for clock in self.bound if clock.opens_at is not None), None)
        if copy is None or copy.opens_at is None:
            raise Silent("no discharge is planned")
        return f"{local_day(copy.opens_at, self.zone)} to discharge on {local_day(copy.due[0].at, self.zone)}"

    def opens(self) -> date:
        opens_at = self._clock().opens_at
        if opens_at is None:
            raise Silent("the duty may be done at any time before")
        return local_day(opens_at, self.zone)

    def binds(self) -> bool:
        return self._binds()

    def missed_rule(self) -> str | None:
        missed = self.scene.rule.missed
        return missed.next_rule if missed is not None else None

    def words(self) -> str:
        return self.own.why if isinstance(self.own, NotStarted) else "runs"


_ASKED: dict[str, Callable[[Answers], Answer]] = {
    "due": Answers.due,
    "decision_due": Answers.decision,
    "conservative_due": lambda a: a._clock().due[0].at,
    "base_due": lambda a: a._clock().base_due,
    "notice_due": Answers.notice,
    "notice_due_if_urgent": Answers.notice_if_urgent,
    "notice_timely": Answers.in_time,
    "timely": Answers.in_time,
    "extension_valid": Answers.extension_valid,
    "extension_notice_due": lambda a: a._of_kind((DueKind.EXTENSION_NOTICE_LATEST,)),
    "days_used": lambda a: a.tolled("days_used"),
    "days_left": lambda a: a.tolled("days_left"),
    "clock_starts": lambda a: a._clock().starts_at,
    "period_given_ends": lambda a: a._clock().time_given_ends,
    "unadjusted": Answers.not_rolled,
    "hours_before_end": Answers.hours_before_end,
    "rule_applied": Answers.rule_applied,
    "if_missed": Answers.if_missed,
    "forwarded_by": Answers._forward,
    "next_rule": Answers.missed_rule,
    "continuation_of_benefits": Answers.continues,
    "im_second_copy_window": Answers.second_copy,
    "opens": Answers.opens,
    "binds": Answers.binds,
    "why_not_running": Answers.words,
}


KNOWN_KEYS = frozenset((*_BY_KIND, *_BY_RULE, *_FORWARD, *_ASKED))
"""Every key that can be answered, beside those of one law such as `erisa_due`."""


def effect_said(words: str) -> Effect | None:
    """The effect that these words of an example mean; None for words that are not known."""
    said = " ".join(words.lower().replace("_", " ").split())
    return next(
        (one for one, known in _EFFECT_WORDS.items() if said in known or said == one.value.replace("_", " ")), None
    )
