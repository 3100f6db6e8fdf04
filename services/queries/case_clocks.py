"""The duties under the clocks of a case as last journaled: due when, to whom, by which rule, and kept or missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.calendars import END_OF_DAY, utc_of_local_time
from domain.cases.views import CaseStatus, CaseView
from domain.clocks.terms import DueKind
from domain.journal import EntryKind, JournalEntry

EXTENSION_NOTICE = DueKind.EXTENSION_NOTICE_LATEST.value


@dataclass(frozen=True, kw_only=True)
class DutyRow:
    """One due instant of one clock. Instants are UTC; `judged` is 'met', 'missed' or None, `done_at` when it was done.

    `is_own`: the duty of the rule itself, not a notice of it. `extension_ends` is the last instant for a notice that takes more
    time, while one may still be taken; `stopped_at` and `resumes_at` bound the time for which the law stops the clock, which an
    answer ends (`answered`). `set_aside` says why the clock no longer governs.
    """

    rule_id: str
    variant: str
    title: str
    kind: str
    to: str
    at: datetime
    starts_at: datetime
    citation: str
    confidence: str
    reason: str
    is_own: bool
    judged: str | None = None
    done_at: datetime | None = None
    set_aside: str | None = None
    extended: bool = False
    extension_ends: datetime | None = None
    stopped_at: datetime | None = None
    resumes_at: datetime | None = None
    answered: bool = False

    @property
    def name(self) -> str:
        """The rule with its variant."""
        return f"{self.rule_id} {self.variant}".strip()

    @property
    def is_extension_notice(self) -> bool:
        """Whether this is no duty of its own but the last instant at which the plan may take more time."""
        return self.kind == EXTENSION_NOTICE


def list_duties(
    clocks: Iterable[Mapping[str, Any]], view: CaseView | None, entries: Iterable[JournalEntry], now: datetime
) -> tuple[DutyRow, ...]:
    """The due instants of these stored clocks, in their order. The last instant of an extension notice is among them only while
    the plan can still extend."""
    done = _done_at(entries)
    zone = ZoneInfo(view.zone if view is not None else "UTC")
    return tuple(
        _row(clock, due, may_extend, done, zone)
        for clock in clocks
        for may_extend in (_may_be_extended(clock, view, now),)
        for due in clock["due"]
        if due["kind"] != EXTENSION_NOTICE or may_extend
    )


def _row(
    clock: Mapping[str, Any],
    due: Mapping[str, Any],
    may_extend: bool,
    done: Mapping[tuple[str, str], datetime],
    zone: ZoneInfo,
) -> DutyRow:
    stop = clock.get("tolled")
    latest = clock["may_extend"]["latest"] if may_extend and clock.get("may_extend") else None
    kind = due["kind"]
    return DutyRow(
        rule_id=clock["rule_id"],
        variant=clock["variant"],
        title=clock["title"],
        kind=kind,
        to=due["to"] or ("member" if kind == EXTENSION_NOTICE else ""),
        at=datetime.fromisoformat(due["at"]),
        starts_at=datetime.fromisoformat(clock["starts_at"]),
        citation=due["citation"],
        confidence=clock["confidence"],
        reason=due["reason"],
        is_own=due is clock["due"][0],
        judged=clock["judged"].get(kind),
        done_at=done.get((clock["rule_id"], kind)),
        set_aside=clock["set_aside"],
        extended=bool(clock.get("extended")),
        extension_ends=datetime.fromisoformat(latest) if latest else None,
        stopped_at=datetime.fromisoformat(stop["stopped_at"]) if stop else None,
        resumes_at=_resumes_at(stop, zone) if stop else None,
        answered=bool(stop and stop["answered"]),
    )


def _resumes_at(stop: Mapping[str, Any], zone: ZoneInfo) -> datetime:
    """The end of a stop: of the day of the answer, else of the time given for it."""
    if not stop["answered"]:
        return datetime.fromisoformat(stop["time_given_ends"])
    return utc_of_local_time(date.fromisoformat(stop["resumed_on"]), END_OF_DAY, zone)


def _may_be_extended(clock: Mapping[str, Any], view: CaseView | None, now: datetime) -> bool:
    """Whether the plan can still extend this clock's decision: the case is open, the decision neither given nor missed, not
    extended before, and the last instant for the notice ahead."""
    latest = next((due["at"] for due in clock["due"] if due["kind"] == EXTENSION_NOTICE), None)
    is_open = view is not None and view.status is CaseStatus.OPEN
    is_settled = clock["extended"] or clock["set_aside"] or clock["judged"].get(DueKind.DECISION.value)
    return bool(latest and is_open and not is_settled and now <= datetime.fromisoformat(latest))


def _done_at(entries: Iterable[JournalEntry]) -> dict[tuple[str, str], datetime]:
    """The instants at which duties were done, by rule and duty, as the journal has it; the latest word counts."""
    found: dict[tuple[str, str], datetime] = {}
    for entry in entries:
        if entry.kind in (EntryKind.CLOCK_MET, EntryKind.CLOCK_MISSED) and entry.data.get("done_at"):
            duty = (str(entry.data.get("rule")), str(entry.data.get("duty")))
            found[duty] = datetime.fromisoformat(str(entry.data["done_at"]))
    return found
