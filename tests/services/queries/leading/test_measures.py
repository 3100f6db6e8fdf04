from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event

from domain.cases.tasks import TaskStatus
from domain.vocabulary import ArrivalKind, Audience, Channel, NoticeKind
from engine.observing.measures import MEASURES, MeasureKind
from services.queries.leading.measures import read_measures
from store import inbox, letters, read_models
from store.session import Store
from tests.store.samples import CASE, NOON, case_view, draft, json, letter_view, rendered, task

HOUR = timedelta(hours=1)


def read(store: Store, hours: float) -> dict[tuple[str, tuple[str, ...]], float]:
    with store.read() as s:
        return dict(read_measures(s, NOON + hours * HOUR))


def test_a_store_at_rest_has_a_reading_for_every_gauge(store: Store) -> None:
    found = read(store, 1)
    assert {name for name, _ in found} == {one.name for one in MEASURES if one.kind is MeasureKind.GAUGE}
    labels = {one.name: len(one.labels) for one in MEASURES}
    assert all(len(values) == labels[name] for name, values in found)
    assert {value for (name, _), value in found.items() if name != "umpire_measured_at_seconds"} == {0}


def test_the_age_of_the_oldest_arrival_that_nobody_read_is_told(store: Store) -> None:
    with store.begin() as s:
        first = inbox.receive(s, b"1", NOON, Channel.API, kind=ArrivalKind.REQUEST)
        inbox.receive(s, b"2", NOON + HOUR, Channel.API, kind=ArrivalKind.REQUEST)
    found = read(store, 3)
    assert found["umpire_arrivals_waiting", ("unread",)] == 2
    assert found["umpire_oldest_arrival_seconds", ("unread",)] == 3 * 3600
    with store.begin() as s:
        inbox.accept(s, first.inbox_id, CASE, 1)
    found = read(store, 3)
    assert found["umpire_oldest_arrival_seconds", ("unread",)] == 2 * 3600
    assert found["umpire_oldest_arrival_seconds", ("unstarted",)] == 3 * 3600


def test_a_letter_waits_for_the_carrier_until_it_is_handed_over_or_recalled(store: Store) -> None:
    names = [f"{CASE}:approval:member:{number}" for number in (1, 2, 3)]
    with store.begin() as s:
        for name in names:
            letters.write(s, name, CASE, NoticeKind.APPROVAL, Audience.MEMBER, "A. Member", rendered(), NOON)
        recalled = letter_view(names[2], recalled_at=NOON + HOUR)
        views = json(letter_view(names[0]), letter_view(names[1]), recalled)
        told = draft(1, case=case_view().model_dump(mode="json"), letters=views)
        read_models.record_entries(s, CASE, [told])
        letters.mark_all_mailed(s, {names[0]: "r"}, NOON)
    found = read(store, 2)
    assert found["umpire_letters_not_handed_over", ()] == 1
    assert found["umpire_oldest_letter_not_handed_over_seconds", ()] == 2 * 3600


def test_open_tasks_are_counted_by_role_and_those_past_their_time_apart(store: Store) -> None:
    done = task(3).model_copy(update={"status": TaskStatus.DONE})
    with store.begin() as s:
        told = draft(1, case=case_view().model_dump(mode="json"), tasks=json(task(1), task(2), done))
        read_models.record_entries(s, CASE, [told])
    found = read(store, 1.5)
    assert found["umpire_open_tasks", ("nurse",)] == 2
    assert found["umpire_overdue_tasks", ("nurse",)] == 1
    assert found["umpire_open_tasks", ("physician",)] == 0


def test_no_reading_walks_through_a_table(store: Store) -> None:
    """A page of metrics is read four times a minute by every worker: each question has an index."""
    asked: list[tuple[str, object]] = []
    event.listen(store.engine, "before_cursor_execute", lambda c, cur, sql, args, ctx, many: asked.append((sql, args)))
    read(store, 1)
    if store.engine.dialect.name != "sqlite":
        return  # a planner with statistics walks through small tables on purpose
    raw = store.engine.raw_connection()
    for sql, args in asked:
        if sql.startswith("SELECT"):
            plan = raw.cursor().execute(f"EXPLAIN QUERY PLAN {sql}", args).fetchall()  # type: ignore[arg-type]
            walks = [
                step for *_, step in plan if step.startswith("SCAN") and "INDEX" not in step and "CONSTANT" not in step
            ]
            assert walks == [], sql
    raw.close()
    assert asked


def test_each_wait_for_the_writers_turn_is_told(store: Store) -> None:
    waits: list[float] = []
    store.on_turn = waits.append
    try:
        with store.begin():
            pass
    finally:
        store.on_turn = None
    assert len(waits) == (1 if store.engine.dialect.name == "sqlite" else 0), "a database server has no one writer"
    assert all(seconds >= 0 for seconds in waits)
