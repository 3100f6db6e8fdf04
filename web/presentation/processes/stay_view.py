"""The page of a stay as its template draws it: facts, strip, rounds, notices, and lengths in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.cases.views import CaseStatus
from domain.discharge.parts import NoticeDelivery
from domain.discharge.views import DutyView
from domain.plain_language.phrases import count_phrase
from domain.stays.levels_of_care import CareLevels, LevelOfCare
from domain.stays.on_file import DecidedDays
from domain.stays.views import PhaseView
from domain.vocabulary import NoticeKind
from services.queries.processes.stay_detail import StayDetail, StayRound
from web.presentation.instants import describe_day, describe_instant, describe_short_day
from web.presentation.processes.contents import day_of, instant_of, items_of
from web.presentation.processes.stay_picture import Mark, Round, StripRow, make_rows
from web.presentation.processes.stay_strip import (
    LevelFrom,
    StayDays,
    StripDay,
    count_avoidable,
    make_days,
    sum_up,
    usual_end,
)
from web.presentation.words import spell_out

_TONES = {"approved": "ok", "denied": "bad", "open": "hot", "approved_in_part": "hot"}


@dataclass(frozen=True)
class StateLine:
    """A notice to the member: what it is, what the law asks, and its proof of delivery or the time that is left.

    `due_at` is set while it is owed; `tone` is the color of `said`.
    """

    title: str
    detail: str
    said: str
    tone: str
    due_at: datetime | None = None


@dataclass(frozen=True)
class RoundRow:
    """A review round in the list."""

    case_id: str
    number: int
    purpose: str
    days: str
    answer: str
    tone: str
    detail: str


@dataclass(frozen=True)
class StayView:
    """All that the page of a stay shows."""

    days: tuple[StripDay, ...]
    rows: tuple[StripRow, ...]
    sums: str
    facts: tuple[tuple[str, str], ...]
    rounds: tuple[RoundRow, ...]
    notices: tuple[StateLine, ...]
    has_certified_ahead: bool


def view_stay(detail: StayDetail, levels: CareLevels, now: datetime) -> StayView:
    """The view of a stay at `now` (UTC)."""
    content = detail.case.sheet.content if detail.case.sheet is not None else {}
    zone = ZoneInfo(detail.case.zone)
    known = _days_of(detail, content, levels, zone, now)
    days = make_days(known)
    titles = {one.level: one.title for one in levels.levels}
    marks = tuple(_marks(content, zone, known))
    rounds = [Round(one.number, first, last, _answer_words(one)) for one in detail.rounds for first, last in one.days]
    rows = make_rows(days, known.levels, rounds, marks, titles)
    certified = any(one.answer.value == "certified" and one.day >= known.today for one in days)
    return StayView(
        days=days,
        rows=rows,
        sums=_sums(days, content),
        facts=_facts(detail, content, titles, days),
        rounds=tuple(_round_row(one) for one in detail.rounds),
        notices=tuple(_notices(detail)),
        has_certified_ahead=certified,
    )


def _days_of(
    detail: StayDetail, content: Mapping[str, object], levels: CareLevels, zone: ZoneInfo, now: datetime
) -> StayDays:
    phases = [PhaseView.model_validate(one) for one in items_of(content, "phases")]
    came, left, voided = (instant_of(content, name) for name in ("came_at", "discharged_at", "voided_at"))
    ended = left or voided
    return StayDays(
        today=now.astimezone(zone).date(),
        came=came.astimezone(zone).date() if came is not None else None,
        left=ended.astimezone(zone).date() if ended is not None else None,
        levels=tuple(
            LevelFrom(one.since.astimezone(zone).date(), LevelOfCare(one.level_of_care) if one.level_of_care else None)
            for one in phases
        ),
        decided=tuple(DecidedDays.model_validate(one) for one in items_of(content, "days")),
        asked=detail.asked,
        avoidable=tuple(one.entry for one in detail.avoidable),
        expected_out=day_of(content, "expected_discharge"),
        certified_levels=frozenset(one.level for one in levels.levels if one.is_certified),
        canceled=voided is not None,
    )


def _sums(days: tuple[StripDay, ...], content: Mapping[str, object]) -> str:
    usual, out = content.get("usual_length_of_drg"), day_of(content, "expected_discharge")
    left = content.get("discharged_at")
    parts = [sum_up(days), count_avoidable(days), f"usual length {_number(usual)} days" if usual else ""]
    parts.append(f"hospital expects discharge {out:%b} {out.day}" if out is not None and not left else "")
    return " · ".join(part for part in parts if part)


def _marks(content: Mapping[str, object], zone: ZoneInfo, stay: StayDays) -> list[Mark]:
    found = []
    usual = content.get("usual_length_of_drg")
    end = usual_end(instant_of(content, "admitted_at"), float(Decimal(str(usual))) if usual else None)
    if end is not None:
        there = end.astimezone(zone)
        found.append(
            Mark(there.date(), (there.hour * 60 + there.minute) / 1440, f"usual length ends ({_number(usual)} days)")
        )
    if stay.expected_out is not None and stay.left is None:
        found.append(Mark(stay.expected_out, 0.5, "hospital expects discharge"))
    return found


def _facts(
    detail: StayDetail, content: Mapping[str, object], titles: Mapping[LevelOfCare, str], days: tuple[StripDay, ...]
) -> tuple[tuple[str, str], ...]:
    zone = detail.case.zone
    level = content.get("level_of_care")
    codes = items_of(content, "diagnoses")
    rows = (
        ("Level of care", titles[LevelOfCare(str(level))] if level else "not known"),
        ("Ordered status", spell_out(str(content["status"])) if content.get("status") else "not known"),
        ("Came", describe_instant(instant_of(content, "came_at"), zone)),
        ("Observation from", describe_instant(instant_of(content, "observation_began_at"), zone)),
        ("Admitted", describe_instant(instant_of(content, "admitted_at"), zone)),
        ("Discharged", describe_instant(instant_of(content, "discharged_at"), zone)),
        ("Canceled", describe_instant(instant_of(content, "voided_at"), zone)),
        ("Length", _length(content)),
        ("Usual length", _usual_length(content)),
        ("Expected discharge", _expected(content, zone)),
        ("Goes to", spell_out(str(content["target_setting"])) if content.get("target_setting") else ""),
        ("Certified through", describe_day(day_of(content, "certified_through"))),
        ("Next review opens", describe_instant(instant_of(content, "next_review_at"), zone)),
        ("Diagnoses", ", ".join(str(code) for code in codes)),
        ("Coverage ends not before", describe_day(day_of(content, "coverage_ends_not_before"))),
        ("Member owes nothing before", describe_instant(instant_of(content, "member_owes_nothing_before"), zone)),
        ("QIO", "asked, not decided: nothing ends before it has decided" if content.get("waits_for_qio") else ""),
    )
    return tuple(row for row in rows if row[1])


def _length(content: Mapping[str, object]) -> str:
    """Midnights, calendar days and hours: never mixed, each by its own name."""
    inside, outside = content.get("inpatient_midnights"), content.get("outpatient_midnights")
    hours, billed = content.get("observation_hours"), content.get("calendar_days")
    parts = (
        count_phrase(int(str(inside)), "inpatient midnight") if inside is not None else "",
        count_phrase(int(str(outside)), "midnight") + " before the order" if outside else "",
        count_phrase(int(str(billed)), "calendar day") + " to bill" if billed is not None else "",
        f"{_number(hours)} hours under observation" if hours else "",
    )
    return ", ".join(part for part in parts if part)


def _usual_length(content: Mapping[str, object]) -> str:
    usual, drg, spent = (content.get(name) for name in ("usual_length_of_drg", "working_drg", "inpatient_midnights"))
    if not usual:
        return f"none known for DRG {drg}" if drg else "not known: no working DRG"
    over = Decimal(str(spent)) - Decimal(str(usual)) if spent is not None else None
    so_far = "" if over is None else f"; {_number(over)} days over it" if over > 0 else f"; {_number(-over)} days to it"
    return f"{_number(usual)} days (geometric mean of DRG {drg}){so_far}. A signal, no limit"


def _expected(content: Mapping[str, object], zone: str) -> str:
    out, left = day_of(content, "expected_discharge"), instant_of(content, "discharged_at")
    if out is None:
        return "" if left is not None else "not known"
    if left is None:
        return describe_day(out)
    late = (left.astimezone(ZoneInfo(zone)).date() - out).days
    how = "as expected" if late == 0 else f"{count_phrase(abs(late), 'day')} {'later' if late > 0 else 'earlier'}"
    return f"{describe_day(out)}; left {how}"


def _round_row(one: StayRound) -> RoundRow:
    detail = f"Signed by {one.signed_by}" if one.signed_by else ""
    if one.view is not None and one.view.waiting is not None:
        detail = f"Waits for {one.view.waiting.what} from {one.view.waiting.holder}"
    days = "; ".join(_span(first, last) for first, last in one.days)
    return RoundRow(
        one.case_id,
        one.number,
        spell_out(one.purpose).lower(),
        days,
        spell_out(_answer_words(one)),
        _TONES.get(one.answer, ""),
        detail,
    )


def _answer_words(one: StayRound) -> str:
    by_rule = one.answer == CaseStatus.APPROVED.value and one.signed_by.startswith("rule ")
    return "approved by rule" if by_rule else one.answer.replace("_", " ")


def _notices(detail: StayDetail) -> list[StateLine]:
    """Notices that the law owes the member, with its delivery, and the letters about denied days."""
    content = detail.plan.content if detail.plan is not None else {}
    found = list_duties(content, detail.case.zone)
    for letter in detail.letters:
        if letter.notice is NoticeKind.ADVERSE_DETERMINATION:
            out = letter.handed_over_at
            said = f"Out {describe_short_day(out, detail.case.zone)}" if out is not None else "Not mailed yet"
            found.append(StateLine(letter.subject, f"to {letter.recipient}", said, "ok" if out is not None else "hot"))
    return found


def list_duties(content: Mapping[str, object], zone: str) -> list[StateLine]:
    """The notices that a discharge plan owes, each with its proof of delivery, the time left, or why it is not owed."""
    given = [NoticeDelivery.model_validate(one) for one in items_of(content, "deliveries")]
    return [_duty(DutyView.model_validate(one), given, zone) for one in items_of(content, "notices")]


def _duty(duty: DutyView, given: list[NoticeDelivery], zone: str) -> StateLine:
    proof = next((one.form for one in reversed(given) if one.rule_id == duty.rule), None)
    if duty.done_at is not None:
        how = (
            f"{duty.rule} · {spell_out(proof.signature.value).lower()} by the {proof.to}, handed over by {proof.delivered_by}"
            if proof is not None
            else duty.rule
        )
        late = "Given late, " if duty.judged == "missed" else "Given "
        how = f"{how}, {describe_instant(duty.done_at, zone)}"
        return StateLine(
            duty.title,
            how,
            f"{late}{describe_short_day(duty.done_at, zone)}",
            "bad" if duty.judged == "missed" else "ok",
        )
    if duty.falls_away is not None:
        return StateLine(duty.title, f"{duty.rule} · {duty.falls_away}", "Not owed", "")
    if duty.judged == "missed":
        return StateLine(
            duty.title, f"{duty.rule} · was due {describe_instant(duty.due_at, zone)}", "Missed", "bad", duty.due_at
        )
    return StateLine(duty.title, f"{duty.rule} · due {describe_instant(duty.due_at, zone)}", "", "", duty.due_at)


def _span(first: date, last: date) -> str:
    one = f"{first:%b} {first.day}"
    if first == last:
        return one
    return f"{one} to {last.day}" if first.month == last.month else f"{one} to {last:%b} {last.day}"


def _number(said: object) -> str:
    text = f"{Decimal(str(said)):.1f}"
    return text.removesuffix(".0")
