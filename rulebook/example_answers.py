"""Answers of the clocks to each key that a worked example may expect. Any other key is not covered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.calendars import Calendar, local_day, zone_of
from domain.clocks.binding import compute_clocks, evaluate_bindings, governing_clock
from domain.clocks.engine import Clock, DueInstant, NotStarted, compute_clock, is_on_time
from domain.clocks.events import ClockEvent, EventKind
from domain.clocks.facts import Timeline
from domain.clocks.rules import ClockRule, DueKind, MissedClockEffect, Roll
from domain.clocks.timing import end_after, find_start
from domain.vocabulary import Lob, Urgency
from rulebook.aid_continuing import ContinuationRule
from rulebook.example_reading import NotCovered, ParsedExample

ExampleAnswer = datetime | date | str | int | bool | None

_NOTICES = (
    DueKind.WRITTEN_NOTICE,
    DueKind.EXPEDITE_REFUSAL_NOTICE,
    DueKind.EXPEDITE_REFUSAL_CALL,
    DueKind.INFORMATION_REQUEST,
    DueKind.PROCEDURE_NOTICE,
)
_FILINGS = (DueKind.FILING, DueKind.HEARING_REQUEST)

# Keys that ask for the earliest due instant of a kind, by the example's own rule if it has one of that kind.
_BY_KIND: dict[str, tuple[DueKind, ...]] = {
    "written_due": (DueKind.WRITTEN_NOTICE,),
    "member_written_due": (DueKind.WRITTEN_NOTICE,),
    "oral_notice_due": (DueKind.ORAL_NOTICE,),
    "member_call_due": (DueKind.MEMBER_CALL,),
    "provider_call_due": (DueKind.PROVIDER_CALL,),
    "provider_notice_due": (DueKind.PROVIDER_NOTICE,),
    "payment_due": (DueKind.PAYMENT,),
    "service_due": (DueKind.SERVICE,),
    "ask_for_missing_information_by": (DueKind.INFORMATION_REQUEST,),
    "procedure_notice_due": (DueKind.PROCEDURE_NOTICE,),
    "records_to_qio_due": (DueKind.CASE_FILE,),
    "case_file_due": (DueKind.CASE_FILE,),
    "written_refusal_due": (DueKind.EXPEDITE_REFUSAL_NOTICE, DueKind.WRITTEN_NOTICE),
    "file_by": _FILINGS,
    "request_by": _FILINGS,
    "grievance_due": (DueKind.GRIEVANCE_ANSWER,),
    "effectuate_by": (DueKind.EFFECTUATION,),
    "preliminary_review_due": (DueKind.PRELIMINARY_REVIEW,),
    "protected_until": (DueKind.END_OF_PROTECTION,),
    "deliver_by": (DueKind.FORM_DELIVERY,),
}
# Keys that name a form or a duty of one rule.
_BY_RULE: dict[str, tuple[str, ...]] = {
    "nomnc_deliver_by": ("MA-NOMNC",),
    "im_first_copy_by": ("MA-IM",),
    "dnd_due": ("MA-DND",),
    "qio_request_by": ("MA-FT-REQUEST", "MA-DISCHARGE-QIO-REQUEST"),
}
# Keys that ask when a late or upheld case must be forwarded.
_FORWARD = {"ire_forward_due", "ire_case_file_due"}

# The reference's own words for an effect, beside the values of ours.
_EFFECT_WORDS = {
    "deemed adverse forward to ire": MissedClockEffect.DEEMED_ADVERSE_FORWARD,
    "deemed affirmed forward to ire": MissedClockEffect.DEEMED_AFFIRMED_FORWARD,
    "deemed denial": MissedClockEffect.DEEMED_DENIED,
    "deemed authorized": MissedClockEffect.DEEMED_APPROVED,
}
# Events that meet a duty, where an example asks whether it was met in time.
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


class NoAnswer(ValueError):
    """The clocks have no answer to this key; the message says why."""


class ExampleAnswers:
    """The clocks of one example, and their answers to its keys."""

    def __init__(
        self,
        scene: ParsedExample,
        keys: Iterable[str],
        rules: tuple[ClockRule, ...],
        calendar: Calendar,
        continuation: dict[Lob, ContinuationRule],
        *,
        combined: bool = False,
        of_variant: bool = False,
    ) -> None:
        self.scene, self.rules, self.calendar, self.continuation = scene, rules, calendar, continuation
        self.zone: ZoneInfo = zone_of(scene.facts.zone)
        self.bound = compute_clocks(rules, scene.facts, scene.events, calendar)
        self._two_readings = "conservative_due" in set(keys)
        self._combined, self._of_variant = combined, of_variant

    @cached_property
    def own_clock(self) -> Clock | NotStarted:
        """The clock of the example's rule: the one that binds, else as it would run; of a variant, that variant's."""
        found = [clock for clock in self.bound if clock.rule_id == self.scene.rule.rule_id]
        if found and not self._of_variant:
            return found[0]
        return compute_clock(self.scene.rule, self.scene.facts, self.scene.events, self.calendar)

    def answer(self, key: str) -> ExampleAnswer:
        """Answer one key. Raises NotCovered for an unknown key, and where the example does not state what the key needs."""
        name = key.lower()
        if name in _BY_KIND:
            return self._of_kind(_BY_KIND[name])
        if name in _BY_RULE:
            return self._of_rules(_BY_RULE[name])
        if name in _FORWARD:
            return self._forward()
        if name in _ANSWER_OF_KEY:
            return _ANSWER_OF_KEY[name](self)
        return self._of_law(name)

    # -- instants ----------------------------------------------------------------------------------------------------------

    def _clock(self) -> Clock:
        if isinstance(self.own_clock, Clock):
            return self.own_clock
        raise NoAnswer(self.own_clock.why)

    def due(self) -> datetime:
        return self._clock().due[0].at

    def _governing(self, kind: DueKind) -> tuple[Clock, DueInstant] | None:
        return governing_clock(self.bound, kind)

    def decision(self) -> datetime | None:
        """The decision's due instant: by the example's own clock if it governs, else by the clock that governs the case.

        Where an example states two readings, this is the reading by the letter of the rule; `conservative_due` is the one that
        the case acts on.
        """
        own = self.own_clock
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
            for one in evaluate_bindings(self.rules, facts, self.scene.events)
            if one.rule_id == rule.rule_id and (not self._of_variant or one.variant == rule.variant)
        )

    def _of_kind(self, kinds: tuple[DueKind, ...]) -> datetime | None:
        own = self.own_clock
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
        found = governing_clock(clocks, DueKind.DECISION)
        if found is None:
            return None
        if ending == "_base_due":
            return found[0].base_due
        readings = found[0].other_readings
        return readings[0].at if ending == "_due_after_tolling" and readings else found[1].at

    def notice(self) -> datetime | None:
        """The due instant of the rule's notice: its own duty, the request for information, or the written notice."""
        rule, own = self.scene.rule, self.own_clock
        if rule.needs is not None:
            timeline = Timeline(self.scene.facts, self.scene.events)
            since = timeline.of(rule.needs.of, rule.rule_id)
            return end_after(since[0].moment, rule.needs.within, self.zone, self.calendar).at if since else None
        if isinstance(own, Clock) and own.due[0].kind in _NOTICES:
            return own.due[0].at
        return self._of_kind((DueKind.WRITTEN_NOTICE,)) or self.due()

    def notice_if_urgent(self) -> datetime:
        """The due instant of the same duty, had the request been urgent."""
        facts = self.scene.facts.model_copy(update={"urgency": Urgency.EXPEDITED})
        clocks = compute_clocks(self.rules, facts, self.scene.events, self.calendar)
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
        """The due instant of the case file: by a clock of the case, or counted from the missed deadline."""
        if (found := self._of_kind((DueKind.CASE_FILE,))) is not None:
            return found
        clock = self._clock()
        follows = [rule for rule in self.rules if clock.missed and rule.rule_id == clock.missed.next_rule]
        for rule in follows:
            expired = ClockEvent(kind=EventKind.TIME_EXPIRED, at=clock.due[0].at)
            late = compute_clock(rule, self.scene.facts, (*self.scene.events, expired), self.calendar)
            if isinstance(late, Clock):
                return late.due[0].at
        raise NotCovered("no rule sends this case on")

    def due_before_roll(self) -> datetime:
        """The due instant before it is moved off a day that is no business day."""
        rule = self.scene.rule
        if rule.length is None:
            raise NotCovered("the rule has no length")
        started = find_start(rule, Timeline(self.scene.facts, self.scene.events), self.calendar)
        if isinstance(started, str):
            raise NoAnswer(started)
        length = rule.length.model_copy(update={"roll": Roll.NONE})
        return end_after(started.moment, length, self.zone, self.calendar).at

    # -- everything else ---------------------------------------------------------------------------------------------------

    def in_time(self) -> bool:
        clock = self._clock()
        kinds = _MET_BY.get(clock.due[0].kind, ())
        done = [one.at for one in self.scene.events if one.kind in kinds and one.kind in self.scene.told]
        if not done:
            raise NotCovered("the example tells no event that meets the duty")
        return is_on_time(clock.due[0], min(done))

    def extension_valid(self) -> bool | None:
        return self._clock().extension_valid

    def tolled(self, name: str) -> int:
        tolled = self._clock().tolled
        if tolled is None:
            raise NoAnswer("the clock was not stopped")
        return int(getattr(tolled, name))

    def hours_before_end(self) -> int:
        ends = self.scene.facts.course_ends_at
        if ends is None:
            raise NotCovered("the example does not tell when the course ends")
        return int((ends - self.scene.facts.received_at) / timedelta(hours=1))

    def rule_applied(self) -> str:
        found = self._governing(DueKind.DECISION)
        if found is None:
            raise NoAnswer("no clock of a decision runs")
        return found[0].rule_id

    def if_missed(self) -> str:
        missed = self.scene.rule.missed
        if missed is None:
            raise NoAnswer("the rule says nothing of a miss")
        return missed.effect.value

    def continues(self) -> str:
        rule = self.continuation.get(self.scene.facts.lob)
        if rule is None:
            raise NotCovered("no rule on continuation for this line of business")
        return str(rule)

    def second_copy(self) -> str:
        """The window of the second copy, in words: from the first day on which it may be given to the discharge."""
        copy = next((clock for clock in self.bound if clock.opens_at is not None), None)
        if copy is None or copy.opens_at is None:
            raise NoAnswer("no discharge is planned")
        return f"{local_day(copy.opens_at, self.zone)} to discharge on {local_day(copy.due[0].at, self.zone)}"

    def opens(self) -> date:
        opens_at = self._clock().opens_at
        if opens_at is None:
            raise NoAnswer("the duty may be done at any time before")
        return local_day(opens_at, self.zone)

    def binds(self) -> bool:
        return self._binds()

    def missed_rule(self) -> str | None:
        missed = self.scene.rule.missed
        return missed.next_rule if missed is not None else None

    def words(self) -> str:
        return self.own_clock.why if isinstance(self.own_clock, NotStarted) else "runs"


