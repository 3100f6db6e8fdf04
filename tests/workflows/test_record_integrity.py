"""A letter, a document, a row or a whole case that was changed past the guards is found against the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from demo.time_skipping_lab import Lab
from domain.errors import Corrupt
from domain.vocabulary import Channel
from services.queries.leading import record_integrity
from store import tables
from tests.interop.fhir.bundles import as_bytes
from tests.interop.plain.test_requests import plain
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase

PAGE = {"notice": "nomnc", "audience": "member", "subject": "s", "html": "x", "text": "t", "elements": [], "form": None}
GUARDS = ("letters_content", "letters_no_delete", "documents_no_update", "journal_no_delete", "journal_heads_no_delete")


def tamper(lab: Lab, change: Callable[[Session], Any]) -> None:
    with lab.store.begin() as s:
        for guard in GUARDS:
            s.execute(text(f"DROP TRIGGER IF EXISTS {guard}"))
        change(s)


async def problems(lab: Lab, case_id: str) -> list[str]:
    after = await lab.now() + timedelta(hours=2)
    with lab.store.read() as s:
        found = [*record_integrity.record_faults(s, case_id), *record_integrity.missing_cases(s, after)]
    return [fault.problem for fault in found]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda s: s.execute(update(tables.letters).values(rendered=PAGE)), "is not the one written"),
        (lambda s: s.execute(delete(tables.letters)), "is missing"),
        (lambda s: s.execute(update(tables.documents).values(content=b"other")), "does not match its hash"),
        (lambda s: s.execute(delete(tables.cases)), "missing from the list"),
        (
            lambda s: [s.execute(delete(one)) for one in (tables.journal, tables.journal_heads, tables.cases)],
            "no journal",
        ),
    ],
)
async def test_what_contradicts_the_journal_is_found(lab: Lab, change: Callable[[Session], Any], problem: str) -> None:
    outcome = await lab.submit(as_bytes(plain()), Channel.API)
    assert outcome.case_id is not None
    assert await problems(lab, outcome.case_id) == []
    tamper(lab, change)
    found = await problems(lab, outcome.case_id)
    assert found and all(problem in one for one in found)


async def test_an_anchor_shows_a_journal_that_was_cut_and_written_anew(lab: Lab) -> None:
    services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    with lab.store.read() as s:
        anchor = record_integrity.make_anchor(s, await lab.now())
        assert anchor.is_intact and list(record_integrity.anchor_faults(s, anchor)) == []
    forged = anchor.model_copy(update={"heads": {services.case_id: (1, "0" * 64)}})
    assert not forged.is_intact
    tamper(lab, lambda s: [s.execute(delete(one)) for one in (tables.journal, tables.journal_heads)])
    with lab.store.begin() as s:
        (fault,) = record_integrity.anchor_faults(s, anchor)
    assert fault.case_id == services.case_id and "anchor" in fault.problem


@pytest.mark.parametrize("table", [tables.requests, tables.documents, tables.case_documents, tables.verdicts])
async def test_requests_documents_and_criteria_traces_are_only_added(lab: Lab, table: Any) -> None:
    await lab.submit(as_bytes(plain()), Channel.API)
    await lab.open(request(FUSION, known=FUSION_NOT_MET))
    for statement in (delete(table), update(table).values({next(iter(table.c)).name: next(iter(table.c))})):
        with pytest.raises((Corrupt, DBAPIError)), lab.store.begin() as s:
            s.execute(statement)
