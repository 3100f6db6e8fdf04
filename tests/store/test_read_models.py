from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, event, select
from sqlalchemy.orm import Session

from domain.cases.tasks import TaskStatus
from domain.cases.views import CaseStatus
from domain.errors import Corrupt
from domain.journal import EntryDraft
from domain.vocabulary import LineOutcome
from store import cases, journal, read_models, tasks
from store.session import Store
from tests.store.samples import (
    CASE,
    NOON,
    case_view,
    decided_days,
    draft,
    json,
    lesson_facts,
    letter_view,
    line,
    sheet,
    stay_facts,
    task,
)

OTHER = "PA-OTHERCASE002"


def _full(case_id: str, seq: int) -> EntryDraft:
    letter = letter_view(f"{case_id}:approval:member:1")
    return draft(
        seq,
        case=json(case_view(case_id))[0],
        clocks=[{"rule_id": "MA-STD"}, {"rule_id": "IL-STD"}],
        tasks=json(task(1, case_id), task(2, case_id)),
        lines=json(line("1"), line("2")),
        letters=json(letter),
    )


def test_an_entry_feeds_every_read_model(store: Store) -> None:
    with store.begin() as s:
        read_models.record_entries(s, CASE, [_full(CASE, 1)])
    with store.read() as s:
        assert cases.get(s, CASE) == case_view()
        assert cases.clocks(s, CASE) == ({"rule_id": "MA-STD"}, {"rule_id": "IL-STD"})
        assert tasks.of_case(s, CASE) == (task(1), task(2))
        assert cases.lines(s, CASE) == (line("1"), line("2"))
        assert cases.letters(s, CASE) == (letter_view(f"{CASE}:approval:member:1"),)
        assert cases.get(s, OTHER) is None


def test_what_an_entry_carries_replaces_what_was_there_and_leaves_the_rest(store: Store) -> None:
    decided = line("2", outcome=LineOutcome.APPROVED)
    done = task(1, status=TaskStatus.DONE, completed_at=NOON)
    later = draft(
        2,
        case=json(case_view(status=CaseStatus.APPROVED, waiting=None))[0],
        clocks=[{"rule_id": "MA-EXP"}],
        tasks=json(done),
        lines=json(decided),
    )
    with store.begin() as s:
        read_models.record_entries(s, CASE, [_full(CASE, 1)])
        read_models.record_entries(s, CASE, [later])
    with store.read() as s:
        assert cases.get(s, CASE) == case_view(status=CaseStatus.APPROVED, waiting=None)
        assert cases.clocks(s, CASE) == ({"rule_id": "MA-EXP"},)
        assert tasks.of_case(s, CASE) == (done, task(2))
        assert cases.lines(s, CASE) == (line("1"), decided)
        assert len(cases.letters(s, CASE)) == 1


def test_recording_the_same_entries_after_a_crash_counts_once(store: Store) -> None:
    with store.begin() as s:
        first = read_models.record_entries(s, CASE, [_full(CASE, 1), draft(2)])
    with store.begin() as s:
        assert read_models.record_entries(s, CASE, [_full(CASE, 1), draft(2)]) == first
    with store.read() as s:
        assert len(journal.entries(s, CASE)) == 2
        assert len(tasks.of_case(s, CASE)) == 2


def test_a_late_retry_does_not_bring_an_older_view_back(store: Store) -> None:
    early = [_full(CASE, 1)]
    with store.begin() as s:
        read_models.record_entries(s, CASE, early)
        read_models.record_entries(s, CASE, [draft(2, case=json(case_view(status=CaseStatus.WITHDRAWN))[0])])
    with store.begin() as s:
        read_models.record_entries(s, CASE, early)
    with store.read() as s:
        found = cases.get(s, CASE)
    assert found is not None and found.status is CaseStatus.WITHDRAWN


def test_a_crash_before_the_commit_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), store.begin() as s:
        read_models.record_entries(s, CASE, [_full(CASE, 1)])
        raise KeyboardInterrupt
    with store.read() as s:
        assert journal.entries(s, CASE) == ()
        assert cases.get(s, CASE) is None


