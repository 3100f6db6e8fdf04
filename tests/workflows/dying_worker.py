"""A worker that dies at the worst moment: when an activity has done its work and Temporal does not know it yet.

``python dying_worker.py COUNTER ACTIVITY:N...``: ACTIVITY is `record` (the journal) or `open_review` (the request of a round).
Files that begin with COUNTER count how often each was done, over all such workers; this one dies right after those numbered N.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from temporalio import activity  # noqa: E402

import worker  # noqa: E402
from activities.case_records import Records  # noqa: E402
from activities.stay_reviews import StayReviews  # noqa: E402
from domain.cases.orders import Recorded, RecordOrder  # noqa: E402
from domain.stays.orders import OpenedReview, OpenReview  # noqa: E402

_record, _open_review = Records.record, StayReviews.open_review


class Death:
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


def main(death: Death) -> None:
    @activity.defn(name="record")
    def record(self, order: RecordOrder) -> Recorded:  # type: ignore[no-untyped-def]
        return death.after("record", _record(self, order))

    @activity.defn(name="open_review")
    def open_review(self, order: OpenReview) -> OpenedReview:  # type: ignore[no-untyped-def]
        return death.after("open_review", _open_review(self, order))

    Records.record = record  # type: ignore[method-assign]
    StayReviews.open_review = open_review  # type: ignore[method-assign]
    worker.main([])


if __name__ == "__main__":
    main(Death(Path(sys.argv[1]), set(sys.argv[2:])))
