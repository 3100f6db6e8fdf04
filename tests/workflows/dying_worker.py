"""A worker that dies at the worst moment: when the journal is written and Temporal does not know it yet.

``python dying_worker.py COUNTER N...``: the file COUNTER counts how often a record was written, over all such workers; this one
dies right after the writes numbered N.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from temporalio import activity  # noqa: E402

import worker  # noqa: E402
from activities.records import Records  # noqa: E402
from domain.orders import Recorded, RecordOrder  # noqa: E402

_record = Records.record


def main(counter: Path, deadly: set[int]) -> None:
    @activity.defn(name="record")
    def record(self, order: RecordOrder) -> Recorded:  # type: ignore[no-untyped-def]
        done = _record(self, order)
        written = int(counter.read_text()) + 1 if counter.exists() else 1
        counter.write_text(str(written))
        if written in deadly:
            os._exit(9)
        return done

    Records.record = record  # type: ignore[method-assign]
    worker.main([])


if __name__ == "__main__":
    main(Path(sys.argv[1]), {int(number) for number in sys.argv[2:]})
