"""Work for the benchmark of pages: invented members, cases and tasks, loaded straight into the tables of the read models."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import JSON, String, Table, text
from sqlalchemy.orm import Session

from domain.case_numbers import CasePrefix
from domain.cases.tasks import Task, TaskKind, TaskOutcome, TaskStatus
from domain.cases.views import CaseStatus, CaseView, LineView, Waiting
from domain.coverage.directory import Member
from domain.parity.confidentiality import Confidentiality
from domain.vocabulary import Lob, ReviewKind, Role, ServiceKind, Urgency
from store import directory, tables
from store.accounts.tables import confidential_cases
from store.oversight.tables import duties
from store.portal.tables import case_providers
from store.session import Store
from store.tasks import select_work
from store.worklist import rows as worklist_rows
from store.worklist import tables as worklist_tables
from store.worklist.paging import WorkPlace
from store.worklist.selection import WorkSelection
from web.presentation.worklist import write_place

_BATCH = 20_000
_TASKS_OF_A_FINISHED_CASE = 5
_NAMES = (
    "Abara",
    "Brandt",
    "Castillo",
    "Dvorak",
    "Espinoza",
    "Fontaine",
    "Greene",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kim",
)
_GIVEN = ("Alma", "Ben", "Chidi", "Dana", "Eve", "Farid", "Grace", "Hana", "Iris", "Jonah", "Kofi", "Lena", "Mina")
_SERVICES = ("power wheelchair, group 2", "CPAP device", "lumbar fusion, one joint", "home oxygen concentrator")
_STATES = (
    ("IL", "America/Chicago"),
    ("NY", "America/New_York"),
    ("TX", "America/Chicago"),
    ("CA", "America/Los_Angeles"),
)
_LOBS = (Lob.MEDICARE_ADVANTAGE, Lob.MEDICAID, Lob.PART_D, Lob.COMMERCIAL_ERISA)
_SPECIALTIES = ("orthopedic_surgery", "pulmonology", "dermatology", "neurosurgery", "internal_medicine")
_PEOPLE = ("nurse.adams", "nurse.lopez", "md.ortho.chen", "director.osei")
_WORK = (
    *[(TaskKind.NURSE_REVIEW, Role.NURSE)] * 12,
    *[(TaskKind.PHYSICIAN_REVIEW, Role.PHYSICIAN)] * 5,
    *[(TaskKind.CLINICAL_UPDATE, Role.NURSE)] * 2,
    (TaskKind.COVERAGE_QUESTION, Role.INTAKE),
)
_TABLES: Mapping[str, Table] = {
    "case": tables.cases,
    "line": tables.case_lines,
    "tasks": worklist_tables.tasks,
    "providers": case_providers,
    "duties": duties,
    "confidential": confidential_cases,
}
_COPIES, _MANY = 5, 100_000
"""Of many finished tasks a fifth is made here, and the database copies them under other numbers: it is sooner done."""


@dataclass(frozen=True)
class DataSize:
    """The numbers of tasks and members."""

    open_tasks: int
    finished_tasks: int
    members: int


def load_read_models(store: Store, size: DataSize, now: datetime) -> Mapping[str, str]:
    """Fill the store; the places that the pages' addresses name. The same sizes give the same data, but for `now` (UTC)."""
    chance = random.Random(11)
    npis = [one.npi for one in _read(store, directory.providers)]
    with store.begin() as s:
        members = list(_members(chance, size.members))
        _load(s, tables.members, (_member_row(one) for one in members))
        _load(s, tables.directory_words, (row for one in members for row in directory.member_words(one)))
    copies = _COPIES if size.finished_tasks >= _MANY else 1
    for finished, number in ((False, size.open_tasks), (True, size.finished_tasks // copies)):
        cases = _cases(chance, size, npis, now, number, finished)
        while batch := list(islice(cases, _BATCH)):
            with store.begin() as s:
                for name, table in _TABLES.items():
                    _load(s, table, (row for one in batch for row in one[name]))
    for copy in range(1, copies):
        with store.begin() as s:
            for table in _TABLES.values():
                _copy_finished(s, table, copy)
    if store.engine.dialect.name == "postgresql":
        _vacuum(store)
    with store.read() as s:
        return {
            "deep": _place(s, size.open_tasks // 3),
            "last": _place(s, size.open_tasks - 20),
            "member": "MBRB0000007",
            "name": f"{_GIVEN[7 % len(_GIVEN)]} Abara7",
            "provider": npis[0],
            "case": f"{CasePrefix.REQUEST}B00000000007",
        }


def _vacuum(store: Store) -> None:
    """Do now what a PostgreSQL server does by itself after so much has changed."""
    raw = store.engine.raw_connection()
    connection: Any = raw.dbapi_connection
    connection.rollback()
    connection.autocommit = True
    raw.cursor().execute("VACUUM ANALYZE")
    connection.autocommit = False
    raw.close()


def _read(store: Store, query: Callable[[Session], Any]) -> Any:
    with store.read() as s:
        return query(s)


def _place(s: Session, number: int) -> str:
    """The place of the row with this number, as a page's address names it."""
    table = worklist_tables.tasks.c
    query = worklist_tables.tasks.select().where(table.open_due_at.is_not(None))
    ordered = query.order_by(table.clock_stopped, table.open_due_at, table.task_id).offset(number).limit(1)
    row = s.execute(ordered).one()
    found = select_work(s, WorkSelection(task_id=row.task_id), 1)
    return write_place(WorkPlace(*found.rows[0][0]))


def _members(chance: random.Random, number: int) -> Iterator[Member]:
    for place in range(number):
        yield Member(
            member_id=f"MBRB{place:07}",
            family_name=f"{chance.choice(_NAMES)}{place % 997}" if place != 7 else "Abara7",
            given_name=_GIVEN[place % len(_GIVEN)],
            birth_date=date(1930 + place % 70, 1 + place % 12, 1 + place % 28),
            address=("1 Elm Street", "Springfield, IL 62701"),
            language=chance.choice(("en", "en", "en", "es")),
        )


def _member_row(member: Member) -> dict[str, Any]:
    return {"member_id": member.member_id, "member": member.model_dump(mode="json")}


def _cases(
    chance: random.Random, size: DataSize, npis: Sequence[str], now: datetime, number: int, finished: bool
) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Cases with their tasks: an open one with one, a finished one with several."""
    per_case = _TASKS_OF_A_FINISHED_CASE if finished else 1
    for place in range(number // per_case):
        case_id = f"{CasePrefix.REQUEST}{'F' if finished else 'B'}{place:011}"
        state, zone = chance.choice(_STATES)
        received = now - timedelta(days=chance.randint(200, 900) if finished else 3)
        due = received + timedelta(days=7) if finished else now + timedelta(minutes=chance.randint(-120, 14 * 24 * 60))
        view = CaseView(
            case_id=case_id,
            lob=chance.choice(_LOBS),
            state=state,
            zone=zone,
            review_kind=ReviewKind.PROSPECTIVE,
            service_kind=ServiceKind.MEDICAL,
            urgency=chance.choice((Urgency.STANDARD, Urgency.STANDARD, Urgency.EXPEDITED)),
            member_id=f"MBRB{chance.randrange(size.members):07}",
            requesting_npi=chance.choice(npis),
            request_version=1,
            received_at=received,
            status=CaseStatus.APPROVED if finished else CaseStatus.OPEN,
            waiting=None if finished else Waiting(what="a review", owner="a nurse", until=due, then="it is missed"),
            decision_due=due,
            governing_rule="MA-STD",
            decided_at=due if finished else None,
            authorization_number=f"AUTH{place:08}" if finished else None,
            rulebook_version="1",
            closed_at=due if finished else None,
        )
        line = LineView(line_id="1", code="E1390", description=chance.choice(_SERVICES), route="nurse")
        facts = worklist_rows.facts_of_case(view)
        tasks = [_task(chance, case_id, one + 1, received, due, finished) for one in range(per_case)]
        stopped = None if finished or chance.random() > 0.03 else now + timedelta(days=40)
        yield {
            "case": [_case_row(view)],
            "line": [{"case_id": case_id, "line_id": "1", "line": line.model_dump(mode="json")}],
            "tasks": [worklist_rows.task_row(case_id, task, facts, stopped) for task in tasks],
            "providers": [{"npi": view.requesting_npi, "case_id": case_id}],
            "duties": [] if finished else [_duty(case_id, due)],
            "confidential": [] if place % 20 else [{"case_id": case_id, "why": Confidentiality.BEHAVIORAL.value}],
        }


def _case_row(view: CaseView) -> dict[str, Any]:
    shown = view.model_dump(mode="json")
    kept = {name: getattr(view, name) for name in ("case_id", "member_id", "decision_due", "authorization_number")}
    return kept | {"status": view.status.value, "lob": view.line_of_business, "view": shown}


def _task(chance: random.Random, case_id: str, number: int, opened: datetime, due: datetime, finished: bool) -> Task:
    kind, role = chance.choice(_WORK)
    if chance.random() < 0.004:
        kind, role = TaskKind.MISSED_CLOCK, Role.COMPLIANCE
    review = kind is TaskKind.PHYSICIAN_REVIEW
    holder = chance.choice(_PEOPLE) if finished or chance.random() < 0.01 else None
    ended = {"outcome": TaskOutcome.DONE, "completed_at": due} if finished else {}
    return Task(
        task_id=f"{case_id}-T{number}",
        kind=kind,
        role=role,
        why="Criteria not met: 6 of 12 months of treatment without surgery",
        line_ids=("1",),
        specialties=(chance.choice(_SPECIALTIES),) if review else (),
        professions=("physician",) if review else (),
        also_for=(Role.SUPERVISOR,) if chance.random() < 0.02 else (),
        opened_at=opened,
        due_at=due,
        status=TaskStatus.DONE if finished else TaskStatus.CLAIMED if holder else TaskStatus.OPEN,
        assignee=holder,
        **ended,
    )


def _duty(case_id: str, due: datetime) -> dict[str, Any]:
    words = {"title": "Standard decision", "citation": "42 CFR 422.568", "recipient": "", "state": "running"}
    return {"case_id": case_id, "rule_id": "MA-STD", "variant": "", "kind": "decision", "due_at": due, **words}


def _load(s: Session, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Load rows past the layers that check and convert them: by a prepared statement, or by COPY."""
    names = [column.name for column in table.columns]
    driver: Any = s.connection().connection.cursor()
    if s.get_bind().dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        values = ([_for_sqlite(row[name]) for name in names] for row in rows)
        driver.executemany(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", values)
        return
    lines = ("\t".join(_for_copy(row[name]) for name in names) for row in rows)
    stream = io.BytesIO("".join(f"{line}\n" for line in lines).encode())
    driver.execute(f"COPY {table.name} ({', '.join(names)}) FROM STDIN", stream=stream)


def _copy_finished(s: Session, table: Table, copy: int) -> None:
    """Copy the first finished cases under the numbers of this copy, in every column that names one."""
    first, other = (f"{CasePrefix.REQUEST}F{number}" for number in (0, copy))
    dialect = s.get_bind().dialect
    shown = []
    for column in table.columns:
        if isinstance(column.type, String):
            shown.append(f"replace({column.name}, '{first}', '{other}')")
        elif isinstance(column.type, JSON):
            kind = column.type.compile(dialect)
            shown.append(f"CAST(replace(CAST({column.name} AS TEXT), '{first}', '{other}') AS {kind})")
        else:
            shown.append(column.name)
    if dialect.name == "sqlite":  # which keeps JSON as text, and would take it for a number
        shown = [one.removeprefix("CAST(").removesuffix(" AS JSON)") if one.endswith("JSON)") else one for one in shown]
    names = ", ".join(column.name for column in table.columns)
    chosen = f"SELECT {', '.join(shown)} FROM {table.name} WHERE case_id >= '{first}' AND case_id < '{first[:-1]}1'"
    s.execute(text(f"INSERT INTO {table.name} ({names}) {chosen}"))  # noqa: S608


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else value


def _for_copy(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    said = json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else str(value)
    return said.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