@pytest.mark.parametrize(
    "data",
    [
        {"case": {"case_id": CASE, "member_id": "MBR-SECRET"}},
        {"tasks": [{"task_id": "T1", "why": "MBR-SECRET"}]},
        {"tasks": {"not": "a list"}},
        {"case": json(case_view(OTHER))[0]},
    ],
)
def test_a_view_that_is_none_is_refused_without_telling_its_content(store: Store, data: dict[str, Any]) -> None:
    with pytest.raises(Corrupt) as refused, store.begin() as s:
        read_models.record_entries(s, CASE, [draft(1, **data)])
    assert "entry 1" in str(refused.value)
    assert "SECRET" not in str(refused.value)
    with store.read() as s:
        assert journal.entries(s, CASE) == ()


_numbers = st.integers(min_value=1, max_value=4)
_tasks = st.builds(
    lambda number, case_id, status, hours: task(number, case_id, status=status, escalated=hours),
    _numbers,
    st.just(CASE),
    st.sampled_from(TaskStatus),
    _numbers,
)
_stays = st.lists(st.sampled_from([decided_days(1, 2), decided_days(3, 3, answer="denied")]), max_size=3).map(
    lambda days: stay_facts(*days)
)
_reviews = st.lists(st.builds(lambda word: lesson_facts(suggestion=word), st.sampled_from("abc")), max_size=3)
_summaries = st.one_of(
    _stays.map(lambda stay: sheet("stay", stay)),
    _reviews.map(lambda found: sheet("retrospective_review", {"claim_number": "C1", "lessons": found})),
)
_data = st.fixed_dictionaries(
    {},
    optional={
        "case": st.builds(lambda status: json(case_view(status=status))[0], st.sampled_from(CaseStatus)),
        "clocks": st.lists(st.dictionaries(st.sampled_from(["rule_id", "due"]), st.text(st.characters(codec="ascii")))),
        "tasks": st.lists(_tasks, max_size=3).map(lambda values: json(*values)),
        "lines": st.lists(_numbers, max_size=3).map(lambda ids: json(*(line(str(number)) for number in ids))),
        "letters": st.lists(_numbers, max_size=2).map(lambda ids: json(*(letter_view(f"L{number}") for number in ids))),
        "sheet": _summaries,
        "stay": _stays,
        "lessons": _reviews.map(lambda found: [one | {"case_id": CASE, "claim_number": "C1"} for one in found]),
        "note": st.text(max_size=5),
    },
)


@given(batches=st.lists(st.lists(_data, min_size=1, max_size=4), min_size=1, max_size=5), repeated=st.booleans())
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_rebuilt_read_models_equal_the_live_ones(store: Store, batches: list[list[Any]], repeated: bool) -> None:
    with store.read() as s:
        number = len(journal.case_ids(s)) + 1
    case_id, seq = f"PA-{number}", 0
    with store.begin() as s:
        for batch in batches:
            written = [draft(seq + place, **_of(data, case_id)) for place, data in enumerate(batch, start=1)]
            seq += len(written)
            for _ in range(2 if repeated else 1):
                read_models.record_entries(s, case_id, written)
        live = _everything(s)
        assert read_models.rebuild(s) == number
        assert _everything(s) == live
        assert journal.verify(s, case_id) is None


def _of(data: dict[str, Any], case_id: str) -> dict[str, Any]:
    own = {"case_id": case_id}
    told = data | ({"case": data["case"] | own} if "case" in data else {})
    return told | ({"lessons": [one | own for one in data["lessons"]]} if "lessons" in data else {})


def _everything(s: Session) -> list[list[Any]]:
    queries: list[Select[Any]] = [select(table).order_by(*table.primary_key) for table in read_models.READ_MODELS]
    return [[tuple(row) for row in s.execute(query)] for query in queries]


def test_recording_takes_few_statements(store: Store) -> None:
    with store.begin() as s:
        read_models.record_entries(s, CASE, [_full(CASE, 1)])
    told: list[str] = []

    def listen(*args: Any) -> None:
        told.append(args[2])

    event.listen(store.engine, "before_cursor_execute", listen)
    with store.begin() as s:
        read_models.record_entries(s, CASE, [_full(CASE, seq) for seq in range(2, 7)])
    event.remove(store.engine, "before_cursor_execute", listen)
    assert len(told) <= 12
