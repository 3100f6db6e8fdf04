"""For those who lead: clocks at risk, open work against the people who may do it, and what of a person ends.

Nothing here tells what anybody decided: no count of approvals, denials or pace by reviewer is made anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.orm import Session

from domain.cases.assignment import Fitness, fitness_of
from domain.cases.tasks import Task
from domain.cases.views import CaseView
from domain.decisions.reviewers import Reviewer
from domain.decisions.signed import DeciderRule
from domain.model import Model
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import Lob, Role
from services.case_visibility import hidden_from, visible_to
from services.fitting_work import plan_day, plan_zone
from services.principals import Principal
from services.queries.case_lists import load_subjects
from store import cases, directory, tasks
from store.oversight import affirmations, duties
from store.oversight.duties import Duty, DutyState
from store.worklist import paging
from store.worklist.paging import OpenGroup, group_open

AT_RISK = timedelta(hours=2)
ENDING = timedelta(days=30)
"""So long before its end a license, a training or the year's affirmation is shown."""
MOST_CLOCKS = 200
ON_A_PAGE = 50
"""So many clocks stand on a page; more would make it larger than a page may be."""


class ClockRow(Model):
    """Duties of one rule of a case that are due at one instant: `kinds` as the rulebook names them. `tasks` are the case's open
    tasks, the earliest due first; `stands` is the case's wait in words."""

    case_id: str
    member_name: str
    service: str
    zone: str
    rule_id: str
    citation: str
    title: str
    kinds: tuple[str, ...]
    due_at: datetime
    state: DutyState
    stands: str
    tasks: tuple[Task, ...]


class ClockPlace(NamedTuple):
    """The place of a row in the order of clocks: its due instant (UTC), case and rule."""

    due_at: datetime
    case_id: str
    rule_id: str


@dataclass(frozen=True)
class Oversight:
    """The page of clocks at risk, of one instant. `more` is the place of its last row where there are rows behind it; `people`
    are those to whom work can be handed over, by id, with their names; `ends` the most urgent of them; `zone` the plan's."""

    rows: tuple[ClockRow, ...]
    more: ClockPlace | None
    counts: ClockCounts
    groups: tuple[WorkGroup, ...]
    ends: tuple[PersonEnd, ...]
    people: tuple[tuple[str, str], ...]
    zone: str


class ClockCounts(Model):
    """Duties by the time that is left: missed and not yet reviewed, at risk (under two hours), due within a day, on time, and
    stopped by law."""

    missed: int
    at_risk: int
    due_today: int
    on_time: int
    stopped: int


