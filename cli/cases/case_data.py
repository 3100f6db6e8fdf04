"""JSON data of a case of any process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.terminal.context import CliContext
from services.queries.case_detail import CaseDetail
from services.queries.case_sentence import status_sentence
from store.letters import LetterRecord


def case_json(detail: CaseDetail, here: CliContext) -> dict[str, Any]:
    """The parts that every case has, as JSON data."""
    return {
        "case_id": detail.case_id,
        "sentence": status_sentence(detail.view, detail.case_id),
        "case": detail.view,
        "sheet": detail.sheet,
        "clocks": detail.clocks,
        "tasks": detail.tasks,
        "journal": detail.entries,
        "letters": [letter_json(one, here) for one in detail.letters],
        "documents": detail.documents,
        "arrivals": detail.arrivals,
    }


def find_letter_file(one: LetterRecord, here: CliContext) -> Path | None:
    """The file with the letter's text in the outbox, if there is one."""
    if one.receipt is None:
        return None
    path = (here.settings.outbox / one.receipt).with_suffix(".txt")
    return path if path.exists() else None


def letter_json(one: LetterRecord, here: CliContext) -> dict[str, Any]:
    """A letter as JSON data: its text and the path of its file."""
    data = one.model_dump(mode="json", exclude={"rendered": {"html"}})
    path = find_letter_file(one, here)
    return data | {"path": str(path) if path else None}
