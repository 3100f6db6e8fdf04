"""JSON data of cases and letters: the documents that the API gives, with the paths of letters on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.terminal.context import CliContext
from services.queries.case_detail import CaseDetail
from services.queries.case_documents import case_document, letter_document
from store.letters import LetterRecord


def case_json(detail: CaseDetail, here: CliContext) -> dict[str, Any]:
    """A case of any process as JSON data."""
    data: dict[str, Any] = case_document(detail).model_dump(mode="json")
    return data | {"letters": [letter_json(one, here) for one in detail.letters]}


def find_letter_file(one: LetterRecord, here: CliContext) -> Path | None:
    """The file with the letter's text in the outbox, if there is one."""
    if one.receipt is None:
        return None
    path = (here.settings.outbox / one.receipt).with_suffix(".txt")
    return path if path.exists() else None


def letter_json(one: LetterRecord, here: CliContext) -> dict[str, Any]:
    """A letter as JSON data: its text and the path of its file."""
    path = find_letter_file(one, here)
    return letter_document(one).model_dump(mode="json") | {"path": str(path) if path else None}
