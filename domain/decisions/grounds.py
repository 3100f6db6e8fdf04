"""Checks of what an adverse decision rests on: the records that it says were read are records of the case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.decisions.signed import RecordOnFile, SignedDecision
from domain.errors import RuleViolation, violation
from domain.plain_language.phrases import count_phrase

NO_RECORDS = "No records: none were on file for this request."
"""The entry of a decision, and of its letter, in place of the records read where the case holds none."""


def opening_violations(said: Iterable[str], opened: Iterable[str]) -> Iterator[RuleViolation]:
    """Violation of a statement that records were opened which its signer did not open in Umpire."""
    unopened = set(said) - set(opened)
    if unopened:
        yield violation(
            "decision.record_unopened",
            f"Said to be opened, and not opened by the signer: {count_phrase(len(unopened), 'record')}.",
            "Open each with 'umpire record CASE RECORD', then sign.",
        )


def record_violations(signed: SignedDecision, records: tuple[RecordOnFile, ...]) -> Iterator[RuleViolation]:
    """Violations of records that were opened or read and that the case does not hold (42 CFR 438.404(b)(2))."""
    ids = {record.document_id for record in records}
    foreign = set(signed.evidence_opened) - ids
    if foreign:
        yield violation(
            "decision.records_not_on_case",
            f"Opened, but not on file for this case: {count_phrase(len(foreign), 'record')}.",
            "Name only records of the worksheet, or attach the missing ones to the case first.",
        )
    opened = {record.title for record in records if record.document_id in signed.evidence_opened}
    readable = opened if records else {NO_RECORDS}
    way_out = "Name opened records by their title on the worksheet" if records else f"Write '{NO_RECORDS}'"
    for line in signed.lines:
        said = line.reason.records_read if line.is_adverse and line.reason is not None else ()
        unknown = set(said) - readable
        if unknown:
            yield violation(
                "decision.records_not_on_case",
                f"Line {line.line_id}: {count_phrase(len(unknown), 'record')} said to be read: not on file or not opened.",
                f"{way_out}, or attach the missing ones to the case first.",
            )