_ANSWER_OF_KEY: dict[str, Callable[[ExampleAnswers], ExampleAnswer]] = {
    "due": ExampleAnswers.due,
    "decision_due": ExampleAnswers.decision,
    "conservative_due": lambda a: a._clock().due[0].at,
    "base_due": lambda a: a._clock().base_due,
    "notice_due": ExampleAnswers.notice,
    "notice_due_if_urgent": ExampleAnswers.notice_if_urgent,
    "notice_timely": ExampleAnswers.in_time,
    "timely": ExampleAnswers.in_time,
    "extension_valid": ExampleAnswers.extension_valid,
    "extension_notice_due": lambda a: a._of_kind((DueKind.EXTENSION_NOTICE_LATEST,)),
    "days_used": lambda a: a.tolled("days_used"),
    "days_left": lambda a: a.tolled("days_left"),
    "clock_starts": lambda a: a._clock().starts_at,
    "period_given_ends": lambda a: a._clock().time_given_ends,
    "unadjusted": ExampleAnswers.due_before_roll,
    "hours_before_end": ExampleAnswers.hours_before_end,
    "rule_applied": ExampleAnswers.rule_applied,
    "if_missed": ExampleAnswers.if_missed,
    "next_rule": ExampleAnswers.missed_rule,
    "continuation_of_benefits": ExampleAnswers.continues,
    "im_second_copy_window": ExampleAnswers.second_copy,
    "opens": ExampleAnswers.opens,
    "binds": ExampleAnswers.binds,
    "why_not_running": ExampleAnswers.words,
}


KNOWN_KEYS = frozenset((*_BY_KIND, *_BY_RULE, *_FORWARD, *_ANSWER_OF_KEY))
"""Every key that can be answered, beside those of one law such as `erisa_due`."""


def effect_from_words(words: str) -> MissedClockEffect | None:
    """The effect that an example's words name; None for unknown words."""
    said = " ".join(words.lower().replace("_", " ").replace(",", " ").split())
    named = next((one for one in MissedClockEffect if said == one.value.replace("_", " ")), None)
    return named or _EFFECT_WORDS.get(said)
