"""A worker that dies at the worst moment: when an activity is done and Temporal does not know it yet.

``python -m tests.workflows.dying_worker COUNTER ACTIVITY:N...``: ACTIVITY is `record` (the journal), `reserve` (units of a
benefit limit) or `open_review` (the request of a review).
Files that begin with COUNTER count how often each was done, over all such workers; this one dies right after those numbered N.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from temporalio import activity

import worker
from activities.case_records import CaseRecords
from activities.stay_reviews import StayLookups
from domain.authorization.orders import ReserveInput, ReserveResult
from domain.cases.orders import RecordInput, RecordResult
from domain.stays.orders import OpenedStayReview, StayReviewInput

_record, _reserve, _open_review = CaseRecords.record, CaseRecords.reserve, StayLookups.open_review


class DeathCounter:
    """Counts what was done and ends the process after the deadly ones."""

    def __init__(self, counter: Path, deadly: set[str]) -> None:
        self._counter, self._deadly = counter, deadly

    def after(self, what: str, done: Any) -> Any:
        counter = self._counter.with_name(f"{self._counter.name}-{what}")
        times = int(counter.read_text()) + 1 if counter.exists() else 1
        counter.write_text(str(times))
        if f"{what}:{times}" in self._deadly:
            os._exit(9)
        return done


def main(death: DeathCounter) -> None:
    @activity.defn(name="record")
    def record(self, order: RecordInput) -> RecordResult:  # type: ignore[no-untyped-def]
        return death.after("record", _record(self, order))

    @activity.defn(name="reserve")
    def reserve(self, order: ReserveInput) -> ReserveResult:  # type: ignore[no-untyped-def]
        return death.after("reserve", _reserve(self, order))

    @activity.defn(name="open_review")
    def open_review(self, order: StayReviewInput) -> OpenedStayReview:  # type: ignore[no-untyped-def]
        return death.after("open_review", _open_review(self, order))

    CaseRecords.record = record  # type: ignore[method-assign]
    CaseRecords.reserve = reserve  # type: ignore[method-assign]
    StayLookups.open_review = open_review  # type: ignore[method-assign]
    worker.main([])


if __name__ == "__main__":
    main(DeathCounter(Path(sys.argv[1]), set(sys.argv[2:])))