class WorkGroup(Model):
    """Open tasks of one role and specialty, or of nurses and one State, and the people who may do them today. `due_soon`: due
    within three days."""

    role: Role
    needs: str
    tasks: int
    due_soon: int
    unclaimed: int
    people: tuple[str, ...]

    @property
    def words(self) -> str:
        """Whether the people are there, in words."""
        if not self.people:
            return "Nobody may do it now"
        each = -(-self.due_soon // len(self.people))
        return f"{count_phrase(each, 'task')} due in 3 days for each" if self.due_soon else "Nothing due in 3 days"


class _Needs(NamedTuple):
    """The needs of the tasks of one group."""

    role: Role
    also_for: tuple[Role, ...]
    professions: tuple[str, ...]
    specialties: tuple[str, ...]


class EndKind(StrEnum):
    """The kind of what ends: a license, the year's training, or the yearly affirmation on pay."""

    LICENSE = "license"
    TRAINING = "training"
    AFFIRMATION = "affirmation"


class PersonEnd(Model):
    """Something of a person that ends or has ended. `last_day` None: never on file. `gates`: they get no tasks by it."""

    reviewer_id: str
    name: str
    kind: EndKind
    about: str
    last_day: date | None
    gates: bool
    days_left: int | None


def load_oversight(
    s: Session, reader: Principal, deciders: Collection[DeciderRule], now: datetime, after: ClockPlace | None = None
) -> Oversight:
    """The page of clocks behind `after`, with the work and the people behind them, at `now` (UTC)."""
    horizon, seen = now + timedelta(days=1), visible_to(reader, duties.CASE_ID)
    found = duties.due_before(s, horizon, ON_A_PAGE + 1, seen, after)
    more = None
    if len(found) > ON_A_PAGE:
        # The duties of one clock are one row, which is not cut in two.
        found = tuple(one for one in found if _place_of(one) != _place_of(found[-1]))
        more = _place_of(found[-1])
    return Oversight(
        rows=_clock_rows(s, found),
        more=more,
        counts=count_clocks(s, now, reader),
        groups=list_work_groups(s, deciders, now, reader),
        ends=list_ends(s, now.date())[:6],
        people=tuple((one.reviewer_id, one.name) for one in directory.reviewers(s) if one.active),
        zone=plan_zone(s),
    )


def list_clocks_at_risk(
    s: Session, now: datetime, reader: Principal | None = None, limit: int = MOST_CLOCKS
) -> tuple[ClockRow, ...]:
    """The duties missed and not yet reviewed, and those due within a day of `now` (UTC), of cases that the reader may see; the
    earliest due first."""
    seen = visible_to(reader, duties.CASE_ID)
    return _clock_rows(s, duties.due_before(s, now + timedelta(days=1), limit, seen))


def _place_of(duty: Duty) -> ClockPlace:
    return ClockPlace(duty.due_at, duty.case_id, duty.rule_id)


def _clock_rows(s: Session, found: Collection[Duty]) -> tuple[ClockRow, ...]:
    views = cases.get_many(s, {one.case_id for one in found})
    subjects = load_subjects(s, views.values())
    grouped: dict[tuple[str, str, datetime, DutyState], list[Duty]] = {}
    for one in found:
        grouped.setdefault((one.case_id, one.rule_id, one.due_at, one.state), []).append(one)
    work = tasks.open_of_cases(s, {one.case_id for one in found})
    rows = []
    for (case_id, rule_id, due_at, state), members in grouped.items():
        view = views[case_id]
        rows.append(
            ClockRow(
                case_id=case_id,
                member_name=subjects[case_id].member_name or view.member_id,
                service=subjects[case_id].service,
                zone=view.zone,
                rule_id=rule_id,
                citation=members[0].citation,
                title=members[0].title,
                kinds=tuple(dict.fromkeys(one.kind for one in members)),
                due_at=due_at,
                state=state,
                stands=_stands(view),
                tasks=work.get(case_id, ()),
            )
        )
    return tuple(rows)


def count_clocks(s: Session, now: datetime, reader: Principal | None = None) -> ClockCounts:
    """Count the duties of the open cases that the reader may see by the time left at `now` (UTC): a number above the rows of
    the list would tell of a case that is not on file for them."""
    bounds = (now, now + AT_RISK, now + timedelta(days=1))
    missed, stopped, running = duties.count_by_state(s, bounds)
    hidden = hidden_from(reader, duties.CASE_ID)
    if hidden is not None:
        less_missed, less_stopped, less = duties.count_by_state(s, bounds, hidden)
        missed, stopped = missed - less_missed, stopped - less_stopped
        running = tuple(all_of_them - unseen for all_of_them, unseen in zip(running, less, strict=True))
    late, at_risk, today, later = running
    # What is late and not recorded as missed yet is seconds old: the case's timer records it.
    return ClockCounts(missed=missed, at_risk=late + at_risk, due_today=today, on_time=later, stopped=stopped)


def list_work_groups(
    s: Session, deciders: Collection[DeciderRule], now: datetime, reader: Principal | None = None
) -> tuple[WorkGroup, ...]:
    """Open work of cases that the reader may see by role and by what it needs of a person, against those who fit it by the
    rules that claims are checked by."""
    everybody, day = directory.reviewers(s), plan_day(s, now)
    fitness = {who.name: fitness_of(who, everybody, deciders, day) for who in everybody}
    grouped: dict[tuple[Role, str], list[OpenGroup]] = {}
    for one in _seen_groups(s, now + timedelta(days=3), reader):
        role = Role(one.role)
        needs = one.state if role is Role.NURSE else next(iter(one.specialties), "")
        grouped.setdefault((role, needs), []).append(one)
    return tuple(
        WorkGroup(
            role=role,
            needs=needs,
            tasks=sum(one.tasks for one in members),
            due_soon=sum(one.due_soon for one in members),
            unclaimed=sum(one.unclaimed for one in members),
            people=tuple(name for name, fit in fitness.items() if any(_fits(fit, one) for one in members)),
        )
        for (role, needs), members in sorted(grouped.items(), key=lambda one: (-sum(m.tasks for m in one[1]), one[0]))
    )


def _seen_groups(s: Session, soon: datetime, reader: Principal | None) -> Iterable[OpenGroup]:
    """The groups of open tasks, less the tasks of cases that the reader may not see."""
    groups, hidden = group_open(s, soon), hidden_from(reader, paging.CASE_ID)
    if hidden is None:
        return groups
    unseen = {one.needs: one for one in group_open(s, soon, hidden)}
    left = (one.less(unseen[one.needs]) if one.needs in unseen else one for one in groups)
    return [one for one in left if one.tasks]


def _fits(fitness: Fitness, group: OpenGroup) -> bool:
    also = tuple(Role(one) for one in group.roles if one != group.role)
    needs = _Needs(Role(group.role), also, group.professions, group.specialties)
    return fitness.fits(needs, Lob(group.lob) if group.lob else None, group.state)


def list_ends(s: Session, today: date) -> tuple[PersonEnd, ...]:
    """Licenses, training and affirmations that end within 30 days of `today` or have ended; what gates comes first."""
    given = affirmations.latest(s)
    found = [end for who in directory.reviewers(s) if who.active for end in _ends_of(who, given, today)]
    return tuple(sorted(found, key=lambda end: (not end.gates, end.last_day or date.max, end.name)))


def _ends_of(who: Reviewer, given: dict[str, affirmations.Affirmation], today: date) -> Iterable[PersonEnd]:
    current = [held for held in who.licences if held.expires >= today]
    for held in who.licences:
        if held.expires < today + ENDING and not _is_renewed(held.expires, held.profession, held.state, who):
            gates = not [one for one in current if one.profession == held.profession]
            about = f"{held.profession.replace('_', ' ').capitalize()}, {held.state}"
            yield _end(who, EndKind.LICENSE, about, held.expires, gates, today)
    trained = who.training_valid_through
    if trained is None or trained < today + ENDING:
        yield _end(who, EndKind.TRAINING, "Training of the year", trained, trained is None or trained < today, today)
    if who.licences:
        affirmed = given.get(who.reviewer_id)
        last = date(affirmed.year, 12, 31) if affirmed is not None else None
        if last is None or last < today + ENDING:
            about = "Affirmation that pay does not depend on decisions"
            yield _end(who, EndKind.AFFIRMATION, about, last, False, today)


def _is_renewed(expires: date, profession: str, state: str, who: Reviewer) -> bool:
    same = (one for one in who.licences if (one.profession, one.state) == (profession, state))
    return any(one.expires > expires for one in same)


def _end(who: Reviewer, kind: EndKind, about: str, last_day: date | None, gates: bool, today: date) -> PersonEnd:
    return PersonEnd(
        reviewer_id=who.reviewer_id,
        name=who.name,
        kind=kind,
        about=about,
        last_day=last_day,
        gates=gates,
        days_left=(last_day - today).days if last_day is not None else None,
    )


def _stands(view: CaseView) -> str:
    if view.waiting is None:
        return view.status.value.replace("_", " ").capitalize()
    return f"Waits for {view.waiting.what} from {view.waiting.holder}"
